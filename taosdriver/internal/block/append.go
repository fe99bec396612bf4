package block

import (
	"fmt"
	"math"
	"time"
)

// Append appends a value of a type known only at run time, as another driver
// hands it out: nil, bool, any integer or floating-point type, string, []byte or
// time.Time. Numbers go to any numeric type that holds them exactly, 0 and 1
// also to BOOL, and to FLOAT they are rounded.
func (c *ColumnBuilder) Append(v any) error {
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
		return c.float(float64(v))
	case float64:
		return c.float(v)
	case string:
		return c.AppendString(v)
	case []byte:
		if v == nil {
			c.AppendNull()
			return nil
		}
		return c.AppendBytes(v)
	case time.Time:
		if c.field.Type != Timestamp {
			return c.refuse("a time")
		}
		unix, err := c.precision.Unix(v)
		if err != nil {
			return err
		}
		return c.AppendTime(unix)
	}
	return c.refuse(fmt.Sprintf("a value of the Go type %T", v))
}

// number appends an integer to any type that takes numbers.
func (c *ColumnBuilder) number(v int64) error {
	switch t := c.field.Type; {
	case t == Bool && (v == 0 || v == 1):
		return c.AppendBool(v == 1)
	case t == Float || t == Double:
		return c.AppendFloat64(float64(v))
	case t.IsDecimal():
		return c.AppendString(fmt.Sprint(v))
	}
	return c.AppendInt64(v)
}

func (c *ColumnBuilder) unsigned(v uint64) error {
	if v <= math.MaxInt64 {
		return c.number(int64(v))
	}
	return c.AppendUint64(v)
}

// float appends a floating-point number, to an integer type if it is integral.
func (c *ColumnBuilder) float(v float64) error {
	if t := c.field.Type; t != Float && t != Double {
		if v >= -1<<63 && v < 1<<63 && float64(int64(v)) == v {
			return c.number(int64(v))
		}
	}
	return c.AppendFloat64(v)
}
