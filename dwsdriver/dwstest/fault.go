package dwstest

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/internal/rule"
)

// On says which requests a fault meets. The zero value means every one.
type On struct {
	// Action is the kind of the request. "query" is everything that runs a statement,
	// "simple" or "extended" one road of it, "copy" COPY, which is a "query" too;
	// "parse" prepares or describes without running; "sync" is none of these. "login" is
	// when the password has come, "startup" before it is asked for, "connect" when a
	// connection opens, "cancel" a request to cancel. Empty means all that come after a
	// login, or those that the fault is made for.
	Action string
	// SQL is a part of the statement, letter case ignored; of one that was prepared
	// before, too.
	SQL string
	// After lets so many matching requests pass unharmed first.
	After int
	// Times is the number of requests that are met, 0 for all from then on.
	Times int
}

// Fault is something that goes wrong with a request. Faults are values; several
// given together happen in their order:
//
//	srv.Fault(dwstest.On{Action: "query", Times: 1}, dwstest.Delay(time.Second), dwstest.DropAfter)
type Fault struct {
	name   string
	action string // what it is for when On names no action
	before func(*exchange) error
	after  func(*exchange, *reply)
}

// String returns the fault's name.
func (f Fault) String() string { return f.name }

// exchange is one request as the faults see it.
type exchange struct {
	ctx    context.Context // ends with the server, not with the client
	names  []string        // the action and what else it is called in On
	sql    string
	conn   *conn
	server *Server
	unit   *unit // of requests after the login
	faults []Fault
}

// What a fault's before function answers instead of letting the request pass.
var (
	errHangUp = errors.New("dwstest: hang up")
	errSilent = errors.New("dwstest: no reply")
)

// refusal answers a request in the place of serving it.
type refusal struct {
	state, text string
	fatal       bool
}

func (e *refusal) Error() string { return "dwstest: refused: " + e.text }

var errCancelled = &refusal{state: "57014", text: "canceling statement due to user request"}

// pause waits before the request is served, until it is cancelled.
func (x *exchange) pause(d time.Duration) error {
	cancelled := x.conn.wait()
	defer x.conn.waited()
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-x.ctx.Done():
	case <-cancelled:
		return errCancelled
	}
	return nil
}

// meet runs the faults that act before the request is served.
func (x *exchange) meet() error {
	for _, f := range x.faults {
		if f.before != nil {
			if err := f.before(x); err != nil {
				return err
			}
		}
	}
	return nil
}

// spoil runs the faults that act on the reply.
func (x *exchange) spoil(m *reply) {
	for _, f := range x.faults {
		if f.after != nil {
			f.after(x, m)
		}
	}
}

// Rule is a fault that waits for its requests. Hits counts those that it has met, the
// channel of Hit is closed at the first, and Remove ends it.
type Rule struct {
	rule.Counter

	server *Server // nil for all
	on     On
	faults []Fault
}

// take counts the request if it is one the rule is for and returns the faults that
// are to happen to it.
func (r *Rule) take(x *exchange) []Fault {
	if r.server != nil && r.server != x.server || r.on.SQL != "" && !containsFold(x.sql, r.on.SQL) {
		return nil
	}
	return rule.Take(&r.Counter, r.on.After, r.on.Times, r.faults, func(f Fault) bool {
		action := cmp.Or(r.on.Action, f.action)
		return slices.Contains(x.names, action) || action == "" && x.unit != nil
	})
}

// rules are all faults set on a cluster.
type rules struct{ rule.Set[*Rule] }

// arm gives an exchange the faults that are to happen to it.
func (s *rules) arm(x *exchange) {
	for _, r := range s.All() {
		x.faults = append(x.faults, r.take(x)...)
	}
}

func (s *rules) add(server *Server, on On, faults []Fault) *Rule {
	r := &Rule{server: server, on: on, faults: faults}
	s.Add(r)
	return r
}

// Fault makes requests to this server go wrong from now on: every request that on
// describes meets the faults, in their order. Rules count independently of each
// other.
func (s *Server) Fault(on On, faults ...Fault) *Rule { return s.cluster.rules.add(s, on, faults) }

// ClearFaults removes all rules of this server.
func (s *Server) ClearFaults() {
	s.cluster.rules.Clear(func(r *Rule) bool { return r.server == s })
}

// spoils reports whether a fault acts on the reply, which is then held back until all
// of it is there.
func (x *exchange) spoils() bool {
	return slices.ContainsFunc(x.faults, func(f Fault) bool { return f.after != nil })
}
