package conformance_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/iotdbdriver"
)

// iotdbProxy stands before a real server and fails on demand. It knows frames and
// the names of calls, and finds statements by a text that is in them.
type iotdbProxy struct {
	server string

	mu       sync.Mutex
	listener net.Listener
	addrText string
	links    map[*iotdbLink]struct{}
	faults   []*iotdbFault
	executed [][]byte // the frames of statements that the server was sent
	logins   int
	refuse   int // logins to come
	work     sync.WaitGroup
}

// iotdbFault strikes at the first statement with the marker or, after it, at a
// fetch of the same connection.
type iotdbFault struct {
	marker  string
	fetch   bool
	before  bool          // close the connection in place of sending it on
	after   bool          // close it in place of the reply
	swallow bool          // do nothing in place of the reply
	delay   time.Duration // of the reply
}

type iotdbLink struct {
	proxy          *iotdbProxy
	client, server net.Conn
	faults         chan *iotdbFault // one a request
	fetches        []*iotdbFault    // for the fetches to come
}

func newIoTDBProxy(t testing.TB, server string) *iotdbProxy {
	t.Helper()
	p := &iotdbProxy{server: server, links: make(map[*iotdbLink]struct{})}
	if err := p.start("127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		p.stop()
		p.work.Wait()
	})
	return p
}

func (p *iotdbProxy) addr() string { return p.addrText }

func (p *iotdbProxy) start(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.listener, p.addrText = l, l.Addr().String()
	p.mu.Unlock()
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			p.work.Add(1)
			go p.serve(c)
		}
	}()
	return nil
}

// stop closes the listener and all connections.
func (p *iotdbProxy) stop() {
	p.mu.Lock()
	p.listener.Close()
	p.mu.Unlock()
	p.drop()
}

func (p *iotdbProxy) drop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.links {
		l.close()
	}
}

func (p *iotdbProxy) serve(c net.Conn) {
	defer p.work.Done()
	defer c.Close()
	s, err := net.Dial("tcp", p.server)
	if err != nil {
		return
	}
	defer s.Close()
	l := &iotdbLink{proxy: p, client: c, server: s, faults: make(chan *iotdbFault, 16)}
	p.mu.Lock()
	p.links[l] = struct{}{}
	p.mu.Unlock()
	p.work.Add(1)
	go func() {
		defer p.work.Done()
		l.replies()
		l.close()
	}()
	l.requests()
	l.close()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

func (l *iotdbLink) close() {
	l.client.Close()
	l.server.Close()
}

func iotdbFrame(r io.Reader) ([]byte, error) {
	head := make([]byte, 4)
	if _, err := io.ReadFull(r, head); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head)
	if size > 1<<28 {
		return nil, io.ErrUnexpectedEOF
	}
	frame := append(head, make([]byte, size)...)
	_, err := io.ReadFull(r, frame[4:])
	return frame, err
}

// called reports whether a request is a call of the method.
func called(frame []byte, method string) bool {
	return bytes.Contains(frame[:min(len(frame), 64)], []byte(method))
}

func (l *iotdbLink) requests() {
	for {
		frame, err := iotdbFrame(l.client)
		if err != nil {
			return
		}
		fault := l.proxy.judge(l, frame)
		if fault != nil && fault.before {
			return
		}
		l.faults <- fault
		if _, err := l.server.Write(frame); err != nil {
			return
		}
	}
}

func (l *iotdbLink) replies() {
	for {
		frame, err := iotdbFrame(l.server)
		if err != nil {
			return
		}
		if fault := <-l.faults; fault != nil {
			time.Sleep(fault.delay)
			if fault.after {
				return
			}
			if fault.swallow {
				continue
			}
		}
		if _, err := l.client.Write(frame); err != nil {
			return
		}
	}
}

