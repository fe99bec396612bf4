package ws

import (
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// lost runs a statement that fails and checks what all such errors share.
func lost(t *testing.T, c *Conn) *driver.Error {
	t.Helper()
	_, err := c.Query(background, 42, "insert")
	var e *driver.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T %v", err, err)
	}
	if e.RequestID != 42 || e.Op != "query" || e.Host == "" {
		t.Errorf("incomplete: %+v", e)
	}
	if c.Alive() {
		t.Error("the connection counts as alive")
	}
	return e
}

func TestConnectionLostAfterTheStatementWasSent(t *testing.T) {
	for name, end := range map[string]func(*peer){
		"end of TCP":  func(p *peer) { p.drop() },
		"close frame": func(p *peer) { p.write(websocket.CloseMessage, websocket.FormatCloseMessage(1001, "bye")) },
		"bare close":  func(p *peer) { p.write(websocket.CloseMessage, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			var executed atomic.Int32
			s := script(t, func(p *peer) {
				p.login()
				p.expect("binary_query")
				executed.Add(1)
				end(p)
				<-p.gone
			})
			c := s.connect(t)
			_, err := c.Query(background, 42, "insert")
			if _, marked := transport.WasNotSent(err); marked {
				t.Error("marked as not sent")
			}
			e := lost(t, c)
			if errors.As(err, &e); !e.OutcomeUnknown || !errors.Is(err, driver.ErrConnection) {
				t.Errorf("%+v", e)
			}
			if n := executed.Load(); n != 1 {
				t.Errorf("executed %d times", n)
			}
		})
	}
}

func TestConnectionFoundDeadBeforeSending(t *testing.T) {
	s := script(t, func(p *peer) { p.login() }) // and the end
	c := s.connect(t)
	<-c.dead
	if c.Alive() {
		t.Error("alive")
	}
	_, err := c.Query(background, 1, "insert")
	e, marked := transport.WasNotSent(err)
	if !marked || e.OutcomeUnknown || !errors.Is(err, driver.ErrConnection) {
		t.Errorf("%+v", err)
	}
	if err := c.Ping(background); err == nil {
		t.Error("ping works")
	}
}

func TestSessionThatTheServerHasEnded(t *testing.T) {
	for text, code := range map[string]int{
		"Invalid connection": 0x20b, "Disconnected from service": 0x213, "Connection killed": 0x215, "server not connected": 0xffff,
	} {
		t.Run(text, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.login()
				p.refuse(p.expect("binary_query"), code, text)
				<-p.gone
			})
			c := s.connect(t)
			_, err := c.Query(background, 1, "insert")
			if e, marked := transport.WasNotSent(err); !marked || e.Code != code {
				t.Errorf("%+v", err)
			}
			if c.Alive() {
				t.Error("alive")
			}
		})
	}
}

