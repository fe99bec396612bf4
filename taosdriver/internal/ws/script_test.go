package ws

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// patience bounds waits that are expected to end.
const patience = 10 * time.Second

// message is a request as a script sees it.
type message struct {
	action string
	reqID  uint64
	id     uint64 // result or statement
	sql    string
	args   map[string]any
}

// peer is the server's end of a connection.
type peer struct {
	t    *testing.T
	ws   *websocket.Conn
	gone chan struct{} // closed when the client's end is gone
	in   chan message
	pong chan string
	mu   sync.Mutex
}

// read passes requests on until the client is gone.
func (p *peer) read() {
	defer close(p.gone)
	defer close(p.in)
	for {
		kind, data, err := p.ws.ReadMessage()
		if err != nil {
			return
		}
		var m message
		if kind == websocket.TextMessage {
			var req struct {
				Action string         `json:"action"`
				Args   map[string]any `json:"args"`
			}
			d := json.NewDecoder(strings.NewReader(string(data)))
			d.UseNumber()
			if err := d.Decode(&req); err != nil {
				p.t.Errorf("malformed request %s: %v", data, err)
				return
			}
			m = message{action: req.Action, args: req.Args, reqID: number(req.Args["req_id"]), id: number(req.Args["id"])}
			if m.id == 0 {
				m.id = number(req.Args["stmt_id"])
			}
			m.sql, _ = req.Args["sql"].(string)
		} else {
			r, err := frame.ParseRequest(data)
			if err != nil {
				p.t.Errorf("malformed request %x: %v", data, err)
				return
			}
			m = message{action: r.Action.String(), reqID: r.ReqID, id: r.ID}
			if r.Action == frame.Query {
				m.sql, _ = r.SQL()
			}
		}
		p.in <- m
	}
}

func number(v any) uint64 {
	n, _ := v.(json.Number)
	var u uint64
	json.Unmarshal([]byte(n), &u)
	return u
}

// expect returns the next request, which must be of the action.
func (p *peer) expect(action string) message {
	p.t.Helper()
	select {
	case m, ok := <-p.in:
		if !ok {
			p.t.Errorf("the client is gone; want %s", action)
			return message{}
		}
		if m.action != action {
			p.t.Errorf("got %s, want %s", m.action, action)
		}
		return m
	case <-time.After(patience):
		p.t.Errorf("no request; want %s", action)
		return message{}
	}
}

// quiet fails the test if a request is there already.
func (p *peer) quiet() {
	p.t.Helper()
	select {
	case m, ok := <-p.in:
		if ok {
			p.t.Errorf("unexpected %s", m.action)
		}
	default:
	}
}

type fields map[string]any

// answer replies to m with the members given beside the ordinary ones.
func (p *peer) answer(m message, more fields) {
	f := fields{"code": 0, "message": "", "action": m.action, "req_id": m.reqID, "timing": 1}
	for k, v := range more {
		f[k] = v
	}
	data, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	p.write(websocket.TextMessage, data)
}

func (p *peer) write(kind int, data []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ws.WriteMessage(kind, data)
}

func (p *peer) refuse(m message, code int, text string) {
	p.answer(m, fields{"code": code, "message": text})
}

// update answers a statement without rows.
func (p *peer) update(m message, affected int) {
	p.answer(m, fields{"is_update": true, "affected_rows": affected, "fields_names": nil})
}

// rows answers a query with a result of one INT column v.
func (p *peer) rows(m message, id uint64) {
	p.answer(m, fields{
		"id": id, "fields_count": 1, "fields_names": []string{"v"}, "fields_types": []int{4},
		"fields_lengths": []int{4}, "precision": 0, "fields_precisions": []int{0}, "fields_scales": []int{0},
	})
}

// block answers a fetch with values of the column.
func (p *peer) block(m message, values ...int64) {
	p.write(websocket.BinaryMessage, blockReply(m, values...))
}

func blockReply(m message, values ...int64) []byte {
	b := block.NewBuilder([]block.Field{{Name: "v", Type: block.Int}}, block.Milli, time.UTC)
	for _, v := range values {
		b.Column(0).AppendInt64(v)
	}
	return rawReply(m, b)
}

