package iotdbdriver

import (
	"context"
	"database/sql"
	"encoding/binary"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// script is a server that answers as a test says, and with success where it does not.
type script struct {
	addr string

	mu    sync.Mutex
	calls []string
	// answers are results by method: an *rpc.ApplicationError goes out as an exception,
	// nil is silence.
	answers map[string]rpc.Struct
}

// newScript starts a server that ends with the test.
func newScript(t *testing.T) *script {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &script{addr: listener.Addr().String(), answers: map[string]rpc.Struct{}}
	var work sync.WaitGroup
	work.Add(1)
	go func() {
		defer work.Done()
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			work.Add(1)
			go func() {
				defer work.Done()
				s.serve(c)
			}()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		work.Wait()
	})
	return s
}

// on sets the answer to a method.
func (s *script) on(method string, answer rpc.Struct) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers[method] = answer
}

// count is how often a method was called, on all connections.
func (s *script) count(method string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, call := range s.calls {
		if call == method {
			n++
		}
	}
	return n
}

// serve answers the calls of a connection.
func (s *script) serve(c net.Conn) {
	defer c.Close()
	var head [rpc.LengthSize]byte
	for {
		if _, err := io.ReadFull(c, head[:]); err != nil {
			return
		}
		frame := make([]byte, binary.BigEndian.Uint32(head[:]))
		if _, err := io.ReadFull(c, frame); err != nil {
			return
		}
		m, err := rpc.ParseMessage(rpc.Binary, frame)
		if err != nil {
			return
		}
		kind, answer := s.answer(m.Name)
		if answer == nil {
			continue
		}
		parts, err := rpc.Encode(rpc.Binary, m.Name, kind, m.Sequence, answer)
		if err != nil {
			return
		}
		if _, err := parts.WriteTo(c); err != nil {
			return
		}
	}
}

func (s *script) answer(method string) (rpc.Kind, rpc.Struct) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, method)
	answer, set := s.answers[method]
	if exception, ok := answer.(*rpc.ApplicationError); ok {
		return rpc.Exception, exception
	}
	id := int64(1)
	switch {
	case set && answer == nil:
		return 0, nil
	case set:
	case method == rpc.OpenSession:
		answer = &rpc.OpenSessionReply{Status: rpc.Status{Code: codeSuccess}, SessionID: &id}
	case method == rpc.RequestStatementID:
		return rpc.Reply, &rpc.NumberResult{Value: id}
	case method == rpc.ExecuteStatement || method == rpc.ExecutePrepared:
		answer = &rpc.StatementReply{Status: rpc.Status{Code: codeSuccess}}
	case method == rpc.PrepareStatement:
		one := int32(1)
		answer = &rpc.PrepareReply{Status: rpc.Status{Code: codeSuccess}, Parameters: &one}
	default:
		answer = &rpc.Status{Code: codeSuccess}
	}
	return rpc.Reply, rpc.Result(answer)
}

// db is a pool of one connection to the server.
func (s *script) db(t *testing.T, change func(*Config)) *sql.DB {
	t.Helper()
	config := NewConfig()
	config.Hosts, config.Kill = []string{s.addr}, false
	if change != nil {
		change(config)
	}
	connector, err := NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

// result makes the server answer every statement with a result of n pages of 10 rows.
func (s *script) result(t *testing.T, n int) {
	t.Helper()
	p := newPages(t, 10, n)
	for method, reply := range map[string]struct {
		frame []byte
		s     rpc.Struct
	}{
		rpc.ExecuteStatement: {p.statement, new(rpc.StatementReply)},
		rpc.FetchResults:     {p.fetch, new(rpc.FetchReply)},
	} {
		m, err := rpc.ParseMessage(rpc.Binary, slices.Clone(reply.frame[rpc.LengthSize:]))
		if err == nil {
			err = m.Decode(rpc.Result(reply.s))
		}
		if err != nil {
			t.Fatal(err)
		}
		s.on(method, reply.s)
	}
}

// rowOf is a tablet of one row.
func rowOf(table string) driver.Tablet {
	return driver.Tablet{Table: table, Times: instants[:1], Columns: []driver.TabletColumn{{Name: "i", Column: driver.ColumnOf([]int32{1})}}}
}

// raw runs f with the connection of a pool of one.
func raw(db *sql.DB, f func(*conn) error) error {
	c, err := db.Conn(context.Background())
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(dc any) error { return f(dc.(*conn)) })
}
