package wire

import (
	"database/sql/driver"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"time"
)

// MaxArguments is how many a statement can have.
const MaxArguments = 65535

// Depends reports whether the text of an argument depends on the type of its
// parameter, so that the statement has to be described before it is bound.
func Depends(v driver.Value) bool {
	switch v.(type) {
	case time.Time, []byte:
		return true
	}
	return false
}

// Arguments are what AppendBind binds.
type Arguments struct {
	Values []driver.Value
	// Types of the parameters; empty if they are not known.
	Types []OID
	// Location of dates and times of day without a zone. Not nil.
	Location *time.Location
	// Binary writes those arguments in the binary format whose type is known and is
	// that of their value.
	Binary bool
}

func (a *Arguments) typeOf(i int) OID {
	if i < len(a.Types) {
		return a.Types[i]
	}
	return 0
}

// AppendBind appends a request to bind the arguments to a statement, as the
// unnamed portal. Results is the format of each column of the result; empty
// stands for Text. An argument is nil, bool, int64, uint64, float32, float64, string,
// []byte, [json.RawMessage] or [time.Time].
func AppendBind(dst []byte, statement string, a *Arguments, results []Format) ([]byte, error) {
	dst, mark := Begin(dst, Bind)
	dst = AppendString(append(dst, 0), statement)
	if a.Binary {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(a.Values)))
		for i, v := range a.Values {
			dst = binary.BigEndian.AppendUint16(dst, uint16(formatOf(v, a.typeOf(i))))
		}
	} else {
		dst = append(dst, 0, 0)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(a.Values)))
	for i, v := range a.Values {
		if v == nil {
			dst = append(dst, 0xff, 0xff, 0xff, 0xff)
			continue
		}
		at := len(dst)
		dst = append(dst, 0, 0, 0, 0)
		t := a.typeOf(i)
		if a.Binary && formatOf(v, t) == Binary {
			dst = appendBinary(dst, v, t)
		} else {
			var err error
			if dst, err = AppendText(dst, v, t, a.Location); err != nil {
				return nil, fmt.Errorf("argument %d: %w", i+1, err)
			}
		}
		binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-4))
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(results)))
	for _, f := range results {
		dst = binary.BigEndian.AppendUint16(dst, uint16(f))
	}
	if len(dst)-mark > MaxMessage {
		return nil, fmt.Errorf("the arguments have %d bytes together; the server takes %d", len(dst)-mark, MaxMessage)
	}
	return End(dst, mark), nil
}

// AppendText appends an argument in the text format. t is its parameter's type, 0
// if that is not known.
//
// A time is written as its parameter wants it: a timestamp in loc, a date or a time
// of day as the value itself reads, everything else with its zone.
func AppendText(dst []byte, v driver.Value, t OID, loc *time.Location) ([]byte, error) {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case uint64:
		return strconv.AppendUint(dst, v, 10), nil
	case float64:
		return appendFloat(dst, v, 64), nil
	case float32:
		return appendFloat(dst, float64(v), 32), nil
	case string:
		return append(dst, v...), nil
	case json.RawMessage:
		return append(dst, v...), nil
	case []byte:
		switch t {
		case Bytea:
			return hex.AppendEncode(append(dst, `\x`...), v), nil
		case Raw, Blob:
			return hex.AppendEncode(dst, v), nil
		}
		return append(dst, v...), nil
	case time.Time:
		switch t {
		case Date:
			return appendDate(dst, v), nil
		case Time:
			return v.AppendFormat(dst, "15:04:05.999999999"), nil
		case TimeTZ:
			return appendOffset(v.AppendFormat(dst, "15:04:05.999999999"), v), nil
		case Timestamp, SmallDatetime:
			return appendTime(dst, v.In(loc), false), nil
		}
		return appendTime(dst, v.In(loc), true), nil
	}
	return nil, fmt.Errorf("a %T cannot be sent", v)
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "NaN"...)
	case math.IsInf(f, 1):
		return append(dst, "Infinity"...)
	case math.IsInf(f, -1):
		return append(dst, "-Infinity"...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// formatOf returns the format of an argument if it may be binary: only a value
// that is of its parameter's very type is, as servers do not convert.
func formatOf(v driver.Value, t OID) Format {
	ok := false
	switch v := v.(type) {
	case int64:
		ok = t == Int8 || t == Int4 && v == int64(int32(v)) || t == Int2 && v == int64(int16(v))
	case float64:
		ok = t == Float8
	case float32:
		ok = t == Float4
	case []byte:
		ok = t == Bytea
	case time.Time:
		ok = t == TimestampTZ && isMicros(v)
	}
	if ok {
		return Binary
	}
	return Text
}

// isMicros reports whether the server's microseconds since 2000 hold the time
// exactly.
func isMicros(t time.Time) bool {
	return t.Nanosecond()%1000 == 0 && t.Year() > -4000 && t.Year() < 200000
}

func appendBinary(dst []byte, v driver.Value, t OID) []byte {
	switch v := v.(type) {
	case int64:
		switch t {
		case Int4:
			return binary.BigEndian.AppendUint32(dst, uint32(v))
		case Int2:
			return binary.BigEndian.AppendUint16(dst, uint16(v))
		}
		return binary.BigEndian.AppendUint64(dst, uint64(v))
	case float64:
		return binary.BigEndian.AppendUint64(dst, math.Float64bits(v))
	case float32:
		return binary.BigEndian.AppendUint32(dst, math.Float32bits(v))
	case []byte:
		return append(dst, v...)
	case time.Time:
		return binary.BigEndian.AppendUint64(dst, uint64(v.UnixMicro()-epochSeconds*1e6))
	}
	return dst
}
