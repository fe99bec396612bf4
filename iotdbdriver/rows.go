package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tsblock"
)

// rows hands out a result row by row.
type rows struct {
	// ctx is that of the query: database/sql hands none to Next, and Close waits
	// for Next.
	ctx     context.Context
	session *session
	// lost is told of errors after which the server may still work for the query.
	lost  func(error)
	id    uint64
	query int64
	// timeout is the server's for a request, in milliseconds; 0 for its default.
	timeout int64

	names  []string
	types  []column
	layout *tsblock.Layout

	page   *client.Call // whose memory the blocks lie in
	blocks [][]byte
	block  *tsblock.Block
	next   int    // row of block
	more   bool   // there are further pages
	ahead  *fetch // the next page, asked for
	err    error
	closed bool
}

// column is the type of a column.
type column struct {
	name string // as the server calls it
	typ  datatype.Type
	time bool // the time of the tree model's rows
}

var (
	_ sqldriver.Rows                           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeScanType         = (*rows)(nil)
	_ sqldriver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ sqldriver.RowsColumnTypeLength           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeNullable         = (*rows)(nil)
	_ sqldriver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

// timeColumn is the name of the time of the tree model's rows.
const timeColumn = "Time"

// newRows returns the rows of a statement's reply. A statement that has no result
// has none, without columns.
func newRows(ctx context.Context, s *session, k *execution, timeout int64, lost func(error)) (*rows, error) {
	r := &rows{ctx: ctx, session: s, id: k.ID, timeout: timeout, lost: lost}
	reply := &k.reply
	if reply.QueryID == nil || reply.Columns == nil && reply.DataTypes == nil {
		k.Release()
		return r, nil
	}
	r.query = *reply.QueryID
	r.more = reply.MoreData != nil && *reply.MoreData
	r.page, r.blocks = &k.Call, reply.QueryResult
	if err := r.header(reply); err != nil {
		r.Close()
		return nil, s.link.Error(driver.ErrInternal, k.Op, k.ID, "the description of the result makes no sense", err)
	}
	return r, nil
}

// header reads names, types and places of the columns.
func (r *rows) header(reply *rpc.StatementReply) error {
	if len(reply.Columns) != len(reply.DataTypes) {
		return fmt.Errorf("%d types of %d columns", len(reply.DataTypes), len(reply.Columns))
	}
	places := make([]int, 0, len(reply.Columns)+1)
	if reply.IgnoreTimestamp == nil || !*reply.IgnoreTimestamp {
		r.names = append(r.names, timeColumn)
		r.types = append(r.types, column{name: datatype.Timestamp.String(), typ: datatype.Timestamp, time: true})
		places = append(places, tsblock.TimeColumn)
	}
	for i, name := range reply.Columns {
		typ, ok := datatype.Of(reply.DataTypes[i])
		if !ok {
			typ = datatype.Unknown
		}
		place := i
		switch {
		case len(reply.BlockColumns) == len(reply.Columns):
			place = int(reply.BlockColumns[i])
		case len(reply.BlockColumns) != 0:
			return fmt.Errorf("%d places of %d columns", len(reply.BlockColumns), len(reply.Columns))
		case len(reply.ColumnIndex) > 0:
			at, ok := reply.ColumnIndex[name]
			if !ok {
				return fmt.Errorf("column %q has no place", name)
			}
			place = int(at)
		}
		r.names = append(r.names, name)
		r.types = append(r.types, column{name: strings.ToUpper(reply.DataTypes[i]), typ: typ})
		places = append(places, place)
	}
	types := make([]datatype.Type, len(r.types))
	for i := range types {
		types[i] = r.types[i].typ
	}
	var err error
	r.layout, err = tsblock.NewLayout(tsblock.Layout{
		Types: types, Blocks: places, Units: r.session.units, Location: r.session.config.Location,
	})
	return err
}

// Columns implements [sqldriver.Rows].
func (r *rows) Columns() []string { return r.names }

// Next implements [sqldriver.Rows].
func (r *rows) Next(dest []sqldriver.Value) error {
	if r.block == nil || r.next == r.block.Rows {
		if err := r.advance(); err != nil {
			return err
		}
	}
	r.block.Row(r.next, dest)
	if r.next++; r.next == 2 && r.more {
		// Whoever takes one row does not pay for another page.
		r.askAhead()
	}
	return nil
}

// advance goes to the next block that has rows.
func (r *rows) advance() error {
	if r.err != nil {
		return r.err
	}
	if r.block != nil {
		r.askAhead() // blocks can be of one row
	}
	r.err = r.nextBlock()
	if r.err != nil {
		r.block = nil
		r.release()
	}
	return r.err
}

func (r *rows) nextBlock() error {
	for {
		if err := r.ctx.Err(); err != nil {
			return r.session.link.Canceled(r.ctx, opFetch, r.id, false)
		}
		for len(r.blocks) > 0 {
			raw := r.blocks[0]
			r.blocks = r.blocks[1:]
			b, err := r.layout.Decode(raw)
			if err != nil {
				return r.unreadable(err)
			}
			if b.Rows == 0 {
				continue
			}
			r.block, r.next = b, 0
			if len(r.blocks) == 0 {
				r.release()
			}
			return nil
		}
		r.release()
		if !r.more {
			return io.EOF
		}
		if err := r.turn(); err != nil {
			return err
		}
	}
}

// unreadable is the error of a block. The connection is as good as before.
func (r *rows) unreadable(err error) error {
	var date *tsblock.DateError
	if errors.As(err, &date) {
		e := r.session.link.Error(driver.ErrResult, opFetch, r.id, date.Error(), nil)
		e.Hint = "select CAST(column AS INT32) or AS STRING"
		return e
	}
	return r.session.link.Error(driver.ErrInternal, opFetch, r.id, "the server's rows make no sense", err)
}

// release gives the memory of the page back.
func (r *rows) release() {
	if r.page != nil {
		r.page.Release()
		r.page, r.blocks = nil, nil
	}
}

// fetch is the request of a page.
type fetch struct {
	client.Call
	reply rpc.FetchReply
	sent  error
}

// askAhead asks for the next page while this one is read.
func (r *rows) askAhead() {
	if !r.more || r.ahead != nil {
		return
	}
	s := r.session
	f := &fetch{}
	request := &rpc.FetchRequest{
		SessionID: s.id, FetchSize: int32(s.config.FetchSize), QueryID: r.query, Align: true, StatementID: &s.statement,
	}
	if r.timeout > 0 {
		request.Timeout = &r.timeout
	}
	f.Call = client.Call{
		Op: opFetch, ID: r.id, Method: rpc.FetchResults, Arguments: rpc.Arguments(request), Result: rpc.Result(&f.reply), Executes: true,
	}
	r.ahead = f
	f.sent = s.link.Send(r.ctx, &f.Call)
}

// turn waits for the next page.
func (r *rows) turn() error {
	r.askAhead()
	f, s := r.ahead, r.session
	r.ahead = nil
	err := f.sent
	if err == nil {
		err = s.application(&f.Call, s.link.Receive(r.ctx, &f.Call))
	}
	// Without an answer the result is still open, and Close frees it.
	answered := err == nil
	if answered {
		err = s.check(opFetch, r.id, &f.reply.Status)
	}
	if err == nil && f.reply.QueryResult == nil {
		// So it answers for a query that it does not know. The page after the last
		// row has a list, if an empty one.
		err = s.link.Error(driver.ErrResult, opFetch, r.id, "the server has lost the rest of the result", nil)
	}
	if err != nil {
		f.Release()
		r.more = r.more && !answered
		err = plain(err)
		if e := asError(err); e != nil {
			if e.OutcomeUnknown && !s.link.Alive() {
				r.lost(err)
			}
			e.OutcomeUnknown = false // rows that were not read change nothing
		}
		return err
	}
	r.page, r.blocks = &f.Call, f.reply.QueryResult
	r.more = f.reply.MoreData != nil && *f.reply.MoreData
	return nil
}

const (
	// partingTimeout bounds what is said to the server about a result or a statement
	// that is closed, and promptTimeout if the context has ended. It is longer than a
	// round trip around the world; a connection on which it runs out is given up.
	partingTimeout = time.Second
	promptTimeout  = 50 * time.Millisecond
)

// Close implements [sqldriver.Rows]. It may be called before the end and frees
// the result on the server.
func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.block = nil
	if r.err == nil {
		r.err = io.EOF
	}
	r.release()
	s := r.session
	if !r.more || !s.link.Alive() {
		return nil
	}
	ended := r.ctx.Err() != nil
	if r.ahead != nil && ended {
		// The page may be long in coming, and whoever waits for us has no time.
		s.link.Close()
		r.lost(nil)
		return nil
	}
	ctx, cancel := context.WithTimeout(r.ctx, partingTimeout)
	if ended {
		cancel()
		ctx, cancel = context.WithTimeout(context.WithoutCancel(r.ctx), promptTimeout)
	}
	defer cancel()
	if f := r.ahead; f != nil {
		r.ahead = nil
		if f.sent == nil {
			err := s.link.Receive(ctx, &f.Call)
			if e := asError(err); e != nil && e.OutcomeUnknown {
				r.lost(err) // the server may be at work on the page
			}
			f.Release()
		}
	}
	if err := s.closeQuery(ctx, r.id, r.query); err != nil {
		s.link.Close() // which frees it too
	}
	return nil
}

