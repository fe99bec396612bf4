package driver

import (
	"context"
	sqldriver "database/sql/driver"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"sync/atomic"
	"time"
)

type requestIDKey struct{}

// WithRequestID returns a context under which the next statement runs with the
// given request id: sent to the server where its protocol has request ids
// (TDengine), and in errors and logs everywhere. Use an id for one statement:
// servers tell requests in flight apart by it. 0 asks for a generated id.
func WithRequestID(ctx context.Context, id uint64) context.Context {
	return context.WithValue(ctx, requestIDKey{}, id)
}

// RequestIDFrom returns the id that WithRequestID put into ctx; ok is false if
// there is none or it is 0.
func RequestIDFrom(ctx context.Context) (id uint64, ok bool) {
	id, _ = ctx.Value(requestIDKey{}).(uint64)
	return id, id != 0
}

// RequestID returns the id of ctx, or a new one.
func RequestID(ctx context.Context) uint64 {
	if id, ok := RequestIDFrom(ctx); ok {
		return id
	}
	return NewRequestID()
}

var requestSerial atomic.Uint64

// requestPrefix tells processes apart: 12 bits of host, 12 bits of process.
var requestPrefix = func() uint64 {
	h := fnv.New32a()
	if name, err := os.Hostname(); err == nil {
		h.Write([]byte(name))
	} else {
		return rand.Uint64() >> 40 << 40 &^ (1 << 63)
	}
	return uint64(h.Sum32()&0x7ff)<<52 | uint64(os.Getpid()&0xfff)<<40
}()

// NewRequestID returns an id that is positive as an int64, not 0, and unique
// among the processes of a system with overwhelming likelihood. It follows the
// layout of TDengine's client library: host hash (11 bits, so that the sign
// stays clear), process id (12), time (24, in 256 ms), serial number (16).
func NewRequestID() uint64 {
	t := uint64(time.Now().UnixMilli()>>8) & 0xffffff
	for {
		if id := requestPrefix | t<<16 | requestSerial.Add(1)&0xffff; id != 0 {
			return id
		}
	}
}

// RequestExecer runs a statement that returns no rows under a request id.
type RequestExecer interface {
	// ExecRequest is ExecContext under the request id; 0 asks for a generated
	// one. The arguments are converted as database/sql does.
	ExecRequest(ctx context.Context, id uint64, query string, args ...any) (sqldriver.Result, error)
}

// RequestQueryer runs a query under a request id.
type RequestQueryer interface {
	// QueryRequest is QueryContext under the request id; 0 asks for a generated
	// one. The caller closes the rows before it uses the connection otherwise.
	QueryRequest(ctx context.Context, id uint64, query string, args ...any) (sqldriver.Rows, error)
}
