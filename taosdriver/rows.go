package taosdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/json"
	"io"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// rows hands out a result row by row.
type rows struct {
	// ctx is that of the query: database/sql hands none to Next, and Close waits
	// for Next.
	ctx   context.Context
	reply *transport.Reply
	names []string

	block *block.Block
	next  int // row of block
	// release frees what the rows are the last user of; may be nil.
	release func()
}

var (
	_ sqldriver.Rows                           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeScanType         = (*rows)(nil)
	_ sqldriver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ sqldriver.RowsColumnTypeLength           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeNullable         = (*rows)(nil)
	_ sqldriver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

// newRows returns the rows of a reply; those of an update are none, without
// columns.
func newRows(ctx context.Context, reply *transport.Reply) *rows {
	r := &rows{ctx: ctx, reply: reply, names: make([]string, len(reply.Fields))}
	for i := range reply.Fields {
		r.names[i] = reply.Fields[i].Name
	}
	return r
}

// Columns implements [sqldriver.Rows].
func (r *rows) Columns() []string { return r.names }

// Next implements [sqldriver.Rows].
func (r *rows) Next(dest []sqldriver.Value) error {
	if err := r.advance(); err != nil {
		return err
	}
	r.block.Row(r.next-1, dest)
	return nil
}

// advance goes to the next row.
func (r *rows) advance() error {
	if r.block == nil || r.next == r.block.Rows {
		if r.reply.Result == nil {
			return io.EOF
		}
		b, err := r.reply.Result.Next(r.ctx)
		if err != nil {
			r.block = nil
			return plain(err)
		}
		r.block, r.next = b, 0
	}
	r.next++
	return nil
}

// Close implements [sqldriver.Rows]. It may be called before the end and frees
// the result on the server.
func (r *rows) Close() error {
	if r.reply.Result != nil {
		if r.ctx.Err() != nil {
			// Lets the transport know that nobody will come back for it.
			r.reply.Result.Next(r.ctx)
		}
		r.reply.Result.Close()
	}
	r.block = nil
	if r.release != nil {
		r.release()
		r.release = nil
	}
	return nil
}

// ColumnTypeDatabaseTypeName implements its interface: "INT UNSIGNED",
// "VARCHAR", "DECIMAL".
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.reply.Fields[i].Type.String() }

// scanTypes are the Go types that hold every value of a column type exactly.
var scanTypes = [...]reflect.Type{
	block.Null:       reflect.TypeFor[any](),
	block.Bool:       reflect.TypeFor[bool](),
	block.TinyInt:    reflect.TypeFor[int8](),
	block.SmallInt:   reflect.TypeFor[int16](),
	block.Int:        reflect.TypeFor[int32](),
	block.BigInt:     reflect.TypeFor[int64](),
	block.Float:      reflect.TypeFor[float32](),
	block.Double:     reflect.TypeFor[float64](),
	block.VarChar:    reflect.TypeFor[string](),
	block.Timestamp:  reflect.TypeFor[time.Time](),
	block.NChar:      reflect.TypeFor[string](),
	block.UTinyInt:   reflect.TypeFor[uint8](),
	block.USmallInt:  reflect.TypeFor[uint16](),
	block.UInt:       reflect.TypeFor[uint32](),
	block.UBigInt:    reflect.TypeFor[uint64](),
	block.JSON:       reflect.TypeFor[json.RawMessage](),
	block.VarBinary:  reflect.TypeFor[[]byte](),
	block.Decimal128: reflect.TypeFor[string](),
	block.Blob:       reflect.TypeFor[[]byte](),
	block.MediumBlob: reflect.TypeFor[[]byte](),
	block.Geometry:   reflect.TypeFor[[]byte](),
	block.Decimal64:  reflect.TypeFor[string](),
}

// ColumnTypeScanType implements its interface.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	return scanTypes[r.reply.Fields[i].Type]
}

// ColumnTypeLength implements its interface: the declared length of VARCHAR,
// VARBINARY and GEOMETRY in bytes, of NCHAR in characters, the limits of JSON
// and BLOB.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	f := r.reply.Fields[i]
	return int64(f.Bytes), f.Type.Variable()
}

// ColumnTypeNullable implements its interface. Every column can hold NULL except
// the primary timestamp, and the server does not say whether the first column of
// a result is that.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	return true, i != 0 || r.reply.Fields[i].Type != block.Timestamp
}

// ColumnTypePrecisionScale implements its interface: digits and digits after the
// point of a DECIMAL; of a TIMESTAMP the digits of the fraction of a second (3,
// 6 or 9) and 0, unless a result over REST begins without one.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	switch f := r.reply.Fields[i]; {
	case f.Type.IsDecimal():
		return int64(f.Precision), int64(f.Scale), f.Precision != 0
	case f.Type == block.Timestamp:
		if !r.reply.NoPrecision {
			return int64(r.reply.Precision.Digits()), 0, true
		}
	}
	return 0, 0, false
}
