package reference

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"io"
	"reflect"
)

var (
	_ sqldriver.Rows                           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ sqldriver.RowsColumnTypeLength           = (*rows)(nil)
	_ sqldriver.RowsColumnTypeNullable         = (*rows)(nil)
	_ sqldriver.RowsColumnTypePrecisionScale   = (*rows)(nil)
	_ sqldriver.RowsColumnTypeScanType         = (*rows)(nil)
)

// portion is after how many rows a result is cut or stalls.
const portion = 100

type rows struct {
	ctx     context.Context // of the query, as no method has one
	c       *conn
	id      uint64
	sqlite  *sql.Rows
	names   []string
	columns []column
	cells   []any
	read    int
	cut     bool
	stall   bool
	closed  bool
	release func()
}

func newRows(ctx context.Context, c *conn, text string, id uint64, sqlite *sql.Rows) (*rows, error) {
	names, err := sqlite.Columns()
	if err != nil {
		return nil, err
	}
	types, err := sqlite.ColumnTypes()
	if err != nil {
		return nil, err
	}
	s := c.session.server
	r := &rows{
		ctx: ctx, c: c, id: id, sqlite: sqlite, names: names, columns: make([]column, len(names)), cells: make([]any, len(names)),
		cut: s.strikes(CutRows, text) != nil, stall: s.strikes(StallRows, text) != nil,
	}
	for i, t := range types {
		r.columns[i] = columnOf(t.DatabaseTypeName())
		r.cells[i] = new(any)
	}
	s.opened(1)
	return r, nil
}

func (r *rows) Columns() []string { return r.names }

func (r *rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.c.session.server.opened(-1)
	err := r.sqlite.Close()
	r.release()
	return err
}

func (r *rows) Next(dest []sqldriver.Value) error {
	if r.closed {
		return closed("result")
	}
	if r.read == portion && r.cut {
		r.c.session.drop()
		return r.c.fail(errDropped, "fetch", r.id)
	}
	if r.read == portion && r.stall {
		return r.c.fail(r.c.session.wait(r.ctx, 0), "fetch", r.id)
	}
	if !r.sqlite.Next() {
		if err := r.c.session.cause(r.sqlite.Err()); err != nil {
			return r.c.fail(err, "fetch", r.id)
		}
		return io.EOF
	}
	r.read++
	if err := r.sqlite.Scan(r.cells...); err != nil {
		return r.c.fail(err, "fetch", r.id)
	}
	for i, c := range r.columns {
		v := *r.cells[i].(*any)
		if v == nil {
			dest[i] = nil
			continue
		}
		var err error
		if dest[i], err = c.convert(r.c.connector, v); err != nil {
			return r.c.fail(err, "fetch", r.id)
		}
	}
	return nil
}

func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.columns[i].name }
func (r *rows) ColumnTypeScanType(i int) reflect.Type   { return r.columns[i].scan }
func (r *rows) ColumnTypeNullable(int) (bool, bool)     { return true, true }

func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	return r.columns[i].length, r.columns[i].length > 0
}

func (r *rows) ColumnTypePrecisionScale(i int) (int64, int64, bool) {
	return r.columns[i].precision, r.columns[i].scale, r.columns[i].precision > 0
}
