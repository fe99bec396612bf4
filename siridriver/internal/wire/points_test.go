package wire

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// Floats written as one piece are what they are piece by piece.
func TestFloatsInBulk(t *testing.T) {
	values := []float64{0, math.Copysign(0, -1), 1, -1, 1.5, math.NaN(), math.Inf(1), math.Inf(-1), math.MaxFloat64, math.SmallestNonzeroFloat64}
	for _, ts := range []int64{0, 63, 64, 1<<31 - 1, 1 << 31, math.MaxInt64} {
		times := make([]int64, len(values))
		var want []byte
		for i, v := range values {
			times[i] = ts
			want = qpack.AppendFloat(AppendTime(want, ts), v)
		}
		if got := appendFloats(nil, times, values); !bytes.Equal(got, want) {
			t.Errorf("at %d: %x, want %x", ts, got, want)
		}
	}
}

// Integers and strings in bulk make the packages that they make one by one,
// wherever the limit falls.
func TestBulkSplitsAsSinglePointsDo(t *testing.T) {
	var times, ints []int64
	var texts []string
	for i, v := range []int64{0, 63, 64, -1, -60, -61, 127, 128, -128, -129, 1<<15 - 1, 1 << 15, -1<<15 - 1, 1<<31 - 1, 1 << 31, -1<<31 - 1, math.MaxInt64, math.MinInt64} {
		times = append(times, int64(i)<<(3*i))
		ints = append(ints, v)
		texts = append(texts, strings.Repeat("x", i*i))
	}
	for limit := 360; limit < 1200; limit++ {
		bulk, single := Packer{Limit: limit}, Packer{Limit: limit}
		for range 3 {
			bulk.Series("numbers")
			bulk.Ints(times, ints)
			bulk.Series("texts")
			bulk.Strings(times, texts)
			single.Series("numbers")
			for i := range times {
				single.Put(qpack.AppendInt(AppendTime(single.Room(0), times[i]), ints[i]), 1)
			}
			single.Series("texts")
			for i := range times {
				single.Put(qpack.AppendRaw(AppendTime(single.Room(len(texts[i])), times[i]), texts[i]), 1)
			}
		}
		got, want := bulk.Packages(), single.Packages()
		points := 0
		for i := range got {
			points += got[i].Points
			if len(got[i].Data)-HeaderSize > limit {
				t.Fatalf("limit %d: package %d has %d bytes", limit, i, len(got[i].Data)-HeaderSize)
			}
		}
		if points != 6*len(times) {
			t.Fatalf("limit %d: %d points", limit, points)
		}
		if len(got) == 1 && !bytes.Equal(got[0].Data, want[0].Data) {
			t.Fatalf("limit %d: %x, want %x", limit, got[0].Data, want[0].Data)
		}
	}
	bulk, single := Packer{}, Packer{}
	bulk.Series("n")
	bulk.Ints(times, ints)
	single.Series("n")
	for i := range times {
		single.Put(qpack.AppendInt(AppendTime(single.Room(0), times[i]), ints[i]), 1)
	}
	if got, want := bulk.Packages()[0].Data, single.Packages()[0].Data; !bytes.Equal(got, want) {
		t.Fatalf("%x, want %x", got, want)
	}
}
