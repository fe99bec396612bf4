package hosts_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

var (
	errRefused  = errors.New("connection refused")
	errPassword = errors.New("password refused")
)

// connecting records the hosts tried and answers as told by name.
type connecting struct {
	tried   []string
	answers map[string]error
}

func (c *connecting) connect(ctx context.Context, h hosts.Host) (string, error) {
	c.tried = append(c.tried, h.Addr)
	err := c.answers[h.Addr]
	if err == errSilent {
		<-ctx.Done()
		return "", ctx.Err()
	}
	return "conn to " + h.Addr, err
}

var errSilent = errors.New("does not answer")

func TestDialGoesOnToTheNextHost(t *testing.T) {
	clock := newClock()
	s := hosts.New(list("a", "b"), hosts.Config{Rest: time.Minute, Now: clock.Now})
	c := &connecting{answers: map[string]error{"a": errRefused}}
	for range 2 {
		v, h, err := hosts.Dial(context.Background(), s, c.connect)
		if err != nil || v != "conn to b" || h.Addr != "b" {
			t.Fatalf("got %q on %v, %v", v, h, err)
		}
	}
	if got := strings.Join(c.tried, " "); got != "a b b" {
		t.Errorf("tried %s, want the dead host once", got)
	}
	clock.advance(time.Minute)
	c.answers = nil
	if v, _, err := hosts.Dial(context.Background(), s, c.connect); err != nil || v != "conn to a" {
		t.Errorf("after the rest: %q, %v", v, err)
	}
	if !s.Up(host("a")) {
		t.Error("a host that answered still rests")
	}
}

func TestDialListsEveryFailure(t *testing.T) {
	s := hosts.New(list("a:1", "b:2"), hosts.Config{Rest: time.Minute, Now: newClock().Now})
	named := &driver.Error{Kind: driver.ErrServer, Engine: "dws", Op: "connect", Host: "b:2", Message: "starting up"}
	c := &connecting{answers: map[string]error{"a:1": errRefused, "b:2": named}}
	_, _, err := hosts.Dial(context.Background(), s, c.connect)
	want := "none of 2 hosts could be used: a:1: connection refused; dws: connect on b:2: starting up"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !errors.Is(err, errRefused) || !errors.Is(err, driver.ErrServer) {
		t.Error("a cause is lost")
	}
	if s.Up(host("a:1")) || s.Up(host("b:2")) {
		t.Error("a host that failed does not rest")
	}
	c.tried = nil
	if _, _, err = hosts.Dial(context.Background(), s, c.connect); err == nil || len(c.tried) != 2 {
		t.Errorf("resting hosts tried: %v, %v", c.tried, err)
	}
}

func TestDialOfOneHostShowsItsErrorAlone(t *testing.T) {
	s := hosts.New(list("a:1"), hosts.Config{})
	c := &connecting{answers: map[string]error{"a:1": errRefused}}
	_, h, err := hosts.Dial(context.Background(), s, c.connect)
	if err == nil || err.Error() != "a:1: connection refused" || h.Addr != "a:1" {
		t.Errorf("got %v on %v", err, h)
	}
}

func TestDialWithoutHosts(t *testing.T) {
	if _, _, err := hosts.Dial(context.Background(), hosts.New(nil, hosts.Config{}), new(connecting).connect); err == nil {
		t.Error("no error")
	}
}

func TestDialStopsAtAFinalError(t *testing.T) {
	s := hosts.New(list("a", "b", "c"), hosts.Config{
		Rest: time.Minute, Now: newClock().Now,
		Final: func(err error) bool { return errors.Is(err, errPassword) },
	})
	c := &connecting{answers: map[string]error{"a": errRefused, "b": errPassword}}
	_, h, err := hosts.Dial(context.Background(), s, c.connect)
	if !errors.Is(err, errPassword) || err.Error() != "b: password refused" || h.Addr != "b" {
		t.Errorf("got %v on %v", err, h)
	}
	if got := strings.Join(c.tried, " "); got != "a b" {
		t.Errorf("tried %s", got)
	}
	if !s.Up(host("b")) {
		t.Error("a host that refuses a password rests")
	}
}

func TestDialBoundsEachHost(t *testing.T) {
	s := hosts.New(list("a", "b"), hosts.Config{Rest: time.Minute, Timeout: 10 * time.Millisecond})
	c := &connecting{answers: map[string]error{"a": errSilent}}
	if v, _, err := hosts.Dial(context.Background(), s, c.connect); err != nil || v != "conn to b" {
		t.Fatalf("got %q, %v", v, err)
	}
	c.answers["b"] = errSilent
	_, _, err := hosts.Dial(context.Background(), s, c.connect)
	if !errors.Is(err, driver.ErrTimeout) || !errors.Is(err, driver.ErrOperational) {
		t.Errorf("%v is no timeout", err)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v says that the caller's deadline is over", err)
	}
	if want := "b: no connection within 10ms"; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	var net interface{ Timeout() bool }
	if !errors.As(err, &net) || !net.Timeout() {
		t.Errorf("%v has no Timeout method that is true", err)
	}
}