func TestMessagesThatMakeNoSense(t *testing.T) {
	m := message{id: 5}
	good := blockReply(m, 1, 2, 3)
	huge := slices.Clone(good)
	for i := range 4 {
		huge[59+i] = 0xff // the block's length
	}
	for _, c := range []struct {
		name   string
		answer func(p *peer, m message)
	}{
		{"text that is no JSON", func(p *peer, m message) { p.write(textMessage, []byte("{")) }},
		{"JSON of another shape", func(p *peer, m message) { p.write(textMessage, []byte(`[1,2]`)) }},
		{"a request id that is no integer", func(p *peer, m message) { p.write(textMessage, []byte(`{"req_id":1.5}`)) }},
		{"empty text", func(p *peer, m message) { p.write(textMessage, nil) }},
		{"binary garbage", func(p *peer, m message) { p.write(binaryMessage, []byte("garbage")) }},
		{"empty binary", func(p *peer, m message) { p.write(binaryMessage, nil) }},
		{"a block in reply to a statement", func(p *peer, m message) { p.finish(m) }},
		{"fields without names", func(p *peer, m message) { p.answer(m, fields{"id": 5, "fields_count": 1}) }},
		{"a field of an unknown type", func(p *peer, m message) {
			p.answer(m, fields{"id": 5, "fields_count": 1, "fields_names": []string{"a"}, "fields_types": []int{99}, "fields_lengths": []int{1}})
		}},
		{"a result without fields", func(p *peer, m message) { p.answer(m, fields{"id": 5}) }},
		{"an unknown precision", func(p *peer, m message) {
			p.answer(m, fields{"id": 5, "fields_count": 1, "fields_names": []string{"a"}, "fields_types": []int{9}, "fields_lengths": []int{8}, "precision": 3})
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.login()
				c.answer(p, p.expect("binary_query"))
				<-p.gone
			})
			conn := s.connect(t)
			e := func() *driver.Error {
				_, err := conn.Query(background, 42, "insert")
				var e *driver.Error
				if !errors.As(err, &e) {
					t.Fatalf("%T %v", err, err)
				}
				return e
			}()
			if !errors.Is(e, driver.ErrInternal) || !e.OutcomeUnknown || e.RequestID != 42 || conn.Alive() {
				t.Errorf("%+v, alive %v", e, conn.Alive())
			}
		})
	}
	for _, c := range []struct {
		name string
		data func(m message) []byte
	}{
		{"truncated block", func(m message) []byte { d := blockReply(m, 1, 2, 3); return d[:len(d)-5] }},
		{"huge length", func(m message) []byte {
			d := blockReply(m, 1, 2, 3)
			for i := range 4 {
				d[51+i] = 0xff
			}
			return d
		}},
		{"huge length within the block", func(m message) []byte {
			d := blockReply(m, 1, 2, 3)
			copy(d[55+4:], "\xff\xff\xff\x7f")
			return d
		}},
		{"more rows than bytes", func(m message) []byte {
			d := blockReply(m, 1, 2, 3)
			copy(d[55+8:], "\xff\xff\xff\x7f")
			return d
		}},
		{"block of another result", func(m message) []byte { m.id++; return blockReply(m, 1) }},
		{"cut header", func(m message) []byte { return blockReply(m, 1)[:40] }},
		{"reply to another action", func(m message) []byte {
			r := frame.Reply{Action: frame.RawMessage, ReqID: m.reqID}
			return r.AppendTo(nil)
		}},
	} {
		t.Run("fetch: "+c.name, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.login()
				p.rows(p.expect("binary_query"), 5)
				p.write(binaryMessage, c.data(p.expect("fetch_raw_block")))
				<-p.gone
			})
			conn := s.connect(t)
			reply := query(t, conn, 42, "select")
			_, err := reply.Result.Next(background)
			var e *driver.Error
			if !errors.As(err, &e) || !errors.Is(err, driver.ErrInternal) || e.RequestID != 42 || conn.Alive() {
				t.Errorf("%+v, alive %v", err, conn.Alive())
			}
		})
	}
	t.Run("fetch: column of another type", func(t *testing.T) {
		s := script(t, func(p *peer) {
			p.login()
			p.answer(p.expect("binary_query"), fields{
				"id": 5, "fields_count": 1, "fields_names": []string{"a"}, "fields_types": []int{5}, "fields_lengths": []int{8},
			})
			p.block(p.expect("fetch_raw_block"), 1)
			<-p.gone
		})
		if _, err := query(t, s.connect(t), 1, "select").Result.Next(background); !errors.Is(err, driver.ErrInternal) {
			t.Error(err)
		}
	})
}

func TestMessageLongerThanTheLimit(t *testing.T) {
	for _, compressed := range []bool{false, true} {
		s := script(t, func(p *peer) {
			p.login()
			m := p.expect("binary_query")
			p.ws.EnableWriteCompression(compressed)
			p.refuse(m, 1, strings.Repeat("a", 200_000))
			<-p.gone
		})
		c := s.connect(t, func(s *transport.Settings) { s.MaxMessageBytes, s.Compression = 100_000, compressed })
		e := lost(t, c)
		if !strings.Contains(e.Error(), "longer than the limit") {
			t.Errorf("compressed %v: %v", compressed, e)
		}
	}
}

