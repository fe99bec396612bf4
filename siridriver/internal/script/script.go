// Package script is a SiriDB server that does what a test says: the tool for
// faults that a proper server does not show. It is imported by tests alone.
package script

import (
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Handler answers a package. It runs in the connection's goroutine.
type Handler func(c *Conn, p Package)

// Package is what a client sent.
type Package struct {
	wire.Header
	Data []byte
	// Query is the text of a query.
	Query string
}

// Server listens on a port of the loopback interface.
type Server struct {
	Addr    string
	handler Handler

	mu       sync.Mutex
	listener net.Listener
	conns    map[*Conn]struct{}
	seen     map[wire.Type]int
	queries  []string
	wg       sync.WaitGroup
}

// Start starts a server that ends with the test. A nil handler is [Answer].
func Start(t testing.TB, h Handler) *Server {
	t.Helper()
	if h == nil {
		h = Answer
	}
	s := &Server{handler: h, conns: make(map[*Conn]struct{}), seen: make(map[wire.Type]int)}
	s.Addr = "127.0.0.1:0"
	if err := s.listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Stop)
	return s
}

func (s *Server) listen() error {
	l, err := net.Listen("tcp", s.Addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listener, s.Addr = l, l.Addr().String()
	s.wg.Add(1)
	go s.accept(l)
	return nil
}

// Stop closes the port and all connections and waits for their ends. It may be
// called twice.
func (s *Server) Stop() {
	s.mu.Lock()
	s.listener.Close()
	for c := range s.conns {
		c.Close()
	}
	s.mu.Unlock()
	s.wg.Wait()
}

// Restart listens again after Stop, on the same port.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	if err := s.listen(); err != nil {
		t.Fatal(err)
	}
}

// Drop closes all connections and goes on listening.
func (s *Server) Drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		c.Close()
	}
}

// Seen is the number of packages of the type that came.
func (s *Server) Seen(t wire.Type) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seen[t]
}

// Queries returns the texts of the queries that came but those of logins.
func (s *Server) Queries() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.queries...)
}

func (s *Server) accept(l net.Listener) {
	defer s.wg.Done()
	for {
		nc, err := l.Accept()
		if err != nil {
			return
		}
		c := &Conn{Conn: nc}
		s.mu.Lock()
		s.conns[c] = struct{}{}
		s.mu.Unlock()
		s.wg.Add(1)
		go s.serve(c)
	}
}

func (s *Server) serve(c *Conn) {
	defer s.wg.Done()
	defer func() {
		c.Close()
		s.mu.Lock()
		delete(s.conns, c)
		s.mu.Unlock()
	}()
	for {
		p, err := read(c)
		if err != nil {
			return
		}
		s.mu.Lock()
		s.seen[p.Type]++
		if p.Type == wire.Query && p.Query != Login {
			s.queries = append(s.queries, p.Query)
		}
		s.mu.Unlock()
		s.handler(c, p)
	}
}

func read(r io.Reader) (p Package, err error) {
	var header [wire.HeaderSize]byte
	if _, err = io.ReadFull(r, header[:]); err != nil {
		return p, err
	}
	if p.Header, err = wire.ParseHeader(header[:]); err != nil {
		return p, err
	}
	if p.Len > wire.MaxRequest {
		return p, fmt.Errorf("package of %d bytes", p.Len)
	}
	p.Data = make([]byte, p.Len)
	if _, err = io.ReadFull(r, p.Data); err != nil {
		return p, err
	}
	if p.Type == wire.Query {
		p.Query, _, err = wire.ParseQuery(p.Data)
	}
	return p, err
}

// Login is the query that a session begins with.
const Login = "show time_precision, version, timezone"

// Conn is a client's connection.
type Conn struct {
	net.Conn
	mu sync.Mutex
}

// Reply sends a response. It may be called from any goroutine.
func (c *Conn) Reply(pid uint16, t wire.Type, data []byte) {
	pkg := append(wire.Begin(nil), data...)
	wire.Seal(pkg, pid, t)
	c.Send(pkg)
}

// Send sends bytes as they are.
func (c *Conn) Send(b []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = c.Write(b) // a client that is gone is what some tests are about
}

// Fail sends an error response with a message.
func (c *Conn) Fail(p Package, t wire.Type, message string) {
	c.Reply(p.PID, t, wire.AppendMessage(nil, wire.ErrorKey, message))
}

// Points counts the points of the package, which is an insert.
func (p Package) Points() (n int) {
	v, _ := qpack.Decode(p.Data)
	series, _ := v.(qpack.Pairs)
	for _, s := range series {
		points, _ := s.Value.([]any)
		n += len(points)
	}
	return n
}

// Answer is a server of a database in milliseconds that lets everybody in,
// takes any insert and knows one series, a.
func Answer(c *Conn, p Package) { AnswerIn("ms")(c, p) }

// AnswerIn is Answer with another precision.
func AnswerIn(precision string) Handler {
	return func(c *Conn, p Package) {
		switch p.Type {
		case wire.Auth:
			c.Reply(p.PID, wire.AuthOK, nil)
		case wire.Ping:
			c.Reply(p.PID, wire.Ack, nil)
		case wire.Insert:
			c.Reply(p.PID, wire.InsertResult, wire.AppendMessage(nil, wire.SuccessKey,
				fmt.Sprintf("Successfully inserted %d point(s).", p.Points())))
		case wire.Query:
			c.Reply(p.PID, wire.QueryResult, result(p.Query, precision))
		}
	}
}

func result(query, precision string) []byte {
	b := qpack.OpenMap(nil)
	if query != Login {
		b = qpack.AppendRaw(b, "a")
		b = qpack.OpenArray(b)
		for i := range int64(3) {
			b = append(b, 0xef)
			b = qpack.AppendInt(b, 1_700_000_000_000+i)
			b = qpack.AppendInt(b, i)
		}
		return qpack.CloseArray(b)
	}
	b = qpack.AppendRaw(b, "data")
	b = qpack.OpenArray(b)
	for _, pair := range [][2]string{{"time_precision", precision}, {"version", "2.0.55"}, {"timezone", "NAIVE"}} {
		b = qpack.AppendMap(b, 2)
		for i, key := range [2]string{"name", "value"} {
			b = qpack.AppendRaw(qpack.AppendRaw(b, key), pair[i])
		}
	}
	return qpack.CloseArray(b)
}
