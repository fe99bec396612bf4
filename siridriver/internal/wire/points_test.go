package wire

import (
	"bytes"
	"math"
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
