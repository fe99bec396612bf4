package store

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
)

// text writes a value that is kept as the server's output functions do.
func (t *typ) text(v any, s *settings) string {
	switch x := v.(type) {
	case int64:
		if t.kind == kindBool {
			if x != 0 {
				return "t"
			}
			return "f"
		}
		return strconv.FormatInt(x, 10)
	case float64:
		return t.floatText(x, s)
	case bool:
		return t.text(map[bool]int64{true: 1}[x], s)
	case []byte:
		if t.kind == kindBytes {
			return `\x` + hex.EncodeToString(x)
		}
		return string(x)
	case string:
		return t.stringText(x, s)
	}
	return fmt.Sprint(v)
}

func (t *typ) floatText(f float64, s *settings) string {
	switch {
	case t.kind == kindInt:
		return strconv.FormatFloat(math.RoundToEven(f), 'f', 0, 64)
	case t.kind == kindNumeric:
		return strconv.FormatFloat(f, 'f', -1, 64)
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	digits, bits := 15, 64
	if t.size == 4 {
		digits, bits = 6, 32
	}
	format, extra := byte('g'), s.floatDigits()
	if digits += extra; extra > 0 {
		// A server of its age writes so many digits; the shortest that read back the
		// same are as good unless there are too few of them.
		if short := strconv.FormatFloat(f, 'e', -1, bits); mantissa(short) <= digits {
			digits = -1
		}
	}
	exp := math.Floor(math.Log10(math.Abs(f)))
	if f == 0 || exp >= -4 && exp < 15 {
		if text := strconv.FormatFloat(f, format, digits, bits); !strings.Contains(text, "e") {
			return text
		}
		return strconv.FormatFloat(f, 'f', -1, bits)
	}
	return strconv.FormatFloat(f, format, digits, bits)
}

// mantissa counts the digits ahead of the exponent.
func mantissa(text string) int {
	text, _, _ = strings.Cut(text, "e")
	return len(strings.NewReplacer("-", "", ".", "").Replace(text))
}

func (t *typ) stringText(x string, s *settings) string {
	switch t.kind {
	case kindStamp, kindStampZone:
		at, err := time.Parse(stampLayout, x)
		if err != nil {
			return x
		}
		if t.kind == kindStamp {
			return at.Format("2006-01-02 15:04:05.999999")
		}
		at = at.In(s.zone())
		_, offset := at.Zone()
		layout := "2006-01-02 15:04:05.999999-07"
		switch {
		case offset%60 != 0:
			layout += ":00:00"
		case offset%3600 != 0:
			layout += ":00"
		}
		return at.Format(layout)
	case kindTime:
		return strings.TrimSuffix(strings.TrimRight(x, "0"), ".")
	case kindBool:
		if x == "0" || x == "" {
			return "f"
		}
		return "t"
	}
	return x
}

// epoch is where PostgreSQL's times begin.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// binary writes a value in binary form; false if the type has none here.
func (t *typ) binary(v any) ([]byte, bool) {
	switch x := v.(type) {
	case int64:
		switch {
		case t.kind == kindBool:
			return []byte{byte(min(x&1, 1))}, true
		case t.kind == kindInt:
			return binary.BigEndian.AppendUint64(nil, uint64(x))[8-t.size:], true
		case t.kind == kindFloat:
			return t.binary(float64(x))
		}
	case float64:
		switch {
		case t.kind == kindFloat && t.size == 4:
			return binary.BigEndian.AppendUint32(nil, math.Float32bits(float32(x))), true
		case t.kind == kindFloat:
			return binary.BigEndian.AppendUint64(nil, math.Float64bits(x)), true
		}
	case []byte:
		return x, true
	case string:
		switch t.kind {
		case kindText, kindJSON:
			return []byte(x), true
		case kindStamp, kindStampZone:
			if at, err := time.Parse(stampLayout, x); err == nil {
				return binary.BigEndian.AppendUint64(nil, uint64(at.Sub(epoch).Microseconds())), true
			}
		case kindDate:
			if at, err := time.Parse(dateLayout, x); err == nil {
				return binary.BigEndian.AppendUint32(nil, uint32(int32(at.Sub(epoch)/(24*time.Hour)))), true
			}
		case kindUUID:
			b, err := hex.DecodeString(strings.ReplaceAll(x, "-", ""))
			return b, err == nil
		}
	}
	return nil, false
}

// fromBinary reads a parameter in binary form.
func (t *typ) fromBinary(b []byte) (any, error) {
	wrong := failf("22P03", "incorrect binary data format in bind parameter")
	switch t.kind {
	case kindText, kindJSON, kindJSONB, kindVoid:
		if t.oid == 1186 {
			return nil, wrong
		}
		return t.parse(string(b), time.UTC)
	case kindBytes:
		return append([]byte{}, b...), nil
	}
	if t.size > 0 && len(b) != t.size {
		return nil, wrong
	}
	switch t.kind {
	case kindBool:
		return int64(b[0] & 1), nil
	case kindInt:
		n := int64(int8(b[0]))
		for _, c := range b[1:] {
			n = n<<8 | int64(c)
		}
		if t.oid == 26 || t.oid == 5545 {
			n &= 1<<(8*t.size) - 1
		}
		return n, nil
	case kindFloat:
		if t.size == 4 {
			return t.float(float64(math.Float32frombits(binary.BigEndian.Uint32(b))))
		}
		return t.float(math.Float64frombits(binary.BigEndian.Uint64(b)))
	case kindStamp, kindStampZone:
		us := int64(binary.BigEndian.Uint64(b))
		return t.stamp(epoch.Add(time.Duration(us/1e6)*time.Second).Add(time.Duration(us%1e6)*time.Microsecond), time.UTC), nil
	case kindDate:
		return epoch.AddDate(0, 0, int(int32(binary.BigEndian.Uint32(b)))).Format(dateLayout), nil
	case kindUUID:
		return t.parse(hex.EncodeToString(b), time.UTC)
	}
	return nil, failf("0A000", "the embedded store takes no binary parameters of type %s", t.name)
}

// compareNumbers orders decimals by value.
func compareNumbers(a, b string) int {
	x, ok1 := new(big.Rat).SetString(a)
	y, ok2 := new(big.Rat).SetString(b)
	if !ok1 || !ok2 {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}
