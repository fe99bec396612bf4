package rpc

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// AppendParameters appends values for a prepared statement: their number, and for
// each a byte with its type and the value, which NULL, of type UNKNOWN, does not
// have. There are no parameters of type TIMESTAMP and DATE. It takes nil, bool,
// int64, float32, float64, string and []byte.
func AppendParameters(dst []byte, values []any) ([]byte, error) {
	dst = binary.BigEndian.AppendUint32(dst, uint32(len(values)))
	for _, value := range values {
		switch v := value.(type) {
		case nil:
			dst = append(dst, byte(datatype.Unknown))
		case bool:
			dst = append(dst, byte(datatype.Boolean), 0)
			if v {
				dst[len(dst)-1] = 1
			}
		case int64:
			dst = binary.BigEndian.AppendUint64(append(dst, byte(datatype.Int64)), uint64(v))
		case float32:
			dst = binary.BigEndian.AppendUint32(append(dst, byte(datatype.Float)), math.Float32bits(v))
		case float64:
			dst = binary.BigEndian.AppendUint64(append(dst, byte(datatype.Double)), math.Float64bits(v))
		case string:
			dst = append(binary.BigEndian.AppendUint32(append(dst, byte(datatype.String)), uint32(len(v))), v...)
		case []byte:
			dst = append(binary.BigEndian.AppendUint32(append(dst, byte(datatype.Blob)), uint32(len(v))), v...)
		default:
			return nil, fmt.Errorf("a %T is no parameter", value)
		}
	}
	return dst, nil
}
