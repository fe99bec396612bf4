// Package datatype has the data types of IoTDB: their numbers on the wire, their
// names, and how wide their values are. TsBlocks, tablets, records and prepared
// statements all speak of them.
package datatype

import (
	"strconv"
	"strings"
)

// Type is a data type by its number on the wire (TSDataType of tsfile).
type Type byte

// The types of columns. 6 (VECTOR) and 7 (UNKNOWN) are the server's own.
const (
	Boolean   Type = 0
	Int32     Type = 1
	Int64     Type = 2
	Float     Type = 3
	Double    Type = 4
	Text      Type = 5
	Unknown   Type = 7
	Timestamp Type = 8
	Date      Type = 9 // yyyymmdd as an INT32
	Blob      Type = 10
	String    Type = 11
	Object    Type = 12 // of servers newer than 2.0.6
)

var names = [...]string{
	Boolean: "BOOLEAN", Int32: "INT32", Int64: "INT64", Float: "FLOAT", Double: "DOUBLE", Text: "TEXT", 6: "VECTOR",
	Unknown: "UNKNOWN", Timestamp: "TIMESTAMP", Date: "DATE", Blob: "BLOB", String: "STRING", Object: "OBJECT",
}

// String returns the name as SQL has it.
func (t Type) String() string {
	if int(t) < len(names) {
		return names[t]
	}
	return "type " + strconv.Itoa(int(t))
}

// Of returns the type of that name, in any case of letters.
func Of(name string) (Type, bool) {
	for t, n := range names {
		if strings.EqualFold(n, name) {
			return Type(t), t != 6 && Type(t) != Unknown
		}
	}
	return Unknown, false
}

// Column reports whether a column of a table can have the type.
func (t Type) Column() bool { return t <= Text || t >= Timestamp && t <= String }

// Width is the number of bytes of a value in a tablet; 0 if values differ in
// length and have it before them.
func (t Type) Width() int {
	switch t {
	case Boolean:
		return 1
	case Int32, Float, Date:
		return 4
	case Int64, Double, Timestamp:
		return 8
	}
	return 0
}

// Binary reports whether values are bytes with a length before them.
func (t Type) Binary() bool { return t == Text || t == String || t == Blob || t == Object }

// Physical is the type as which a TsBlock carries values of t.
func (t Type) Physical() Type {
	switch t {
	case Timestamp:
		return Int64
	case Date:
		return Int32
	case String, Blob, Object:
		return Text
	}
	return t
}