// judge takes note of a request and finds what shall happen to it.
func (p *iotdbProxy) judge(l *iotdbLink, frame []byte) *iotdbFault {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case called(frame, "openSession"):
		p.logins++
		if p.refuse > 0 {
			p.refuse--
			// Another user of the same length.
			copy(frame[bytes.LastIndex(frame, []byte("root")):], "toor")
		}
		return nil
	case called(frame, "fetchResultsV2"):
		if len(l.fetches) > 0 {
			fault := l.fetches[0]
			l.fetches = l.fetches[1:]
			return fault
		}
		return nil
	case !called(frame, "execute") && !called(frame, "insertTablet"):
		return nil
	}
	for i, f := range p.faults {
		if !bytes.Contains(frame, []byte(f.marker)) {
			continue
		}
		p.faults = append(p.faults[:i:i], p.faults[i+1:]...)
		if f.fetch {
			l.fetches = append(l.fetches, nil, f) // some pages come
			break
		}
		if !f.before {
			p.executed = append(p.executed, frame)
		}
		return f
	}
	p.executed = append(p.executed, frame)
	return nil
}

func (p *iotdbProxy) arm(f iotdbFault) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.faults = append(p.faults, &f)
}

// iotdbFaults are the faults of the proxy in the suite's terms. What only the
// server knows is asked of it directly.
func iotdbFaults(t testing.TB, direct *iotdbdriver.Config, p *iotdbProxy) conformance.Faults {
	running := iotdbRunning(t, direct)
	return conformance.Faults{
		Executed: func(marker string) (n int) {
			p.mu.Lock()
			defer p.mu.Unlock()
			for _, frame := range p.executed {
				if bytes.Contains(frame, []byte(marker)) {
					n++
				}
			}
			return n
		},
		DropBefore:  func(marker string) { p.arm(iotdbFault{marker: marker, before: true}) },
		DropAfter:   func(marker string) { p.arm(iotdbFault{marker: marker, after: true}) },
		LoseReply:   func(marker string) { p.arm(iotdbFault{marker: marker, swallow: true}) },
		Delay:       func(marker string, d time.Duration) { p.arm(iotdbFault{marker: marker, delay: d}) },
		CutRows:     func(marker string) { p.arm(iotdbFault{marker: marker, fetch: true, after: true}) },
		StallRows:   func(marker string) { p.arm(iotdbFault{marker: marker, fetch: true, swallow: true}) },
		RefuseLogin: func(times int) { p.mu.Lock(); p.refuse = times; p.mu.Unlock() },
		Logins:      func() int { p.mu.Lock(); defer p.mu.Unlock(); return p.logins },
		Restart:     func() error { p.drop(); return nil },
		Stop:        func() error { p.stop(); return nil },
		Start:       func() error { return p.start(p.addr()) },
		Connections: func() int { p.mu.Lock(); defer p.mu.Unlock(); return len(p.links) },
		Running:     running,
		OpenResults: func() int { return running("") },
	}
}

// iotdbRunning counts the queries in the server's list, except that for the list.
func iotdbRunning(t testing.TB, config *iotdbdriver.Config) func(marker string) int {
	config = config.Clone()
	config.Database = ""
	query := "SELECT statement FROM information_schema.queries"
	if config.Dialect == iotdbdriver.Tree {
		query = "SHOW QUERIES"
	}
	db := iotdbOpen(t, config)
	t.Cleanup(func() { db.Close() })
	return func(marker string) (n int) {
		rows, err := db.Query(query)
		if err != nil {
			t.Error(err)
			return 0
		}
		defer rows.Close()
		columns, err := rows.Columns()
		if err != nil {
			t.Error(err)
		}
		for rows.Next() {
			var statement string
			dest := make([]any, len(columns)) // the statement is the last column
			for i := range dest {
				dest[i] = new(any)
			}
			dest[len(dest)-1] = &statement
			if err := rows.Scan(dest...); err != nil {
				t.Error(err)
			}
			if strings.Contains(statement, marker) && !strings.HasPrefix(statement, query) {
				n++
			}
		}
		return n
	}
}
