package result

import (
	"fmt"
	"math"
	"testing"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// BenchmarkDecode finds the series of an answer of 1,000,000 points, checks every
// byte and reads times and values into vectors, as much at a time as the driver.
func BenchmarkDecode(b *testing.B) {
	const series, points, portion = 1000, 1000, 1024
	for name, value := range map[string]func(b []byte, i int) []byte{
		"floats":   func(b []byte, i int) []byte { return qpack.AppendFloat(b, math.Sqrt(float64(i+2))) },
		"integers": func(b []byte, i int) []byte { return qpack.AppendInt(b, int64(i+1)<<40) },
		"strings":  func(b []byte, i int) []byte { return qpack.AppendRaw(b, fmt.Sprint("value ", i)) },
	} {
		data := qpack.OpenMap(nil)
		for s := range series {
			data = qpack.OpenArray(qpack.AppendRaw(data, fmt.Sprintf("series-%06d", s)))
			for i := range points {
				data = value(qpack.AppendInt(qpack.AppendArray(data, 2), 1_700_000_000_000+int64(i)), i)
			}
			data = qpack.CloseArray(data)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				selected, err := ParseSelect(data, false)
				if err != nil || selected.Points() != series*points {
					b.Fatal(selected.Points(), err)
				}
				for s := range selected.Series {
					for c := selected.Cursor(s); c.Left() > 0; {
						n := min(c.Left(), portion)
						times := make([]int64, n)
						switch c.Type {
						case Integer:
							c.Ints(times, make([]int64, n))
						case Float:
							c.Floats(times, make([]float64, n))
						default:
							c.Strings(times, make([]string, n))
						}
					}
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(series*points), "ns/point")
		})
	}
}
