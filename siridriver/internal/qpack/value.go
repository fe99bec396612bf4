package qpack

import (
	"errors"
	"fmt"
	"math"
)

// Pairs is a map as a tree of values holds it, in the order of the wire.
type Pairs []Pair

// Pair is one entry of [Pairs].
type Pair struct {
	Key, Value any
}

// Get returns the value of the first pair whose key is the raw key.
func (p Pairs) Get(key string) (any, bool) {
	for _, pair := range p {
		if pair.Key == key {
			return pair.Value, true
		}
	}
	return nil, false
}

// ErrOverflow is an integer beyond 63 bits and a sign, which QPack cannot hold.
var ErrOverflow = errors.New("integer beyond 64 bits with sign")

// AppendValue appends a tree of nil, bool, int, int64, uint64, float64, string,
// []byte, []any and [Pairs].
func AppendValue(dst []byte, value any) ([]byte, error) {
	var err error
	switch v := value.(type) {
	case nil:
		return AppendNull(dst), nil
	case bool:
		return AppendBool(dst, v), nil
	case int:
		return AppendInt(dst, int64(v)), nil
	case int64:
		return AppendInt(dst, v), nil
	case uint64:
		if v > math.MaxInt64 {
			return dst, ErrOverflow
		}
		return AppendInt(dst, int64(v)), nil
	case float64:
		return AppendFloat(dst, v), nil
	case string:
		return AppendRaw(dst, v), nil
	case []byte:
		return AppendRaw(dst, v), nil
	case []any:
		dst = AppendArray(dst, len(v))
		for _, e := range v {
			if dst, err = AppendValue(dst, e); err != nil {
				return dst, err
			}
		}
		return EndArray(dst, len(v)), nil
	case Pairs:
		dst = AppendMap(dst, len(v))
		for _, p := range v {
			if dst, err = AppendValue(dst, p.Key); err != nil {
				return dst, err
			}
			if dst, err = AppendValue(dst, p.Value); err != nil {
				return dst, err
			}
		}
		return EndMap(dst, len(v)), nil
	}
	return dst, fmt.Errorf("qpack has no form for %T", value)
}

// Decode reads data that is one value as a tree of nil, bool, int64, float64,
// string, []any and [Pairs].
func Decode(data []byte) (any, error) {
	d := NewDecoder(data)
	v := d.Value()
	return v, d.Close()
}

// Value reads one value as [Decode] does.
func (d *Decoder) Value() any { return d.value(0) }

func (d *Decoder) value(depth int) any {
	if depth > maxDepth {
		d.Fail("more than %d levels", maxDepth)
		return nil
	}
	switch k := d.Kind(); k {
	case Int:
		return d.Int()
	case Float:
		return d.Float()
	case Raw:
		return d.String()
	case Bool:
		return d.Bool()
	case Null:
		d.Null()
	case Array:
		array := []any{}
		for s := d.Array(); s.Next(d); {
			array = append(array, d.value(depth+1))
		}
		return array
	case Map:
		pairs := Pairs{}
		for s := d.Map(); s.Next(d); {
			key := d.value(depth + 1)
			if s.Next(d) {
				pairs = append(pairs, Pair{key, d.value(depth + 1)})
			}
		}
		return pairs
	default:
		d.Fail("%s where a value is expected", k)
	}
	return nil
}
