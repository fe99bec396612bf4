package bind2

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Signed and Unsigned are the integers that [AppendInts] and [AppendUints] take.
type (
	Signed interface {
		~int | ~int8 | ~int16 | ~int32 | ~int64
	}
	Unsigned interface {
		~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
	}
)

// AppendInts appends a column of integers; states, if not nil, says of each value
// whether it is [Given]. As all functions for whole columns it appends everything
// or nothing, and its errors name the row.
func AppendInts[S ~uint8, T Signed](c *Column, values []T, states []S) error {
	low, high, ok := c.typ.IntegerRange()
	if !ok && len(values) > 0 {
		return rowError(0, c.refuse("an integer"))
	}
	smallest := T(1)
	for smallest > 0 {
		smallest <<= 1
	}
	if low > int64(smallest) || high < uint64(^smallest) {
		for i, v := range values {
			if v := int64(v); (v < low || v > 0 && uint64(v) > high) && given(states, i) {
				return rowError(i, c.misfit(v))
			}
		}
	}
	return appendIntegers(c, values, states)
}

// AppendUints is AppendInts for unsigned integers.
func AppendUints[S ~uint8, T Unsigned](c *Column, values []T, states []S) error {
	_, high, ok := c.typ.IntegerRange()
	if !ok && len(values) > 0 {
		return rowError(0, c.refuse("an integer"))
	}
	if high < uint64(^T(0)) {
		for i, v := range values {
			if uint64(v) > high && given(states, i) {
				return rowError(i, c.misfit(v))
			}
		}
	}
	return appendIntegers(c, values, states)
}

// appendIntegers appends integers that are known to fit.
func appendIntegers[S ~uint8, T Signed | Unsigned](c *Column, values []T, states []S) error {
	to, err := appendFixed(c, len(values), states)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	switch c.typ.Width() {
	case 1:
		for i, v := range values {
			to[i] = byte(v)
		}
	case 2:
		for i, v := range values {
			le.PutUint16(to[2*i:], uint16(v))
		}
	case 4:
		for i, v := range values {
			le.PutUint32(to[4*i:], uint32(v))
		}
	case 8:
		for i, v := range values {
			le.PutUint64(to[8*i:], uint64(v))
		}
	}
	clearSkipped(to, c.typ.Width(), states)
	return nil
}

// AppendFloats appends a column of floating-point numbers.
func AppendFloats[S ~uint8, T ~float32 | ~float64](c *Column, values []T, states []S) error {
	le := binary.LittleEndian
	switch c.typ {
	case block.Double:
		to, err := appendFixed(c, len(values), states)
		if err != nil {
			return err
		}
		for i, v := range values {
			le.PutUint64(to[8*i:], math.Float64bits(float64(v)))
		}
		clearSkipped(to, 8, states)
		return nil
	case block.Float:
		for i, v := range values {
			if math.IsInf(float64(float32(v)), 0) && !math.IsInf(float64(v), 0) && given(states, i) {
				return rowError(i, c.misfit(v))
			}
		}
		to, err := appendFixed(c, len(values), states)
		if err != nil {
			return err
		}
		for i, v := range values {
			le.PutUint32(to[4*i:], math.Float32bits(float32(v)))
		}
		clearSkipped(to, 4, states)
		return nil
	}
	bits := 32
	if wide := float64(1<<24 + 1); float64(T(wide)) == wide {
		bits = 64
	}
	return appendAll(c, values, states, func(v T) error { return c.float(float64(v), bits) })
}

// AppendBools appends a column of booleans.
func AppendBools[S ~uint8](c *Column, values []bool, states []S) error {
	if c.typ != block.Bool && len(values) > 0 {
		return rowError(0, c.refuse("a boolean"))
	}
	to, err := appendFixed(c, len(values), states)
	if err != nil {
		return err
	}
	for i, v := range values {
		if v {
			to[i] = 1
		}
	}
	clearSkipped(to, 1, states)
	return nil
}

// AppendTimes appends a column of times.
func AppendTimes[S ~uint8](c *Column, values []time.Time, states []S) error {
	if c.typ != block.Timestamp && len(values) > 0 {
		return rowError(0, c.refuse("a time"))
	}
	before := c.Rows()
	to, err := appendFixed(c, len(values), states)
	if err != nil {
		return err
	}
	for i, v := range values {
		if !given(states, i) {
			continue
		}
		unix, err := c.precision.Unix(v)
		if err != nil {
			c.truncate(before)
			return rowError(i, err)
		}
		binary.LittleEndian.PutUint64(to[8*i:], uint64(unix))
	}
	return nil
}

// AppendStrings appends a column of text.
func AppendStrings[S ~uint8, T ~string](c *Column, values []T, states []S) error {
	return appendAll(c, values, states, func(v T) error { return c.AppendString(string(v)) })
}

