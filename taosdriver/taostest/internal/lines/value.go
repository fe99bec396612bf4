package lines

import (
	"encoding/hex"
	"math"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
)

// suffixes tell the types of numbers, the longer ones first.
var suffixes = []struct {
	suffix string
	typ    block.Type
}{
	{"i16", block.SmallInt}, {"i32", block.Int}, {"i64", block.BigInt}, {"u16", block.USmallInt}, {"u32", block.UInt},
	{"u64", block.UBigInt}, {"f32", block.Float}, {"f64", block.Double}, {"i8", block.TinyInt}, {"u8", block.UTinyInt},
	{"i", block.BigInt}, {"u", block.UBigInt}, {"", block.Double},
}

// parseValue reads a value of the line protocol. rest is the text from the value
// on, which errors quote.
func parseValue(s, rest string) (v Value, err error) {
	invalid := failf(codeValue, "invalid data:%s", rest)
	switch s {
	case "t", "T", "true", "True", "TRUE":
		return Value{Type: block.Bool, Text: "true"}, nil
	case "f", "F", "false", "False", "FALSE":
		return Value{Type: block.Bool, Text: "false"}, nil
	}
	if prefix, text, found := strings.Cut(s, `"`); found {
		if !strings.HasSuffix(text, `"`) {
			return v, failf(codeData, "SML line unbalanced quotes:%s", rest)
		}
		text = unescape(text[:len(text)-1])
		ok := true
		switch prefix {
		case "":
			v = text1(block.VarChar, text)
		case "L", "l":
			v = nchar(text)
		case "G", "g":
			var wkb []byte
			wkb, ok = literal.WKB(text)
			v = Value{Type: block.Geometry, Text: quote(text), Size: len(wkb)}
		case "B", "b":
			v, ok = binary(text)
		default:
			ok = false
		}
		if !ok {
			return v, invalid
		}
		return v, nil
	}
	lower := strings.ToLower(s)
	for _, x := range suffixes {
		digits, found := strings.CutSuffix(lower, x.suffix)
		if !found {
			continue
		}
		switch low, high, integer := x.typ.IntegerRange(); {
		case isNumber(digits, x.typ):
			return Value{Type: x.typ, Text: digits}, nil
		case integer && isNumber(digits, block.Double):
			return v, failf(codeValue, "%s out of range[%d,%d]:%s", integerNames[x.typ], low, high, rest)
		}
		return v, invalid
	}
	return v, invalid
}

// integerNames are the types as errors have them.
var integerNames = map[block.Type]string{
	block.TinyInt: "tiny int", block.SmallInt: "small int", block.Int: "int", block.BigInt: "big int",
	block.UTinyInt: "unsigned tiny int", block.USmallInt: "unsigned small int", block.UInt: "unsigned int", block.UBigInt: "unsigned big int",
}

// isNumber reports whether the text is a number of the type.
func isNumber(s string, t block.Type) bool {
	low, high, integer := t.IntegerRange()
	switch {
	case integer && low < 0:
		n, err := strconv.ParseInt(s, 10, 64)
		return err == nil && n >= low && (n < 0 || uint64(n) <= high)
	case integer:
		n, err := strconv.ParseUint(s, 10, 64)
		return err == nil && n <= high
	}
	if s == "" || strings.ContainsAny(s, "xXpP_nN") { // hexadecimal, NaN and infinities
		return false
	}
	f, err := strconv.ParseFloat(s, 64)
	return err == nil && (t != block.Float || math.Abs(f) <= math.MaxFloat32)
}

func text1(t block.Type, s string) Value { return Value{Type: t, Text: quote(s), Raw: s, Size: len(s)} }

func nchar(s string) Value { return text1(block.NChar, s) }

func binary(s string) (Value, bool) {
	data := []byte(s)
	if digits, ok := strings.CutPrefix(s, `\x`); ok {
		var err error
		if data, err = hex.DecodeString(digits); err != nil {
			return Value{}, false
		}
	}
	return Value{Type: block.VarBinary, Text: `'\x` + hex.EncodeToString(data) + `'`, Size: len(data)}, true
}

// quote writes text as a literal of SQL.
func quote(s string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`, "\t", `\t`).Replace(s) + "'"
}
