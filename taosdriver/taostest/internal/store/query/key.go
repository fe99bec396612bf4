package query

import (
	"encoding/binary"
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
)

// appendKey appends a form of values that is equal only for equal values.
func appendKey(b []byte, values []any) []byte {
	bytes := func(tag byte, s string) {
		b = append(b, tag)
		b = binary.AppendUvarint(b, uint64(len(s)))
		b = append(b, s...)
	}
	number := func(tag byte, u uint64) { b = binary.BigEndian.AppendUint64(append(b, tag), u) }
	for _, v := range values {
		switch v := v.(type) {
		case nil:
			b = append(b, 0)
		case bool:
			if v {
				b = append(b, 1, 1)
			} else {
				b = append(b, 1, 0)
			}
		case int64:
			number(2, uint64(v))
		case uint64:
			number(3, v)
		case float32:
			number(4, uint64(math.Float32bits(v)))
		case float64:
			number(5, math.Float64bits(v))
		case string:
			bytes(6, v)
		case []byte:
			bytes(7, string(v))
		case *literal.JSON:
			bytes(8, v.Text())
		}
	}
	return b
}
