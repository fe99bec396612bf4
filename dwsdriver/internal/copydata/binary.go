package copydata

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// ErrText is a value that the server converts if it gets it as text, and that the
// binary format has no form for.
var ErrText = errors.New("the value is of another type than its column")

func (e *Encoder) binaryCell(dst []byte, t wire.OID, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, 0xff, 0xff, 0xff, 0xff), nil
	case int64:
		return appendInteger(dst, t, v)
	case float64:
		return appendFloat(dst, t, v)
	case string:
		return appendString(dst, t, v)
	case time.Time:
		return appendTime(dst, t, v, e.loc)
	case bool:
		if t != wire.Bool {
			return dst, ErrText
		}
		if v {
			return append(dst, 0, 0, 0, 1, 1), nil
		}
		return append(dst, 0, 0, 0, 1, 0), nil
	case float32:
		if t == wire.Float4 {
			return appendUint32(dst, math.Float32bits(v)), nil
		}
		return appendFloat(dst, t, float64(v))
	case uint64:
		if v > math.MaxInt64 {
			return dst, ErrText
		}
		return appendInteger(dst, t, int64(v))
	case []byte:
		return appendBytes(dst, t, v)
	case json.RawMessage:
		return appendBytes(dst, t, v)
	}
	if n, ok := integer(v); ok {
		return appendInteger(dst, t, n)
	}
	plain, err := e.plain(v)
	if err != nil {
		return dst, err
	}
	return e.binaryCell(dst, t, plain)
}

func appendUint64(dst []byte, n uint64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, 0, 0, 0, 8), n)
}

func appendUint32(dst []byte, n uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, 0, 0, 0, 4), n)
}

func appendInteger(dst []byte, t wire.OID, n int64) ([]byte, error) {
	switch t {
	case wire.Int8:
		return appendUint64(dst, uint64(n)), nil
	case wire.Int4:
		if n != int64(int32(n)) {
			return dst, overflow(n, "INT4")
		}
		return appendUint32(dst, uint32(n)), nil
	case wire.Int2:
		if n != int64(int16(n)) {
			return dst, overflow(n, "INT2")
		}
		return binary.BigEndian.AppendUint16(append(dst, 0, 0, 0, 2), uint16(n)), nil
	case wire.Float8:
		if n < -1<<53 || n > 1<<53 {
			return dst, ErrText
		}
		return appendUint64(dst, math.Float64bits(float64(n))), nil
	case wire.TextType, wire.VarChar, wire.BPChar:
		var text [20]byte
		return appendString(dst, t, strconv.AppendInt(text[:0], n, 10))
	}
	return dst, ErrText
}

func overflow(n int64, name string) error {
	return &driver.Error{Kind: driver.ErrOverflow, Message: fmt.Sprintf("%d is out of the range of %s", n, name)}
}

func appendFloat(dst []byte, t wire.OID, f float64) ([]byte, error) {
	switch t {
	case wire.Float8:
		return appendUint64(dst, math.Float64bits(f)), nil
	case wire.Float4:
		if g := float32(f); !math.IsInf(float64(g), 0) || math.IsInf(f, 0) {
			return appendUint32(dst, math.Float32bits(g)), nil
		}
	}
	return dst, ErrText
}

func appendString[T ~string | ~[]byte](dst []byte, t wire.OID, s T) ([]byte, error) {
	switch t {
	case wire.TextType, wire.VarChar, wire.BPChar, wire.JSON:
		return append(binary.BigEndian.AppendUint32(dst, uint32(len(s))), s...), nil
	}
	return dst, ErrText
}

// appendBytes appends bytes. nil is NULL.
func appendBytes(dst []byte, t wire.OID, b []byte) ([]byte, error) {
	if b == nil {
		return append(dst, 0xff, 0xff, 0xff, 0xff), nil
	}
	if t == wire.Bytea {
		return append(binary.BigEndian.AppendUint32(dst, uint32(len(b))), b...), nil
	}
	return appendString(dst, t, b)
}

const epoch = 946684800 // 2000-01-01, in seconds

func appendTime(dst []byte, t wire.OID, v time.Time, loc *time.Location) ([]byte, error) {
	switch t {
	case wire.TimestampTZ:
	case wire.Timestamp:
		_, offset := v.In(loc).Zone()
		v = v.Add(time.Duration(offset) * time.Second)
	case wire.Date:
		year, month, day := v.Date()
		days := (time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix() - epoch) / 86400
		if year < -4712 || year > 5874896 {
			return dst, ErrText
		}
		return appendUint32(dst, uint32(int32(days))), nil
	default:
		return dst, ErrText
	}
	seconds := v.Unix() - epoch
	if seconds < -211813488000 || seconds > 9224318016000-epoch { // 4714 BC to 294276
		return dst, ErrText // the server has the right words
	}
	// The server rounds text to microseconds, halves to the even one.
	nanos := v.Nanosecond()
	us, rest := nanos/1000, nanos%1000
	if rest > 500 || rest == 500 && us%2 == 1 {
		us++
	}
	return appendUint64(dst, uint64(seconds*1e6+int64(us))), nil
}
