package iotdbtest

import (
	"cmp"
	"context"
	"errors"

	"github.com/gaugesql/gaugesql/internal/rule"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// On says which requests a fault meets. The zero value means every one.
type On struct {
	// Action is the kind of the request: "login", "query" (a statement of any kind,
	// prepared or not), "fetch", "tablet", "record", "prepare", "close" (of a result or
	// session), "session" (statement ids, time zone), "properties", "unknown" for calls
	// that the server does not know, or "connect", which is when a connection opens.
	// Empty means all but "connect", or those that the fault is made for.
	Action string
	// SQL is a part of the statement, letter case ignored, for "fetch" too, or of the
	// table's name for "tablet" and "record".
	SQL string
	// After lets so many matching requests pass unharmed first.
	After int
	// Times is the number of requests that are met, 0 for all from then on.
	Times int
}

// Fault is something that goes wrong with a request. Faults are values; several given
// together happen in their order:
//
//	srv.Fault(iotdbtest.On{Action: "query", Times: 1}, iotdbtest.Delay(time.Second), iotdbtest.DropAfter)
type Fault struct {
	name   string
	action string // what it is for when On names no action
	before func(*exchange) error
	after  func(*exchange, *message)
	// redirect is where a tablet should have gone.
	redirect *rpc.Endpoint
}

// String returns the fault's name.
func (f Fault) String() string { return f.name }

// exchange is one request as the faults see it.
type exchange struct {
	ctx    context.Context // ends with the server, not with the client
	action string
	sql    string
	conn   *conn
	faults []Fault
}

// exchange describes a request to the rules for faults.
func (c *conn) exchange(action, sql string) *exchange {
	x := &exchange{ctx: c.life.Context, action: action, sql: sql, conn: c}
	c.life.srv.rules.arm(x)
	return x
}

// What a fault's before function answers instead of letting the request pass.
var (
	errHangUp = errors.New("iotdbtest: hang up")
	errSilent = errors.New("iotdbtest: no reply")
)

// refusalError answers a request in the place of serving it.
type refusalError struct {
	code    int32
	message string
}

func (e *refusalError) Error() string { return "iotdbtest: refused" }

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
func (x *exchange) spoil(m *message) {
	for _, f := range x.faults {
		if f.after != nil {
			f.after(x, m)
		}
	}
}

// redirected adds the advice of a fault to the status of a tablet that was written.
func (x *exchange) redirected(status *rpc.Status) {
	for _, f := range x.faults {
		if f.redirect == nil || status.Code != codeSuccess || x.action != "tablet" {
			continue
		}
		if x.conn.session.tree() {
			status.RedirectNode = f.redirect
			continue
		}
		status.Code, status.Message = codeRedirect, ""
		status.SubStatus = make([]rpc.Status, x.conn.session.lastRows)
		for i := range status.SubStatus {
			status.SubStatus[i] = rpc.Status{Code: codeSuccess, RedirectNode: f.redirect}
		}
	}
}

// Rule is a fault that waits for its requests. Hits counts those that it has met, the
// channel of Hit is closed at the first, and Remove ends it.
type Rule struct {
	rule.Counter

	on     On
	faults []Fault
}

// take counts the request if it is one the rule is for and returns the faults that are
// to happen to it.
func (r *Rule) take(x *exchange) []Fault {
	if r.on.SQL != "" && !containsFold(x.sql, r.on.SQL) {
		return nil
	}
	return rule.Take(&r.Counter, r.on.After, r.on.Times, r.faults, func(f Fault) bool {
		action := cmp.Or(r.on.Action, f.action)
		return action == x.action || action == "" && x.action != "connect"
	})
}

// rules are all faults set on a server.
type rules struct{ rule.Set[*Rule] }

// arm gives an exchange the faults that are to happen to it.
func (s *rules) arm(x *exchange) {
	for _, r := range s.All() {
		x.faults = append(x.faults, r.take(x)...)
	}
}

// Fault makes requests go wrong from now on: every request that on describes meets the
// faults, in their order. Rules count independently of each other.
func (s *Server) Fault(on On, faults ...Fault) *Rule {
	r := &Rule{on: on, faults: faults}
	s.rules.Add(r)
	return r
}

// ClearFaults removes all rules.
func (s *Server) ClearFaults() { s.rules.Clear(nil) }
