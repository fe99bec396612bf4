package tablet

import (
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// AppendSlice appends the values of a slice, with NULL in the rows for which null
// is true; a nil null is false for all. The slice's type is looked at once. Its
// values are written straight to their place on the wire. An error names the row,
// counted from 0, and leaves the column as it was.
func (c *Column) AppendSlice(values any, null func(i int) bool) error {
	m := c.Mark()
	err := c.appendSlice(values, null)
	if err != nil {
		c.Return(m)
	}
	return err
}

func (c *Column) appendSlice(values any, null func(i int) bool) error {
	switch v := values.(type) {
	case []bool:
		return each(c, v, null, c.AppendBool)
	case []int32:
		if c.Type == datatype.Int32 {
			fixed(c, v, null, 4, func(dst []byte, v int32) { binary.BigEndian.PutUint32(dst, uint32(v)) })
			return nil
		}
		return each(c, v, null, appendInt[int32](c))
	case []int64:
		if c.Type == datatype.Int64 || c.Type == datatype.Timestamp {
			fixed(c, v, null, 8, func(dst []byte, v int64) { binary.BigEndian.PutUint64(dst, uint64(v)) })
			return nil
		}
		return each(c, v, null, c.AppendInt)
	case []float32:
		if c.Type == datatype.Float {
			fixed(c, v, null, 4, func(dst []byte, v float32) { binary.BigEndian.PutUint32(dst, math.Float32bits(v)) })
			return nil
		}
		return each(c, v, null, func(v float32) error { return c.AppendFloat(float64(v)) })
	case []float64:
		if c.Type == datatype.Double {
			fixed(c, v, null, 8, func(dst []byte, v float64) { binary.BigEndian.PutUint64(dst, math.Float64bits(v)) })
			return nil
		}
		return each(c, v, null, c.AppendFloat)
	case []string:
		return texts(c, v, null)
	case [][]byte:
		return each(c, v, null, func(v []byte) error {
			if v == nil {
				c.AppendNull(1)
				return nil
			}
			return c.AppendBytes(v)
		})
	case []time.Time:
		return each(c, v, null, c.AppendTime)
	case []int:
		return each(c, v, null, appendInt[int](c))
	case []int8:
		return each(c, v, null, appendInt[int8](c))
	case []int16:
		return each(c, v, null, appendInt[int16](c))
	case []uint8:
		return each(c, v, null, appendInt[uint8](c))
	case []uint16:
		return each(c, v, null, appendInt[uint16](c))
	case []uint32:
		return each(c, v, null, appendInt[uint32](c))
	case []uint64:
		return each(c, v, null, c.appendUint)
	case []uint:
		return each(c, v, null, func(v uint) error { return c.appendUint(uint64(v)) })
	case []any:
		return each(c, v, null, c.Append)
	}
	v := reflect.ValueOf(values)
	if v.Kind() != reflect.Slice {
		return fmt.Errorf("a column needs a slice of values, not %T", values)
	}
	for i := range v.Len() {
		if null != nil && null(i) {
			c.AppendNull(1)
		} else if err := c.Append(v.Index(i).Interface()); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// Append appends one value of any type that a column takes, nil as NULL. Named
// types are taken as what they are made of.
func (c *Column) Append(value any) error {
	switch v := value.(type) {
	case nil:
		c.AppendNull(1)
		return nil
	case int64:
		return c.AppendInt(v)
	case float64:
		return c.AppendFloat(v)
	case string:
		return c.AppendString(v)
	case int:
		return c.AppendInt(int64(v))
	case int32:
		return c.AppendInt(int64(v))
	case float32:
		return c.AppendFloat(float64(v))
	case bool:
		return c.AppendBool(v)
	case time.Time:
		return c.AppendTime(v)
	case []byte:
		if v == nil {
			c.AppendNull(1)
			return nil
		}
		return c.AppendBytes(v)
	}
	v := reflect.ValueOf(value)
	switch v.Kind() {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return c.AppendInt(v.Int())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return c.appendUint(v.Uint())
	case reflect.Float32, reflect.Float64:
		return c.AppendFloat(v.Float())
	case reflect.String:
		return c.AppendString(v.String())
	case reflect.Bool:
		return c.AppendBool(v.Bool())
	case reflect.Pointer:
		if v.IsNil() {
			c.AppendNull(1)
			return nil
		}
		return c.Append(v.Elem().Interface())
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return c.Append(v.Bytes())
		}
	}
	return c.kind(fmt.Sprintf("a %T", value))
}

func (c *Column) appendUint(v uint64) error {
	if v > math.MaxInt64 {
		return c.outside(v)
	}
	return c.AppendInt(int64(v))
}

func appendInt[T int | int8 | int16 | int32 | uint8 | uint16 | uint32](c *Column) func(T) error {
	return func(v T) error { return c.AppendInt(int64(v)) }
}

// each appends values one by one.
func each[T any](c *Column, values []T, null func(int) bool, put func(T) error) error {
	c.data = slices.Grow(c.data, len(values)*c.Type.Width())
	for i, v := range values {
		if null != nil && null(i) {
			c.AppendNull(1)
		} else if err := put(v); err != nil {
			return fmt.Errorf("row %d: %w", i, err)
		}
	}
	return nil
}

// fixed appends values that need no check.
func fixed[T any](c *Column, values []T, null func(int) bool, width int, put func([]byte, T)) {
	from := len(c.data)
	c.data = slices.Grow(c.data, len(values)*width)[:from+len(values)*width]
	dst := c.data[from:]
	for i := range values {
		put(dst[i*width:], values[i])
	}
	if null != nil {
		for i := range values {
			if null(i) {
				clear(dst[i*width : i*width+width])
				c.setNull(c.rows + i)
			}
		}
	}
	c.rows += len(values)
}

// texts appends strings after one reservation for all of them.
func texts(c *Column, values []string, null func(int) bool) error {
	size := 4 * len(values)
	for _, v := range values {
		size += len(v)
	}
	c.data = slices.Grow(c.data, size)
	return each(c, values, null, c.AppendString)
}
