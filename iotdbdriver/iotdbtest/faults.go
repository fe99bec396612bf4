package iotdbtest

import (
	"encoding/binary"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// The faults that need nothing more to be said.
var (
	// DropBefore ends the connection when the request has been read and before anything
	// is done about it: it is not carried out.
	DropBefore = Fault{name: "drop before", before: func(*exchange) error { return errHangUp }}

	// DropAfter does the work and ends the connection without a reply: the request is
	// carried out.
	DropAfter = Fault{name: "drop after", after: func(_ *exchange, m *message) { m.lose, m.hangUp = true, true }}

	// LoseReply does the work and never answers. The connection stays.
	LoseReply = Fault{name: "lose reply", after: func(_ *exchange, m *message) { m.lose = true }}

	// Corrupt turns over the first sixteen bytes of the result, behind the name of the
	// call and its number.
	Corrupt = Fault{name: "corrupt", after: func(_ *exchange, m *message) {
		for i := m.body; i < min(m.body+16, len(m.data)); i++ {
			m.data[i] ^= 0xff
		}
	}}

	// CorruptHeader turns over the first bytes behind the length, the protocol's mark.
	CorruptHeader = Fault{name: "corrupt header", after: func(_ *exchange, m *message) {
		for i := rpc.LengthSize; i < min(rpc.LengthSize+4, len(m.data)); i++ {
			m.data[i] ^= 0xff
		}
	}}

	// EmptyBody answers with a frame of no bytes.
	EmptyBody = Fault{name: "empty body", after: func(_ *exchange, m *message) { m.resize(0) }}

	// HalfBody sends the first half of the reply and ends the connection there.
	HalfBody = Fault{name: "half body", after: func(_ *exchange, m *message) { m.half = true }}

	// StopReading freezes the connection: the request is not served, nothing more is read
	// or answered, but the connection stays open.
	StopReading = Fault{name: "stop reading", before: func(x *exchange) error {
		x.conn.freeze()
		return errSilent
	}}

	// ForgetResults ends the results that the connection has open, so that their next
	// pages are answered as by the real server: with success, and nothing.
	ForgetResults = Fault{name: "forget results", before: func(x *exchange) error {
		x.conn.session.closeResults()
		return nil
	}}

	// Restart ends the server's process before the request is carried out, and starts it
	// again: every connection ends.
	Restart = Fault{name: "restart", before: func(x *exchange) error {
		x.conn.life.srv.lives.Again()
		return errSilent
	}}
)

// resize cuts the frame to n bytes, and the length says so.
func (m *message) resize(n int) {
	m.data = m.data[:rpc.LengthSize+n]
	binary.BigEndian.PutUint32(m.data, uint32(n))
}

// Delay lets time pass before the request is served.
func Delay(d time.Duration) Fault {
	return Fault{name: "delay " + d.String(), before: func(x *exchange) error {
		lifecycle.Pause(x.ctx, d)
		return nil
	}}
}

// DelayReply does the work at once and lets time pass before the reply.
func DelayReply(d time.Duration) Fault {
	return Fault{name: "delay reply " + d.String(), after: func(x *exchange, _ *message) { lifecycle.Pause(x.ctx, d) }}
}

// Truncate takes n bytes off the end of the reply. The frame ends properly there.
func Truncate(n int) Fault {
	return Fault{name: fmt.Sprintf("truncate %d", n), after: func(_ *exchange, m *message) {
		m.resize(max(0, len(m.data)-rpc.LengthSize-n))
	}}
}

// Announce makes the length of the reply say that it has n bytes, whatever follows.
func Announce(n uint32) Fault {
	return Fault{name: fmt.Sprintf("announce %d", n), after: func(_ *exchange, m *message) {
		binary.BigEndian.PutUint32(m.data, n)
	}}
}

// ErrorCode answers with a status in the place of serving the request.
func ErrorCode(code int, text string) Fault {
	return Fault{name: fmt.Sprintf("error %d", code), before: func(*exchange) error {
		return &refusalError{int32(code), text}
	}}
}

// RefuseLogin answers logins with a status: 801 for bad credentials, 201 for a protocol
// that is too old.
func RefuseLogin(code int) Fault {
	f := ErrorCode(code, "Authentication failed.")
	f.name, f.action = fmt.Sprintf("refuse login %d", code), "login"
	return f
}

// Redirect writes tablets and tells that they should have gone to the node at an
// address: with status 400 and a part for each row, or of the tree model with status 200.
func Redirect(addr string) Fault {
	host, text, _ := net.SplitHostPort(addr)
	port, _ := strconv.Atoi(text)
	return Fault{name: "redirect " + addr, action: "tablet", redirect: &rpc.Endpoint{IP: host, Port: int32(port)}}
}