// AppendSlices appends a column of bytes; nil is NULL.
func AppendSlices[S ~uint8, T ~[]byte](c *Column, values []T, states []S) error {
	return appendAll(c, values, states, func(v T) error {
		if v == nil {
			c.AppendNull()
			return nil
		}
		return c.AppendBytes(v)
	})
}

// AppendAnys appends a column of values of any types, see [Column.Append].
func AppendAnys[S ~uint8](c *Column, values []any, states []S) error {
	return appendAll(c, values, states, c.Append)
}

func appendAll[S ~uint8, T any](c *Column, values []T, states []S, put func(T) error) error {
	if err := checkStates(len(values), states); err != nil {
		return err
	}
	before := c.Rows()
	c.states = slices.Grow(c.states, len(values))
	if c.lengths {
		c.ends = slices.Grow(c.ends, len(values))
	}
	for i, v := range values {
		if !given(states, i) {
			c.skip(byte(states[i]))
			continue
		}
		if err := put(v); err != nil {
			c.truncate(before)
			return rowError(i, err)
		}
	}
	return nil
}

// appendFixed appends rows of a type of fixed width and returns the memory of
// their values, which is zero.
func appendFixed[S ~uint8](c *Column, n int, states []S) ([]byte, error) {
	if err := checkStates(n, states); err != nil {
		return nil, err
	}
	before, width := c.Rows(), c.typ.Width()
	c.states = append(c.states, make([]byte, n)...)
	c.given += n
	for i, s := range states {
		if s != S(Given) {
			c.states[before+i] = byte(s)
			c.given--
		}
	}
	c.data = append(c.data, make([]byte, n*width)...)
	return c.data[before*width:], nil
}

// clearSkipped makes the slots of values that are not given zero.
func clearSkipped[S ~uint8](to []byte, width int, states []S) {
	for i, s := range states {
		if s != S(Given) {
			clear(to[i*width : (i+1)*width])
		}
	}
}

func given[S ~uint8](states []S, i int) bool { return states == nil || byte(states[i]) == Given }

func checkStates[S ~uint8](n int, states []S) error {
	if states != nil && len(states) != n {
		return fmt.Errorf("%d values with %d states", n, len(states))
	}
	for i, s := range states {
		if byte(s) > None {
			return rowError(i, fmt.Errorf("unknown state %d", s))
		}
	}
	return nil
}

// RowError is an error about the value in one row of a column.
type RowError struct {
	Row int
	Err error
}

func rowError(row int, err error) error { return &RowError{row, err} }

// Error names the row, counted from 0.
func (e *RowError) Error() string { return fmt.Sprintf("row %d: %v", e.Row, e.Err) }

// Unwrap returns the error without the row.
func (e *RowError) Unwrap() error { return e.Err }

// Append appends a value of a type known only at run time: nil, bool, any integer
// or floating-point type, string, []byte or time.Time. Integers also go to FLOAT
// and DOUBLE, and both kinds of numbers to DECIMAL.
func (c *Column) Append(v any) error {
	switch v := v.(type) {
	case nil:
		c.AppendNull()
		return nil
	case bool:
		return c.AppendBool(v)
	case int:
		return c.number(int64(v))
	case int8:
		return c.number(int64(v))
	case int16:
		return c.number(int64(v))
	case int32:
		return c.number(int64(v))
	case int64:
		return c.number(v)
	case uint8:
		return c.number(int64(v))
	case uint16:
		return c.number(int64(v))
	case uint32:
		return c.number(int64(v))
	case uint:
		return c.unsigned(uint64(v))
	case uint64:
		return c.unsigned(v)
	case float32:
		return c.float(float64(v), 32)
	case float64:
		return c.float(v, 64)
	case string:
		return c.AppendString(v)
	case []byte:
		if v == nil {
			c.AppendNull()
			return nil
		}
		return c.AppendBytes(v)
	case time.Time:
		return c.AppendTime(v)
	}
	return c.refuse(fmt.Sprintf("a value of the Go type %T", v))
}

// number appends an integer to any type that takes numbers.
func (c *Column) number(v int64) error {
	switch {
	case c.typ == block.Float || c.typ == block.Double:
		return c.AppendFloat64(float64(v))
	case c.typ.IsDecimal():
		return c.AppendString(strconv.FormatInt(v, 10))
	}
	return c.AppendInt64(v)
}

func (c *Column) unsigned(v uint64) error {
	if v <= math.MaxInt64 {
		return c.number(int64(v))
	}
	return c.AppendUint64(v)
}

// float appends to DECIMAL the shortest text that names the number.
func (c *Column) float(v float64, bits int) error {
	if c.typ.IsDecimal() {
		return c.AppendString(strconv.FormatFloat(v, 'f', -1, bits))
	}
	return c.AppendFloat64(v)
}
