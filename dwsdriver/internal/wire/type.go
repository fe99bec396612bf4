package wire

import (
	pqoid "github.com/lib/pq/oid"
)

// OID is the number of a type, or of another object of the catalogue.
type OID uint32

// The types that are treated by themselves. Those from Raw on are GaussDB's.
const (
	Bool        OID = 16
	Bytea       OID = 17
	Int8        OID = 20
	Int2        OID = 21
	Int4        OID = 23
	TextType    OID = 25
	ObjectID    OID = 26
	JSON        OID = 114
	Float4      OID = 700
	Float8      OID = 701
	Unknown     OID = 705
	BPChar      OID = 1042
	VarChar     OID = 1043
	Date        OID = 1082
	Time        OID = 1083
	Timestamp   OID = 1114
	TimestampTZ OID = 1184
	Interval    OID = 1186
	TimeTZ      OID = 1266
	Bit         OID = 1560
	VarBit      OID = 1562
	Numeric     OID = 1700
	UUID        OID = 2950
	JSONB       OID = 3802

	Raw           OID = 86
	Blob          OID = 88
	Clob          OID = 90
	NVarChar2     OID = 3969
	HLL           OID = 4301
	TinyInt       OID = 5545
	SmallDatetime OID = 9003
)

// gaussTypes are the names of types that PostgreSQL does not have. Those of
// arrays begin with "_", as everywhere.
var gaussTypes = map[OID]string{
	Raw: "RAW", 87: "_RAW", Blob: "BLOB", 89: "_BLOB", Clob: "CLOB", 91: "_CLOB",
	NVarChar2: "NVARCHAR2", 3968: "_NVARCHAR2",
	HLL: "HLL", 4302: "_HLL", 4303: "HLL_HASHVAL", 4304: "_HLL_HASHVAL", 4370: "HLL_TRANS_TYPE", 4371: "_HLL_TRANS_TYPE",
	TinyInt: "TINYINT", 5546: "_TINYINT",
	SmallDatetime: "SMALLDATETIME", 9005: "_SMALLDATETIME",
}

// String returns the type's name in upper case, as lib/pq has it: "INT8",
// "VARCHAR", "_TEXT" for an array. It is empty for a type that is not the
// server's own.
func (t OID) String() string {
	if name, ok := gaussTypes[t]; ok {
		return name
	}
	return pqoid.TypeName[pqoid.Oid(t)]
}

// Kind is what values of a type become.
type Kind uint8

// The kinds, with the Go type of their values.
const (
	OfText      Kind = iota // string: also every type that is not known
	OfBool                  // bool
	OfInt                   // int64
	OfFloat                 // float64
	OfSingle                // float32
	OfBytes                 // []byte
	OfJSON                  // []byte that holds a JSON document
	OfTime                  // time.Time, an instant
	OfLocalTime             // time.Time, a date and a time of day in the location
	OfDate                  // time.Time, midnight in the location
)

// Kind returns what values of the type become.
func (t OID) Kind() Kind {
	switch t {
	case Bool:
		return OfBool
	case Int8, Int4, Int2, TinyInt, ObjectID:
		return OfInt
	case Float8:
		return OfFloat
	case Float4:
		return OfSingle
	case Bytea, Raw, Blob:
		return OfBytes
	case JSON, JSONB:
		return OfJSON
	case TimestampTZ:
		return OfTime
	case Timestamp, SmallDatetime:
		return OfLocalTime
	case Date:
		return OfDate
	}
	return OfText
}

// HasBinary reports whether values of the type are read in the binary format as
// well as in text. Only types whose text costs the server or this process much
// are.
func (t OID) HasBinary() bool {
	switch t {
	case Int8, Int4, Int2, ObjectID, Float8, Float4, TimestampTZ, Timestamp, Date, Bytea:
		return true
	}
	return false
}

// header is what the server puts in front of the declared length of a text, and
// of the precision of a NUMERIC, in a modifier.
const header = 4

// Length returns the declared length of a character type in characters, of a bit
// string in bits, and the largest int64 for text and bytes without a limit. ok is
// false for types of one length.
func (c *Column) Length() (n int64, ok bool) {
	const unlimited = 1<<63 - 1
	switch c.Type {
	case VarChar, BPChar, NVarChar2:
		if c.Modifier >= header {
			return int64(c.Modifier - header), true
		}
		return unlimited, true
	case Bit, VarBit:
		if c.Modifier >= 0 {
			return int64(c.Modifier), true
		}
		return unlimited, true
	case TextType, Bytea, Raw, Blob, Clob, JSON, JSONB:
		return unlimited, true
	}
	return 0, false
}

// microseconds are the digits of a timestamp that none were declared for.
const microseconds = 6

// Precision returns the digits of a NUMERIC and those behind its point, and the
// digits of the fraction of a second of times. ok is false for other types and
// for a NUMERIC without limits.
func (c *Column) Precision() (precision, scale int64, ok bool) {
	switch c.Type {
	case Numeric:
		if c.Modifier >= header {
			m := c.Modifier - header
			return int64(m >> 16 & 0xffff), int64(m&0x7ff^0x400) - 0x400, true // may be negative since PostgreSQL 15
		}
	case Timestamp, TimestampTZ, Time, TimeTZ:
		if c.Modifier >= 0 {
			return int64(c.Modifier), 0, true
		}
		return microseconds, 0, true
	case SmallDatetime:
		return 0, 0, true
	}
	return 0, 0, false
}
