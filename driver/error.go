package driver

import (
	"errors"
	"fmt"
	"strings"
)

// Error is what every engine reports. Find it with errors.As; ask for its kind
// with errors.Is. It never holds a password or a token.
type Error struct {
	// Kind is one of this package's kinds or below one. Never nil in an error
	// that a driver returns.
	Kind error
	// Engine is "tdengine", "iotdb", "siridb" or "dws".
	Engine string
	// Transport is how the engine was spoken to: "ws", "http" or "native" of
	// TDengine. Empty where there is but one.
	Transport string
	// Op is what was being done, in one or two words: "connect", "query".
	Op string
	// Host is the server's "host:port". Empty before one was chosen.
	Host string
	// Code is the server's own number, as its documentation counts: 0x2603 of
	// TDengine, 507 of IoTDB. 0 if the error is not the server's.
	Code int
	// SQLState is the five characters of SQLSTATE, where the server has it.
	SQLState string
	// Message is the server's text, or the driver's own where it found the
	// error. It does not end in a period and holds no statement text that the
	// server did not quote.
	Message string
	// Hint says what to do. Often empty.
	Hint string
	// RequestID is the id under which the statement ran. 0 if there was none.
	RequestID uint64
	// OutcomeUnknown is true if the request had left this process when the
	// connection was lost, so that the server may have carried it out. Such a
	// statement is never repeated by the driver or by database/sql; repeat it
	// only if a second execution does no harm.
	OutcomeUnknown bool
	// Err is the error below: of the network, a context, a library. May be nil.
	Err error
}

// Error gives engine, operation, host, message, code, request id and hint in
// one line:
//
//	tdengine: query on 127.0.0.1:6041: Table does not exist (code 9731 = 0x2603, request 0x2a)
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.Engine)
	if e.Engine == "" {
		b.WriteString("gaugesql")
	}
	if e.Op != "" {
		b.WriteString(": " + e.Op)
		if e.Host != "" {
			b.WriteString(" on " + e.Host)
		}
	} else if e.Host != "" {
		b.WriteString(": " + e.Host)
	}
	switch {
	case e.Message != "":
		b.WriteString(": " + e.Message)
	case e.Err == nil && e.Kind != nil:
		b.WriteString(": " + e.Kind.Error())
	}
	if e.Err != nil {
		// A library's error often begins with the server's message, which is said.
		if text := e.Err.Error(); e.Message == "" || !strings.HasPrefix(text, e.Message) {
			b.WriteString(": " + text)
		}
	}
	if notes := e.notes(); len(notes) > 0 {
		b.WriteString(" (" + strings.Join(notes, ", ") + ")")
	}
	if e.Hint != "" {
		b.WriteString("; " + e.Hint)
	}
	return b.String()
}

func (e *Error) notes() []string {
	var notes []string
	if e.SQLState != "" {
		notes = append(notes, "SQLSTATE "+e.SQLState)
	}
	if e.Code != 0 {
		notes = append(notes, fmt.Sprintf("code %d = 0x%04x", e.Code, uint32(e.Code)))
	}
	if e.RequestID != 0 {
		notes = append(notes, fmt.Sprintf("request %#x", e.RequestID))
	}
	if e.OutcomeUnknown {
		notes = append(notes, "the server may have carried it out")
	}
	return notes
}

// Is reports whether target is the error's kind or an ancestor of it.
func (e *Error) Is(target error) bool {
	return e.Kind != nil && errors.Is(e.Kind, target)
}

// Unwrap returns the error below.
func (e *Error) Unwrap() error { return e.Err }

// NotSupported returns an error of kind ErrNotSupported that names the engine,
// the transport and what was asked for.
func NotSupported(engine, transport, what string) *Error {
	name := engine
	if transport != "" {
		name += " over " + transport
	}
	return &Error{
		Kind: ErrNotSupported, Engine: engine, Transport: transport,
		Message: what + " is not supported by " + name,
	}
}
