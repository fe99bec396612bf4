package bind2

import (
	"database/sql/driver"
	"encoding/binary"
	"math"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// Value returns the value in row i as [block.Column] does: nil if it is not
// [Given], a TIMESTAMP as a time in UTC of the precision. A DECIMAL bound as text
// is a string; bound unscaled it is a [block.Decimal], whose scale only the
// column of the table knows. Bytes share the memory of the column.
func (c *Column) Value(i int, precision block.Precision) driver.Value {
	if c.states[i] != Given {
		return nil
	}
	if c.lengths {
		value := c.data[c.end(i-1):c.ends[i]:c.ends[i]]
		switch c.typ {
		case block.JSON, block.VarBinary, block.Geometry, block.Blob, block.MediumBlob:
			if value == nil {
				value = []byte{} // empty, not NULL
			}
			return value
		}
		return string(value)
	}
	width := c.typ.Width()
	b := c.data[i*width : (i+1)*width]
	le := binary.LittleEndian
	switch c.typ {
	case block.Bool:
		return b[0] != 0
	case block.TinyInt:
		return int64(int8(b[0]))
	case block.SmallInt:
		return int64(int16(le.Uint16(b)))
	case block.Int:
		return int64(int32(le.Uint32(b)))
	case block.BigInt:
		return int64(le.Uint64(b))
	case block.UTinyInt:
		return int64(b[0])
	case block.USmallInt:
		return int64(le.Uint16(b))
	case block.UInt:
		return int64(le.Uint32(b))
	case block.UBigInt:
		return le.Uint64(b)
	case block.Float:
		return math.Float32frombits(le.Uint32(b))
	case block.Double:
		return math.Float64frombits(le.Uint64(b))
	case block.Timestamp:
		return precision.Time(int64(le.Uint64(b)), time.UTC)
	case block.Decimal64, block.Decimal128:
		return block.DecimalFrom(b, c.typ)
	}
	return nil
}