// all reads a result to its end, which is short.
func (r *rows) all() ([][]sqldriver.Value, error) {
	defer r.Close()
	var list [][]sqldriver.Value
	for {
		row := make([]sqldriver.Value, len(r.names))
		switch err := r.Next(row); {
		case err == io.EOF:
			return list, nil
		case err != nil:
			return list, err
		}
		list = append(list, row)
	}
}

// ColumnTypeDatabaseTypeName implements its interface: "INT32", "STRING".
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.types[i].name }

// scanTypes are the Go types that hold every value of a column type exactly.
var scanTypes = map[datatype.Type]reflect.Type{
	datatype.Boolean:   reflect.TypeFor[bool](),
	datatype.Int32:     reflect.TypeFor[int32](),
	datatype.Int64:     reflect.TypeFor[int64](),
	datatype.Float:     reflect.TypeFor[float32](),
	datatype.Double:    reflect.TypeFor[float64](),
	datatype.Text:      reflect.TypeFor[string](),
	datatype.Unknown:   reflect.TypeFor[any](),
	datatype.Timestamp: reflect.TypeFor[time.Time](),
	datatype.Date:      reflect.TypeFor[time.Time](),
	datatype.Blob:      reflect.TypeFor[[]byte](),
	datatype.String:    reflect.TypeFor[string](),
	datatype.Object:    reflect.TypeFor[[]byte](),
}

// ColumnTypeScanType implements its interface.
func (r *rows) ColumnTypeScanType(i int) reflect.Type { return scanTypes[r.types[i].typ] }

// ColumnTypeLength implements its interface: text and bytes have no limit.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	if slices.Contains([]datatype.Type{datatype.Text, datatype.String, datatype.Blob}, r.types[i].typ) {
		return math.MaxInt64, true
	}
	return 0, false
}

// ColumnTypeNullable implements its interface. Every column can hold NULL except
// the times; the server does not say whether a column of the table model is that.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	t := r.types[i]
	return !t.time, t.time || t.typ != datatype.Timestamp
}

// ColumnTypePrecisionScale implements its interface: of a TIMESTAMP the number of
// digits of the fraction of a second, 3, 6 or 9.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	if r.types[i].typ != datatype.Timestamp {
		return 0, 0, false
	}
	switch r.session.units {
	case 1e3:
		return 3, 0, true
	case 1e6:
		return 6, 0, true
	}
	return 9, 0, true
}
