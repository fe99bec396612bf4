package taostest

import (
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/internal/lifecycle"
)

// The faults that need nothing more to be said.
var (
	// DropBefore ends the connection when the request has been read and before
	// anything is done about it: the statement is not run.
	DropBefore = Fault{name: "drop before", before: func(*exchange) error { return errHangUp }}

	// DropAfter does the work and ends the connection without a reply: the
	// statement is run.
	DropAfter = Fault{name: "drop after", after: func(_ *exchange, m *message) { m.lose, m.hangUp = true, true }}

	// LoseReply does the work and never answers. The connection stays. Over REST
	// the request stays unanswered until the client gives up.
	LoseReply = Fault{name: "lose reply", after: func(_ *exchange, m *message) { m.lose = true }}

	// Corrupt turns over sixteen bytes of the reply: of a block those of its
	// header, of text the first ones.
	Corrupt = Fault{name: "corrupt", after: func(_ *exchange, m *message) {
		at := 0
		if m.binary && len(m.data) > blockAt {
			at = blockAt
		}
		for i := at; i < min(at+16, len(m.data)); i++ {
			m.data[i] ^= 0xff
		}
	}}

	// EmptyBody answers with nothing: over REST status 200 and no body, as the
	// real server does on a result with NaN; over WebSocket an empty message.
	EmptyBody = Fault{name: "empty body", after: func(_ *exchange, m *message) { m.data = nil }}

	// HalfBody sends the first half of the reply and ends the connection there,
	// in the middle of a chunked body or of a WebSocket frame.
	HalfBody = Fault{name: "half body", after: func(_ *exchange, m *message) { m.half = true }}

	// StopReading freezes the connection: the request is not served, nothing more
	// is read or answered, not even a ping, but the connection stays open.
	StopReading = Fault{name: "stop reading", before: func(x *exchange) error {
		if x.sock != nil {
			x.sock.freeze()
		}
		return errSilent
	}}

	// KillQuery runs the statement and kills it as KILL QUERY does: the answer is
	// 0x022D "Query killed". On a fetch it kills the query of the result.
	KillQuery = Fault{name: "kill query", before: func(x *exchange) error {
		x.kill = true
		return nil
	}}
)

// blockAt is where the block begins in the reply to a binary fetch.
const blockAt = 55

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

// Truncate takes n bytes off the end of the reply. The message or body ends
// properly there.
func Truncate(n int) Fault {
	return Fault{name: fmt.Sprintf("truncate %d", n), after: func(_ *exchange, m *message) {
		m.data = m.data[:max(0, len(m.data)-n)]
	}}
}

// Close sends a close frame and ends the connection before the request is
// served. Over REST the connection just ends.
func Close(code int, reason string) Fault {
	return Fault{name: fmt.Sprintf("close %d", code), before: func(x *exchange) error {
		if x.sock != nil {
			data := websocket.FormatCloseMessage(code, reason)
			_ = x.sock.ws.WriteControl(websocket.CloseMessage, data, time.Now().Add(time.Second))
		}
		return errHangUp
	}}
}

// ErrorCode answers with an error in the place of serving the request.
func ErrorCode(code int, text string) Fault {
	return Fault{name: fmt.Sprintf("error 0x%04x", code), before: func(*exchange) error {
		return &codeError{code, text}
	}}
}

// RefuseLogin answers logins with an error, by default "conn" on a WebSocket
// and every request over REST: 0x0357 for a wrong password, 0x0351 for an
// unknown user, 0x0315 for a disabled one.
func RefuseLogin(code int) Fault {
	text := loginTexts[code]
	if text == "" {
		text = "login refused"
	}
	f := ErrorCode(code, text)
	f.name, f.action = fmt.Sprintf("refuse login 0x%04x", code), "login"
	return f
}

// RefuseUpgrade answers the request that opens a WebSocket with an HTTP status
// in the place of 101.
func RefuseUpgrade(status int) Fault {
	return Fault{
		name: fmt.Sprintf("refuse upgrade %d %s", status, http.StatusText(status)), action: "upgrade",
		before: func(*exchange) error { return statusError(status) },
	}
}
