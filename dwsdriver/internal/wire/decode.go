package wire

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

var (
	errBool  = errors.New("not a boolean")
	errInt   = errors.New("not an integer of 64 bits")
	errFloat = errors.New("not a number")
	errBytes = errors.New("not bytes in hexadecimal")
)

// errLength is a binary value that is not as long as its type.
func errLength(n int) error { return fmt.Errorf("a binary value of %d bytes", n) }

// begin chooses how a column is decoded.
func (c *decoding) begin(column *Column) {
	c.typ, c.kind = column.Type, column.Type.Kind()
	if column.Format == Binary {
		c.decode = binaryDecoder(c.typ)
		return
	}
	switch c.kind {
	case OfBool:
		c.decode = textBool
	case OfInt:
		c.decode = textInt
	case OfFloat:
		c.decode = textFloat
	case OfSingle:
		c.decode = textSingle
	case OfBytes:
		c.decode = textBytes
	case OfJSON:
		c.decode = plainBytes
	case OfTime, OfLocalTime, OfDate:
		c.decode = textTime
	default:
		c.decode = text
	}
}

// text takes the bytes as they are: a database without an encoding of its own
// (SQL_ASCII) sends what was stored.
func text(c *decoding, d *Decoder, cell []byte) error {
	c.texts = append(c.texts, d.text(cell))
	return nil
}

// textBool takes what the compatibility modes of GaussDB write.
func textBool(c *decoding, _ *Decoder, cell []byte) error {
	switch string(cell) {
	case "t", "1", "true":
		c.bools = append(c.bools, true)
	case "f", "0", "false":
		c.bools = append(c.bools, false)
	default:
		return errBool
	}
	return nil
}

func textInt(c *decoding, _ *Decoder, cell []byte) error {
	n, ok := parseInt(cell)
	if !ok {
		return errInt
	}
	c.ints = append(c.ints, n)
	return nil
}

// parseInt reads a decimal number with or without a sign.
func parseInt(b []byte) (int64, bool) {
	negative := false
	if len(b) > 0 && (b[0] == '-' || b[0] == '+') {
		negative, b = b[0] == '-', b[1:]
	}
	if len(b) == 0 || len(b) > 19 {
		return 0, false
	}
	var n uint64 // 19 digits fit
	for _, c := range b {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = 10*n + uint64(c)
	}
	if negative {
		return -int64(n), n <= 1<<63
	}
	return int64(n), n < 1<<63
}

func textFloat(c *decoding, _ *Decoder, cell []byte) error {
	f, err := parseFloat(cell, 64)
	c.floats = append(c.floats, f)
	return err
}

func textSingle(c *decoding, _ *Decoder, cell []byte) error {
	f, err := parseFloat(cell, 32)
	c.singles = append(c.singles, float32(f))
	return err
}

// parseFloat reads a decimal number, "NaN", "Infinity" or "-Infinity". Numbers
// that no float is near to are an error, as are forms that only Go has.
func parseFloat(b []byte, bits int) (float64, error) {
	for _, c := range b {
		if c == '_' || c|0x20 == 'x' || c|0x20 == 'p' {
			return 0, errFloat
		}
	}
	f, err := strconv.ParseFloat(string(b), bits)
	if err != nil {
		return 0, errFloat
	}
	return f, nil
}

// textBytes reads "\x0aff", what raw and blob write (0AFF), and for bytea the older
// "escape" format.
func textBytes(c *decoding, d *Decoder, cell []byte) error {
	switch {
	case len(cell) >= 2 && cell[0] == '\\' && cell[1] == 'x':
		cell = cell[2:]
	case c.typ == Bytea:
		b, err := unescape(d.take(len(cell)), cell)
		if err != nil {
			return err
		}
		c.bytes = append(c.bytes, b)
		return nil
	}
	b := d.take(hex.DecodedLen(len(cell)))
	if _, err := hex.Decode(b, cell); err != nil {
		return errBytes
	}
	c.bytes = append(c.bytes, b)
	return nil
}