func rawReply(m message, b *block.Builder) []byte {
	raw, err := b.AppendTo(nil)
	if err != nil {
		panic(err)
	}
	r := frame.FetchReply{ID: m.id, Block: raw}
	r.ReqID = m.reqID
	return r.AppendTo(nil)
}

// describe answers a DESCRIBE with its first two columns.
func (p *peer) describe(m message, namesAndTypes ...string) {
	p.answer(m, fields{
		"id": 1, "fields_count": 2, "fields_names": []string{"field", "type"}, "fields_types": []int{8, 8}, "fields_lengths": []int{64, 20},
	})
	b := block.NewBuilder([]block.Field{{Name: "field", Type: block.VarChar, Bytes: 64}, {Name: "type", Type: block.VarChar, Bytes: 20}},
		block.Milli, time.UTC)
	for i, text := range namesAndTypes {
		b.Column(i % 2).AppendString(text)
	}
	p.raw(p.expect("fetch_raw_block"), b)
	p.finish(p.expect("fetch_raw_block"))
}

// raw answers a fetch with the rows of the builder.
func (p *peer) raw(m message, b *block.Builder) {
	p.write(websocket.BinaryMessage, rawReply(m, b))
}

// finish answers a fetch behind the last block.
func (p *peer) finish(m message) {
	r := frame.FetchReply{ID: m.id, Finished: true}
	r.ReqID = m.reqID
	p.write(websocket.BinaryMessage, r.AppendTo(nil))
}

// drop ends the connection without a close frame.
func (p *peer) drop() { p.ws.NetConn().Close() }

// login answers version and conn.
func (p *peer) login() {
	p.answer(p.expect("version"), fields{"version": "3.3.7.5"})
	p.answer(p.expect("conn"), nil)
}

// server runs scripts, one a connection.
type server struct {
	host string
	http *httptest.Server
	done sync.WaitGroup
}

// script starts a server that runs the script on each connection. The test ends
// when the scripts have.
func script(t *testing.T, run func(*peer)) *server {
	t.Helper()
	return scriptTLS(t, false, run)
}

func scriptTLS(t *testing.T, secure bool, run func(*peer)) *server {
	t.Helper()
	s := &server{}
	upgrader := websocket.Upgrader{EnableCompression: true}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		p := &peer{t: t, ws: c, gone: make(chan struct{}), in: make(chan message, 100), pong: make(chan string, 1)}
		c.SetPongHandler(func(data string) error { p.pong <- data; return nil })
		s.done.Add(1)
		defer s.done.Done()
		defer c.Close()
		go p.read()
		run(p)
		c.Close()
		<-p.gone
	})
	s.http = httptest.NewUnstartedServer(handler)
	s.http.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that are meant to fail
	if secure {
		s.http.StartTLS()
	} else {
		s.http.Start()
	}
	s.host = s.http.Listener.Addr().String()
	t.Cleanup(func() {
		s.http.Close()
		s.done.Wait()
	})
	return s
}

// testSettings are those of tests, changed by with.
func testSettings(with ...func(*transport.Settings)) transport.Settings {
	s := transport.Settings{
		User: "root", Password: "taosdata", Location: time.UTC, ReadTimeout: patience, WriteTimeout: patience,
		MaxMessageBytes: 1 << 20, Dial: new(net.Dialer).DialContext,
	}
	for _, f := range with {
		f(&s)
	}
	return s
}

// connect returns a connection that is closed at the end of the test.
func (s *server) connect(t *testing.T, with ...func(*transport.Settings)) *Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := NewDialer(testSettings(with...)).Connect(ctx, s.host)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*Conn)
}

// until waits for a condition that another goroutine makes true.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for !condition() {
		if time.Now().After(deadline) {
			t.Fatalf("not in %v: %s", patience, what)
		}
		time.Sleep(time.Millisecond)
	}
}

// soon fails the test unless the time since start is within what cancellation
// may take, with room for a loaded machine.
func soon(t *testing.T, start time.Time) {
	t.Helper()
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
}
