package iotdbtest

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// maxFrame is the largest request that is read (dn_thrift_max_frame_size).
const maxFrame = 64 << 20

// conn is one connection. Its reader hands requests to its server, which carries out
// one after the other, so that a request that runs outlives the connection.
type conn struct {
	life    *life
	nc      net.Conn
	number  int
	frames  chan []byte
	session *session

	mu     sync.Mutex
	frozen bool
}

func newConn(l *life, nc net.Conn) *conn {
	c := &conn{life: l, nc: nc, frames: make(chan []byte, 16)}
	c.session = newSession(c)
	return c
}

// HangUp ends the connection without a word.
func (c *conn) HangUp() { _ = c.nc.Close() }

func (c *conn) freeze() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.frozen = true
}

func (c *conn) isFrozen() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.frozen
}

// read hands out frames until the connection ends.
func (c *conn) read() {
	if c.exchange("connect", "").meet() != nil {
		return
	}
	var length [rpc.LengthSize]byte
	for {
		if _, err := io.ReadFull(c.nc, length[:]); err != nil {
			return
		}
		size := binary.BigEndian.Uint32(length[:])
		if size > maxFrame {
			return // without an answer
		}
		// Memory is taken as bytes come, not as they are announced.
		frame := make([]byte, 0, min(size, 64<<10))
		for len(frame) < int(size) {
			if len(frame) == cap(frame) {
				bigger := make([]byte, len(frame), min(2*cap(frame), int(size)))
				copy(bigger, frame)
				frame = bigger
			}
			n, err := io.ReadFull(c.nc, frame[len(frame):min(cap(frame), int(size))])
			frame = frame[:len(frame)+n]
			if err != nil {
				return
			}
		}
		if c.isFrozen() {
			<-c.life.Context.Done()
			return
		}
		select {
		case c.frames <- frame:
		case <-c.life.Context.Done():
			return
		}
	}
}

// serve answers the requests in their order and then ends the session.
func (c *conn) serve() {
	for frame := range c.frames {
		if c.life.Context.Err() == nil && !c.answer(frame) {
			c.HangUp()
		}
	}
	c.session.close()
}

// answer serves one request. It is false if the connection is to end.
func (c *conn) answer(frame []byte) bool {
	srv := c.life.srv
	m, err := rpc.ParseMessage(srv.protocol, frame)
	if err != nil || m.Kind != rpc.Call {
		return false // as a server does that is spoken to in the other protocol
	}
	decode, known := calls[m.Name]
	if !known || preparing[m.Name] && !srv.shared.options.prepared {
		return c.reply(c.exchange("unknown", ""), m, rpc.Exception, &rpc.ApplicationError{
			Code: rpc.CodeUnknownMethod, Message: "Invalid method name: '" + m.Name + "'",
		})
	}
	request, err := decode(m)
	if err != nil {
		return c.reply(c.exchange("unknown", ""), m, rpc.Exception, &rpc.ApplicationError{Code: rpc.CodeProtocolError, Message: err.Error()})
	}
	srv.options.log.Debug("request", "conn", c.number, "call", m.Name)
	if request.about != nil {
		request.sql = request.about(c.session)
	}
	if request.action == "login" {
		srv.record.login()
	}
	x := c.exchange(request.action, request.sql)
	var result rpc.Struct
	switch err := x.meet(); e := err.(type) {
	case nil:
		result = request.run(c.session)
	case *refusalError:
		result = request.refuse(rpc.Status{Code: e.code, Message: e.message})
	default:
		if err == errHangUp {
			return false
		}
		return true // silent
	}
	if result == nil { // the server's own failure
		return c.reply(x, m, rpc.Exception, &rpc.ApplicationError{Code: rpc.CodeInternalError, Message: "Internal error processing " + m.Name})
	}
	if status, ok := result.(*rpc.Status); ok {
		x.redirected(status)
	}
	if _, bare := result.(*rpc.NumberResult); !bare {
		result = rpc.Result(result)
	}
	return c.reply(x, m, rpc.Reply, result)
}

// reply sends what is answered. It is false if the connection is to end.
func (c *conn) reply(x *exchange, m *rpc.Message, kind rpc.Kind, s rpc.Struct) bool {
	parts, err := rpc.Encode(c.life.srv.protocol, m.Name, kind, m.Sequence, s)
	if err != nil {
		return false
	}
	out := &message{}
	for _, part := range parts {
		out.data = append(out.data, part...)
	}
	out.body = bytes.Index(out.data, []byte(m.Name)) + len(m.Name)
	if c.life.srv.protocol == rpc.Binary {
		out.body += 4 // the number of the call follows
	}
	x.spoil(out)
	if out.lose && !out.hangUp {
		return true
	}
	if out.half {
		out.data = out.data[:len(out.data)/2]
	}
	if !out.lose && !c.isFrozen() {
		if _, err := c.nc.Write(out.data); err != nil {
			return false
		}
	}
	return !out.half && !out.hangUp
}

// message is a frame on its way out.
type message struct {
	data   []byte // with the length in front
	body   int    // where the result begins
	lose   bool   // is not sent
	half   bool   // is cut in the middle and the connection with it
	hangUp bool   // the connection ends after it
}
