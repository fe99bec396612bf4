package iotdbtest

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest/internal/store"
)

// defaultTimeout is the server's query_timeout_threshold.
const defaultTimeout = time.Minute

// Why a query has ended before its time.
var (
	errKilled  = errors.New("killed")
	errTimeout = errors.New("timeout")
)

// running is a query from its beginning until its result is closed.
type running struct {
	id      string
	number  int64
	sql     string
	began   time.Time
	timeout time.Duration
	ctx     context.Context
	end     context.CancelCauseFunc
}

// registry are the queries that run.
type registry struct {
	mu      sync.Mutex
	serial  int64
	queries []*running
}

// begin lists a query.
func (r *registry) begin(ctx context.Context, sql string, timeout time.Duration) *running {
	if timeout <= 0 {
		timeout = defaultTimeout
	}
	q := &running{sql: sql, began: time.Now(), timeout: timeout}
	ctx, cancel := context.WithTimeoutCause(ctx, timeout, errTimeout)
	q.ctx, q.end = context.WithCancelCause(ctx)
	context.AfterFunc(q.ctx, cancel)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.serial++
	q.number = r.serial
	q.id = fmt.Sprintf("%s_%05d_1", q.began.UTC().Format("20060102_150405"), q.number)
	r.queries = append(r.queries, q)
	return q
}

// done takes a query off the list.
func (r *registry) done(q *running) {
	q.end(nil)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queries = slices.DeleteFunc(r.queries, func(other *running) bool { return other == q })
}

// list is what information_schema.queries shows.
func (r *registry) list() []store.Running {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []store.Running
	for _, q := range r.queries {
		list = append(list, store.Running{ID: q.id, Started: q.began, Statement: q.sql})
	}
	return list
}

var queryID = regexp.MustCompile(`^[0-9]{8}_[0-9]{6}_[0-9]{5,}_[0-9]+$`)

// kill ends a query, or all.
func (r *registry) kill(k *store.Kill) *store.Error {
	if !k.All && !queryID.MatchString(k.ID) {
		return &store.Error{Code: store.CodeInternal, Message: "Please ensure your input <queryId> is correct"}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	found := k.All
	for _, q := range r.queries {
		if k.All || q.id == k.ID {
			q.end(errKilled)
			found = true
		}
	}
	if !found {
		return &store.Error{Code: codeNoQuery, Message: "No such query"}
	}
	return nil
}

// counter counts.
type counter struct {
	mu sync.Mutex
	n  int64
}

func (c *counter) next() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n++
	return c.n
}