func TestReplyToNobodyIsDiscardedAndFreed(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		m := p.expect("binary_query")
		stray := m
		stray.reqID += 1000
		p.rows(stray, 8)
		p.finish(stray)
		if m := p.expect("free_result"); m.id != 8 {
			t.Errorf("freed %d", m.id)
		}
		p.update(m, 1)
		p.update(p.expect("binary_query"), 2)
		<-p.gone
	})
	c := s.connect(t)
	if r := query(t, c, 1, "insert"); r.Affected != 1 {
		t.Errorf("%+v", r)
	}
	if r := query(t, c, 2, "insert"); r.Affected != 2 {
		t.Errorf("%+v", r)
	}
}

func TestNoReplyWithinTheReadTimeout(t *testing.T) {
	abandoned := make(chan transport.Abandoned, 1)
	s := script(t, func(p *peer) { p.login(); p.expect("binary_query"); <-p.gone })
	c := s.connect(t, func(s *transport.Settings) {
		s.ReadTimeout = 30 * time.Millisecond
		s.Abandoned = func(a transport.Abandoned) { abandoned <- a }
	})
	e := lost(t, c)
	if !errors.Is(e, driver.ErrTimeout) || !e.OutcomeUnknown || !strings.Contains(e.Error(), "30ms") {
		t.Error(e)
	}
	if a := <-abandoned; a.RequestID != 42 {
		t.Errorf("%+v", a)
	}
}

func TestServerThatFallsSilentAfterItHasPinged(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.write(websocket.PingMessage, nil)
		p.expect("binary_query")
		<-p.gone
	})
	d := NewDialer(testSettings())
	d.silence = 50 * time.Millisecond
	tc, err := d.Connect(background, s.host)
	if err != nil {
		t.Fatal(err)
	}
	defer tc.Close()
	e := lost(t, tc.(*Conn))
	if !errors.Is(e, driver.ErrConnection) || !e.OutcomeUnknown {
		t.Error(e)
	}
}

// stall is a connection whose writes can be made to block.
type stall struct {
	net.Conn
	on   atomic.Bool
	pipe net.Conn // nobody reads its other end
}

func (s *stall) Write(p []byte) (int, error) {
	if s.on.Load() {
		n, err := s.pipe.Write(p)
		return n, err
	}
	return s.Conn.Write(p)
}

func (s *stall) SetWriteDeadline(t time.Time) error {
	s.pipe.SetWriteDeadline(t)
	return s.Conn.SetWriteDeadline(t)
}

func (s *stall) Close() error { s.pipe.Close(); return s.Conn.Close() }

func TestServerThatDoesNotRead(t *testing.T) {
	connect := func(t *testing.T, timeout time.Duration) (*Conn, *stall) {
		s := script(t, func(p *peer) { p.login(); <-p.gone })
		near, far := net.Pipe()
		t.Cleanup(func() { far.Close() })
		wire := &stall{pipe: near}
		c := s.connect(t, func(s *transport.Settings) {
			s.WriteTimeout = timeout
			s.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				var err error
				wire.Conn, err = new(net.Dialer).DialContext(ctx, network, addr)
				return wire, err
			}
		})
		wire.on.Store(true)
		return c, wire
	}
	t.Run("context ends", func(t *testing.T) {
		c, _ := connect(t, patience)
		ctx, cancel := context.WithTimeout(background, 30*time.Millisecond)
		defer cancel()
		start := time.Now()
		_, err := c.Query(ctx, 42, "insert")
		soon(t, start)
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, context.DeadlineExceeded) || e.OutcomeUnknown {
			t.Errorf("%+v", err)
		}
		if c.Alive() {
			t.Error("alive after half a message")
		}
	})
	t.Run("write timeout", func(t *testing.T) {
		c, _ := connect(t, 30*time.Millisecond)
		_, err := c.Query(background, 42, "insert")
		if e, marked := transport.WasNotSent(err); !marked || e.OutcomeUnknown || c.Alive() {
			t.Errorf("%+v", err)
		}
	})
}

func TestUseAfterClose(t *testing.T) {
	s := script(t, func(p *peer) { p.login(); <-p.gone })
	c := s.connect(t)
	c.Close()
	c.Close()
	if c.Alive() {
		t.Error("alive")
	}
	if _, err := c.Query(background, 1, "select"); err == nil {
		t.Error("no error")
	}
}
