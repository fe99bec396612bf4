package reference

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // stores the tables
)

// Password is the one that the server accepts.
const Password = "s3cr3t-of-reference"

// Server stores tables in SQLite and accepts logins on a port of its own.
type Server struct {
	db    *sql.DB
	dir   string
	addr  string
	write chan struct{} // held by who writes: SQLite has one writer
	wg    sync.WaitGroup

	mu         sync.Mutex
	listener   net.Listener
	sessions   map[string]*session
	serial     int
	faults     []*fault
	statements []statement
	running    map[string]int
	open       int
	refuse     int
	logins     int
}

// statement is one that was carried out.
type statement struct {
	text string
	id   uint64
}

// servers are the running servers by their address.
var servers sync.Map

// Start starts a server with no tables.
func Start() (*Server, error) {
	dir, err := os.MkdirTemp("", "reference")
	if err != nil {
		return nil, err
	}
	path := filepath.ToSlash(filepath.Join(dir, "tables.db"))
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=busy_timeout(20000)&_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)")
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s := &Server{
		db: db, dir: dir, write: make(chan struct{}, 1),
		sessions: make(map[string]*session), running: make(map[string]int),
	}
	if err := s.Resume(); err != nil {
		return nil, errors.Join(err, db.Close(), os.RemoveAll(dir))
	}
	servers.Store(s.addr, s)
	return s, nil
}

// Close ends the server and all that it holds.
func (s *Server) Close() error {
	servers.Delete(s.addr)
	s.Stop()
	return errors.Join(s.db.Close(), os.RemoveAll(s.dir))
}

// Addr is the server's "host:port".
func (s *Server) Addr() string { return s.addr }

// DSN logs in with the right password.
func (s *Server) DSN() string { return DSN(s.addr, Password, "main", nil) }

// Resume accepts logins, on the same port as before.
func (s *Server) Resume() error {
	addr := s.addr
	if addr == "" {
		addr = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.listener, s.addr = l, l.Addr().String()
	s.mu.Unlock()
	s.wg.Add(1)
	go s.accept(l)
	return nil
}

// Stop closes the port and all connections.
func (s *Server) Stop() error {
	s.mu.Lock()
	l := s.listener
	s.mu.Unlock()
	err := l.Close()
	s.dropAll()
	s.wg.Wait()
	return err
}

// Restart closes all connections.
func (s *Server) Restart() error {
	s.dropAll()
	return nil
}

func (s *Server) dropAll() {
	s.mu.Lock()
	var list []*session
	for _, ses := range s.sessions {
		list = append(list, ses)
	}
	s.mu.Unlock()
	for _, ses := range list {
		ses.drop()
	}
	for _, ses := range list {
		<-ses.ended // so that the clients have been told
	}
}

func (s *Server) accept(l net.Listener) {
	defer s.wg.Done()
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.wg.Add(1)
		go func() {
			defer s.wg.Done()
			s.serve(c)
		}()
	}
}

// serve logs a client in and waits until it or the server ends the connection.
func (s *Server) serve(c net.Conn) {
	defer c.Close()
	c.SetDeadline(time.Now().Add(10 * time.Second))
	line, err := readLine(c)
	if err != nil {
		return
	}
	fields := strings.Split(line, "\t")
	if len(fields) != 2 {
		fmt.Fprintln(c, "refused protocol error")
		return
	}
	s.mu.Lock()
	s.logins++
	refused := ""
	switch {
	case s.refuse > 0:
		s.refuse--
		refused = "login"
	case fields[0] != Password:
		refused = "login"
	case fields[1] != "main" && fields[1] != "other":
		refused = "database"
	}
	if refused != "" {
		s.mu.Unlock()
		fmt.Fprintln(c, "refused", refused)
		return
	}
	s.serial++
	name := fmt.Sprint("session ", s.serial)
	ses := &session{server: s, name: name, net: c, database: fields[1], ended: make(chan struct{})}
	ses.ctx, ses.cancel = context.WithCancel(context.Background())
	s.sessions[name] = ses
	s.mu.Unlock()
	defer ses.end()
	if _, err := fmt.Fprintln(c, name); err != nil {
		return
	}
	c.SetDeadline(time.Time{})
	io.Copy(c, c) // pings are echoed, until the end
}

// lock makes the caller the only writer.
func (s *Server) lock(ctx context.Context) error {
	select {
	case s.write <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *Server) unlock() { <-s.write }

// readLine reads a short line byte by byte, so that nothing behind it is taken.
func readLine(c net.Conn) (string, error) {
	var line []byte
	for b := make([]byte, 1); len(line) < 1024; {
		if _, err := c.Read(b); err != nil {
			return "", err
		}
		if b[0] == '\n' {
			return string(line), nil
		}
		line = append(line, b[0])
	}
	return "", errors.New("reference: the line is too long")
}
