package cluster

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/internal/peek"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// session is one socket. Its two goroutines end when it fails or is closed.
type session struct {
	conn   net.Conn
	socket peek.Socket
	host   string
	config *Config
	log    *slog.Logger
	info   Info

	queue chan *call    // to the writer, which takes one when it can write it
	probe chan struct{} // asks the writer for a ping

	// alive is told after each ping whether the server can serve. May be nil.
	alive func(ok bool)

	heard atomic.Int64 // when bytes last came, in nanoseconds since the epoch

	mu      sync.Mutex
	pending map[uint16]*call
	pid     uint16
	over    bool

	done chan struct{} // closed when it is over; err is set before
	err  error
	wg   sync.WaitGroup
}

// maxPending leaves package ids unused, so that a free one is found soon.
const maxPending = 60000

var (
	errClosed     = errors.New("connection is closed")
	errNoPing     = errors.New("no answer to a ping")
	errTooMany    = fmt.Errorf("%d requests wait for an answer", maxPending)
	errDeserted   = errors.New("too many requests were never answered")
	errEnd        = errors.New("server closed the connection")
	errNotForThis = errors.New("unexpected answer to a ping")
)

// newSession starts the goroutines of a session on conn, which has not logged
// in yet.
func newSession(conn net.Conn, host string, config *Config, alive func(bool)) *session {
	s := &session{
		conn: conn, socket: peek.At(conn), host: host, config: config,
		log:     config.Logger.With("host", host, "conn", conn.LocalAddr().String()),
		queue:   make(chan *call),
		probe:   make(chan struct{}, 1),
		alive:   alive,
		pending: make(map[uint16]*call),
		done:    make(chan struct{}),
	}
	s.heard.Store(time.Now().UnixNano())
	s.wg.Add(2)
	go s.read()
	go s.write()
	return s
}

// close ends the session and waits for its goroutines.
func (s *session) close() {
	s.fail(errClosed)
	s.wg.Wait()
}

// fail ends the session for a reason; the first counts. Calls that wait for an
// answer get the reason.
func (s *session) fail(reason error) {
	s.mu.Lock()
	if s.over {
		s.mu.Unlock()
		return
	}
	s.over, s.err = true, reason
	pending := s.pending
	s.pending = nil
	s.mu.Unlock()
	close(s.done)
	s.conn.Close()
	for _, c := range pending {
		if !c.abandoned.Load() {
			c.answer <- answer{err: reason, sent: c.sent()}
		}
	}
}

// register gives the call a package id that no other waits with.
func (s *session) register(c *call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return s.err
	case len(s.pending) >= maxPending:
		return errTooMany
	}
	for {
		s.pid++
		if s.pending[s.pid] == nil {
			s.pending[s.pid] = c
			wire.Seal(c.pkg, s.pid, c.typ)
			return nil
		}
	}
}

// deserted reports whether most of the requests that wait for an answer were
// left: a server that has not answered so many will not, and nothing but a new
// session frees their package ids.
func (s *session) deserted() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, c := range s.pending {
		if c.abandoned.Load() {
			n++
		}
	}
	return n > len(s.pending)/2
}

// settle takes the call out of those that wait. It is false if the session has
// failed meanwhile and so has answered it.
func (s *session) settle(pid uint16, c *call) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.pending[pid] != c {
		return false
	}
	delete(s.pending, pid)
	return true
}

// chunk is what is written at a time, each with a deadline of its own: a large
// insert may take long, a server that takes nothing may not.
const chunk = 256 << 10

// write sends calls and pings until the session is over.
func (s *session) write() {
	defer s.wg.Done()
	ping := newPinger(s)
	defer ping.timer.Stop()
	for {
		select {
		case c := <-s.queue:
			s.send(c)
		case <-s.probe:
			ping.send()
		case <-ping.timer.C:
			ping.due()
		case a := <-ping.answer:
			ping.answered(a)
		case <-s.done:
			return
		}
	}
}

