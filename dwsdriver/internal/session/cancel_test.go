package session

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// late cancels the context of a request once the server has it.
func late(t *testing.T, s *Session, running <-chan struct{}, f func(context.Context) error) error {
	t.Helper()
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	go func() {
		<-running
		cancel()
	}()
	return f(ctx)
}

func TestACancelledStatementIsStoppedAndTheSessionStays(t *testing.T) {
	running, stop := make(chan struct{}), make(chan struct{})
	s := start(t, Options{Cancel: func(context.Context) error { close(stop); return nil }}, func(p *peer) {
		p.batch()
		close(running)
		<-stop
		p.say(refusal("ERROR", queryCanceled, "canceling statement due to user request"), ready(wire.Idle))
		p.batch()
		p.say(ready(wire.Idle))
		p.batch()
	})
	err := late(t, s, running, func(ctx context.Context) error {
		_, err := s.Exec(ctx, Text{SQL: "select pg_sleep(10)"}, nil)
		return err
	})
	var c *CanceledError
	if !errors.As(err, &c) || !errors.Is(err, context.Canceled) || c.Unknown {
		t.Errorf("the error is %v", err)
	}
	must(t, s.Ping(background))
}

func TestAServerThatDoesNotStopIsLeft(t *testing.T) {
	running, end := make(chan struct{}), make(chan struct{})
	defer close(end)
	s := start(t, Options{Cancel: func(context.Context) error { return nil }}, func(p *peer) {
		p.batch()
		close(running)
		<-end
	})
	err := late(t, s, running, func(ctx context.Context) error {
		_, err := s.Exec(ctx, Text{SQL: "insert"}, nil)
		return err
	})
	var c *CanceledError
	if !errors.As(err, &c) || !errors.Is(err, context.Canceled) || !c.Unknown || s.Alive() {
		t.Errorf("the error is %v", err)
	}
}

// A cancel request that comes too late must not meet the next statement.
func TestASessionIsNotUsedWhileACancelRequestIsOnItsWay(t *testing.T) {
	running, end := make(chan struct{}), make(chan struct{})
	s := start(t, Options{Cancel: func(ctx context.Context) error { <-end; return nil }}, func(p *peer) {
		p.batch()
		close(running)
		time.Sleep(5 * time.Millisecond) // the answer crosses the cancellation
		p.say(tag("INSERT 0 1"), ready(wire.Idle))
		p.batch()
	})
	err := late(t, s, running, func(ctx context.Context) error {
		_, err := s.Exec(ctx, Text{SQL: "insert"}, nil)
		return err
	})
	close(end)
	if err != nil && !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	if err == nil && s.Alive() && s.watch.stop != nil {
		t.Error("a watch is left")
	}
	if s.Alive() {
		// Only if the context ended after the answer had come.
		must(t, s.Ping(background))
	}
}

func TestAnEndedContextSendsNothing(t *testing.T) {
	a := newAnswer()
	s := start(t, Options{Cache: 1}, a.play)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, execErr := s.Exec(ctx, Text{SQL: "insert"}, nil)
	_, queryErr := s.Query(ctx, Text{SQL: "select 1"}, nil)
	_, prepareErr := s.Prepare(ctx, "select 1")
	for _, err := range []error{execErr, queryErr, prepareErr, s.Ping(ctx)} {
		var c *CanceledError
		if !errors.As(err, &c) || c.Unknown {
			t.Errorf("the error is %v", err)
		}
	}
	a.letters(t)
	must(t, s.Ping(background))
}

func TestACauseIsKept(t *testing.T) {
	a := newAnswer()
	s := start(t, Options{}, a.play)
	why := errors.New("the user left")
	ctx, cancel := context.WithCancelCause(background)
	cancel(why)
	if _, err := s.Exec(ctx, Text{SQL: "insert"}, nil); !errors.Is(err, why) || !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// big sends rows until it is told to stop, or to the end.
func big(p *peer, rows int, stop *atomic.Bool) {
	p.say(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.Int8, wire.TextType), msg(wire.BindComplete, ""))
	row := dataRow("1", strings.Repeat("x", 1000))
	for range rows {
		if stop.Load() {
			p.say(refusal("ERROR", queryCanceled, "canceling statement due to user request"), ready(wire.Idle))
			return
		}
		p.say(row)
	}
	p.say(tag("SELECT 100000"), ready(wire.Idle))
}

