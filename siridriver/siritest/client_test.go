package siritest_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

// client speaks the protocol plainly: it sends what it is told to.
type client struct {
	t   testing.TB
	nc  net.Conn
	pid uint16
}

func dial(t testing.TB, network, addr string) *client {
	t.Helper()
	nc, err := net.Dial(network, addr)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{t: t, nc: nc}
	t.Cleanup(c.close)
	return c
}

// login dials and logs in.
func login(t testing.TB, s *siritest.Server, database string) *client {
	t.Helper()
	c := dial(t, "tcp", s.Addr())
	if got := c.auth("iris", "siri", database); got != wire.AuthOK {
		t.Fatalf("login: %d", got)
	}
	return c
}

func (c *client) close() { _ = c.nc.Close() }

// send sends a request and returns its id.
func (c *client) send(t wire.Type, data []byte) uint16 {
	c.t.Helper()
	c.pid++
	pkg := append(wire.Begin(nil), data...)
	wire.Seal(pkg, c.pid, t)
	c.write(pkg)
	return c.pid
}

func (c *client) write(pkg []byte) {
	c.t.Helper()
	if _, err := c.nc.Write(pkg); err != nil {
		c.t.Fatal(err)
	}
}

// receive reads a package, header and data.
func (c *client) receive(wait time.Duration) ([]byte, error) {
	_ = c.nc.SetReadDeadline(time.Now().Add(wait))
	pkg := make([]byte, wire.HeaderSize)
	if _, err := io.ReadFull(c.nc, pkg); err != nil {
		return nil, err
	}
	data := make([]byte, binary.LittleEndian.Uint32(pkg))
	_, err := io.ReadFull(c.nc, data)
	return append(pkg, data...), err
}

// call sends a request and reads the answer.
func (c *client) call(t wire.Type, data []byte) (wire.Type, []byte) {
	c.t.Helper()
	pid := c.send(t, data)
	pkg, err := c.receive(5 * time.Second)
	if err != nil {
		c.t.Fatalf("no answer: %v", err)
	}
	h, err := wire.ParseHeader(pkg)
	if err != nil || h.PID != pid {
		c.t.Fatalf("header %v, %v, want id %d", h, err, pid)
	}
	return h.Type, pkg[wire.HeaderSize:]
}

func (c *client) auth(user, password, database string) wire.Type {
	c.t.Helper()
	t, _ := c.call(wire.Auth, wire.AppendAuth(nil, user, password, database))
	return t
}

// query runs a statement and returns the answer as a tree, an error's text as it.
func (c *client) query(text string) (wire.Type, any) {
	c.t.Helper()
	t, data := c.call(wire.Query, wire.AppendQuery(nil, text))
	return t, c.value(data)
}

func (c *client) value(data []byte) any {
	c.t.Helper()
	if len(data) == 0 {
		return nil
	}
	v, err := qpack.Decode(data)
	if err != nil {
		c.t.Fatal(err)
	}
	if pairs, ok := v.(qpack.Pairs); ok {
		if text, ok := pairs.Get(wire.ErrorKey); ok {
			return text
		}
	}
	return v
}

// must runs a statement that is right.
func (c *client) must(text string) any {
	c.t.Helper()
	t, v := c.query(text)
	if t != wire.QueryResult {
		c.t.Fatalf("%s: %d %v", text, t, v)
	}
	return v
}

// insert inserts points of integers, at the times 1, 2 and so on.
func (c *client) insert(series string, values ...int64) (wire.Type, any) {
	c.t.Helper()
	t, data := c.call(wire.Insert, points(series, values...))
	return t, c.value(data)
}

func points(series string, values ...int64) []byte {
	data := qpack.AppendRaw(qpack.AppendMap(nil, 1), series)
	data = qpack.OpenArray(data)
	for i, v := range values {
		data = qpack.AppendInt(wire.AppendTime(data, int64(i+1)), v)
	}
	return qpack.CloseArray(data)
}

// silence fails if something comes within a time.
func (c *client) silence(wait time.Duration) {
	c.t.Helper()
	if pkg, err := c.receive(wait); err == nil {
		c.t.Fatalf("%x where silence is expected", pkg)
	} else if e := net.Error(nil); !errors.As(err, &e) || !e.Timeout() {
		c.t.Fatalf("%v where silence is expected", err)
	}
}

// gone fails unless the server ends the connection.
func (c *client) gone() {
	c.t.Helper()
	pkg, err := c.receive(5 * time.Second)
	if e := net.Error(nil); err == nil || errors.As(err, &e) && e.Timeout() {
		c.t.Fatalf("%x, %v where the end is expected", pkg, err)
	}
}
