package tsblock

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// booleans have a bit each, the most significant first.
func (v *values) booleans() []bool {
	out := make([]bool, v.n)
	for i := range out {
		out[i] = v.raw[i>>3]&(0x80>>(i&7)) != 0
	}
	return out
}

// int32s widens.
func (v *values) int32s() []int64 {
	out := make([]int64, v.n)
	for i := range out {
		out[i] = int64(int32(binary.BigEndian.Uint32(v.raw[4*i:])))
	}
	return out
}

func (v *values) int64s() []int64 {
	out := make([]int64, v.n)
	for i := range out {
		out[i] = int64(binary.BigEndian.Uint64(v.raw[8*i:]))
	}
	return out
}

func (v *values) floats() []float32 {
	out := make([]float32, v.n)
	for i := range out {
		out[i] = math.Float32frombits(binary.BigEndian.Uint32(v.raw[4*i:]))
	}
	return out
}

func (v *values) doubles() []float64 {
	out := make([]float64, v.n)
	for i := range out {
		out[i] = math.Float64frombits(binary.BigEndian.Uint64(v.raw[8*i:]))
	}
	return out
}

// times of a second of so many units. The loops divide by constants.
func (v *values) times(units int64, loc *time.Location) []time.Time {
	out := make([]time.Time, v.n)
	switch units {
	case 1e3:
		for i := range out {
			out[i] = time.UnixMilli(int64(binary.BigEndian.Uint64(v.raw[8*i:]))).In(loc)
		}
	case 1e6:
		for i := range out {
			out[i] = time.UnixMicro(int64(binary.BigEndian.Uint64(v.raw[8*i:]))).In(loc)
		}
	default:
		for i := range out {
			out[i] = time.Unix(0, int64(binary.BigEndian.Uint64(v.raw[8*i:]))).In(loc)
		}
	}
	return out
}

// dates are numbers yyyymmdd. The server takes days from tablets that no calendar
// has; such a one is an error rather than another day.
func (v *values) dates() ([]time.Time, error) {
	out := make([]time.Time, v.n)
	for i := range out {
		n := int32(binary.BigEndian.Uint32(v.raw[4*i:]))
		y, m, d := int(n/10000), time.Month(n/100%100), int(n%100)
		t := time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
		if n < 0 || t.Day() != d || t.Month() != m || t.Year() != y {
			return nil, &DateError{Number: n}
		}
		out[i] = t
	}
	return out, nil
}

// DateError is a DATE that is no day.
type DateError struct{ Number int32 }

// Error shows the number that the server has stored.
func (e *DateError) Error() string {
	return fmt.Sprintf("the DATE %08d is no day of the calendar", e.Number)
}

// strings are parts of one copy of the column.
func (v *values) strings() []string {
	out := make([]string, v.n)
	all, at := string(v.raw), 0
	for i := range out {
		size := int(binary.BigEndian.Uint32(v.raw[at:]))
		out[i] = all[at+4 : at+4+size]
		at += 4 + size
	}
	return out
}

// bytes are too. An empty one is not NULL and so not a nil slice.
func (v *values) bytes() [][]byte {
	out := make([][]byte, v.n)
	all, at := append(make([]byte, 0, len(v.raw)), v.raw...), 0
	for i := range out {
		size := int(binary.BigEndian.Uint32(v.raw[at:]))
		out[i] = all[at+4 : at+4+size : at+4+size]
		at += 4 + size
	}
	return out
}
