// Package siri measures what it costs to decode the answer to a SiriDB select and
// to encode an insert, with this module and with the official clients' packers.
package siri

import (
	"encoding/binary"
	"fmt"
	"math"
	"time"
)

// Series is how many series the points are in, the same number in each.
const Series = 1000

// firstTime is the time of each series' first point, in ms; the others follow at
// 1 ms each.
const firstTime = 1_700_000_000_000

// Kinds are the types of values, one at a time.
var Kinds = []string{"floats", "integers", "strings"}

func name(s int) string { return fmt.Sprintf("series-%06d", s) }

func instant(i int) time.Time { return time.UnixMilli(firstTime + int64(i)).UTC() }

func float(i int) float64 { return math.Sqrt(float64(i + 2)) }
func integer(i int) int64 { return int64(i+1) << 20 }
func text(i int) string   { return fmt.Sprint("value ", i) }

// values are the values of a series' points as a slice of their type.
func values(kind string, n int) any {
	switch kind {
	case "floats":
		return fill(n, float)
	case "integers":
		return fill(n, integer)
	}
	return fill(n, text)
}

func fill[T any](n int, value func(i int) T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = value(i)
	}
	return list
}

// Answer is the data of the answer to a select of so many points, as the server
// writes it: a map and arrays that are open, times of eight bytes.
func Answer(kind string, points int) []byte {
	const openMap, openArray, closeArray, pair, int64Tag, floatTag, rawTag = 0xfd, 0xfc, 0xfe, 0xef, 0xeb, 0xec, 0x80
	raw := func(b []byte, s string) []byte { return append(append(b, byte(rawTag+len(s))), s...) }
	b := []byte{openMap}
	for s := range Series {
		b = append(raw(b, name(s)), openArray)
		for i := range points / Series {
			b = append(b, pair, int64Tag)
			b = binary.LittleEndian.AppendUint64(b, uint64(firstTime+int64(i)))
			switch kind {
			case "floats":
				b = binary.LittleEndian.AppendUint64(append(b, floatTag), math.Float64bits(float(i)))
			case "integers":
				b = binary.LittleEndian.AppendUint64(append(b, int64Tag), uint64(integer(i)))
			default:
				b = raw(b, text(i))
			}
		}
		b = append(b, closeArray)
	}
	return b
}
