package sabotage

import (
	sqldriver "database/sql/driver"
	"io"
	"reflect"
)

// Rows is a result with hooks.
type Rows struct {
	Inner sqldriver.Rows
	Call  *Call
	// Read counts the rows handed out.
	Read int
	// State is the hooks' own.
	State any
	hooks *Hooks
}

func (r *Rows) Columns() []string {
	if r.hooks.Columns != nil {
		return r.hooks.Columns(r.Inner.Columns())
	}
	return r.Inner.Columns()
}

func (r *Rows) Close() error {
	if r.hooks.CloseRows != nil {
		return r.hooks.CloseRows(r, r.Inner.Close)
	}
	return r.Inner.Close()
}

func (r *Rows) Next(dest []sqldriver.Value) error {
	next := r.Inner.Next
	var err error
	if r.hooks.Next != nil {
		err = r.hooks.Next(r, dest, next)
	} else {
		err = next(dest)
	}
	if err == nil {
		r.Read++
	}
	return err
}

func (r *Rows) HasNextResultSet() bool {
	return r.hooks.NextResult != nil && r.hooks.NextResult(r)
}

func (r *Rows) NextResultSet() error {
	if r.HasNextResultSet() {
		return nil
	}
	return io.EOF
}

func (r *Rows) metadata(i int) Metadata {
	m := Metadata{
		Name:         r.Inner.Columns()[i],
		DatabaseType: r.Inner.(sqldriver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(i),
		Scan:         r.Inner.(sqldriver.RowsColumnTypeScanType).ColumnTypeScanType(i),
	}
	m.Length, m.HasLength = r.Inner.(sqldriver.RowsColumnTypeLength).ColumnTypeLength(i)
	m.Nullable, m.Known = r.Inner.(sqldriver.RowsColumnTypeNullable).ColumnTypeNullable(i)
	m.Precision, m.Scale, m.HasDecimal = r.Inner.(sqldriver.RowsColumnTypePrecisionScale).ColumnTypePrecisionScale(i)
	if r.hooks.Metadata != nil {
		r.hooks.Metadata(r, &m)
	}
	return m
}

func (r *Rows) ColumnTypeDatabaseTypeName(i int) string { return r.metadata(i).DatabaseType }
func (r *Rows) ColumnTypeScanType(i int) reflect.Type   { return r.metadata(i).Scan }

func (r *Rows) ColumnTypeLength(i int) (int64, bool) {
	m := r.metadata(i)
	return m.Length, m.HasLength
}

func (r *Rows) ColumnTypeNullable(i int) (nullable, ok bool) {
	m := r.metadata(i)
	return m.Nullable, m.Known
}

func (r *Rows) ColumnTypePrecisionScale(i int) (int64, int64, bool) {
	m := r.metadata(i)
	return m.Precision, m.Scale, m.HasDecimal
}
