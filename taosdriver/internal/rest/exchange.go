package rest

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// exchange is one request and the reply to it. It is used by one goroutine at a
// time.
type exchange struct {
	conn      *Conn
	op        string
	requestID uint64
	query     bool

	// ctx is the request's as net/http sees it. A caller's context governs single
	// calls, of which a reply may take several; patience ties them to it.
	ctx      context.Context
	patience patience

	body    io.ReadCloser // nil before there is one
	decoder *Decoder
	closed  bool
}

// compressFrom is the shortest statement worth compressing.
const compressFrom = 1 << 10

var (
	errReadTimeout  = errors.New("nothing arrived within the read timeout")
	errWriteTimeout = errors.New("the request could not be sent within the write timeout")
)

// send makes the request and returns when the reply's header is there. A TCP
// connection that turns out to be closed by the server before a byte of the
// request was written is replaced, once; nothing else is ever sent twice.
func (c *Conn) send(ctx context.Context, op string, requestID uint64, sql, database string) (*exchange, error) {
	if c.broken.Load() {
		return nil, transport.NotSent(c.origin.Error(driver.ErrConnection, op, requestID, "the connection is closed", nil))
	}
	if ctx.Err() != nil {
		return nil, c.origin.Canceled(ctx, op, requestID, false)
	}
	query := classify(sql).query
	for attempt := 0; ; attempt++ {
		x := &exchange{conn: c, op: op, requestID: requestID, query: query}
		x.ctx, x.patience.cancel = context.WithCancelCause(context.Background())
		progress, err := x.roundTrip(ctx, sql, database)
		if err == nil {
			return x, nil
		}
		x.close()
		if progress == stale && attempt == 0 && ctx.Err() == nil {
			continue
		}
		return nil, x.failed(ctx, err, progress == written)
	}
}

// progress is how far a failed request came.
type progress int

const (
	unsent  progress = iota // there was no connection
	stale                   // there was a used one, and nothing was written to it
	written                 // something was written, or may have been
)

// roundTrip sends the request and awaits the reply's header.
func (x *exchange) roundTrip(ctx context.Context, sql, database string) (progress, error) {
	settings := x.conn.settings
	defer x.patience.begin(ctx, settings.WriteTimeout, errWriteTimeout)()

	var w usedWire
	trace := &httptrace.ClientTrace{
		GotConn: w.take,
		WroteRequest: func(httptrace.WroteRequestInfo) {
			x.patience.change(settings.ReadTimeout, errReadTimeout)
		},
	}
	r := x.conn.request(x.requestID, sql, database)
	response, err := x.conn.http.RoundTrip(r.WithContext(httptrace.WithClientTrace(x.ctx, trace)))
	if err != nil {
		if cause := context.Cause(x.ctx); cause != nil {
			err = cause
		}
		return w.progress(), err
	}
	x.body = response.Body
	if response.StatusCode != http.StatusOK {
		return written, readRefusal(response)
	}
	x.decoder = NewDecoder(&steadyReader{x}, DecoderOptions{
		Location: settings.Location,
		Zone:     x.conn.zone,
		Update:   !x.query,
		MaxValue: settings.MaxMessageBytes,
	})
	return written, nil
}

// request makes the HTTP request.
func (c *Conn) request(requestID uint64, sql, database string) *http.Request {
	r := &http.Request{
		Method: http.MethodPost, URL: c.address(database, requestID), Host: c.base.Host,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{
			"Content-Type": {"text/plain; charset=utf-8"},
			"User-Agent":   {"gaugesql"},
		},
	}
	c.credentials(r)
	if c.settings.Compression && len(sql) >= compressFrom {
		sql = compress(sql)
		r.Header.Set("Content-Encoding", "gzip")
	}
	// There is no GetBody, so net/http cannot send it a second time.
	r.Body, r.ContentLength = io.NopCloser(strings.NewReader(sql)), int64(len(sql))
	return r
}

func compress(text string) string {
	var b strings.Builder
	w := gzip.NewWriter(&b)
	io.WriteString(w, text) // to memory: no error
	w.Close()
	return b.String()
}

// usedWire follows which connection a request took.
type usedWire struct {
	wire   atomic.Pointer[wire]
	before atomic.Int64 // bytes written by earlier requests
	reused atomic.Bool
	other  atomic.Bool // the connection is none of ours
}

func (u *usedWire) take(info httptrace.GotConnInfo) {
	w := wireOf(info.Conn)
	if w == nil {
		u.other.Store(true)
		return
	}
	u.before.Store(w.begin(info.Reused))
	u.reused.Store(info.Reused)
	u.wire.Store(w)
}

// progress gives the connection up and tells how far the request came.
func (u *usedWire) progress() progress {
	w := u.wire.Load()
	switch {
	case u.other.Load():
		return written
	case w == nil:
		return unsent
	case w.seal() != u.before.Load():
		return written
	case u.reused.Load():
		return stale
	}
	return unsent
}

// steadyReader is the reply's body; each byte that arrives renews the read
// timeout.
type steadyReader struct{ x *exchange }

func (r *steadyReader) Read(b []byte) (int, error) {
	n, err := r.x.body.Read(b)
	if n > 0 {
		r.x.patience.progress()
	}
	if err != nil && err != io.EOF {
		if cause := context.Cause(r.x.ctx); cause != nil {
			err = cause
		}
	}
	return n, err
}

// reply reads the reply up to its first rows.
func (x *exchange) reply(ctx context.Context) (*transport.Reply, error) {
	defer x.patience.begin(ctx, x.conn.settings.ReadTimeout, errReadTimeout)()
	fields, err := x.decoder.Header()
	if err != nil {
		x.close()
		return nil, x.failed(ctx, err, true)
	}
	first, err := x.decoder.Next()
	if err != nil && err != io.EOF {
		x.close()
		return nil, x.failed(ctx, err, true)
	}
	end := x.decoder.Done()
	precision, known := x.decoder.Precision()
	reply := &transport.Reply{Fields: fields, Precision: precision, NoPrecision: !known}
	if end {
		x.close()
	}
	if affected, ok := updated(fields, first); ok && !x.query && end {
		return &transport.Reply{Update: true, Affected: affected}, nil
	}
	reply.Result = &result{x: x, first: first, end: end}
	return reply, nil
}

// updated returns the number of affected rows if that is what the result holds.
func updated(fields []block.Field, b *block.Block) (affected int64, ok bool) {
	if len(fields) != 1 || fields[0].Name != "affected_rows" || b == nil || b.Rows != 1 {
		return 0, false
	}
	affected, ok = b.Columns[0].Value(0).(int64)
	return affected, ok
}

// next returns the next block; the exchange is closed when there is none.
func (x *exchange) next(ctx context.Context) (*block.Block, error) {
	if ctx.Err() != nil {
		x.close()
		return nil, x.failed(ctx, ctx.Err(), true)
	}
	defer x.patience.begin(ctx, x.conn.settings.ReadTimeout, errReadTimeout)()
	b, err := x.decoder.Next()
	if err == nil {
		return b, nil
	}
	x.close()
	if err == io.EOF {
		return nil, err
	}
	x.op = "fetch"
	return nil, x.failed(ctx, err, true)
}

// close ends the exchange. Its TCP connection can be used again if the body was
// read to its end, and is closed otherwise.
func (x *exchange) close() {
	if x.closed {
		return
	}
	x.closed = true
	if x.body != nil {
		x.body.Close()
	}
	x.patience.cancel(nil)
	if x.decoder != nil {
		x.decoder.Release()
	}
}
