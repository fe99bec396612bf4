package bind2

import (
	"math"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// AppendSlice appends rows from up to to of a slice, if its type and the column's
// go together without a conversion: integers and integer types, a look at the
// type of the slice sufficing for all its values. ok is false otherwise, and
// nothing was appended; see [Param.AppendAny]. states may be nil.
func AppendSlice[S ~uint8](c *Column, values any, states []S, from, to int) (ok bool, err error) {
	if states != nil {
		states = states[from:to]
	}
	_, _, integer := c.typ.IntegerRange()
	float := c.typ == block.Float || c.typ == block.Double
	switch v := values.(type) {
	case []int:
		return integer, appendIf(integer, c, v[from:to], states, AppendInts[S, int])
	case []int8:
		return integer, appendIf(integer, c, v[from:to], states, AppendInts[S, int8])
	case []int16:
		return integer, appendIf(integer, c, v[from:to], states, AppendInts[S, int16])
	case []int32:
		return integer, appendIf(integer, c, v[from:to], states, AppendInts[S, int32])
	case []int64:
		return integer, appendIf(integer, c, v[from:to], states, AppendInts[S, int64])
	case []uint:
		return integer, appendIf(integer, c, v[from:to], states, AppendUints[S, uint])
	case []uint8:
		return integer, appendIf(integer, c, v[from:to], states, AppendUints[S, uint8])
	case []uint16:
		return integer, appendIf(integer, c, v[from:to], states, AppendUints[S, uint16])
	case []uint32:
		return integer, appendIf(integer, c, v[from:to], states, AppendUints[S, uint32])
	case []uint64:
		return integer, appendIf(integer, c, v[from:to], states, AppendUints[S, uint64])
	case []float32:
		return float, appendIf(float, c, v[from:to], states, AppendFloats[S, float32])
	case []float64:
		return float, appendIf(float, c, v[from:to], states, AppendFloats[S, float64])
	case []bool:
		ok := c.typ == block.Bool
		return ok, appendIf(ok, c, v[from:to], states, AppendBools)
	case []time.Time:
		ok := c.typ == block.Timestamp
		return ok, appendIf(ok, c, v[from:to], states, AppendTimes)
	case []string:
		ok := c.lengths && c.typ != block.Geometry
		return ok, appendIf(ok, c, v[from:to], states, AppendStrings[S, string])
	case [][]byte:
		ok := c.lengths && !c.typ.IsDecimal() && c.typ != block.JSON
		return ok, appendIf(ok, c, v[from:to], states, AppendSlices[S, []byte])
	}
	return false, nil
}

func appendIf[S ~uint8, T any](ok bool, c *Column, values []T, states []S, appendAll func(*Column, []T, []S) error) error {
	if !ok {
		return nil
	}
	return appendAll(c, values, states)
}

// AppendAny appends a value, or what a pointer points to, nil being NULL, if its
// type and the column's go together without a conversion, and does not allocate.
// ok is false otherwise, and nothing was appended; [Param.AppendValue] converts.
func (c *Column) AppendAny(value any) (ok bool, err error) {
	switch v := value.(type) {
	case nil:
		if c.typ == block.JSON {
			return false, nil
		}
		c.AppendNull()
		return true, nil
	case int64:
		return c.appendNumber(v)
	case int:
		return c.appendNumber(int64(v))
	case int32:
		return c.appendNumber(int64(v))
	case float64:
		return c.appendFloat(v)
	case float32:
		return c.appendFloat(float64(v))
	case bool:
		if c.typ == block.Bool {
			return true, c.AppendBool(v)
		}
	case string:
		if c.lengths && c.typ != block.Geometry {
			return true, c.AppendString(v)
		}
	case []byte:
		if v != nil && c.lengths && !c.typ.IsDecimal() {
			return true, c.AppendBytes(v)
		}
	case time.Time:
		if c.typ == block.Timestamp {
			return true, c.AppendTime(v)
		}
	case *int64:
		if v != nil {
			return c.appendNumber(*v)
		}
	case *int:
		if v != nil {
			return c.appendNumber(int64(*v))
		}
	case *int32:
		if v != nil {
			return c.appendNumber(int64(*v))
		}
	case *float64:
		if v != nil {
			return c.appendFloat(*v)
		}
	case *float32:
		if v != nil {
			return c.appendFloat(float64(*v))
		}
	case *bool:
		if v != nil && c.typ == block.Bool {
			return true, c.AppendBool(*v)
		}
	case *string:
		if v != nil && c.lengths && c.typ != block.Geometry {
			return true, c.AppendString(*v)
		}
	case *[]byte:
		if v != nil && *v != nil && c.lengths && !c.typ.IsDecimal() {
			return true, c.AppendBytes(*v)
		}
	case *time.Time:
		if v != nil && c.typ == block.Timestamp {
			return true, c.AppendTime(*v)
		}
	}
	return false, nil
}

// appendNumber appends an integer to an integer type, or to a floating-point type
// that has it exactly.
func (c *Column) appendNumber(v int64) (bool, error) {
	switch {
	case c.typ == block.Double && int64(float64(v)) == v && v != math.MaxInt64:
		return true, c.AppendFloat64(float64(v))
	case c.typ != block.Bool && !c.lengths && !c.typ.IsDecimal() && c.typ != block.Float && c.typ != block.Double:
		return true, c.AppendInt64(v)
	}
	return false, nil
}

func (c *Column) appendFloat(v float64) (bool, error) {
	if c.typ == block.Double || c.typ == block.Float {
		return true, c.AppendFloat64(v)
	}
	return false, nil
}

// AppendValue appends a value of a database/sql driver as [Param.Bind] does to an
// INSERT.
func (p Param) AppendValue(c *Column, value any) error {
	value, err := p.convert(value)
	if err != nil {
		return err
	}
	return c.Append(value)
}

// Truncate removes the rows from n on.
func (c *Column) Truncate(n int) { c.truncate(n) }

// Size is the number of bytes that the column takes in bind data.
func (c *Column) Size() int64 { return c.size() }
