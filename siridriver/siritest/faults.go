package siritest

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/store"
)

// The faults that need nothing more to be said.
var (
	// DropBefore ends the connection when the request has been read and before
	// anything is done about it: it is not carried out.
	DropBefore = Fault{name: "drop before", before: func(*exchange) error { return errHangUp }}

	// DropAfter does the work and ends the connection without a reply: the request
	// is carried out.
	DropAfter = Fault{name: "drop after", after: func(_ *exchange, m *message) { m.lose, m.hangUp = true, true }}

	// LoseReply does the work and never answers. The connection stays.
	LoseReply = Fault{name: "lose reply", after: func(_ *exchange, m *message) { m.lose = true }}

	// Corrupt turns over the first sixteen bytes of the reply's data.
	Corrupt = Fault{name: "corrupt", after: func(_ *exchange, m *message) {
		for i := wire.HeaderSize; i < min(wire.HeaderSize+16, len(m.data)); i++ {
			m.data[i] ^= 0xff
		}
	}}

	// CorruptHeader turns over the check byte of the reply's header.
	CorruptHeader = Fault{name: "corrupt header", after: func(_ *exchange, m *message) { m.data[wire.HeaderSize-1] ^= 0xff }}

	// EmptyBody answers with no data.
	EmptyBody = Fault{name: "empty body", after: func(_ *exchange, m *message) { m.resize(0) }}

	// HalfBody sends the first half of the reply and ends the connection there.
	HalfBody = Fault{name: "half body", after: func(_ *exchange, m *message) { m.half = true }}

	// WrongID answers with the id of another request.
	WrongID = Fault{name: "wrong id", after: func(_ *exchange, m *message) { m.data[5] ^= 0x80 }}

	// StopReading freezes the connection: the request is not served, nothing more
	// is read or answered, not even a ping, but the connection stays open.
	StopReading = Fault{name: "stop reading", before: func(x *exchange) error {
		x.conn.freeze()
		return errSilent
	}}

	// Restart ends the server's process before the request is carried out, and
	// starts it again: every connection ends.
	Restart = Fault{name: "restart", before: func(x *exchange) error {
		x.server.lives.Again()
		return errSilent
	}}
)

// resize cuts the data to n bytes, and the header says so.
func (m *message) resize(n int) {
	m.data = m.data[:wire.HeaderSize+n]
	binary.LittleEndian.PutUint32(m.data, uint32(n))
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

// Truncate takes n bytes off the end of the reply. The package ends properly there.
func Truncate(n int) Fault {
	return Fault{name: fmt.Sprintf("truncate %d", n), after: func(_ *exchange, m *message) {
		m.resize(max(0, len(m.data)-wire.HeaderSize-n))
	}}
}

// Announce makes the header of the reply say that it has n bytes, whatever follows.
func Announce(n uint32) Fault {
	return Fault{name: fmt.Sprintf("announce %d", n), after: func(_ *exchange, m *message) {
		binary.LittleEndian.PutUint32(m.data, n)
	}}
}

// Answer answers with a package of a type and data, in QPack or not, in the place
// of serving the request.
func Answer(packageType int, data []byte) Fault {
	return Fault{name: fmt.Sprintf("answer %d", packageType), before: func(*exchange) error {
		return &refusalError{store.Reply{Type: wire.Type(packageType), Data: data}}
	}}
}

// ErrorCode answers with an error in the place of serving the request: 64 to 69 and
// 96 with a text, the others without.
func ErrorCode(packageType int, text string) Fault {
	f := Answer(packageType, nil)
	if text != "" {
		f = Answer(packageType, wire.AppendMessage(nil, wire.ErrorKey, text))
	}
	f.name = fmt.Sprintf("error %d", packageType)
	return f
}

// RefuseLogin answers logins with an error: 72 for bad credentials, 73 for an
// unknown database.
func RefuseLogin(packageType int) Fault {
	f := ErrorCode(packageType, "")
	f.name, f.action = fmt.Sprintf("refuse login %d", packageType), "auth"
	return f
}
