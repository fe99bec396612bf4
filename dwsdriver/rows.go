package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/json"
	"io"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// rows hands out results row by row.
type rows struct {
	c      *conn
	result *session.Result
	// ctx is that of the query: database/sql hands none to Next.
	ctx   context.Context
	id    uint64
	names []string

	block *wire.Block
	next  int // row of block
	// ahead are blocks that were read already, if isAhead.
	ahead   []*wire.Block
	isAhead bool
}

var (
	_ sqldriver.Rows                           = (*rows)(nil)
	_ sqldriver.RowsNextResultSet              = (*rows)(nil)
	_ sqldriver.RowsColumnTypeScanType         = (*rows)(nil)
	_ sqldriver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ sqldriver.RowsColumnTypeLength           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeNullable         = (*rows)(nil)
	_ sqldriver.RowsColumnTypePrecisionScale   = (*rows)(nil)
)

// noRows is the block before the first.
var noRows wire.Block

func newRows(c *conn, q *session.Result, ctx context.Context, id uint64) *rows {
	r := &rows{c: c, result: q, ctx: ctx, id: id, block: &noRows}
	r.begin()
	return r
}

// begin takes the columns of a result set.
func (r *rows) begin() {
	columns := r.result.Columns()
	r.names = make([]string, len(columns))
	for i := range columns {
		r.names[i] = columns[i].Name
	}
	r.block, r.next = &noRows, 0
}

// Columns implements [sqldriver.Rows].
func (r *rows) Columns() []string { return r.names }

// Next implements [sqldriver.Rows].
func (r *rows) Next(dest []sqldriver.Value) error {
	if r.next == r.block.Rows {
		if err := r.advance(); err != nil {
			return err
		}
	}
	r.block.Row(r.next, dest)
	r.next++
	return nil
}

// advance goes to the next block.
func (r *rows) advance() error {
	r.next, r.block = 0, &noRows
	if r.isAhead {
		if len(r.ahead) == 0 {
			return io.EOF
		}
		r.block, r.ahead = r.ahead[0], r.ahead[1:]
		return nil
	}
	b, err := r.result.Next()
	if err == io.EOF {
		return err
	}
	if err != nil {
		return plain(r.c.fail(opQuery, r.id, r.ctx, err))
	}
	r.block = b
	return nil
}

// HasNextResultSet implements [sqldriver.RowsNextResultSet]. It is true once the
// rows are at their end and another statement of the text returns rows.
func (r *rows) HasNextResultSet() bool { return r.result.More() }

// NextResultSet implements [sqldriver.RowsNextResultSet].
func (r *rows) NextResultSet() error {
	if err := r.result.NextSet(); err != nil {
		if err == io.EOF {
			return err
		}
		return plain(r.c.fail(opQuery, r.id, r.ctx, err))
	}
	r.ahead, r.isAhead = nil, false
	r.begin()
	return nil
}

// Close implements [sqldriver.Rows]. What was not read is thrown away; a query
// that only reads, and is far from its end, is cancelled.
func (r *rows) Close() error {
	r.next, r.block = 0, &noRows
	if err := r.result.Close(); err != nil {
		return plain(r.c.fail(opQuery, r.id, r.ctx, err))
	}
	return nil
}

func (r *rows) column(i int) *wire.Column { return &r.result.Columns()[i] }

// ColumnTypeDatabaseTypeName implements its interface: "INT8", "VARCHAR",
// "TIMESTAMPTZ", "_TEXT" for an array, "NVARCHAR2". It is empty for a type that
// users have made.
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.column(i).Type.String() }

// scanTypes are the Go types that hold every value of a column type exactly.
var scanTypes = [...]reflect.Type{
	wire.OfText:      reflect.TypeFor[string](),
	wire.OfBool:      reflect.TypeFor[bool](),
	wire.OfInt:       reflect.TypeFor[int64](),
	wire.OfFloat:     reflect.TypeFor[float64](),
	wire.OfSingle:    reflect.TypeFor[float32](),
	wire.OfBytes:     reflect.TypeFor[[]byte](),
	wire.OfJSON:      reflect.TypeFor[json.RawMessage](),
	wire.OfTime:      reflect.TypeFor[time.Time](),
	wire.OfLocalTime: reflect.TypeFor[time.Time](),
	wire.OfDate:      reflect.TypeFor[time.Time](),
}

// narrow are those of integer types of less than 64 bits.
var narrow = map[wire.OID]reflect.Type{
	wire.Int4: reflect.TypeFor[int32](), wire.Int2: reflect.TypeFor[int16](),
	wire.TinyInt: reflect.TypeFor[uint8](), wire.ObjectID: reflect.TypeFor[uint32](),
}

// ColumnTypeScanType implements its interface.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	c := r.column(i)
	if t := narrow[c.Type]; t != nil {
		return t
	}
	return scanTypes[c.Type.Kind()]
}

// ColumnTypeLength implements its interface: the declared length of character
// types in characters, of bit strings in bits, and the largest number for text,
// bytes and JSON, which have no limit.
func (r *rows) ColumnTypeLength(i int) (int64, bool) { return r.column(i).Length() }

// ColumnTypePrecisionScale implements its interface: the digits of a NUMERIC and
// those behind its point, if it was declared with them; of times the digits of
// the fraction of a second, and 0.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	return r.column(i).Precision()
}
