package taostest

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// socket is one WebSocket connection.
type socket struct {
	srv     *Server
	life    *life
	ws      *websocket.Conn
	number  int
	actions map[string]action
	// quiet is set for /rest/tmq, where what makes no sense is not answered.
	quiet bool
	// ctx ends when the server stops. What runs for a client does not end with
	// the connection, as it does not on the real server.
	ctx context.Context

	requests sync.WaitGroup // being served
	pinger   sync.WaitGroup
	closed   chan struct{} // when TCP has ended
	once     sync.Once
	frozen   atomic.Bool

	writing sync.Mutex

	login   sync.Mutex // held by conn
	session atomic.Pointer[session]

	consumer consumer // of /rest/tmq

	mu      sync.Mutex
	results map[uint64]*result
	stmts   map[uint64]stmt
	last    struct{ result, stmt uint64 }
}

// stmt is a prepared statement of either protocol.
type stmt interface {
	text() string
	free()
}

// writeWait is how long a client may take to read a reply.
const writeWait = 60 * time.Second

var upgrader = websocket.Upgrader{
	CheckOrigin:       func(*http.Request) bool { return true },
	EnableCompression: true,
}

// upgrade makes a socket of the request and serves it to its end.
func (l *life) upgrade(w http.ResponseWriter, r *http.Request, actions map[string]action, quiet bool) {
	x := &exchange{ctx: l.Context, names: []string{"upgrade"}}
	l.srv.rules.arm(x)
	if err := x.meet(); err != nil {
		var status statusError
		if errors.As(err, &status) {
			http.Error(w, http.StatusText(int(status)), int(status))
			return
		}
		panic(http.ErrAbortHandler)
	}
	number, _ := r.Context().Value(connKey{}).(int)
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // answered by the upgrader
	}
	s := &socket{
		srv: l.srv, life: l, ws: ws, number: number, actions: actions, quiet: quiet, ctx: l.Context,
		closed: make(chan struct{}), results: map[uint64]*result{}, stmts: map[uint64]stmt{},
	}
	defer s.finish()
	if !l.Adopt(s, func() {}) {
		return
	}
	defer l.Forget(s)
	l.srv.options.log.Debug("connected", "conn", number, "path", r.URL.Path)
	s.read()
}

// read serves messages until the connection ends, each in its own goroutine.
func (s *socket) read() {
	interval := s.srv.options.ping
	patience := interval + interval*60/54
	extend := func() {
		if interval > 0 {
			_ = s.ws.SetReadDeadline(time.Now().Add(patience))
		}
	}
	extend()
	s.ws.SetPongHandler(func(string) error { extend(); return nil })
	s.ws.SetPingHandler(func(data string) error {
		if s.frozen.Load() {
			return nil
		}
		// A write that fails shows at the next read.
		_ = s.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(writeWait))
		return nil
	})
	// A close frame gets no close frame: the connection just ends.
	s.ws.SetCloseHandler(func(int, string) error { return nil })

	if interval > 0 {
		s.pinger.Add(1)
		go s.ping(interval)
	}
	for {
		kind, data, err := s.ws.ReadMessage()
		if s.frozen.Load() {
			<-s.closed
			return
		}
		if err != nil {
			var end *websocket.CloseError
			if errors.As(err, &end) && end.Code != websocket.CloseAbnormalClosure {
				s.requests.Wait() // a proper goodbye: what runs may still answer
			}
			return
		}
		extend()
		var place chan bool
		if s.quiet && bytes.Contains(data, []byte(`"poll"`)) {
			place = s.consumer.polls.line()
		}
		s.requests.Add(1)
		go func() {
			defer s.requests.Done()
			if kind == websocket.BinaryMessage {
				s.serveBinary(data)
			} else {
				s.serveText(data, place)
			}
		}()
	}
}

// ping keeps the client answering until the connection ends.
func (s *socket) ping(interval time.Duration) {
	defer s.pinger.Done()
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-s.closed:
			return
		case <-t.C:
			if !s.frozen.Load() {
				// A write that fails shows at the next read.
				_ = s.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait))
			}
		}
	}
}

// untilClosed returns a context that ends with the connection.
func (s *socket) untilClosed() (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-s.closed:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		cancel()
		<-done
	}
}

// freeze makes the server deaf and dumb on this connection.
func (s *socket) freeze() { s.frozen.Store(true) }

// HangUp ends TCP. Requests that are being served run on.
func (s *socket) HangUp() {
	s.once.Do(func() {
		_ = s.ws.Close()
		close(s.closed)
		s.srv.record.disconnect()
	})
}

// finish ends the connection, waits for what runs and frees what it has left.
func (s *socket) finish() {
	s.HangUp()
	s.pinger.Wait()
	s.requests.Wait()
	s.consumer.leave()
	s.mu.Lock()
	results, stmts := s.results, s.stmts
	s.results, s.stmts = nil, nil
	s.mu.Unlock()
	for _, st := range stmts {
		st.free()
	}
	for _, r := range results {
		r.free()
	}
}

// send writes a reply. What the connection does not take is lost, and the
// connection with it.
func (s *socket) send(m *message) {
	if s.frozen.Load() {
		return
	}
	kind := websocket.TextMessage
	if m.binary {
		kind = websocket.BinaryMessage
	}
	var err error
	switch {
	case m.lose:
	case m.half:
		s.sendHalf(kind, m.data)
		m.hangUp = true
	default:
		s.writing.Lock()
		_ = s.ws.SetWriteDeadline(time.Now().Add(writeWait))
		err = s.ws.WriteMessage(kind, m.data)
		s.writing.Unlock()
	}
	if err != nil || m.hangUp {
		s.HangUp()
	}
}

// sendHalf writes a frame that promises all of data and holds half of it.
func (s *socket) sendHalf(kind int, data []byte) {
	head := []byte{0x80 | byte(kind), 127}
	head = binary.BigEndian.AppendUint64(head, uint64(len(data)))
	s.writing.Lock()
	defer s.writing.Unlock()
	_ = s.ws.SetWriteDeadline(time.Now().Add(writeWait))
	_, _ = s.ws.NetConn().Write(append(head, data[:len(data)/2]...))
}

// addResult gives a result its id.
func (s *socket) addResult(r *result) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last.result++
	s.results[s.last.result] = r
	return s.last.result
}

func (s *socket) result(id uint64) *result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.results[id]
}

// freeResult frees a result if it is there.
func (s *socket) freeResult(id uint64) {
	s.mu.Lock()
	r := s.results[id]
	delete(s.results, id)
	s.mu.Unlock()
	if r != nil {
		r.free()
	}
}
