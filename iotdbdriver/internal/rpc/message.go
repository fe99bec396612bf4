package rpc

import (
	"errors"
	"fmt"
	"net"

	"github.com/apache/thrift/lib/go/thrift"
)

// Kind is what a message is.
type Kind = thrift.TMessageType

// The kinds of messages.
const (
	Call      Kind = thrift.CALL
	Reply     Kind = thrift.REPLY
	Exception Kind = thrift.EXCEPTION
)

// Message is a message of which the beginning was read.
type Message struct {
	// Name is that of the call, one of the Method constants.
	Name string
	Kind Kind
	// Sequence is repeated by the reply.
	Sequence int32

	r *reader
}

// ParseMessage reads the beginning of the message in a frame.
func ParseMessage(p Protocol, frame []byte) (*Message, error) {
	r := newReader(p, frame)
	name, kind, sequence, err := r.ReadMessageBegin(background)
	if err != nil {
		return nil, fmt.Errorf("not a message of the %s protocol: %w", p, err)
	}
	return &Message{Name: name, Kind: kind, Sequence: sequence, r: r}, nil
}

// Decode reads the arguments of a call or the result of a reply into s. An
// exception in place of a result is the error, an [*ApplicationError]. Bytes left
// over are an error too.
func (m *Message) Decode(s Struct) error {
	c := &coder{p: m.r, mode: reading}
	var exception *ApplicationError
	if m.Kind == Exception {
		exception = new(ApplicationError)
		s = exception
	}
	c.read(s)
	switch {
	case c.err != nil:
		return fmt.Errorf("%s: %w", m.Name, c.err)
	case len(m.r.in.rest) > 0:
		return fmt.Errorf("%s: %d bytes after the message", m.Name, len(m.r.in.rest))
	case exception != nil:
		return exception
	}
	return nil
}

// Encode makes a frame, its length in front, to be written in the order of its
// parts. Large values of type []byte are not copied: leave them alone until it
// is written.
func Encode(p Protocol, name string, kind Kind, sequence int32, s Struct) (net.Buffers, error) {
	w := newWriter(p)
	c := &coder{p: w, mode: writing}
	c.fail(w.WriteMessageBegin(background, name, kind, sequence))
	c.write(s)
	c.fail(w.WriteMessageEnd(background))
	if c.err != nil {
		return nil, fmt.Errorf("%s: %w", name, c.err)
	}
	return w.out.frame()
}

// ApplicationError is Thrift's answer to a call that the service does not have
// or that it failed in, in place of a result.
type ApplicationError struct {
	Message string
	// Code is one of Thrift's numbers.
	Code int32
}

// The codes that tell something.
const (
	CodeUnknownMethod  = thrift.UNKNOWN_METHOD
	CodeInvalidMessage = thrift.INVALID_MESSAGE_TYPE_EXCEPTION
	CodeWrongName      = thrift.WRONG_METHOD_NAME
	CodeMissingResult  = thrift.MISSING_RESULT
	CodeInternalError  = thrift.INTERNAL_ERROR
	CodeProtocolError  = thrift.PROTOCOL_ERROR
)

func (e *ApplicationError) fields(c *coder) {
	c.text(1, &e.Message, may)
	c.int32(2, &e.Code, may)
}

// Error is the message of the server.
func (e *ApplicationError) Error() string {
	if e.Message == "" {
		return fmt.Sprintf("thrift application exception %d", e.Code)
	}
	return e.Message
}

// NotRun reports whether the server turned the call down before anything ran for it:
// it does not know the call, or could not read it. Any other code, and one that
// nobody knows, may come after the work was done.
func (e *ApplicationError) NotRun() bool {
	switch e.Code {
	case CodeUnknownMethod, CodeInvalidMessage, CodeWrongName, CodeProtocolError:
		return true
	}
	return false
}

// UnknownMethod reports whether the server said that it has no such call.
func UnknownMethod(err error) bool {
	var e *ApplicationError
	return errors.As(err, &e) && e.Code == CodeUnknownMethod
}

// Arguments are those of a call that takes one struct.
func Arguments(request Struct) Struct { return &wrapped{1, request} }

// Result is what comes back from a call that returns a struct.
func Result(result Struct) Struct { return &wrapped{0, result} }

type wrapped struct {
	id int16
	s  Struct
}

func (w *wrapped) fields(c *coder) { c.structure(w.id, w.s, must) }

// SessionArgument are the arguments of a call that takes a session's number:
// requestStatementId, getTimeZone.
type SessionArgument struct{ SessionID int64 }

func (a *SessionArgument) fields(c *coder) { c.int64(1, &a.SessionID, must) }

// NumberResult is the result of a call that returns a number:
// requestStatementId.
type NumberResult struct{ Value int64 }

func (r *NumberResult) fields(c *coder) { c.int64(0, &r.Value, must) }

// NoArguments are those of a call that takes none.
type NoArguments struct{}

func (*NoArguments) fields(*coder) {}
