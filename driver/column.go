package driver

import (
	"database/sql"
	"fmt"
	"reflect"
)

// Column is one column of values for binding and bulk loading: a typed slice
// and, per row, whether the value counts. Make one with [ColumnOf],
// [NullColumnOf] or [PointerColumnOf]; the engines look at the slice's type once
// a column, not once a cell.
//
// The slices are not copied: leave them alone until the call that takes the
// column has returned.
type Column struct {
	// Values is a slice of any type that the engine takes: []int8 to []int64,
	// []uint8 is bytes of a TINYINT UNSIGNED column, []uint16 to []uint64,
	// []float32, []float64, []bool, []string, [][]byte, []time.Time, and []any
	// for mixed values, converted one by one.
	Values any
	// States says per row what to do with it. nil means that all rows are Given;
	// otherwise it is as long as Values.
	States []State
	rows   int
}

// State says what a cell of a column means.
type State uint8

const (
	// Given is a cell whose value is in Values.
	Given State = iota
	// Null is a cell that is NULL.
	Null
	// Unchanged leaves the stored value as it is, where the engine can (stmt2
	// calls it "none"): an update of a part of a row.
	Unchanged
)

// ColumnOf returns a column of the values, all of them given.
func ColumnOf[T any](values []T) Column {
	return Column{Values: values, rows: len(values)}
}

// NullColumnOf returns a column in which values without Valid are NULL.
func NullColumnOf[T any](values []sql.Null[T]) Column {
	flat, states := make([]T, len(values)), []State(nil)
	for i := range values {
		if values[i].Valid {
			flat[i] = values[i].V
			continue
		}
		if states == nil {
			states = make([]State, len(values))
		}
		states[i] = Null
	}
	return Column{Values: flat, States: states, rows: len(values)}
}

// PointerColumnOf returns a column in which nil pointers are NULL.
func PointerColumnOf[T any](values []*T) Column {
	flat, states := make([]T, len(values)), []State(nil)
	for i, p := range values {
		if p != nil {
			flat[i] = *p
			continue
		}
		if states == nil {
			states = make([]State, len(values))
		}
		states[i] = Null
	}
	return Column{Values: flat, States: states, rows: len(values)}
}

// WithStates returns the column with the states in place of its own.
func (c Column) WithStates(states []State) Column {
	c.States = states
	return c
}

// Len returns the number of rows.
func (c Column) Len() int {
	if c.rows == 0 && c.Values != nil {
		if v := reflect.ValueOf(c.Values); v.Kind() == reflect.Slice {
			return v.Len()
		}
	}
	return c.rows
}

// State returns what the cell in row i means.
func (c Column) State(i int) State {
	if c.States == nil {
		return Given
	}
	return c.States[i]
}

// Check returns an error of kind ErrInterface if Values is not a slice or States
// has another length.
func (c Column) Check() error {
	if v := reflect.ValueOf(c.Values); v.Kind() != reflect.Slice {
		return &Error{Kind: ErrInterface, Message: fmt.Sprintf("a column needs a slice of values, not %T", c.Values)}
	}
	if c.States != nil && len(c.States) != c.Len() {
		return &Error{Kind: ErrInterface, Message: fmt.Sprintf("a column of %d values has %d states", c.Len(), len(c.States))}
	}
	return nil
}
