package lifecycle

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// life serves an echo of one byte at a time; 'r' asks for a restart.
type life struct {
	*Connections[*conn]
	again func()
}

type conn struct{ net.Conn }

func (c *conn) HangUp() { _ = c.Close() }

func (l *life) adopt(nc net.Conn) bool {
	c := &conn{nc}
	return l.Adopt(c, func() {}, func() {
		defer l.Forget(c)
		for b := make([]byte, 1); ; {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			if b[0] == 'r' {
				l.again()
			} else if _, err := c.Write(b); err != nil {
				return
			}
		}
	})
}

func newServer(t *testing.T) *Server[*life] {
	t.Helper()
	var s *Server[*life]
	s = New("echo", "127.0.0.1:0", func(ln net.Listener) (*life, error) {
		l := &life{again: s.Again}
		l.Connections = NewConnections[*conn](l.adopt, ln)
		return l, nil
	})
	t.Cleanup(s.Close)
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	return s
}

// client is a connection that has been served.
func client(t *testing.T, addr string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	_ = c.SetDeadline(time.Now().Add(20 * time.Second))
	if _, err := c.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	return c
}

func ended(t *testing.T, c net.Conn) {
	t.Helper()
	var late net.Error
	if n, err := c.Read(make([]byte, 1)); err == nil || errors.As(err, &late) && late.Timeout() {
		t.Errorf("read %d bytes, %v; want the end of the connection", n, err)
	}
}

