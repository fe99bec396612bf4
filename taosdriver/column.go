package taosdriver

import (
	"errors"
	"fmt"
	"reflect"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// appendColumn appends rows of a column that was checked. The slice's type is
// looked at once; only values that have to be converted are taken one by one. The
// error is a *bind2.RowError with the row of the column.
func appendColumn(to *bind2.Column, p *bind2.Param, column driver.Column, from, until int) error {
	if list, ok := column.Values.([]any); ok {
		return appendCells(to, p, column.States, from, until, func(i int) any { return list[i] })
	}
	ok, err := bind2.AppendSlice(to, column.Values, column.States, from, until)
	if err != nil {
		var row *bind2.RowError
		if errors.As(err, &row) {
			row.Row += from
		}
		return err
	}
	if ok {
		return nil
	}
	values := reflect.ValueOf(column.Values)
	return appendCells(to, p, column.States, from, until, func(i int) any { return values.Index(i).Interface() })
}

// appendCells appends values one by one, or none of them.
func appendCells(to *bind2.Column, p *bind2.Param, states []driver.State, from, until int, cell func(int) any) error {
	before := to.Rows()
	for i := from; i < until; i++ {
		var err error
		switch state := (driver.Column{States: states}).State(i); state {
		case driver.Given:
			err = appendCell(to, p, cell(i))
		case driver.Null:
			err = appendCell(to, p, nil)
		case driver.Unchanged:
			to.AppendNone()
		default:
			err = fmt.Errorf("unknown state %d", state)
		}
		if err != nil {
			to.Truncate(before)
			return &bind2.RowError{Row: i, Err: err}
		}
	}
	return nil
}

// appendCell appends one value of whatever type, converted where nothing is lost.
func appendCell(to *bind2.Column, p *bind2.Param, value any) error {
	if ok, err := to.AppendAny(value); ok {
		return err
	}
	plain, err := plainValue(value)
	if err == nil {
		err = p.AppendValue(to, plain)
	}
	if errors.Is(err, bind2.ErrText) {
		return unbound(p.Type, plain)
	}
	return err
}

// unbound explains a value that only the text of a statement can hold.
func unbound(t block.Type, value any) error {
	switch {
	case t == block.JSON && value == nil:
		return errors.New("NULL would be stored as the text null; leave the tag out of the statement")
	case t == block.Geometry:
		return errors.New("a geometry is bound as WKB, bytes; well-known text goes into the statement")
	case t == block.Timestamp:
		return fmt.Errorf("%.40q is not a time as RFC 3339 writes it", value)
	}
	return fmt.Errorf("a %T cannot be bound", value)
}

// queryColumn returns the one value of a query's parameter.
func queryColumn(column driver.Column) (*bind2.Column, error) {
	if err := column.Check(); err != nil {
		return nil, errors.New(asError(err).Message)
	}
	if column.Len() != 1 {
		return nil, fmt.Errorf("a parameter of a query is a column of one row, not of %d", column.Len())
	}
	var value any
	if column.State(0) == driver.Given {
		value = reflect.ValueOf(column.Values).Index(0).Interface()
	}
	c, err := bind2.QueryColumn(value)
	if c != nil {
		return c, err
	}
	if err == nil {
		if value, err = plainValue(value); err != nil {
			return nil, err
		}
		c, err = bind2.Param{}.Bind(value)
	}
	if errors.Is(err, bind2.ErrText) {
		if value == nil {
			return nil, errors.New("a NULL would take the predicate away; write IS NULL into the statement")
		}
		return nil, fmt.Errorf("the server does not take this %T from a placeholder; QueryContext writes it into the statement", value)
	}
	return c, err
}
