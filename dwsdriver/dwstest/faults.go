package dwstest

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// The faults that need nothing more to be said.
var (
	// DropBefore ends the connection when the request has been read and before
	// anything is done about it: the statement is not run.
	DropBefore = Fault{name: "drop before", before: func(*exchange) error { return errHangUp }}

	// DropAfter does the work and ends the connection without a reply: the statement
	// is run, and committed unless a transaction is open.
	DropAfter = Fault{name: "drop after", after: func(_ *exchange, m *reply) { m.lose, m.hangUp = true, true }}

	// LoseReply does the work and never answers. The connection stays.
	LoseReply = Fault{name: "lose reply", after: func(_ *exchange, m *reply) { m.lose = true }}

	// Corrupt turns over the first sixteen bytes of the reply: the type and length of
	// its first message among them.
	Corrupt = Fault{name: "corrupt", after: func(_ *exchange, m *reply) { corrupt(m.data, 0) }}

	// CorruptBody turns over the first sixteen bytes of the body of the reply's longest
	// message; the messages end where they should.
	CorruptBody = Fault{name: "corrupt body", after: func(_ *exchange, m *reply) { corrupt(m.longest(), 5) }}

	// HalfReply sends the first half of the reply and ends the connection there.
	HalfReply = Fault{name: "half reply", after: func(_ *exchange, m *reply) { m.half, m.hangUp = true, true }}

	// StallReply sends the first half of the reply and then nothing more. The
	// connection stays.
	StallReply = Fault{name: "stall reply", after: func(_ *exchange, m *reply) { m.half = true }}

	// StopReading freezes the connection: the request is not served, nothing more is
	// read or answered, but the connection stays open.
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

	// NodeFailure is a data node that cannot be reached when the statement needs it. A
	// coordinator runs such a statement again (CN Retry) unless it stands in a
	// transaction, came with a Flush message, is a COPY FROM STDIN, or retries are off
	// ([WithQueryRetries]); the client then sees nothing but the statement's result, and
	// the statement's Retried says so. Otherwise the client gets the error 08006.
	NodeFailure = Fault{name: "node failure", before: func(x *exchange) error {
		if x.unit != nil && x.unit.retryable(x.conn) {
			x.unit.retried++
			return nil
		}
		return &refusal{state: "08006", text: nodeFailure}
	}}
)

const nodeFailure = "pooler: failed to create 1 connections, Error Message: remote node dn_6003_6004, detail: could not connect to server: Operation now in progress"

func corrupt(b []byte, from int) {
	for i := from; i < min(from+16, len(b)); i++ {
		b[i] ^= 0xff
	}
}

// reply is what goes out to a request, all of it.
type reply struct {
	data   []byte
	lose   bool // is not sent
	half   bool // is cut in the middle
	hangUp bool // the connection ends after it
}

// longest returns the message of the reply that has the longest body.
func (m *reply) longest() []byte {
	var longest []byte
	for rest := m.data; len(rest) >= 5; {
		n := 1 + int(binary.BigEndian.Uint32(rest[1:]))
		if n < 5 || n > len(rest) {
			break
		}
		if n > len(longest) {
			longest = rest[:n]
		}
		rest = rest[n:]
	}
	return longest
}

// Delay lets time pass before the request is served. A request to cancel ends it: the
// answer is the error 57014. At "login" it makes a slow login.
func Delay(d time.Duration) Fault {
	return Fault{name: "delay " + d.String(), before: func(x *exchange) error { return x.pause(d) }}
}

// DelayReply does the work at once and lets time pass before the reply.
func DelayReply(d time.Duration) Fault {
	return Fault{name: "delay reply " + d.String(), after: func(x *exchange, _ *reply) { lifecycle.Pause(x.ctx, d) }}
}

// Truncate takes n bytes off the end of the reply. More may follow.
func Truncate(n int) Fault {
	return Fault{name: fmt.Sprintf("truncate %d", n), after: func(_ *exchange, m *reply) {
		m.data = m.data[:max(0, len(m.data)-n)]
	}}
}

// Announce makes the first message of the reply say that it has n bytes, whatever
// follows.
func Announce(n uint32) Fault {
	return Fault{name: fmt.Sprintf("announce %d", n), after: func(_ *exchange, m *reply) {
		if len(m.data) >= 5 {
			binary.BigEndian.PutUint32(m.data[1:], n)
		}
	}}
}

// Answer sends these bytes in the place of the reply. The work is done.
func Answer(data []byte) Fault {
	return Fault{name: "answer", after: func(_ *exchange, m *reply) { m.data = append([]byte(nil), data...) }}
}

// ErrorCode answers with an error of this SQLSTATE in the place of running the
// statement. The session is fine after it, a transaction is not.
func ErrorCode(sqlState, text string) Fault {
	return Fault{name: "error " + sqlState, before: func(*exchange) error { return &refusal{state: sqlState, text: text} }}
}

// Fatal answers with a FATAL error in the place of running the statement, and ends the
// connection: 57P01 when an administrator ends the session, 57P02 when a node crashes.
func Fatal(sqlState, text string) Fault {
	return Fault{name: "fatal " + sqlState, before: func(*exchange) error {
		return &refusal{state: sqlState, text: text, fatal: true}
	}}
}

// Notice sends a NOTICE ahead of the reply.
func Notice(sqlState, text string) Fault {
	return Fault{name: "notice " + sqlState, after: func(_ *exchange, m *reply) {
		m.data = append(notice(sqlState, text), m.data...)
	}}
}

// RefuseLogin refuses logins when the password has come: with 28P01 for a wrong one,
// 28000 for a locked account, 3D000 for an unknown database, 53300 when there are too
// many connections, 57P03 while the server starts.
func RefuseLogin(sqlState string) Fault {
	text := loginTexts[sqlState]
	if text == "" {
		text = "login refused"
	}
	f := Fatal(sqlState, text)
	f.name, f.action = "refuse login "+sqlState, "login"
	return f
}

var loginTexts = map[string]string{
	"28P01": wrongPassword,
	"28000": lockedAccount,
	"3D000": `database "nowhere" does not exist`,
	"53300": "Already too many clients, active/non-active: 200/0.",
	"57P03": "the database system is starting up",
}
