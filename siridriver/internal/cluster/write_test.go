package cluster

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

func TestWriterIsNotHeldUpByOneWhoLeaves(t *testing.T) {
	// A server that reads next to nothing: a large request fills the socket's buffers.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	hold := make(chan struct{})
	begun := make(chan struct{}) // a byte of the first large request is here
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		conn, err := l.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		for i := range 2 { // the login and its query
			var header [wire.HeaderSize]byte
			io.ReadFull(conn, header[:])
			h, _ := wire.ParseHeader(header[:])
			io.CopyN(io.Discard, conn, int64(h.Len))
			pkg := wire.Begin(nil)
			typ := wire.AuthOK
			if i == 1 {
				pkg, typ = append(pkg, "\xfd\x84data\xfc\xf5\x84name\x8etime_precision\x85value\x82ms"...), wire.QueryResult
			}
			wire.Seal(pkg, h.PID, typ)
			conn.Write(pkg)
		}
		io.ReadFull(conn, make([]byte, 1))
		close(begun)
		<-hold
	}()
	config := testConfig()
	config.Hosts = []hosts.Host{{Network: "tcp", Addr: l.Addr().String()}}
	config.WriteTimeout = time.Minute
	c := start(t, config)
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	for i, unknown := range []bool{true, false} { // being written, and waiting for its turn
		large := Request{Op: "insert", Type: wire.Insert, Package: make([]byte, 32<<20)}
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error)
		go func() {
			_, err := c.Do(ctx, large)
			done <- err
		}()
		if unknown {
			<-begun
		} else {
			time.Sleep(50 * time.Millisecond)
		}
		cancel()
		within(t, 10*time.Second, "a request that cannot be written", func() {
			err := <-done
			var e *driver.Error
			if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || e.OutcomeUnknown != unknown {
				t.Errorf("request %d: %v", i, err)
			}
		})
	}
	close(hold)
	<-accepted
}

func TestRequestLeftWhileItIsWrittenMayBeCarriedOut(t *testing.T) {
	inserted := make(chan int, 1)
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			inserted <- int(p.Len)
		}
		script.Answer(c, p)
	})
	held := &heldConn{begun: make(chan struct{}), release: make(chan struct{})}
	config := testConfig(s)
	config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, addr)
		held.Conn = conn
		return held, err
	}
	c := start(t, config)
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-held.begun
		cancel()
	}()
	const size = 3 * chunk
	_, err := c.Do(ctx, Request{Op: "insert", Type: wire.Insert, Package: make([]byte, wire.HeaderSize+size)})
	var e *driver.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &e) || !e.OutcomeUnknown {
		t.Errorf("left in the middle: %v", err)
	}
	close(held.release)
	if got := <-inserted; got != size {
		t.Errorf("%d bytes arrived", got)
	}
}

// heldConn holds the first write of a large request until it is released.
type heldConn struct {
	net.Conn
	begun, release chan struct{}
	held           atomic.Bool
}

func (c *heldConn) Write(b []byte) (int, error) {
	if len(b) == chunk && c.held.CompareAndSwap(false, true) {
		close(c.begun)
		<-c.release
	}
	return c.Conn.Write(b)
}

func TestRequestLeftBeforeItIsWrittenIsNotWritten(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	config := testConfig()
	s := newSession(client, "pipe", &config, nil)
	defer s.close()
	c := newCall(wire.Query, wire.Begin(nil))
	if got := c.leave(); got != nothing {
		t.Fatalf("left with %d sent", got)
	}
	s.send(c) // would wait for a reader
	if len(s.pending) != 0 {
		t.Error("it waits for an answer")
	}
}

