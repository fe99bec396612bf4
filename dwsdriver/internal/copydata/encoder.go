package copydata

import (
	"encoding/binary"
	"fmt"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Encoder writes the rows of a table.
type Encoder struct {
	types []wire.OID
	loc   *time.Location
	// binary says the format.
	binary bool
	// plain makes one of the types below of a value that is none.
	plain func(any) (any, error)
}

// NewEncoder makes an encoder for columns of these types. Times without a zone are
// in loc. Values are nil, bool, int64, uint64, float32, float64, string, []byte,
// json.RawMessage, time.Time, the other integers, or what plain makes one of
// them.
func NewEncoder(types []wire.OID, loc *time.Location, binary bool, plain func(any) (any, error)) *Encoder {
	return &Encoder{types: types, loc: loc, binary: binary, plain: plain}
}

// HasBinary reports whether all of the types are written in the binary format,
// given those that the server is known to have in common with PostgreSQL.
func HasBinary(types, known []wire.OID) bool {
	if !slices.Contains(known, wire.Int8) {
		return false
	}
	for _, t := range types {
		switch t {
		case wire.Bool, wire.TextType, wire.VarChar, wire.BPChar, wire.JSON:
		case wire.Int8, wire.Int4, wire.Int2, wire.Float8, wire.Float4, wire.TimestampTZ, wire.Timestamp, wire.Date, wire.Bytea:
			if !slices.Contains(known, t) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// CellError is a value that cannot be written.
type CellError struct {
	Column int // from 0
	Err    error
}

func (e *CellError) Error() string { return fmt.Sprintf("column %d: %v", e.Column+1, e.Err) }
func (e *CellError) Unwrap() error { return e.Err }

// signature begins the binary format: it tells a file that was changed on its way.
const signature = "PGCOPY\n\xff\r\n\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00"

// Binary reports whether the encoder writes the binary format.
func (e *Encoder) Binary() bool { return e.binary }

// Begin appends what comes before the first row.
func (e *Encoder) Begin(dst []byte) []byte {
	if e.binary {
		dst = append(dst, signature...)
	}
	return dst
}

// End appends what comes behind the last.
func (e *Encoder) End(dst []byte) []byte {
	if e.binary {
		dst = append(dst, 0xff, 0xff)
	}
	return dst
}

// Row appends a row. After an error, which is a [CellError], what was appended is
// of no use.
func (e *Encoder) Row(dst []byte, values []any) ([]byte, error) {
	var err error
	if e.binary {
		dst = binary.BigEndian.AppendUint16(dst, uint16(len(values)))
		for i, v := range values {
			if dst, err = e.binaryCell(dst, e.types[i], v); err != nil {
				return dst, &CellError{i, err}
			}
		}
		return dst, nil
	}
	for i, v := range values {
		if i > 0 {
			dst = append(dst, '\t')
		}
		if dst, err = e.textCell(dst, e.types[i], v); err != nil {
			return dst, &CellError{i, err}
		}
	}
	return append(dst, '\n'), nil
}
