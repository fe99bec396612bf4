package cluster

import (
	"context"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Reply is what a server answered.
type Reply struct {
	Type wire.Type
	// Data belongs to the receiver.
	Data []byte
	// Host that answered.
	Host string
	// Info of the session.
	Info Info
}

// call is a request on its way.
type call struct {
	pkg []byte // nil once it is written; the session's lock guards it
	typ wire.Type
	// answer has room for one and gets exactly one, unless the call is abandoned.
	answer chan answer
	// progress is a value of sent: how much of it the writer has begun to write.
	progress atomic.Uint32
	// abandoned calls keep their package id until the server has answered.
	abandoned atomic.Bool
	// holders of the package: the writer and who waits for the answer. The last one to
	// let go of it calls release, which may be nil.
	holders atomic.Int32
	release func(pkg []byte)
}

// letGo is for each of the two holders of the package.
func (c *call) letGo(pkg []byte) {
	if c.holders.Add(-1) == 0 && c.release != nil {
		c.release(pkg)
	}
}

// sent is what is known of the call when its session has failed, once the
// socket is closed.
func (c *call) sent() sent { return sent(c.progress.Load()) }

// leave abandons the call and returns what is known of it: nothing if it will
// never be written, else all, for the writer ends what it has begun.
func (c *call) leave() sent {
	c.abandoned.Store(true)
	if c.progress.CompareAndSwap(uint32(nothing), uint32(withdrawn)) {
		return nothing
	}
	return all
}

// answer is a reply or the reason why there is none.
type answer struct {
	typ  wire.Type
	data []byte
	err  error
	// sent tells, with an error, what is known of the request.
	sent sent
}

// sent is how much of a request has left this process.
type sent uint8

const (
	nothing sent = iota // not a byte: it may be repeated
	part                // too little for the server to act on
	all                 // the server may have carried it out

	withdrawn // nothing, and nothing will
)

func newCall(typ wire.Type, pkg []byte) *call {
	c := &call{pkg: pkg, typ: typ, answer: make(chan answer, 1)}
	c.holders.Store(2)
	return c
}

// do sends the call and waits for its answer or the context's end, which is an
// error of ctx.
func (s *session) do(ctx context.Context, c *call) answer {
	if err := ctx.Err(); err != nil {
		return answer{err: err}
	}
	select {
	case s.queue <- c:
	case <-s.done:
		return answer{err: s.err}
	case <-ctx.Done():
		return answer{err: ctx.Err()}
	}
	select {
	case a := <-c.answer:
		return a
	case <-ctx.Done():
		return answer{err: ctx.Err(), sent: c.leave()}
	}
}