// unescape reads the escape format of bytea into dst, which is as long as cell:
// "\\" is a backslash, "\000" to "\377" are bytes.
func unescape(dst, cell []byte) ([]byte, error) {
	n := 0
	for i := 0; i < len(cell); n++ {
		switch {
		case cell[i] != '\\':
			dst[n] = cell[i]
			i++
		case i+1 < len(cell) && cell[i+1] == '\\':
			dst[n] = '\\'
			i += 2
		case i+3 < len(cell) && isOctal(cell[i+1], 3) && isOctal(cell[i+2], 7) && isOctal(cell[i+3], 7):
			dst[n] = (cell[i+1]-'0')<<6 | (cell[i+2]-'0')<<3 | (cell[i+3] - '0')
			i += 4
		default:
			return nil, errBytes
		}
	}
	return dst[:n:n], nil
}

func isOctal(c, most byte) bool { return c >= '0' && c <= '0'+most }

func plainBytes(c *decoding, d *Decoder, cell []byte) error {
	b := d.take(len(cell))
	copy(b, cell)
	c.bytes = append(c.bytes, b)
	return nil
}

func textTime(c *decoding, d *Decoder, cell []byte) error {
	t, err := parseTime(cell, d.loc)
	if err != nil {
		if s := strings.ToLower(string(cell)); s == infinity || s == minusInfinity {
			return oddValue(s)
		}
		return err
	}
	c.times = append(c.times, t)
	return nil
}

// binaryDecoder returns the decoder of a type that HasBinary.
func binaryDecoder(t OID) func(*decoding, *Decoder, []byte) error {
	switch t {
	case Int8:
		return binaryInt8
	case Int4:
		return binaryInt4
	case Int2:
		return binaryInt2
	case ObjectID:
		return binaryOID
	case Float8:
		return binaryFloat8
	case Float4:
		return binaryFloat4
	case Timestamp, TimestampTZ:
		return binaryTimestamp
	case Date:
		return binaryDay
	}
	return plainBytes
}

func binaryInt8(c *decoding, _ *Decoder, cell []byte) error {
	if len(cell) != 8 {
		return errLength(len(cell))
	}
	c.ints = append(c.ints, int64(binary.BigEndian.Uint64(cell)))
	return nil
}

func binaryInt4(c *decoding, _ *Decoder, cell []byte) error {
	if len(cell) != 4 {
		return errLength(len(cell))
	}
	c.ints = append(c.ints, int64(int32(binary.BigEndian.Uint32(cell))))
	return nil
}

func binaryInt2(c *decoding, _ *Decoder, cell []byte) error {
	if len(cell) != 2 {
		return errLength(len(cell))
	}
	c.ints = append(c.ints, int64(int16(binary.BigEndian.Uint16(cell))))
	return nil
}

func binaryOID(c *decoding, _ *Decoder, cell []byte) error {
	if len(cell) != 4 {
		return errLength(len(cell))
	}
	c.ints = append(c.ints, int64(binary.BigEndian.Uint32(cell)))
	return nil
}

func binaryFloat8(c *decoding, _ *Decoder, cell []byte) error {
	if len(cell) != 8 {
		return errLength(len(cell))
	}
	c.floats = append(c.floats, beFloat64(cell))
	return nil
}

func binaryFloat4(c *decoding, _ *Decoder, cell []byte) error {
	if len(cell) != 4 {
		return errLength(len(cell))
	}
	c.singles = append(c.singles, beFloat32(cell))
	return nil
}

func binaryTimestamp(c *decoding, d *Decoder, cell []byte) error {
	if len(cell) != 8 {
		return errLength(len(cell))
	}
	us := int64(binary.BigEndian.Uint64(cell))
	if s := infiniteTime(us); s != "" {
		return oddValue(s)
	}
	c.times = append(c.times, binaryTime(us, c.kind == OfLocalTime, d.loc))
	return nil
}

func binaryDay(c *decoding, d *Decoder, cell []byte) error {
	if len(cell) != 4 {
		return errLength(len(cell))
	}
	day := int32(binary.BigEndian.Uint32(cell))
	if s := infiniteDate(day); s != "" {
		return oddValue(s)
	}
	c.times = append(c.times, binaryDate(day, d.loc))
	return nil
}
