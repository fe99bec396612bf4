package literal

import (
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

func toBool(s source) (any, error) {
	switch v := s.v.(type) {
	case bool:
		return v, nil
	case int64:
		return v != 0, nil
	case uint64:
		return v != 0, nil
	case float64:
		return v != 0, nil
	case string:
		if strings.EqualFold(v, "true") || strings.EqualFold(v, "false") {
			return strings.EqualFold(v, "true"), nil
		}
	}
	return nil, bad("invalid bool data")
}

// intRange is the range of an integer type and its name in error texts.
type intRange struct {
	name string
	min  int64
	max  uint64
}

var intRanges = map[block.Type]intRange{
	block.TinyInt:   {"tinyint", math.MinInt8, math.MaxInt8},
	block.SmallInt:  {"smallint", math.MinInt16, math.MaxInt16},
	block.Int:       {"int", math.MinInt32, math.MaxInt32},
	block.BigInt:    {"bigint", math.MinInt64, math.MaxInt64},
	block.UTinyInt:  {"unsigned tinyint", 0, math.MaxUint8},
	block.USmallInt: {"unsigned smallint", 0, math.MaxUint16},
	block.UInt:      {"unsigned int", 0, math.MaxUint32},
	block.UBigInt:   {"unsigned bigint", 0, math.MaxUint64},
}

func toInteger(t block.Type, s source) (any, error) {
	r := intRanges[t]
	v := s.v
	if text, ok := v.(string); ok {
		text = strings.TrimSpace(text)
		f, err := strconv.ParseFloat(text, 64)
		if v = integer(text); err != nil && v == hugeInteger(0) {
			return nil, bad("invalid " + r.name + " data")
		}
		if _, huge := v.(hugeInteger); huge { // 1.5, or beyond 64 bits
			v = f
		}
	}
	if f, ok := v.(float64); ok {
		f = math.Round(f)
		switch {
		case f >= math.MinInt64 && f < math.MaxInt64:
			v = int64(f)
		case f >= 0 && f < math.MaxUint64:
			v = uint64(f)
		default:
			return nil, bad("invalid " + r.name + " data")
		}
	}
	var signed int64
	var unsigned uint64
	switch n := v.(type) {
	case bool:
		if n {
			signed, unsigned = 1, 1
		}
	case int64:
		if n < r.min {
			if t == block.UBigInt {
				return nil, bad("invalid unsigned bigint data")
			}
			return nil, bad(r.name + " data overflow")
		}
		signed, unsigned = n, uint64(max(n, 0))
	case uint64:
		signed, unsigned = int64(min(n, math.MaxInt64)), n
	default:
		return nil, bad("invalid " + r.name + " data")
	}
	if unsigned > r.max {
		if t == block.BigInt {
			return nil, bad("invalid bigint data")
		}
		return nil, bad(r.name + " data overflow")
	}
	if t == block.UBigInt {
		return unsigned, nil
	}
	return signed, nil
}

func toFloat(t block.Type, s source) (any, error) {
	var f float64
	switch v := s.v.(type) {
	case int64:
		f = float64(v)
	case uint64:
		f = float64(v)
	case hugeInteger:
		f = float64(v)
	case float64:
		f = v
	case bool:
		if v {
			f = 1
		}
	case string:
		var err error
		if f, err = strconv.ParseFloat(strings.TrimSpace(v), 64); err != nil {
			return nil, bad("illegal float data")
		}
	default:
		return nil, bad("illegal float data")
	}
	special := math.IsInf(f, 0) || math.IsNaN(f)
	if t == block.Double {
		if special && !s.bound {
			return nil, bad("illegal double data")
		}
		return f, nil
	}
	if special && !s.bound || !special && math.IsInf(float64(float32(f)), 0) {
		return nil, bad("illegal float data")
	}
	return float32(f), nil
}
