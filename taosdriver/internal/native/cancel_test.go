//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// prompt is far more than the rules allow, for a machine that does other things too,
// and far less than any call takes by itself.
const prompt = 5 * time.Second

// most is what the rules allow, which in one of several tries is kept.
const most = 100 * time.Millisecond

// inOneTry fails the test if none of several tries succeeds: a busy machine may hold
// up some, so that a call that was asked to end does not within patience, or one
// that has just begun is steady. A try returns what is wrong, "" if nothing is.
func inOneTry(t *testing.T, try func() string) {
	t.Helper()
	var wrong []string
	for range 20 {
		problem := try()
		if problem == "" {
			return
		}
		wrong = append(wrong, problem)
	}
	t.Errorf("each time: %q", wrong)
}

func TestCancelledStatementIsKilled(t *testing.T) {
	s := newStub(t)
	s.writes("insert", 1)
	killed := int64(0)
	inOneTry(t, func() string {
		c := s.connect()
		ctx, cancel := contextWithTimeout(t, steady+20*time.Millisecond)
		defer cancel()
		_, err := c.Query(ctx, 7, "sleep 20000")
		late := lateness(ctx)
		e := wantError(t, err, driver.ErrTimeout, 0)
		if !errors.Is(err, context.DeadlineExceeded) || !e.OutcomeUnknown || e.RequestID != 7 {
			t.Errorf("got %v", err)
		}
		if killed++; s.count(kills) != killed {
			t.Errorf("%d kills of %d", s.count(kills), killed)
		}
		if late > most || !c.Alive() {
			return fmt.Sprintf("%v late, alive %v", late, c.Alive())
		}
		if _, err := c.Query(t.Context(), 8, "insert"); err != nil {
			t.Errorf("the next statement: %v", err)
		}
		return ""
	})
}

// lateness is the time since the end of a context.
func lateness(ctx context.Context) time.Duration {
	end, _ := ctx.Deadline()
	return time.Since(end)
}

// The library loses what it is told while it sets a statement up.
func TestStatementIsNotKilledAtItsBeginning(t *testing.T) {
	s := newStub(t)
	killed := int64(0)
	inOneTry(t, func() string {
		c := s.connect()
		ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
		defer cancel()
		began := time.Now()
		_, err := c.Query(ctx, 7, "sleep 20000")
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		before, alive, took := s.count(kills), c.Alive(), time.Since(began)
		c.Close()
		killed++
		s.eventually("it is killed later", func() bool { return s.count(kills) == killed && s.count(connections) == 0 })
		if took >= steady {
			return fmt.Sprintf("took %v", took)
		}
		if before != killed-1 {
			t.Error("it was killed at once")
		}
		if alive {
			t.Error("the connection could be used beside the statement")
		}
		return ""
	})
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
	inOneTry(t, func() string {
		var abandoned transport.Abandoned
		c := s.connect(func(o *transport.Settings) {
			o.KeepAbandoned = true
			o.Abandoned = func(a transport.Abandoned) { abandoned = a }
		})
		ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
		defer cancel()
		_, err := c.Query(ctx, 7, "sleep 200")
		if err == nil {
			c.Close()
			return "it has ended by itself"
		}
		if !errors.Is(err, context.DeadlineExceeded) || s.count(kills) != 0 {
			t.Errorf("got %v with %d kills", err, s.count(kills))
		}
		if c.Alive() {
			t.Error("the connection could be used beside the statement")
		}
		if abandoned.RequestID != 7 || abandoned.Ended == nil {
			t.Fatalf("told of %+v", abandoned)
		}
		c.Close() // under the statement, which the stub would end the process for
		under, early := s.count(connections), false
		select {
		case <-abandoned.Ended:
			early = true
		default:
		}
		<-abandoned.Ended
		s.eventually("the session is closed by the last", func() bool { return s.count(connections) == 0 })
		if early {
			return "it ended before the connection was closed"
		}
		if under != 1 {
			t.Errorf("%d connections under the statement", under)
		}
		return ""
	})
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
	stopped := int64(0)
	inOneTry(t, func() string {
		c := s.connect()
		r, err := c.Query(t.Context(), 1, "select")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := contextWithTimeout(t, steady+20*time.Millisecond)
		defer cancel()
		_, err = r.Result.Next(ctx)
		late := lateness(ctx)
		if stopped++; !errors.Is(err, context.DeadlineExceeded) || s.count(stops) != stopped {
			t.Errorf("got %v, %d stops of %d", err, s.count(stops), stopped)
		}
		if late > most || !c.Alive() {
			return fmt.Sprintf("the fetch has ended, and the connection is not alive or that was late: %v, %v", c.Alive(), late)
		}
		return ""
	})
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
