package taostest

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"github.com/gaugesql/gaugesql/internal/rule"
)

// On says which requests a fault meets. The zero value means every one.
type On struct {
	// Action is the request's action: "conn", "query", "fetch", "free_result",
	// "stmt2_exec" and so on, as the protocol names it. "query" stands for a
	// statement on any road (text, binary, REST), "fetch" for all ways of fetching
	// and "login" for all ways of logging in; "binary_query", "fetch_raw_block",
	// "rest" and "rest_login" name one of them. "upgrade" is the HTTP request that
	// opens a WebSocket. Empty means all but "upgrade", or those that the fault is
	// made for.
	Action string
	// SQL is a part of the statement, letter case ignored: of the request itself,
	// or the one that its result or prepared statement belongs to.
	SQL string
	// After lets so many matching requests pass unharmed first.
	After int
	// Times is the number of requests that are met, 0 for all from then on.
	Times int
}

// Fault is something that goes wrong with a request. Faults are values; several
// given together happen in their order:
//
//	srv.Fault(taostest.On{Action: "fetch", Times: 1}, taostest.Delay(time.Second), taostest.DropAfter)
type Fault struct {
	name   string
	action string // what it is for when On names no action
	before func(*exchange) error
	after  func(*exchange, *message)
}

// String returns the fault's name.
func (f Fault) String() string { return f.name }

// exchange is one request as the faults see it.
type exchange struct {
	ctx    context.Context // ends with the server, not with the client
	names  []string        // the action and what else it is called in On
	sql    string
	sock   *socket // nil over plain HTTP
	faults []Fault
	kill   bool // the query is to be killed as it runs
}

// message is a reply on its way out.
type message struct {
	binary bool
	data   []byte
	lose   bool // is not sent
	half   bool // is cut in the middle and the connection with it
	hangUp bool // the connection ends after it
}

// What a fault's before function answers instead of letting the request pass.
var (
	errHangUp = errors.New("taostest: hang up")
	errSilent = errors.New("taostest: no reply")
)

// statusError refuses an HTTP request with a status.
type statusError int

func (e statusError) Error() string { return "taostest: refused" }

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

// Rule is a fault that waits for its requests. Hits counts those that it has met, the
// channel of Hit is closed at the first, and Remove ends it.
type Rule struct {
	rule.Counter

	on     On
	faults []Fault
}

// take counts the request if it is one the rule is for and returns the faults
// that are to happen to it.
func (r *Rule) take(x *exchange) []Fault {
	if r.on.SQL != "" && !containsFold(x.sql, r.on.SQL) {
		return nil
	}
	return rule.Take(&r.Counter, r.on.After, r.on.Times, r.faults, func(f Fault) bool {
		action := cmp.Or(r.on.Action, f.action)
		return x.is(action)
	})
}

func (x *exchange) is(action string) bool {
	if action == "" {
		return x.names[0] != "upgrade"
	}
	for _, name := range x.names {
		if name == action {
			return true
		}
	}
	return false
}

// rules are all faults set on a server.
type rules struct{ rule.Set[*Rule] }

// arm gives an exchange the faults that are to happen to it.
func (s *rules) arm(x *exchange) {
	for _, r := range s.All() {
		x.faults = append(x.faults, r.take(x)...)
	}
}

// Fault makes requests go wrong from now on: every request that on describes
// meets the faults, in their order. Rules count independently of each other.
func (s *Server) Fault(on On, faults ...Fault) *Rule {
	r := &Rule{on: on, faults: faults}
	s.rules.Add(r)
	return r
}

// ClearFaults removes all rules.
func (s *Server) ClearFaults() { s.rules.Clear(nil) }

func containsFold(s, part string) bool {
	return strings.Contains(strings.ToLower(s), strings.ToLower(part))
}