// send writes one call, unless it was left before.
func (s *session) send(c *call) {
	if c.abandoned.Load() {
		return
	}
	if err := s.register(c); err != nil {
		if err == errTooMany && s.deserted() {
			err = errDeserted
			s.fail(err)
		}
		c.answer <- answer{err: err}
		return
	}
	if s.socket.Look() == peek.Ended {
		s.fail(errEnd)
		return
	}
	pid := s.lastPID()
	before, pkg := nothing, c.pkg
	for rest := pkg; len(rest) > 0; {
		n := min(len(rest), chunk)
		progress := all
		if n < len(rest) {
			progress = part // the server acts on whole packages only
		}
		if !c.progress.CompareAndSwap(uint32(before), uint32(progress)) {
			s.settle(pid, c) // it has just been left
			return
		}
		before = progress
		err := s.conn.SetWriteDeadline(time.Now().Add(s.config.WriteTimeout))
		written := 0
		if err == nil {
			written, err = s.conn.Write(rest[:n])
		}
		if err == nil {
			rest = rest[n:]
			continue
		}
		// An error says that bytes are missing, so the package is not whole.
		state := part
		if len(rest) == len(c.pkg) && written == 0 {
			state = nothing
		}
		if s.settle(pid, c) && !c.abandoned.Load() {
			c.answer <- answer{err: err, sent: state}
		}
		s.fail(err)
		return
	}
	s.mu.Lock()
	c.pkg = nil // its answer may never come
	s.mu.Unlock()
	c.letGo(pkg)
}

// lastPID is the one that register gave last; only the writer registers.
func (s *session) lastPID() uint16 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.pid
}

// read hands answers to their calls until the session is over.
func (s *session) read() {
	defer s.wg.Done()
	r := bufio.NewReaderSize(reader{s}, 16<<10)
	var header [wire.HeaderSize]byte
	for {
		if _, err := io.ReadFull(r, header[:]); err != nil {
			if err == io.EOF {
				err = errEnd
			}
			s.fail(err)
			return
		}
		h, err := wire.ParseHeader(header[:])
		if err != nil {
			s.fail(err)
			return
		}
		if err := s.receive(r, h); err != nil {
			s.fail(err)
			return
		}
	}
}

// reader notes when bytes come, so that a long response counts as a sign of life.
type reader struct{ *session }

func (r reader) Read(p []byte) (int, error) {
	n, err := r.conn.Read(p)
	if n > 0 {
		r.heard.Store(time.Now().UnixNano())
	}
	return n, err
}

// receive reads the data of a response and gives it to its call. Answers that
// nobody waits for are read and dropped.
func (s *session) receive(r *bufio.Reader, h wire.Header) error {
	s.mu.Lock()
	c := s.pending[h.PID]
	s.mu.Unlock()
	tooLarge := int64(h.Len) > s.config.MaxResponse
	if c == nil || c.abandoned.Load() || tooLarge {
		if _, err := io.CopyN(io.Discard, r, int64(h.Len)); err != nil {
			return fmt.Errorf("in the middle of a response: %w", err)
		}
		switch {
		case c == nil:
			s.log.Debug("answer to no request dropped", "pid", h.PID, "type", h.Type, "bytes", h.Len)
		case s.settle(h.PID, c) && tooLarge && !c.abandoned.Load():
			c.answer <- answer{err: &TooLargeError{Size: int64(h.Len), Limit: s.config.MaxResponse}, sent: all}
		}
		return nil
	}
	data, err := readAll(r, int(h.Len))
	if err != nil {
		return fmt.Errorf("in the middle of a response: %w", err)
	}
	if s.settle(h.PID, c) {
		c.answer <- answer{typ: h.Type, data: data}
	}
	return nil
}

// TooLargeError is a response beyond Config.MaxResponse. It was not read.
type TooLargeError struct {
	Size, Limit int64
}

func (e *TooLargeError) Error() string {
	return fmt.Sprintf("response of %d bytes is over the limit of %d", e.Size, e.Limit)
}

// believed is how much is allocated because a server announces it.
const believed = 64 << 20

// readAll reads n bytes; beyond what is believed, memory grows with what has come.
func readAll(r io.Reader, n int) ([]byte, error) {
	data := make([]byte, min(n, believed))
	for read := 0; ; {
		if _, err := io.ReadFull(r, data[read:]); err != nil {
			return nil, err
		}
		if read = len(data); read == n {
			return data, nil
		}
		data = append(data, make([]byte, min(n-read, read))...)
	}
}

// silent reports whether nothing came since t.
func (s *session) silent(t time.Time) bool { return s.heard.Load() < t.UnixNano() }

// suspect asks for a sign of life; without one the session fails.
func (s *session) suspect() {
	select {
	case s.probe <- struct{}{}:
	default:
	}
}

// request is do for the login and what belongs to it.
func (s *session) request(ctx context.Context, typ wire.Type, pkg []byte) answer {
	return s.do(ctx, newCall(typ, pkg))
}
