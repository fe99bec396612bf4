package replay

import (
	"context"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"strings"
	"sync"
	"time"
)

// Dial returns a connection to a server that answers from memory, in the call of
// Write: no socket, no other goroutine, and next to no time besides the copying
// of bytes. What a query costs over it is decoding and database/sql.
func Dial(context.Context, string, string) (net.Conn, error) {
	c := &memoryConn{left: make(map[uint64]int), replies: make(map[int][]byte)}
	c.arrived.L = &c.mu
	return c, nil
}

// memoryConn is the client's end; the server is in Write.
type memoryConn struct {
	request []byte // of what was written, not understood yet
	open    bool   // the upgrade is done

	mu      sync.Mutex
	arrived sync.Cond
	queue   [][]byte // to be read
	closed  bool

	last    uint64
	left    map[uint64]int // rows by result id
	replies map[int][]byte // whole frames by number of rows
}

func (c *memoryConn) Read(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) == 0 {
		if c.closed {
			return 0, io.EOF
		}
		c.arrived.Wait()
	}
	n := copy(b, c.queue[0])
	if c.queue[0] = c.queue[0][n:]; len(c.queue[0]) == 0 {
		c.queue = c.queue[1:]
	}
	return n, nil
}

func (c *memoryConn) Write(b []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, net.ErrClosed
	}
	c.request = append(c.request, b...)
	if !c.open {
		head, rest, whole := strings.Cut(string(c.request), "\r\n\r\n")
		if !whole {
			return len(b), nil
		}
		c.upgrade(head)
		c.request = []byte(rest)
	}
	for {
		kind, payload, rest, whole := unmask(c.request)
		if !whole {
			return len(b), nil
		}
		c.serve(kind, payload)
		c.request = append(c.request[:0], rest...)
	}
}

func (c *memoryConn) upgrade(head string) {
	key := ""
	for _, line := range strings.Split(head, "\r\n") {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.EqualFold(name, "Sec-WebSocket-Key") {
			key = strings.TrimSpace(value)
		}
	}
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")) // RFC 6455
	c.open = true
	c.push([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: " +
		base64.StdEncoding.EncodeToString(sum[:]) + "\r\n\r\n"))
}

func (c *memoryConn) push(b []byte) {
	c.queue = append(c.queue, b)
	c.arrived.Signal()
}

// unmask takes a client's frame off the front of b.
func unmask(b []byte) (kind byte, payload, rest []byte, whole bool) {
	if len(b) < 6 {
		return 0, nil, nil, false
	}
	n, at := int(b[1]&0x7f), 2
	switch n {
	case 126:
		if len(b) < 8 {
			return 0, nil, nil, false
		}
		n, at = int(binary.BigEndian.Uint16(b[2:])), 4
	case 127:
		return 0, nil, nil, false // no client message is that long here
	}
	if len(b) < at+4+n {
		return 0, nil, nil, false
	}
	mask, payload := b[at:at+4], b[at+4:at+4+n]
	for i := range payload {
		payload[i] ^= mask[i&3]
	}
	return b[0] & 0x0f, payload, b[at+4+n:], true
}

// frameOf puts a server's frame header in front of a message.
func frameOf(kind byte, message []byte) []byte {
	b := []byte{0x80 | kind, 127}
	return append(binary.BigEndian.AppendUint64(b, uint64(len(message))), message...)
}

const frameHead = 10

func (c *memoryConn) serve(kind byte, m []byte) {
	const text, binaryFrame = 1, 2
	le := binary.LittleEndian
	switch {
	case kind == binaryFrame && len(m) >= 26 && le.Uint64(m[16:]) == 7:
		reqID, id := le.Uint64(m), le.Uint64(m[8:])
		n := min(c.left[id], BlockRows)
		c.left[id] -= n
		frame, ok := c.replies[n]
		if !ok {
			frame = frameOf(binaryFrame, replyOf(n))
			c.replies[n] = frame
		}
		le.PutUint64(frame[frameHead+replyReqID:], reqID)
		le.PutUint64(frame[frameHead+replyResult:], id)
		c.push(frame)
	case kind == binaryFrame && len(m) > 30:
		c.last++
		c.left[c.last] = rowsOf(string(m[30:]))
		c.push(frameOf(text, queryReply("binary_query", le.Uint64(m), c.last)))
	case kind == text:
		var request textRequest
		if json.Unmarshal(m, &request) == nil && request.Action != "free_result" {
			c.push(frameOf(text, plainReply(request.Action, request.Args.ReqID)))
		}
	}
}

func (c *memoryConn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.closed = true
	c.arrived.Broadcast()
	return nil
}

func (*memoryConn) LocalAddr() net.Addr              { return address{} }
func (*memoryConn) RemoteAddr() net.Addr             { return address{} }
func (*memoryConn) SetDeadline(time.Time) error      { return nil }
func (*memoryConn) SetReadDeadline(time.Time) error  { return nil }
func (*memoryConn) SetWriteDeadline(time.Time) error { return nil }

type address struct{}

func (address) Network() string { return "memory" }
func (address) String() string  { return "memory" }
