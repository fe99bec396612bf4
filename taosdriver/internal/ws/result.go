package ws

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// result is an open result. One fetch of it is under way while the block before
// is read, so that at most two blocks are held.
type result struct {
	c         *Conn
	id        uint64
	fields    []block.Field
	precision block.Precision
	// requestID of the query, and the ids by which the server knows it.
	requestID, wireID, listed uint64

	// fetch is the call under way; nil when closed.
	fetch *call
	// err is what Next returns once closed.
	err error

	// settled is closed when nothing of the result is under way any more; freed
	// tells that it was given up before its end.
	settled chan struct{}
	freed   atomic.Bool
}

var _ transport.Result = (*result)(nil)

// open begins to fetch. If that fails the next Next tells.
func (r *result) open(ctx context.Context) *result {
	r.request(ctx)
	return r
}

// request asks for the next block.
func (r *result) request(ctx context.Context) {
	k := newCall("fetch", r.requestID)
	k.result = r
	// The server names the query, not its fetches, in lists and logs.
	k.wireID = driver.NewRequestID()
	err := r.c.start(ctx, k, binaryMessage, func(wireID uint64) []byte {
		return frame.AppendFetch(make([]byte, 0, frame.HeaderSize+2), wireID, r.id)
	})
	if err != nil {
		r.end(err, true)
		return
	}
	r.fetch = k
}

// Next implements transport.Result.
func (r *result) Next(ctx context.Context) (*block.Block, error) {
	for {
		k := r.fetch
		if k == nil {
			return nil, r.err
		}
		if err := r.c.wait(ctx, k, r.lateBlock); err != nil {
			if !k.received {
				r.fetch, r.err = nil, err // lateBlock settles it
				return nil, err
			}
			r.end(err, k.unfinished)
			return nil, err
		}
		if k.block == nil {
			r.end(io.EOF, false)
			return nil, io.EOF
		}
		r.request(ctx)
		if k.block.Rows > 0 {
			return k.block, nil
		}
	}
}

// end closes the result with the error for Next. open tells that the server
// still has it and no fetch is under way.
func (r *result) end(err error, open bool) {
	r.fetch, r.err = nil, err
	r.settle(open)
}

// settle frees what the server still has of the result.
func (r *result) settle(open bool) {
	if open {
		r.freed.Store(true)
		r.c.free(r.id)
	}
	giveBack(r.c.spare.Swap(nil))
	close(r.settled)
}

// Close implements transport.Result.
func (r *result) Close() error {
	k := r.fetch
	if k == nil {
		return nil
	}
	r.fetch, r.err = nil, io.EOF
	if !r.c.abandon(k, r.lateBlock) {
		r.lateBlock(k)
	}
	return nil
}

// lateBlock frees the result after its last fetch came too late. Before that the
// server might be using it.
func (r *result) lateBlock(k *call) {
	r.settle(k.unfinished)
}

// check returns an error if the block is not one of this result.
func (r *result) check(b *block.Block) error {
	if len(b.Columns) != len(r.fields) {
		return fmt.Errorf("a block of %d columns in a result of %d", len(b.Columns), len(r.fields))
	}
	for i := range r.fields {
		if b.Columns[i].Field.Type != r.fields[i].Type {
			return fmt.Errorf("a block with %v in a column of %v", b.Columns[i].Field.Type, r.fields[i].Type)
		}
	}
	return nil
}

// free frees a result on the server, which does not answer.
func (c *Conn) free(id uint64) {
	c.send(context.Background(), textMessage, marshal(actionFreeResult, resultArgs{ReqID: driver.NewRequestID(), ID: id}))
}
