package block

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Type is a column type by its number on the wire.
type Type uint8

// The types. Decimal is the 128-bit form for more than 18 digits, Decimal64 the
// 64-bit form. MediumBlob is not used by servers; it is read like Blob.
const (
	Null       Type = 0
	Bool       Type = 1
	TinyInt    Type = 2
	SmallInt   Type = 3
	Int        Type = 4
	BigInt     Type = 5
	Float      Type = 6
	Double     Type = 7
	VarChar    Type = 8
	Timestamp  Type = 9
	NChar      Type = 10
	UTinyInt   Type = 11
	USmallInt  Type = 12
	UInt       Type = 13
	UBigInt    Type = 14
	JSON       Type = 15
	VarBinary  Type = 16
	Decimal128 Type = 17
	Blob       Type = 18
	MediumBlob Type = 19
	Geometry   Type = 20
	Decimal64  Type = 21
)

// traits of a type: its name in column_meta, the width of a value, 0 if it
// varies, and the width of the length before a value that varies.
type traits struct {
	name   string
	width  uint8
	prefix uint8
}

var types = [...]traits{
	Null:       {"NULL", 1, 0},
	Bool:       {"BOOL", 1, 0},
	TinyInt:    {"TINYINT", 1, 0},
	SmallInt:   {"SMALLINT", 2, 0},
	Int:        {"INT", 4, 0},
	BigInt:     {"BIGINT", 8, 0},
	Float:      {"FLOAT", 4, 0},
	Double:     {"DOUBLE", 8, 0},
	VarChar:    {"VARCHAR", 0, 2},
	Timestamp:  {"TIMESTAMP", 8, 0},
	NChar:      {"NCHAR", 0, 2},
	UTinyInt:   {"TINYINT UNSIGNED", 1, 0},
	USmallInt:  {"SMALLINT UNSIGNED", 2, 0},
	UInt:       {"INT UNSIGNED", 4, 0},
	UBigInt:    {"BIGINT UNSIGNED", 8, 0},
	JSON:       {"JSON", 0, 2},
	VarBinary:  {"VARBINARY", 0, 2},
	Decimal128: {"DECIMAL", 16, 0},
	Blob:       {"BLOB", 0, 4},
	MediumBlob: {"MEDIUMBLOB", 0, 4},
	Geometry:   {"GEOMETRY", 0, 2},
	Decimal64:  {"DECIMAL", 8, 0},
}

// Valid reports whether the number is that of a type.
func (t Type) Valid() bool { return int(t) < len(types) }

// String returns the type's name without parameters, as the server reports it:
// "INT UNSIGNED", "VARCHAR", "DECIMAL".
func (t Type) String() string {
	if !t.Valid() {
		return "TYPE(" + strconv.Itoa(int(t)) + ")"
	}
	return types[t].name
}

// Width returns the number of bytes of a value, 0 if it varies or t is not valid.
func (t Type) Width() int {
	if !t.Valid() {
		return 0
	}
	return int(types[t].width)
}

// Variable reports whether values vary in length.
func (t Type) Variable() bool { return t.prefix() != 0 }

// IsDecimal reports whether t is one of the two forms of DECIMAL.
func (t Type) IsDecimal() bool { return t == Decimal128 || t == Decimal64 }

// integers has the limits of the types that hold integers.
var integers = [...]struct {
	low  int64
	high uint64
}{
	TinyInt:   {math.MinInt8, math.MaxInt8},
	SmallInt:  {math.MinInt16, math.MaxInt16},
	Int:       {math.MinInt32, math.MaxInt32},
	BigInt:    {math.MinInt64, math.MaxInt64},
	Timestamp: {math.MinInt64, math.MaxInt64},
	UTinyInt:  {0, math.MaxUint8},
	USmallInt: {0, math.MaxUint16},
	UInt:      {0, math.MaxUint32},
	UBigInt:   {0, math.MaxUint64},
}

// IntegerRange returns the smallest and the largest number that a type holds; ok
// is false unless it is an integer type or TIMESTAMP.
func (t Type) IntegerRange() (low int64, high uint64, ok bool) {
	if int(t) >= len(integers) || integers[t].high == 0 {
		return 0, 0, false
	}
	return integers[t].low, integers[t].high, true
}

// prefix returns the width of the length before a value that varies, otherwise 0.
func (t Type) prefix() int {
	if !t.Valid() {
		return 0
	}
	return int(types[t].prefix)
}

// MaxPrecision is the largest number of digits of a DECIMAL.
const MaxPrecision = 38

// DecimalType returns the form of DECIMAL that holds so many digits.
func DecimalType(precision uint8) Type {
	if precision <= 18 {
		return Decimal64
	}
	return Decimal128
}

// ParseType returns the type of a name as the server writes it, in any case:
// "INT UNSIGNED", "VARCHAR" or its synonym "BINARY", "DECIMAL(20,4)". Only
// DECIMAL takes parameters; without them it is [Decimal128] of unknown precision.
func ParseType(name string) (t Type, precision, scale uint8, err error) {
	upper := strings.ToUpper(strings.TrimSpace(name))
	if base, rest, found := strings.Cut(upper, "("); found {
		digits, end := strings.CutSuffix(rest, ")")
		if strings.TrimSpace(base) != "DECIMAL" || !end {
			return 0, 0, 0, fmt.Errorf("unknown column type %q", name)
		}
		p, s, _ := strings.Cut(digits, ",")
		if s == "" {
			s = "0"
		}
		pn, perr := strconv.ParseUint(strings.TrimSpace(p), 10, 8)
		sn, serr := strconv.ParseUint(strings.TrimSpace(s), 10, 8)
		if perr != nil || serr != nil || pn < 1 || pn > MaxPrecision || sn > pn {
			return 0, 0, 0, fmt.Errorf("column type %q: want 1 to %d digits, no more of them after the point", name, MaxPrecision)
		}
		return DecimalType(uint8(pn)), uint8(pn), uint8(sn), nil
	}
	if upper == "BINARY" {
		return VarChar, 0, 0, nil
	}
	for i, x := range types {
		if x.name == upper {
			return Type(i), 0, 0, nil
		}
	}
	return 0, 0, 0, fmt.Errorf("unknown column type %q", name)
}
