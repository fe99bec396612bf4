package ws

import (
	"context"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// canceled checks an error of a cancelled call.
func canceled(t *testing.T, err error, id uint64, unknown bool) {
	t.Helper()
	var e *driver.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.RequestID != id || e.OutcomeUnknown != unknown {
		t.Errorf("%+v", err)
	}
}

func TestLateReplyGoesToNobodyAndItsResultIsFreed(t *testing.T) {
	release := make(chan struct{})
	ctx, cancel := context.WithCancel(background)
	s := script(t, func(p *peer) {
		p.login()
		slow := p.expect("binary_query")
		cancel()
		next := p.expect("binary_query")
		<-release
		p.rows(slow, 8)
		if m := p.expect("free_result"); m.id != 8 {
			t.Errorf("freed %d", m.id)
		}
		p.update(next, 2)
		<-p.gone
	})
	abandoned := make(chan transport.Abandoned, 1)
	c := s.connect(t, func(s *transport.Settings) { s.Abandoned = func(a transport.Abandoned) { abandoned <- a } })
	start := time.Now()
	_, err := c.Query(ctx, 42, "select slow")
	soon(t, start)
	canceled(t, err, 42, true)
	a := <-abandoned
	if a.RequestID != 42 || a.Host != s.host {
		t.Errorf("%+v", a)
	}
	select {
	case <-a.Ended:
		t.Error("ended before the reply")
	default:
	}
	if !c.Alive() {
		t.Error("not alive")
	}
	close(release)
	if r := query(t, c, 43, "insert"); r.Affected != 2 {
		t.Errorf("%+v", r)
	}
	<-a.Ended
}

func TestRequestIDThatIsStillUnanswered(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	s := script(t, func(p *peer) {
		p.login()
		first := p.expect("binary_query")
		cancel()
		second := p.expect("binary_query")
		if first.reqID != 42 || second.reqID == 42 {
			t.Errorf("ids %d, %d", first.reqID, second.reqID)
		}
		p.update(first, 1)
		p.update(second, 2)
		<-p.gone
	})
	c := s.connect(t)
	if _, err := c.Query(ctx, 42, "first"); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if r := query(t, c, 42, "second"); r.Affected != 2 {
		t.Errorf("%+v", r)
	}
}

func TestRequestIDsOfAllBits(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		for range 3 {
			p.update(p.expect("binary_query"), 1)
		}
		<-p.gone
	})
	c := s.connect(t)
	for _, id := range []uint64{1<<53 + 1, 1 << 63, 1<<64 - 1} {
		query(t, c, id, "insert")
	}
}

func TestCancelBeforeSending(t *testing.T) {
	s := script(t, func(p *peer) { p.login(); <-p.gone; p.quiet() })
	c := s.connect(t)
	ctx, cancel := context.WithCancel(background)
	cancel()
	_, err := c.Query(ctx, 42, "insert")
	canceled(t, err, 42, false)
	if !c.Alive() {
		t.Error("not alive")
	}
}

func TestCancelBetweenBlocks(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	release := make(chan struct{})
	s := script(t, func(p *peer) {
		p.login()
		p.rows(p.expect("binary_query"), 5)
		p.block(p.expect("fetch_raw_block"), 1)
		fetch := p.expect("fetch_raw_block")
		cancel()
		<-release
		p.quiet() // not while the fetch is under way
		p.block(fetch, 2)
		if m := p.expect("free_result"); m.id != 5 {
			t.Errorf("freed %d", m.id)
		}
		<-p.gone
	})
	abandoned := make(chan transport.Abandoned, 1)
	c := s.connect(t, func(s *transport.Settings) { s.Abandoned = func(a transport.Abandoned) { abandoned <- a } })
	reply := query(t, c, 42, "select")
	if _, err := reply.Result.Next(background); err != nil {
		t.Fatal(err)
	}
	_, err := reply.Result.Next(ctx)
	canceled(t, err, 42, false)
	if a := <-abandoned; a.RequestID != 42 {
		t.Errorf("%+v", a)
	}
	reply.Result.Close()
	close(release)
	if !c.Alive() {
		t.Error("not alive")
	}
	until(t, "the late block", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return len(c.pending) == 0
	})
}

func TestManyUnansweredStatementsRetireTheConnection(t *testing.T) {
	arrived := make(chan struct{})
	s := script(t, func(p *peer) {
		p.login()
		for range maxStale + 1 {
			p.expect("binary_query")
			arrived <- struct{}{}
		}
		<-p.gone
	})
	c := s.connect(t)
	for i := range maxStale + 1 {
		if !c.Alive() {
			t.Fatalf("not alive after %d", i)
		}
		ctx, cancel := context.WithCancel(background)
		go func() {
			<-arrived
			cancel()
		}()
		c.Query(ctx, uint64(i)+1, "slow")
	}
	if c.Alive() {
		t.Error("alive")
	}
}

func TestSeveralResultsOpenAtOnce(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.rows(p.expect("binary_query"), 5)
		five := p.expect("fetch_raw_block")
		p.rows(p.expect("binary_query"), 6)
		six := p.expect("fetch_raw_block")
		p.block(six, 6) // in another order
		p.block(five, 5)
		for range 2 {
			p.finish(p.expect("fetch_raw_block"))
		}
		<-p.gone
	})
	c := s.connect(t)
	a, b := query(t, c, 1, "a").Result, query(t, c, 2, "b").Result
	first, err := a.Next(background)
	if err != nil || first.Columns[0].Value(0) != int64(5) {
		t.Fatal(first, err)
	}
	if got := values(t, b); !slices.Equal(got, []int64{6}) {
		t.Error(got)
	}
	if _, err := a.Next(background); err != io.EOF {
		t.Error(err)
	}
}
