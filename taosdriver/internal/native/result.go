//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// result is an open result. One fetch of it is under way while the block before is
// read, so that at most two blocks are held; in between the library's own.
type result struct {
	c         *Conn
	res       handle
	fields    []block.Field
	precision block.Precision
	requestID uint64
	listedID  uint64
	// stmt has the result if a statement brought it: it frees it.
	stmt *stmt2

	// fetch is the call under way; nil when closed.
	fetch *fetch
	// err is what Next returns once closed.
	err error
	// settled is closed when nothing of the result is under way and it is freed.
	settled chan struct{}
}

var _ transport.Result = (*result)(nil)

// fetch is one taos_fetch_raw_block and what it brought: a block, an error, or
// neither at the end.
type fetch struct {
	*flight
	block *block.Block
	err   error
}

// reply makes the reply that the outcome's result belongs to.
func (c *Conn) reply(ctx context.Context, out *outcome, requestID uint64, s *stmt2) *transport.Reply {
	r := &result{
		c: c, res: out.res, fields: out.fields, precision: out.precision,
		requestID: requestID, stmt: s, settled: make(chan struct{}),
	}
	c.mu.Lock()
	c.uses++
	c.results++
	c.mu.Unlock()
	r.request()
	return &transport.Reply{Fields: r.fields, Precision: r.precision, Result: r}
}

// request fetches the next block.
func (r *result) request() {
	k := new(fetch)
	r.c.keep()
	k.flight = fly(func() { k.block, k.err = r.read() }, r.settle, r.c.done)
	r.fetch = k
}

// read fetches a block and decodes it: the library's is gone with the next one.
func (r *result) read() (*block.Block, error) {
	c := r.c
	for {
		var rows int32
		var data handle
		if code := c.lib.FetchRawBlock(r.res, &rows, &data); code != 0 {
			return nil, c.server("fetch", r.requestID, code, c.lib.Errstr(r.res))
		}
		if rows == 0 {
			return nil, nil
		}
		b, err := c.decode(data, r.precision)
		if err == nil {
			err = r.check(b, rows)
		}
		if err != nil {
			return nil, c.protocol("fetch", r.requestID, false, err)
		}
		if b.Rows > 0 {
			return b, nil
		}
	}
}

// blockHeader is as much of a block as tells its length.
const blockHeader = 28

var errNoBlock = errors.New("rows without a block")

// decode reads the block at data, which is the library's.
func (c *Conn) decode(data handle, precision block.Precision) (*block.Block, error) {
	if data == nil {
		return nil, errNoBlock
	}
	length, err := block.Length(view(data, blockHeader))
	if err != nil {
		return nil, err
	}
	if int64(length) > c.settings.MaxMessageBytes {
		return nil, fmt.Errorf("a block of %d bytes exceeds max_message_size", length)
	}
	return block.Decode(view(data, length), precision, c.settings.Location)
}

// check returns an error if the block is not one of this result.
func (r *result) check(b *block.Block, rows int32) error {
	if b.Rows != int(rows) || len(b.Columns) != len(r.fields) {
		return fmt.Errorf("a block of %d rows and %d columns where %d and %d were announced", b.Rows, len(b.Columns), rows, len(r.fields))
	}
	for i := range r.fields {
		if b.Columns[i].Field.Type != r.fields[i].Type {
			return fmt.Errorf("a block with %v in a column of %v", b.Columns[i].Field.Type, r.fields[i].Type)
		}
	}
	return nil
}

// Next implements transport.Result.
func (r *result) Next(ctx context.Context) (*block.Block, error) {
	k := r.fetch
	if k == nil {
		return nil, r.err
	}
	l, stopped := k.wait(ctx, r.c.settings.ReadTimeout, r.stop)
	if l != returned {
		r.c.retire()
		r.tell(k)
		r.fetch = nil
		if r.err = r.c.overdue(r.task()); l == canceled {
			r.err = r.c.origin.Canceled(ctx, "fetch", r.requestID, false)
		}
		return nil, r.err
	}
	if err := k.err; err != nil || k.block == nil {
		t := r.task()
		t.stopped = stopped
		if err == nil {
			err = io.EOF
		} else if e, ok := transport.WasNotSent(err); ok {
			err = e // the query has been sent
		} else {
			err = r.c.reason(ctx, t, err)
		}
		r.fetch, r.err = nil, err
		r.settle()
		return nil, err
	}
	r.request()
	return k.block, nil
}

func (r *result) task() *task { return &task{op: "fetch", requestID: r.requestID} }

// stop ends the fetch under way, which has not freed the result.
func (r *result) stop() bool {
	if r.c.settings.KeepAbandoned {
		return false
	}
	r.c.lib.StopQuery(r.res)
	return true
}

// tell reports the fetch that nobody waits for to whoever may want to end the query
// on the server.
func (r *result) tell(k *fetch) {
	if r.c.settings.Abandoned != nil {
		r.c.settings.Abandoned(transport.Abandoned{Host: r.c.origin.Host, RequestID: r.requestID, ListedID: r.listedID, Ended: k.ended})
	}
}

// Close implements transport.Result.
func (r *result) Close() error {
	k := r.fetch
	if k == nil {
		return nil
	}
	r.fetch, r.err = nil, io.EOF
	if k.leave() {
		k.interrupt(r.stop)
		return nil
	}
	<-k.ended
	r.settle()
	return nil
}

// settle frees the result, of which nothing is under way.
func (r *result) settle() {
	c := r.c
	if r.stmt == nil {
		c.lib.FreeResult(r.res)
	}
	c.mu.Lock()
	c.results--
	c.mu.Unlock()
	close(r.settled)
	c.done()
}