func refused(t *testing.T, addr string) {
	t.Helper()
	if c, err := net.Dial("tcp", addr); err == nil {
		_ = c.Close()
		t.Errorf("%s takes connections", addr)
	}
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestStopResume(t *testing.T) {
	s := newServer(t)
	addr, first := s.Addr(), s.Current()
	c := client(t, addr)
	if err := s.Resume(); err != nil || s.Current() != first {
		t.Errorf("Resume of a server that runs: %v, another life: %v", err, s.Current() != first)
	}
	s.Stop()
	s.Stop()
	ended(t, c)
	refused(t, addr)
	if s.Current() != nil || first.Context.Err() == nil {
		t.Error("a life after Stop")
	}
	if err := s.Resume(); err != nil {
		t.Fatal(err)
	}
	if s.Addr() != addr {
		t.Errorf("listens on %s, before on %s", s.Addr(), addr)
	}
	client(t, addr)
}

func TestRestartKeepsThePort(t *testing.T) {
	s := newServer(t)
	addr, c := s.Addr(), client(t, s.Addr())
	for range 3 {
		if err := s.Restart(); err != nil {
			t.Fatal(err)
		}
		ended(t, c)
		if s.Addr() != addr {
			t.Fatalf("listens on %s, before on %s", s.Addr(), addr)
		}
		c = client(t, addr)
	}
}

func TestAgain(t *testing.T) {
	s := newServer(t)
	first, c := s.Current(), client(t, s.Addr())
	if _, err := c.Write([]byte("rrr")); err != nil { // from within a request
		t.Fatal(err)
	}
	ended(t, c)
	until(t, "another life", func() bool { l := s.Current(); return l != nil && l != first })
	client(t, s.Addr())
}

func TestEnd(t *testing.T) {
	s := newServer(t)
	first := s.Current()
	if err := s.Restart(); err != nil {
		t.Fatal(err)
	}
	if s.End(first); s.Current() == nil {
		t.Error("End of a life that is over ended the one after it")
	}
	if s.End(s.Current()); s.Current() != nil {
		t.Error("End did nothing")
	}
}

func TestClose(t *testing.T) {
	s := newServer(t)
	c := client(t, s.Addr())
	s.Close()
	s.Close()
	s.Again()
	s.Stop()
	ended(t, c)
	refused(t, s.Addr())
	for what, err := range map[string]error{"Resume": s.Resume(), "Restart": s.Restart()} {
		if err == nil || err.Error() != "echo: server closed" {
			t.Errorf("%s after Close: %v", what, err)
		}
	}
	if s.Current() != nil {
		t.Error("a life after Close")
	}
}

// TestCloseDuringRestarts closes a server that restarts in every way there is.
func TestCloseDuringRestarts(t *testing.T) {
	for range 20 {
		s := newServer(t)
		var others sync.WaitGroup
		for _, f := range []func(){s.Again, s.Stop, func() { _ = s.Restart() }, func() { _ = s.Resume() }} {
			others.Add(1)
			go func() {
				defer others.Done()
				for range 5 {
					f()
				}
			}()
		}
		s.Close()
		if s.Current() != nil {
			t.Fatal("a life after Close")
		}
		others.Wait()
		refused(t, s.Addr())
	}
}

// scripted is a life that does as it is told.
type scripted struct{ start, stop func() }

func (l *scripted) Start() { l.start() }
func (l *scripted) Stop()  { l.stop() }

// A request that asks for a restart as the server is being stopped must not start it
// again: whether it asks before that, and comes second, or during it.
func TestAgainWhileStopping(t *testing.T) {
	for _, during := range []bool{false, true} {
		var s *Server[*scripted]
		s = New("scripted", "", func(ln net.Listener) (*scripted, error) {
			return &scripted{start: func() {}, stop: func() {
				if _ = ln.Close(); during {
					s.Again()
				}
			}}, nil
		})
		if err := s.Resume(); err != nil {
			t.Fatal(err)
		}
		s.changing.Lock() // as Stop does
		if !during {
			s.Again()
		}
		s.stop()
		s.changing.Unlock()
		s.background.Wait()
		if s.Current() != nil {
			t.Errorf("asked during Stop: %v: the server runs again", during)
		}
		s.Close()
	}
}

func TestBornOfNothing(t *testing.T) {
	failure, addr := errors.New("no life"), ""
	s := New("scripted", "", func(ln net.Listener) (*scripted, error) {
		addr = ln.Addr().String()
		return nil, failure
	})
	defer s.Close()
	if err := s.Resume(); err != failure || s.Current() != nil {
		t.Errorf("%v, a life: %v", err, s.Current() != nil)
	}
	refused(t, addr)
}

func TestAddressTaken(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	s := New("scripted", ln.Addr().String(), func(net.Listener) (*scripted, error) { return nil, nil })
	defer s.Close()
	var refusal *net.OpError
	if err := s.Resume(); !errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
}

func TestConnections(t *testing.T) {
	s := newServer(t)
	l := s.Current()
	open := func() (n int) { l.Each(func(*conn) { n++ }); return n }
	a, b := client(t, s.Addr()), client(t, s.Addr())
	if n := open(); n != 2 {
		t.Errorf("%d connections are open, want 2", n)
	}
	_ = a.Close()
	until(t, "the end of one", func() bool { return open() == 1 })
	l.Drop()
	ended(t, b)
	client(t, s.Addr())
	s.Stop()
	if n := open(); n != 0 {
		t.Errorf("%d connections are open after Stop", n)
	}
	if l.Adopt(&conn{}, func() { t.Error("begun") }, func() { t.Error("served") }) {
		t.Error("a connection was taken in by a life that is over")
	}
}

func TestGate(t *testing.T) {
	var g Gate
	ctx, cancel := context.WithCancel(context.Background())
	if !g.Pass(ctx) || g.IsShut() {
		t.Error("is shut from the first")
	}
	g.Open()
	g.Shut()
	g.Shut()
	passed := make(chan bool)
	go func() { passed <- g.Pass(ctx) }()
	select {
	case <-passed:
		t.Error("passed a gate that is shut")
	case <-time.After(20 * time.Millisecond):
	}
	g.Open()
	if !<-passed || g.IsShut() {
		t.Error("did not pass a gate that was opened")
	}
	g.Shut()
	go func() { passed <- g.Pass(ctx) }()
	cancel()
	if <-passed {
		t.Error("passed after the end of the context")
	}
	g.Open()
	if g.Pass(ctx) {
		t.Error("passed an open gate after the end of the context")
	}
}

func TestPause(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	Pause(ctx, time.Millisecond)
	cancel()
	Pause(ctx, time.Hour)
}

// A connection that ends with the life's context ends after the listener: its client
// cannot reach the life that is ending once more.
func TestListenersEndFirst(t *testing.T) {
	for range 200 {
		ln, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		var l *Connections[*conn]
		adopted := make(chan struct{})
		l = NewConnections[*conn](func(nc net.Conn) bool {
			c := &conn{nc}
			return l.Adopt(c, func() { close(adopted) }, func() {
				<-l.Context.Done()
				c.HangUp()
			})
		}, ln)
		l.Start()
		c, err := net.Dial("tcp", ln.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		<-adopted
		go l.Stop()
		_ = c.SetDeadline(time.Now().Add(20 * time.Second))
		ended(t, c)
		_ = c.Close()
		if c, err := net.Dial("tcp", ln.Addr().String()); err == nil {
			_ = c.Close()
			t.Fatal("somebody listens still")
		}
		l.Stop()
	}
}
