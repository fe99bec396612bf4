package client

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pipe is a connection whose other end the test holds.
func pipe(t *testing.T, change func(*Settings)) (*Conn, net.Conn) {
	t.Helper()
	here, there := net.Pipe()
	settings := &Settings{MaxFrame: 1 << 20, Dial: func(context.Context, string, string) (net.Conn, error) { return here, nil }}
	if change != nil {
		change(settings)
	}
	c, err := Dial(context.Background(), settings, "h:1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		c.Close()
		there.Close()
	})
	return c, there
}

func properties() (*Call, *rpc.Properties) {
	var p rpc.Properties
	return &Call{Op: "info", ID: 7, Method: rpc.GetProperties, Arguments: new(rpc.NoArguments), Result: rpc.Result(&p), Executes: true}, &p
}

// answer reads a request and writes a reply with its number moved by so many.
func answer(t *testing.T, there net.Conn, moved int32, method string) {
	frame, err := readFrame(there, 1<<20)
	if err != nil {
		t.Error(err)
		return
	}
	defer frame.release()
	m, err := rpc.ParseMessage(rpc.Binary, *frame.b)
	if err != nil {
		t.Error(err)
		return
	}
	parts, err := rpc.Encode(rpc.Binary, method, rpc.Reply, m.Sequence+moved, rpc.Result(&rpc.Properties{Version: "2", TimestampPrecision: "ms"}))
	if err != nil {
		t.Error(err)
		return
	}
	parts.WriteTo(there)
}

func TestCall(t *testing.T) {
	c, there := pipe(t, nil)
	go answer(t, there, 0, rpc.GetProperties)
	k, p := properties()
	if err := c.Do(context.Background(), k); err != nil || p.Version != "2" {
		t.Errorf("%+v, %v", p, err)
	}
	k.Release()
	if !c.Alive() {
		t.Error("the connection is dead")
	}
}

// A reply to another request ends the connection: what follows would be off by one
// for ever.
func TestReplyToAnotherRequest(t *testing.T) {
	for name, reply := range map[string]func(*testing.T, net.Conn){
		"number": func(t *testing.T, c net.Conn) { answer(t, c, -1, rpc.GetProperties) },
		"name":   func(t *testing.T, c net.Conn) { answer(t, c, 0, rpc.OpenSession) },
	} {
		t.Run(name, func(t *testing.T) {
			c, there := pipe(t, nil)
			go reply(t, there)
			k, _ := properties()
			err := c.Do(context.Background(), k)
			var e *driver.Error
			if !errors.Is(err, driver.ErrInternal) || !errors.As(err, &e) || !e.OutcomeUnknown || c.Alive() {
				t.Errorf("%v, alive %t", err, c.Alive())
			}
			if err := c.Do(context.Background(), k); err == nil {
				t.Error("it goes on")
			} else if _, ok := WasNotSent(err); !ok {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}

// twice writes everything twice.
type twice struct{ net.Conn }

func (t twice) Write(b []byte) (int, error) {
	_, err := t.Conn.Write(append(b[:len(b):len(b)], b...))
	return len(b), err
}

// What comes behind a reply is noticed before the next request is sent, whose reply it
// would be taken for.
func TestBytesBehindAReply(t *testing.T) {
	c, there := pipe(t, nil)
	go answer(t, twice{there}, 0, rpc.GetProperties)
	k, _ := properties()
	if err := c.Do(context.Background(), k); err != nil {
		t.Fatal(err)
	}
	k, _ = properties()
	if _, ok := WasNotSent(c.Send(context.Background(), k)); !ok || c.Alive() {
		t.Errorf("it was sent, alive %t", c.Alive())
	}
}

// A context ends a call that waits to be written, or to be answered; the error says
// whether the request had left.
func TestContextEndsACall(t *testing.T) {
	for name, read := range map[string]bool{"writing": false, "waiting": true} {
		t.Run(name, func(t *testing.T) {
			c, there := pipe(t, nil)
			if read {
				go io.Copy(io.Discard, there)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
			defer cancel()
			k, _ := properties()
			err := c.Do(ctx, k)
			var e *driver.Error
			if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &e) || e.OutcomeUnknown != read || c.Alive() {
				t.Errorf("%v, alive %t", err, c.Alive())
			}
			there.Close()
		})
	}
}

// A context that ends after a call has no effect on the next.
func TestContextAfterACall(t *testing.T) {
	c, there := pipe(t, nil)
	for range 20 {
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); answer(t, there, 0, rpc.GetProperties) }()
		k, _ := properties()
		if err := c.Do(ctx, k); err != nil {
			t.Fatal(err)
		}
		k.Release()
		cancel()
		<-done
	}
}

func TestReadTimeout(t *testing.T) {
	c, there := pipe(t, func(s *Settings) { s.ReadTimeout = 20 * time.Millisecond })
	go io.Copy(io.Discard, there)
	k, _ := properties()
	err := c.Do(context.Background(), k)
	if !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || c.Alive() {
		t.Errorf("%v, alive %t", err, c.Alive())
	}
	there.Close()
}

// A call asked for ahead is received before another is sent, and kept.
func TestCallInBetween(t *testing.T) {
	c, there := pipe(t, nil)
	go func() {
		answer(t, there, 0, rpc.GetProperties)
		answer(t, there, 0, rpc.GetProperties)
	}()
	ctx := context.Background()
	first, p := properties()
	if err := c.Send(ctx, first); err != nil {
		t.Fatal(err)
	}
	second, q := properties()
	if err := c.Do(ctx, second); err != nil || q.Version != "2" {
		t.Fatal(err)
	}
	if err := c.Receive(ctx, first); err != nil || p.Version != "2" {
		t.Errorf("%+v, %v", p, err)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add([]byte{0, 0, 0, 2, 1, 2, 3})
	f.Add([]byte{0x15, 3, 3, 0, 2})
	f.Add([]byte{0x7f, 0xff, 0xff, 0xff, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		const limit = 1 << 20
		frame, err := readFrame(bytes.NewReader(data), limit)
		if err != nil {
			return
		}
		n := binary.BigEndian.Uint32(data)
		if n > limit || !bytes.Equal(*frame.b, data[4:4+n]) {
			t.Errorf("a frame of %d bytes from %d", len(*frame.b), len(data))
		}
		frame.release()
	})
}

// failing writes everything, or a part of it, and then fails.
type failing struct {
	net.Conn
	part int
}

func (f failing) Write(b []byte) (int, error) { return max(0, len(b)-f.part), io.ErrClosedPipe }

// A request that has left whole may be carried out, whatever the connection says of it;
// of one that was cut short the server can do nothing.
func TestWriteFails(t *testing.T) {
	for part, unknown := range map[int]bool{0: true, 1: false} {
		c, _ := pipe(t, func(s *Settings) {
			dial := s.Dial
			s.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				nc, err := dial(ctx, network, addr)
				return failing{nc, part}, err
			}
		})
		k, _ := properties()
		err := c.Do(context.Background(), k)
		var e *driver.Error
		if _, notSent := WasNotSent(err); notSent || !errors.As(err, &e) || e.OutcomeUnknown != unknown || c.Alive() {
			t.Errorf("%d bytes are missing: %v", part, err)
		}
	}
}