func TestDialSharesTheDeadline(t *testing.T) {
	s := hosts.New(list("a", "b", "c"), hosts.Config{Timeout: time.Hour})
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	_, _, err := hosts.Dial(ctx, s, func(ctx context.Context, h hosts.Host) (string, error) {
		deadline, _ := ctx.Deadline()
		want := map[string]time.Duration{"a": 20 * time.Minute, "b": 30 * time.Minute, "c": time.Hour}[h.Addr]
		if left := time.Until(deadline); left > want || left < want-time.Minute {
			t.Errorf("%s has %v, want %v", h.Addr, left, want)
		}
		return "", errRefused
	})
	if !errors.Is(err, errRefused) {
		t.Errorf("got %v", err)
	}
}

func TestDialEndsWithItsContext(t *testing.T) {
	t.Run("cancelled before", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		c := new(connecting)
		_, _, err := hosts.Dial(ctx, hosts.New(list("a"), hosts.Config{}), c.connect)
		if !errors.Is(err, context.Canceled) || len(c.tried) != 0 {
			t.Errorf("got %v after %v", err, c.tried)
		}
	})
	t.Run("cancelled within", func(t *testing.T) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		s := hosts.New(list("a", "b", "c"), hosts.Config{Rest: time.Minute, Timeout: time.Hour})
		_, _, err := hosts.Dial(ctx, s, func(ctx context.Context, h hosts.Host) (string, error) {
			if h.Addr == "b" {
				cancel()
				<-ctx.Done()
				return "", ctx.Err()
			}
			return "", errRefused
		})
		if !errors.Is(err, context.Canceled) || !errors.Is(err, errRefused) {
			t.Errorf("got %v", err)
		}
		if want := "context canceled: none of 2 hosts could be used: a: connection refused; b: context canceled"; err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
		if !s.Up(host("b")) || s.Up(host("a")) {
			t.Error("a caller's change of mind counts against the host")
		}
	})
	t.Run("deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
		defer cancel()
		s := hosts.New(list("a"), hosts.Config{Rest: time.Minute, Timeout: time.Hour})
		c := &connecting{answers: map[string]error{"a": errSilent}}
		_, _, err := hosts.Dial(ctx, s, c.connect)
		if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, driver.ErrTimeout) {
			t.Errorf("got %v", err)
		}
		if want := "a: context deadline exceeded"; err.Error() != want {
			t.Errorf("got %s, want %s", err, want)
		}
		if s.Up(host("a")) {
			t.Error("a silent host does not rest")
		}
	})
}

func TestSilentHostCostsAShortDeadlineOnce(t *testing.T) {
	s := hosts.New(list("a", "b"), hosts.Config{Rest: time.Minute, Timeout: time.Hour})
	c := &connecting{answers: map[string]error{"a": errSilent}}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, _, err := hosts.Dial(ctx, s, c.connect); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if v, _, err := hosts.Dial(context.Background(), s, c.connect); err != nil || v != "conn to b" {
		t.Errorf("then %q, %v", v, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := hosts.New(list("a", "b", "c"), hosts.Config{Policy: hosts.LeastConnections, Rest: time.Nanosecond})
	c := func(_ context.Context, h hosts.Host) (int, error) {
		if h.Addr == "b" {
			return 0, errRefused
		}
		return 1, nil
	}
	var wg sync.WaitGroup
	for range 20 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for range 50 {
				v, h, err := hosts.Dial(context.Background(), s, c)
				if err != nil || v != 1 || h.Addr == "b" {
					t.Errorf("got %d on %s, %v", v, h.Addr, err)
				}
				s.Closed(h)
				s.Replace(list("a", "b", "c"))
			}
		}()
	}
	wg.Wait()
}

func TestOneCallerProbesAHostThatHasRested(t *testing.T) {
	clock := newClock()
	s := hosts.New(list("a", "b"), hosts.Config{Rest: time.Minute, Now: clock.Now})
	s.Failed(host("a"))
	clock.advance(time.Minute)
	_, _, err := hosts.Dial(context.Background(), s, func(_ context.Context, h hosts.Host) (string, error) {
		if h.Addr == "a" {
			if got := order(s); got != "b a" {
				t.Errorf("others try %s meanwhile", got)
			}
			return "", errRefused
		}
		return "", nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestDialCountsConnections(t *testing.T) {
	s := hosts.New(list("a", "b"), hosts.Config{Policy: hosts.LeastConnections, Random: zero})
	var got []string
	for i := range 5 {
		_, h, err := hosts.Dial(context.Background(), s, new(connecting).connect)
		if err != nil {
			t.Fatal(err)
		}
		if i == 2 { // both connections to a end
			s.Closed(h)
			s.Closed(h)
		}
		got = append(got, h.Addr)
	}
	// Without the count it would be b's turn in the fourth.
	if want := "a b a a a"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}
