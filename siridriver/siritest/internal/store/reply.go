package store

import (
	"fmt"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Reply is the answer to a request.
type Reply struct {
	Type wire.Type
	Data []byte
}

// Error is a request that fails.
type Error struct {
	Type wire.Type
	Text string // empty for types without a message
}

func (e *Error) Error() string { return e.Text }

// Reply is the error as a package.
func (e *Error) Reply() Reply {
	if e.Text == "" {
		return Reply{Type: e.Type}
	}
	return Reply{e.Type, wire.AppendMessage(nil, wire.ErrorKey, e.Text)}
}

// Crash is a request that ends the process of a real server.
type Crash struct{ Why string }

func (c *Crash) Error() string { return c.Why }

// maxText is the longest text of an error, in bytes.
const maxText = 1024

func fail(t wire.Type, format string, args ...any) *Error {
	text := fmt.Sprintf(format, args...)
	return &Error{t, text[:min(len(text), maxText-1)]}
}

// wrong is an error of a query.
func wrong(format string, args ...any) *Error { return fail(wire.ErrQuery, format, args...) }

// success is the answer of statements that change something.
func success(format string, args ...any) []byte {
	return wire.AppendMessage(nil, wire.SuccessKey, fmt.Sprintf(format, args...))
}

// appendAny appends a column's value: nil, bool, int64, float64 or string.
func appendAny(dst []byte, v any) []byte {
	switch v := v.(type) {
	case bool:
		return qpack.AppendBool(dst, v)
	case int64:
		return qpack.AppendInt(dst, v)
	case float64:
		return qpack.AppendFloat(dst, v)
	case string:
		return qpack.AppendRaw(dst, v)
	}
	return qpack.AppendNull(dst)
}
