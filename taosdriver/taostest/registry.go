package taostest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// query is a statement that runs or whose result is open. It can be killed.
type query struct {
	reqID  uint64
	killID string
	sql    string
	by     *session
	began  time.Time

	ctx    context.Context
	cancel context.CancelCauseFunc
	list   *registry
	record *record
}

// registry holds what performance_schema.perf_queries shows.
type registry struct {
	mu   sync.Mutex
	last uint32
	live map[*query]struct{}
}

// firstConnID is added to the number of a connection to make the first half of
// a kill id.
const firstConnID uint32 = 0x8d279500

// begin registers a statement that is about to run.
func (s *session) begin(reqID uint64, sql string) *query {
	g := &s.srv.running
	q := &query{reqID: reqID, sql: sql, by: s, began: time.Now(), list: g, record: &s.srv.record}
	q.ctx, q.cancel = context.WithCancelCause(s.ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last++
	q.killID = fmt.Sprintf("%x:%d", firstConnID+uint32(s.number), g.last)
	if g.live == nil {
		g.live = map[*query]struct{}{}
	}
	g.live[q] = struct{}{}
	return q
}

// end takes the query off the list and releases its context.
func (q *query) end() {
	q.list.mu.Lock()
	delete(q.list.live, q)
	q.list.mu.Unlock()
	q.cancel(nil)
}

// kill ends the query the way KILL QUERY does.
func (q *query) kill() {
	if q.ctx.Err() == nil {
		q.record.kill()
		q.cancel(errKilled)
	}
}

// killed reports whether the query was ended this way.
func (q *query) killed() bool { return errors.Is(context.Cause(q.ctx), errKilled) }

// explain returns what a failure of the query is to the client: killed, when it
// was, whatever the database made of it.
func (q *query) explain(err error) error {
	if err != nil && q.killed() {
		return errKilled
	}
	return err
}

// visible returns the queries that are older than a delay, in the order in
// which they began.
func (g *registry) visible(delay time.Duration) []*query {
	g.mu.Lock()
	defer g.mu.Unlock()
	var list []*query
	for q := range g.live {
		if time.Since(q.began) >= delay {
			list = append(list, q)
		}
	}
	slices.SortFunc(list, func(a, b *query) int { return cmp.Compare(a.began.UnixNano(), b.began.UnixNano()) })
	return list
}
