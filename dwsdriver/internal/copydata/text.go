package copydata

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

const null = `\N`

func (e *Encoder) textCell(dst []byte, t wire.OID, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, null...), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case string:
		return appendEscaped(dst, v), nil
	case float64:
		return appendFloatText(dst, v), nil
	case time.Time:
		return appendTimeText(dst, t, v, e.loc)
	case float32, bool, uint64:
		return wire.AppendText(dst, v, t, e.loc)
	case []byte:
		return appendTextBytes(dst, t, v), nil
	case json.RawMessage:
		if v == nil {
			return append(dst, null...), nil
		}
		return appendEscaped(dst, v), nil
	}
	if n, ok := integer(v); ok {
		return strconv.AppendInt(dst, n, 10), nil
	}
	plain, err := e.plain(v)
	if err != nil {
		return dst, err
	}
	return e.textCell(dst, t, plain)
}

// appendTextBytes appends bytes as their column reads them. nil is NULL.
func appendTextBytes(dst []byte, t wire.OID, v []byte) []byte {
	if v == nil {
		return append(dst, null...)
	}
	switch t {
	case wire.Bytea:
		return hex.AppendEncode(append(dst, `\\x`...), v)
	case wire.Raw, wire.Blob:
		return hex.AppendEncode(dst, v)
	}
	return appendEscaped(dst, v)
}

// escapes are the letters that stand for bytes with a meaning of their own.
var escapes = [256]byte{'\\': '\\', '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f', '\v': 'v'}

// appendEscaped appends text without the meaning that some of its bytes have.
func appendEscaped[T ~string | ~[]byte](dst []byte, text T) []byte {
	from := 0
	for i := 0; i < len(text); i++ {
		if letter := escapes[text[i]]; letter != 0 {
			dst = append(dst, text[from:i]...)
			dst = append(dst, '\\', letter)
			from = i + 1
		}
	}
	return append(dst, text[from:]...)
}

func appendFloatText(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		dst, _ = wire.AppendText(dst, f, wire.Float8, time.UTC) // has a form for each
		return dst
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendTimeText is wire.AppendText for times, in a third of its time for those
// that people use.
func appendTimeText(dst []byte, t wire.OID, v time.Time, loc *time.Location) ([]byte, error) {
	if t != wire.TimestampTZ && t != wire.Timestamp {
		return wire.AppendText(dst, v, t, loc)
	}
	v = v.In(loc)
	_, offset := v.Zone()
	year, month, day := v.Date()
	if year < 1 || year > 9999 || offset%60 != 0 {
		return wire.AppendText(dst, v, t, loc)
	}
	hour, minute, second := v.Clock()
	dst = append(dst, byte('0'+year/1000), byte('0'+year/100%10), byte('0'+year/10%10), byte('0'+year%10), '-',
		byte('0'+month/10), byte('0'+month%10), '-', byte('0'+day/10), byte('0'+day%10), ' ',
		byte('0'+hour/10), byte('0'+hour%10), ':', byte('0'+minute/10), byte('0'+minute%10), ':', byte('0'+second/10), byte('0'+second%10))
	if nanos := v.Nanosecond(); nanos != 0 {
		dst = append(dst, '.')
		for unit := 100_000_000; nanos != 0; unit /= 10 {
			dst = append(dst, byte('0'+nanos/unit))
			nanos %= unit
		}
	}
	if t == wire.Timestamp {
		return dst, nil
	}
	sign := byte('+')
	if offset < 0 {
		sign, offset = '-', -offset
	}
	hour, minute = offset/3600, offset/60%60
	dst = append(dst, sign, byte('0'+hour/10), byte('0'+hour%10))
	if minute != 0 {
		dst = append(dst, ':', byte('0'+minute/10), byte('0'+minute%10))
	}
	return dst, nil
}

// integer returns integers of other widths than 64 bits.
func integer(v any) (int64, bool) {
	switch v := v.(type) {
	case int:
		return int64(v), true
	case int32:
		return int64(v), true
	case int16:
		return int64(v), true
	case int8:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint16:
		return int64(v), true
	case uint8:
		return int64(v), true
	}
	return 0, false
}