func TestPackagesOfThoseWhoLeftAreNotKept(t *testing.T) {
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type != wire.Insert {
			script.Answer(c, p)
		}
	})
	c := start(t, testConfig(s))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.Do(ctx, Request{Op: "insert", Type: wire.Insert, Package: make([]byte, 1<<20)})
	}()
	eventually(t, "the insert has arrived", func() bool { return s.Seen(wire.Insert) == 1 })
	cancel()
	<-done
	c.mu.Lock()
	session := c.links[s.Addr].session
	c.mu.Unlock()
	eventually(t, "the bytes of a request that is never answered are let go", func() bool {
		session.mu.Lock()
		defer session.mu.Unlock()
		for _, call := range session.pending {
			if call.pkg != nil {
				return false
			}
		}
		return len(session.pending) == 1
	})
}

func TestPackageIDsWrapAndAreNotReused(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	config := testConfig()
	s := newSession(client, "pipe", &config, nil)
	defer s.close()
	held := newCall(wire.Query, wire.Begin(nil))
	if err := s.register(held); err != nil {
		t.Fatal(err)
	}
	pid := s.lastPID()
	for range 1 << 17 {
		c := newCall(wire.Query, wire.Begin(nil))
		if err := s.register(c); err != nil {
			t.Fatal(err)
		}
		if s.lastPID() == pid {
			t.Fatal("the id of a waiting request was given again")
		}
		s.settle(s.lastPID(), c)
	}
	for range maxPending - 1 {
		if err := s.register(newCall(wire.Query, wire.Begin(nil))); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.register(newCall(wire.Query, wire.Begin(nil))); !errors.Is(err, errTooMany) {
		t.Errorf("with all in use: %v", err)
	}
}

func TestIDsOfRequestsThatAreNeverAnsweredComeBack(t *testing.T) {
	s := script.Start(t, nil)
	c := start(t, testConfig(s))
	if _, err := c.Ready(context.Background()); err != nil {
		t.Fatal(err)
	}
	c.mu.Lock()
	session := c.links[s.Addr].session
	c.mu.Unlock()
	for range maxPending {
		lost := newCall(wire.Query, wire.Begin(nil))
		if err := session.register(lost); err != nil {
			t.Fatal(err)
		}
		lost.leave()
	}
	if _, err := c.Do(context.Background(), query("x")); err != nil {
		t.Errorf("with all ids lost: %v", err)
	}
	if n := s.Seen(wire.Auth); n != 2 {
		t.Errorf("%d logins", n)
	}
}

func TestPackageIsRepeatedFromACopy(t *testing.T) {
	// The writer of the host that refuses may not have let go of the bytes when
	// they go to the other.
	arrived := make(chan struct{})
	busy := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" {
			c.Fail(p, wire.ErrServer, "busy")
			return
		}
		script.Answer(c, p)
	})
	other := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Query == "x" {
			close(arrived)
		}
		script.Answer(c, p)
	})
	config := testConfig(busy, other)
	config.Hosts[1].Backup = true
	changed := make(chan bool, 1)
	config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		var d net.Dialer
		conn, err := d.DialContext(ctx, network, addr)
		if addr == busy.Addr {
			conn = &slowToLetGo{conn, arrived, changed}
		}
		return conn, err
	}
	c := start(t, config)
	eventually(t, "both hosts are up", func() bool {
		_, err := c.Ready(context.Background())
		c.mu.Lock()
		defer c.mu.Unlock()
		return err == nil && c.links[busy.Addr].session != nil && c.links[other.Addr].session != nil
	})
	c.mu.Lock()
	session := c.links[busy.Addr].session
	c.mu.Unlock()
	session.mu.Lock()
	session.pid = 1000 // unlike the other's
	session.mu.Unlock()
	if _, err := c.Do(context.Background(), query("x")); err != nil {
		t.Error(err)
	}
	if <-changed {
		t.Error("the bytes changed while they were written")
	}
}

// slowToLetGo reads what it wrote once more, when another host has it.
type slowToLetGo struct {
	net.Conn
	arrived chan struct{}
	changed chan bool
}

func (c *slowToLetGo) Write(b []byte) (int, error) {
	before := string(b)
	n, err := c.Conn.Write(b)
	if strings.Contains(before, "\x81x") && strings.HasSuffix(before, "\xfb") {
		<-c.arrived
		c.changed <- string(b) != before
	}
	return n, err
}
