// Package tsblock reads the blocks of rows in which IoTDB sends results.
//
// A block is, with all numbers big-endian:
//
//	int32 columns | byte type[columns] | int32 positions | byte encoding[columns+1] | time column | columns
//
// The types are those of what is stored, not of what it means: a TIMESTAMP is an
// INT64 here, a DATE an INT32, a BLOB a TEXT. The first encoding is that of the time
// column. A column of an array encoding is
//
//	byte mayHaveNull | bits of NULLs, if it may | values
//
// Bits begin with the most significant, 1 is NULL. NULLs take no place among the
// values of four and eight bytes and of those with a length before them (int32);
// BOOLEANs have a bit for every position, NULL or not. A column that is one value
// over and over is that encoding, the encoding of the value, and a column of one
// position.
package tsblock

// Encoding is how a column is written (TsBlock's encodings of tsfile).
type Encoding = byte

// The encodings.
const (
	ByteArray   Encoding = 0 // BOOLEAN
	Int32Array  Encoding = 1 // INT32, FLOAT, DATE
	Int64Array  Encoding = 2 // INT64, DOUBLE, TIMESTAMP
	BinaryArray Encoding = 3 // TEXT, STRING, BLOB
	RLE         Encoding = 4 // one value, repeated
)
