package bind2

import (
	"fmt"
	"math"
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
	return appendAll(c, values, states, func(v T) error { return c.AppendInt64(int64(v)) })
}

// AppendUints is AppendInts for unsigned integers.
func AppendUints[S ~uint8, T Unsigned](c *Column, values []T, states []S) error {
	return appendAll(c, values, states, func(v T) error { return c.AppendUint64(uint64(v)) })
}

// AppendFloats appends a column of floating-point numbers.
func AppendFloats[S ~uint8, T ~float32 | ~float64](c *Column, values []T, states []S) error {
	return appendAll(c, values, states, func(v T) error { return c.AppendFloat64(float64(v)) })
}

// AppendBools appends a column of booleans.
func AppendBools[S ~uint8](c *Column, values []bool, states []S) error {
	return appendAll(c, values, states, c.AppendBool)
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

// AppendTimes appends a column of times.
func AppendTimes[S ~uint8](c *Column, values []time.Time, states []S) error {
	return appendAll(c, values, states, c.AppendTime)
}

// AppendAnys appends a column of values of any types, see [Column.Append].
func AppendAnys[S ~uint8](c *Column, values []any, states []S) error {
	return appendAll(c, values, states, c.Append)
}

func appendAll[S ~uint8, T any](c *Column, values []T, states []S, put func(T) error) error {
	if states != nil && len(states) != len(values) {
		return fmt.Errorf("%d values with %d states", len(values), len(states))
	}
	before := c.Rows()
	for i, v := range values {
		var err error
		switch {
		case states == nil || byte(states[i]) == Given:
			err = put(v)
		case byte(states[i]) <= None:
			c.skip(byte(states[i]))
		default:
			err = fmt.Errorf("unknown state %d", states[i])
		}
		if err != nil {
			c.truncate(before)
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

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
