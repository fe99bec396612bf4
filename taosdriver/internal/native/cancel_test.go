//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// prompt is what the rules allow, on a machine that does other things too.
const prompt = 500 * time.Millisecond

func TestCancelledStatementIsKilled(t *testing.T) {
	s := newStub(t)
	s.writes("insert", 1)
	c := s.connect()
	ctx, cancel := contextWithTimeout(t, steady+20*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := c.Query(ctx, 7, "sleep 20000")
	if took := time.Since(began); took > steady+prompt {
		t.Errorf("took %v", took)
	}
	e := wantError(t, err, driver.ErrTimeout, 0)
	if !errors.Is(err, context.DeadlineExceeded) || !e.OutcomeUnknown || e.RequestID != 7 {
		t.Errorf("got %v", err)
	}
	if s.count(kills) != 1 || !c.Alive() {
		t.Errorf("%d kills, alive %v", s.count(kills), c.Alive())
	}
	if _, err := c.Query(t.Context(), 8, "insert"); err != nil {
		t.Errorf("the next statement: %v", err)
	}
}

// The library loses what it is told while it sets a statement up.
func TestStatementIsNotKilledAtItsBeginning(t *testing.T) {
	s := newStub(t)
	c := s.connect()
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := c.Query(ctx, 7, "sleep 20000")
	if took := time.Since(began); took > prompt || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v after %v", err, took)
	}
	if time.Since(began) < steady && s.count(kills) != 0 {
		t.Error("it was killed at once")
	}
	if c.Alive() {
		t.Error("the connection could be used beside the statement")
	}
	c.Close()
	s.eventually("it is killed later", func() bool { return s.count(kills) == 1 && s.count(connections) == 0 })
}

// What ends by itself soon after its context has an outcome.
func TestStatementThatIsJustEnding(t *testing.T) {
	s := newStub(t)
	s.writes("insert", 3)
	s.delay(30, 0, 0)
	c := s.connect()
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	r, err := c.Query(ctx, 7, "insert")
	if err == nil && r.Affected != 3 || err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %+v, %v", r, err)
	}
	if s.count(kills) != 0 {
		t.Error("it was killed")
	}
}

func TestStatementThatCannotBeKilledIsLeft(t *testing.T) {
	s := newStub(t)
	var abandoned transport.Abandoned
	c := s.connect(func(o *transport.Settings) {
		o.KeepAbandoned = true
		o.Abandoned = func(a transport.Abandoned) { abandoned = a }
	})
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	_, err := c.Query(ctx, 7, "sleep 200")
	if !errors.Is(err, context.DeadlineExceeded) || s.count(kills) != 0 {
		t.Errorf("got %v with %d kills", err, s.count(kills))
	}
	if c.Alive() {
		t.Error("the connection could be used beside the statement")
	}
	if abandoned.RequestID != 7 || abandoned.Ended == nil {
		t.Errorf("told of %+v", abandoned)
	}
	c.Close() // under the statement, which the stub would end the process for
	if n := s.count(connections); n != 1 {
		t.Errorf("%d connections under the statement", n)
	}
	<-abandoned.Ended
	s.eventually("the session is closed by the last", func() bool { return s.count(connections) == 0 })
}

// Killing hits all that a session does.
func TestOpenResultIsNotKilledWithAnother(t *testing.T) {
	s := newStub(t)
	s.returns("select", twoFields, block.Milli, [][]any{{nil, "a"}}, [][]any{{nil, "b"}})
	c := s.connect()
	r, err := c.Query(t.Context(), 1, "select")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	if _, err := c.Query(ctx, 7, "sleep 150"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if s.count(kills) != 0 {
		t.Error("the result was killed")
	}
	if rows := rowsOf(t, r); len(rows) != 2 {
		t.Errorf("rows %q", rows)
	}
}

// A call that was left is killed when it is steady, by when another may be under way.
func TestNothingIsKilledBesideAnotherCall(t *testing.T) {
	s := newStub(t)
	c := s.connect()
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	if _, err := c.Query(ctx, 7, "sleep 600"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Query(t.Context(), 8, "sleep 400"); err != nil {
		t.Errorf("the statement behind it: %v", err)
	}
}

func TestReadTimeout(t *testing.T) {
	s := newStub(t)
	c := s.connect(func(o *transport.Settings) { o.ReadTimeout = steady + 20*time.Millisecond })
	_, err := c.Query(t.Context(), 7, "sleep 20000")
	e := wantError(t, err, driver.ErrTimeout, 0, "read timeout of 270ms")
	if !e.OutcomeUnknown || s.count(kills) != 1 {
		t.Errorf("got %v, %d kills", err, s.count(kills))
	}
}

func TestCancelledFetchIsStopped(t *testing.T) {
	s := newStub(t)
	s.returns("select", twoFields, block.Milli, [][]any{{nil, "a"}})
	s.delay(0, 20000, 0)
	c := s.connect()
	r, err := c.Query(t.Context(), 1, "select")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextWithTimeout(t, steady+20*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err = r.Result.Next(ctx)
	if took := time.Since(began); took > steady+prompt {
		t.Errorf("took %v", took)
	}
	if !errors.Is(err, context.DeadlineExceeded) || s.count(stops) != 1 {
		t.Errorf("got %v, %d stops", err, s.count(stops))
	}
	if !c.Alive() {
		t.Error("the fetch has ended, and the connection is not alive")
	}
}

func TestClosingAResultUnderItsFetch(t *testing.T) {
	s := newStub(t)
	s.returns("select", twoFields, block.Milli, [][]any{{nil, "a"}})
	s.delay(0, 20000, 0)
	c := s.connect()
	for range 50 {
		r, err := c.Query(t.Context(), 1, "select")
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		r.Result.Close()
		if took := time.Since(began); took > prompt {
			t.Errorf("took %v", took)
		}
	}
	if !c.Alive() {
		t.Error("closing rows early costs the connection")
	}
	c.Close()
	s.eventually("the session is closed", func() bool { return s.count(connections) == 0 })
}

// A result that is closed while its fetch is just returning is freed once.
func TestClosingResultsAtAnyTime(t *testing.T) {
	s := newStub(t)
	s.returns("select", twoFields, block.Milli, [][]any{{nil, "a"}}, [][]any{{nil, "b"}})
	c := s.connect()
	for i := range 500 {
		r, err := c.Query(t.Context(), 1, "select")
		if err != nil {
			t.Fatal(err)
		}
		if i%3 == 0 {
			if _, err := r.Result.Next(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		if i%7 == 0 {
			time.Sleep(50 * time.Microsecond)
		}
		r.Result.Close()
	}
	s.eventually("all results are freed", func() bool { return s.count(results) == 0 })
}

func TestPreparedStatementIsNotKilledWithAnother(t *testing.T) {
	s := newStub(t)
	s.insert()
	c := s.connect()
	st, err := c.Stmt2(t.Context(), 1, insertSQL, transport.Stmt2Options{Fields: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	if _, err := c.Query(ctx, 7, "sleep 150"); !errors.Is(err, context.DeadlineExceeded) || s.count(kills) != 0 {
		t.Errorf("got %v, %d kills", err, s.count(kills))
	}
	if err := st.Close(); err != nil {
		t.Error(err)
	}
	s.eventually("the statement is closed", func() bool { return s.count(statements) == 0 })
}
