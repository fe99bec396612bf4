package block

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"time"

	"github.com/gaugesql/gaugesql/internal/box"
)

// fixed reads a column of fixed-width values. Slots of NULLs are decoded too:
// that costs less than asking.
func (r *reader) fixed(c *Column, size int32) error {
	bitmap, err := r.take((int64(r.rows) + 7) / 8)
	if err != nil {
		return err
	}
	t := c.Field.Type
	if int64(size) != int64(r.rows)*int64(t.Width()) && (t != Null || size != 0) {
		return fmt.Errorf("%d bytes for %d rows", size, r.rows)
	}
	data, err := r.take(int64(size))
	if err != nil {
		return err
	}
	c.nulls = nullsOf(bitmap, r.rows)
	switch t {
	case Null:
		c.nulls = bytes.Repeat([]byte{0xff}, len(bitmap))
	case Bool:
		c.values = box.Of(bools(data))
	case Float:
		c.values = box.Of(floats(data))
	case Double:
		c.values = box.Of(doubles(data))
	case UBigInt:
		c.values = box.Of(uint64s(data))
	case Timestamp:
		c.values = box.Of(times(data, r.precision, r.loc))
	case Decimal64, Decimal128:
		values, err := decimals(data, c)
		if err != nil {
			return err
		}
		c.values = box.Of(values)
	default:
		c.values = box.Of(int64s(data, t))
	}
	return nil
}

// nullsOf returns a copy of the bitmap, nil if no row is NULL.
func nullsOf(bitmap []byte, rows int) []byte {
	for i, b := range bitmap {
		if rest := rows - 8*i; rest < 8 {
			b &= 0xff << (8 - rest)
		}
		if b != 0 {
			return bytes.Clone(bitmap)
		}
	}
	return nil
}

func bools(data []byte) []bool {
	out := make([]bool, len(data))
	for i := range out {
		out[i] = data[i] != 0
	}
	return out
}

// int64s widens all integers that fit an int64.
func int64s(data []byte, t Type) []int64 {
	out := make([]int64, len(data)/t.Width())
	switch t {
	case TinyInt:
		for i := range out {
			out[i] = int64(int8(data[i]))
		}
	case UTinyInt:
		for i := range out {
			out[i] = int64(data[i])
		}
	case SmallInt:
		for i := range out {
			out[i] = int64(int16(binary.LittleEndian.Uint16(data[2*i:])))
		}
	case USmallInt:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint16(data[2*i:]))
		}
	case Int:
		for i := range out {
			out[i] = int64(int32(binary.LittleEndian.Uint32(data[4*i:])))
		}
	case UInt:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint32(data[4*i:]))
		}
	default:
		for i := range out {
			out[i] = int64(binary.LittleEndian.Uint64(data[8*i:]))
		}
	}
	return out
}

func uint64s(data []byte) []uint64 {
	out := make([]uint64, len(data)/8)
	for i := range out {
		out[i] = binary.LittleEndian.Uint64(data[8*i:])
	}
	return out
}

func floats(data []byte) []float32 {
	out := make([]float32, len(data)/4)
	for i := range out {
		out[i] = math.Float32frombits(binary.LittleEndian.Uint32(data[4*i:]))
	}
	return out
}

func doubles(data []byte) []float64 {
	out := make([]float64, len(data)/8)
	for i := range out {
		out[i] = math.Float64frombits(binary.LittleEndian.Uint64(data[8*i:]))
	}
	return out
}

func times(data []byte, precision Precision, loc *time.Location) []time.Time {
	out := make([]time.Time, len(data)/8)
	switch precision {
	case Micro:
		for i := range out {
			out[i] = time.UnixMicro(int64(binary.LittleEndian.Uint64(data[8*i:]))).In(loc)
		}
	case Nano:
		for i := range out {
			out[i] = time.Unix(0, int64(binary.LittleEndian.Uint64(data[8*i:]))).In(loc)
		}
	default:
		for i := range out {
			out[i] = time.UnixMilli(int64(binary.LittleEndian.Uint64(data[8*i:]))).In(loc)
		}
	}
	return out
}

// decimals writes the numbers as text into one string and cuts that up.
func decimals(data []byte, c *Column) ([]string, error) {
	width, scale := c.Field.Type.Width(), c.Field.Scale
	if c.Field.Precision > MaxPrecision || scale > MaxPrecision {
		return nil, fmt.Errorf("%d digits, %d of them after the point", c.Field.Precision, scale)
	}
	out := make([]string, len(data)/width)
	ends := make([]int, len(out))
	text := make([]byte, 0, len(out)*min(int(c.Field.Precision)+2, width+4))
	for i := range out {
		if !c.Null(i) {
			text = DecimalFrom(data[width*i:], c.Field.Type).AppendText(text, scale)
		}
		ends[i] = len(text)
	}
	all, start := string(text), 0
	for i, end := range ends {
		out[i] = all[start:end]
		start = end
	}
	return out, nil
}