func TestRowsThatNobodyWantsAreCancelledOrReadToTheirEnd(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		stop bool
	}{
		"a query": {"select * from t where a = $1", true}, "a query that writes": {"with x as (insert into t values ($1) returning *) select * from x", false},
		"an insert": {"insert into t select $1 returning a, b", false}, "a function that may write": {"select f(a), b from t where a = $1", false},
	} {
		t.Run(name, func(t *testing.T) {
			var stop atomic.Bool
			s := start(t, Options{Cancel: func(context.Context) error { stop.Store(true); return nil }}, func(p *peer) {
				p.batch()
				big(p, 5000, &stop)
				p.batch()
				p.say(ready(wire.Idle))
				p.batch()
			})
			q, err := s.Query(background, Text{SQL: c.text}, args(int64(1)))
			must(t, err)
			_, err = q.Next()
			must(t, err)
			must(t, q.Close())
			if stop.Load() != c.stop {
				t.Errorf("cancelled: %v", stop.Load())
			}
			must(t, s.Ping(background))
		})
	}
}

// A request that may still be on its way would meet the next statement.
func TestASessionWhoseServerCouldNotBeAskedToCancelIsNotUsedAgain(t *testing.T) {
	var stop atomic.Bool
	defer stop.Store(true)
	s := start(t, Options{Cancel: func(context.Context) error { return context.DeadlineExceeded }}, func(p *peer) {
		p.batch()
		big(p, 5000, &stop)
	})
	q, err := s.Query(background, Text{SQL: "select * from t where a = $1"}, args(int64(1)))
	must(t, err)
	must(t, q.Close())
	if s.Alive() {
		t.Error("the session is alive")
	}
	if err := s.Ping(background); !errors.As(err, new(*NotSentError)) {
		t.Errorf("the error is %v", err)
	}
}

func TestAWriterThatFailsEndsACopyWhoseServerCannotBeAsked(t *testing.T) {
	s := start(t, Options{Cancel: func(context.Context) error { return context.DeadlineExceeded }}, func(p *peer) {
		p.batch()
		p.say(msg(wire.CopyOutResponse, "\x00\x00\x00"))
		for range 20_000 {
			p.say(msg(wire.CopyData, "1\tabcdefghij\n"))
		}
		p.batch() // there is no end
	})
	if _, err := s.CopyOut(background, "copy t to stdout", &failing{after: 10}); !errors.Is(err, errFull) || s.Alive() {
		t.Errorf("the error is %v", err)
	}
}

func TestReadingRowsEndsWithTheContext(t *testing.T) {
	var stop atomic.Bool
	s := start(t, Options{Cancel: func(context.Context) error { stop.Store(true); return nil }}, func(p *peer) {
		p.batch()
		big(p, 1<<30, &stop)
		p.batch()
		p.say(ready(wire.Idle))
		p.batch()
	})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	q, err := s.Query(ctx, Text{SQL: "select * from t where a = $1"}, args(int64(1)))
	must(t, err)
	for n := 0; err == nil; n++ {
		if _, err = q.Next(); n == 10 {
			cancel()
		}
	}
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	q.Close()
	if s.Alive() {
		must(t, s.Ping(background))
	}
}

func TestAStalledResultEndsWithTheContext(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	s := start(t, Options{Cancel: func(context.Context) error { return nil }}, func(p *peer) {
		p.batch()
		p.say(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.Int8), msg(wire.BindComplete, ""), dataRow("1"))
		<-end
	})
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	q, err := s.Query(ctx, Text{SQL: "select $1"}, args(int64(1)))
	must(t, err)
	_, err = q.Next()
	must(t, err)
	time.AfterFunc(5*time.Millisecond, cancel)
	if _, err := q.Next(); !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
	q.Close()
	if s.Alive() {
		t.Error("the session is alive")
	}
	if _, err := q.Next(); err == nil || err == io.EOF {
		t.Errorf("the error is %v", err)
	}
}
