// Package qpack reads and writes QPack, the serialisation of SiriDB.
//
// Append functions write exactly the bytes of the official packer: the shortest
// form of a number and a raw, fixed containers up to five elements, open and
// closed containers beyond. A [Decoder] reads every legal form, including open
// containers that are never closed, which is how the server ends nearly every
// response. No length is believed before it has been compared with the bytes
// that are there.
//
// All integers are little endian. A raw is a string of bytes without an
// encoding; text from the server need not be UTF-8.
//
// Source of the format: siridb-server 2.0.55 and siridb-connector 2.1.6 with
// qpack 0.0.21, recorded.
package qpack

// The tags of QPack. Tags between two of them carry a value or a length.
const (
	tagSmallInt    = 0x00 // 0..63
	tagNegativeInt = 0x40 // -1..-60: value is 63 - tag
	tagHook        = 0x7c // reserved, never sent
	tagMinusOne    = 0x7d // -1.0
	tagZero        = 0x7e // 0.0
	tagOne         = 0x7f // 1.0
	tagRaw         = 0x80 // raw of length tag - tagRaw, up to 99
	tagRaw8        = 0xe4
	tagRaw16       = 0xe5
	tagRaw32       = 0xe6
	tagRaw64       = 0xe7
	tagInt8        = 0xe8
	tagInt16       = 0xe9
	tagInt32       = 0xea
	tagInt64       = 0xeb
	tagDouble      = 0xec
	tagArray       = 0xed // array of tag - tagArray elements, up to 5
	tagMap         = 0xf3 // map of tag - tagMap pairs, up to 5
	tagTrue        = 0xf9
	tagFalse       = 0xfa
	tagNull        = 0xfb
	tagArrayOpen   = 0xfc
	tagMapOpen     = 0xfd
	tagArrayClose  = 0xfe
	tagMapClose    = 0xff
)

// fixed is the largest container that has a tag of its own.
const fixed = 5

// maxSmallRaw is the longest raw whose length is part of its tag.
const maxSmallRaw = tagRaw8 - tagRaw - 1

// Kind is what a value is.
type Kind uint8

// The kinds. End is the end of the data, Close the end of an open container,
// Bad a reserved tag.
const (
	End Kind = iota
	Int
	Float
	Raw
	Bool
	Null
	Array
	Map
	Close
	Bad
)

var kindNames = [...]string{"end of data", "integer", "float", "raw", "boolean", "null", "array", "map", "close", "reserved tag"}

func (k Kind) String() string { return kindNames[k] }

// kinds gives the kind of each tag.
var kinds = func() (table [256]Kind) {
	for tag := range table {
		switch {
		case tag < tagHook, tag >= tagInt8 && tag <= tagInt64:
			table[tag] = Int
		case tag == tagHook:
			table[tag] = Bad
		case tag < tagRaw, tag == tagDouble:
			table[tag] = Float
		case tag < tagInt8:
			table[tag] = Raw
		case tag < tagMap, tag == tagArrayOpen:
			table[tag] = Array
		case tag < tagTrue, tag == tagMapOpen:
			table[tag] = Map
		case tag < tagNull:
			table[tag] = Bool
		case tag == tagNull:
			table[tag] = Null
		default:
			table[tag] = Close
		}
	}
	return table
}()
