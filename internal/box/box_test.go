package box

import (
	"bytes"
	"math"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

// check compares every element with the one that the language boxes.
func check[T Element](t *testing.T, s []T) {
	t.Helper()
	v := Of(s)
	if v.Len() != len(s) {
		t.Fatalf("%T: %d elements, want %d", s, v.Len(), len(s))
	}
	for i := range s {
		got, want := v.At(i), any(s[i])
		if reflect.TypeOf(got) != reflect.TypeOf(want) {
			t.Fatalf("%T: element %d has type %T", s, i, got)
		}
		if !reflect.DeepEqual(got, want) && !isNaN(want) {
			t.Fatalf("%T: element %d is %v, want %v", s, i, got, want)
		}
		if x, ok := got.(T); !ok || !reflect.DeepEqual(x, s[i]) && !isNaN(want) {
			t.Fatalf("%T: element %d asserts to %v, %v", s, i, x, ok)
		}
	}
}

func isNaN(v any) bool {
	switch v := v.(type) {
	case float32:
		return v != v
	case float64:
		return v != v
	}
	return false
}

func TestEveryType(t *testing.T) {
	check(t, []bool{true, false, true})
	check(t, []int8{math.MinInt8, 0, math.MaxInt8})
	check(t, []int16{math.MinInt16, 0, math.MaxInt16})
	check(t, []int32{math.MinInt32, 0, math.MaxInt32})
	check(t, []int64{math.MinInt64, 0, math.MaxInt64})
	check(t, []uint8{0, 1, math.MaxUint8})
	check(t, []uint16{0, 1, math.MaxUint16})
	check(t, []uint32{0, 1, math.MaxUint32})
	check(t, []uint64{0, 1, math.MaxUint64})
	check(t, []float32{0, 1.5, float32(math.Inf(-1)), float32(math.NaN())})
	check(t, []float64{0, 1.5, math.Inf(1), math.NaN()})
	check(t, []string{"", "a", "中文"})
	check(t, [][]byte{nil, {}, {1, 2}})
	check(t, []time.Time{{}, time.Unix(1, 2), time.Unix(1, 2).UTC()})
	check(t, []int64{})
	check(t, []string(nil))
}

func TestOutOfRangePanics(t *testing.T) {
	empty := Vector{}
	three := Of([]int64{1, 2, 3})
	for name, f := range map[string]func() any{
		"in an empty vector": func() any { return empty.At(0) },
		"behind the end":     func() any { return three.At(3) },
		"before the start":   func() any { return three.At(-1) },
	} {
		func() {
			defer func() {
				if _, ok := recover().(runtime.Error); !ok {
					t.Errorf("an index %s does not panic as a slice does", name)
				}
			}()
			f()
		}()
	}
}

// TestElementsOutliveTheVector: a boxed element alone keeps its memory.
func TestElementsOutliveTheVector(t *testing.T) {
	kept := make([]any, 0, 300)
	for n := range 100 {
		numbers, texts, times := make([]int64, 64), make([]string, 64), make([]time.Time, 64)
		for i := range numbers {
			numbers[i] = int64(n*1000 + i)
			texts[i] = string(bytes.Repeat([]byte{byte('a' + i%26)}, n+1))
			times[i] = time.Unix(int64(n), int64(i)).In(time.FixedZone("x", n))
		}
		a, b, c := Of(numbers), Of(texts), Of(times)
		kept = append(kept, a.At(63), b.At(31), c.At(1))
		if n%10 == 0 {
			runtime.GC()
		}
	}
	runtime.GC()
	for n := range 100 {
		number, text, at := kept[3*n].(int64), kept[3*n+1].(string), kept[3*n+2].(time.Time)
		if number != int64(n*1000+63) || text != string(bytes.Repeat([]byte{'a' + 31%26}, n+1)) || !at.Equal(time.Unix(int64(n), 1)) {
			t.Fatalf("vector %d: %v %q %v", n, number, text, at)
		}
	}
}

// TestStackSlices: a slice whose element leaves the function is not on the stack.
func TestStackSlices(t *testing.T) {
	values := make([]any, 100)
	for i := range values {
		values[i] = boxLocal(int64(i))
	}
	grow(1000)
	for i, v := range values {
		if v != int64(i) {
			t.Fatalf("element %d is %v", i, v)
		}
	}
}

//go:noinline
func boxLocal(n int64) any {
	local := [4]int64{n, n, n, n}
	v := Of(local[:])
	return v.At(2)
}

//go:noinline
func grow(n int) int {
	var pad [128]int
	if n == 0 {
		return pad[0]
	}
	pad[n%128] = n
	return grow(n-1) + pad[n%128]
}

func TestNoAllocations(t *testing.T) {
	v, w := Of(make([]int64, 100)), Of(make([]time.Time, 100))
	var sink any
	if n := testing.AllocsPerRun(10, func() {
		for i := range 100 {
			sink = v.At(i)
			sink = w.At(i)
		}
	}); n != 0 {
		t.Errorf("%v allocations for 200 elements", n)
	}
	_ = sink
}

func FuzzEquality(f *testing.F) {
	f.Add([]byte{})
	f.Add([]byte("0123456789abcdef\xff\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		var (
			bools   []bool
			bytes   []uint8
			shorts  []int16
			numbers []int64
			floats  []float64
			narrow  []float32
			texts   []string
			blobs   [][]byte
			times   []time.Time
		)
		for i, b := range data {
			n := int64(b) << (i % 56) * int64(1-2*(i%2))
			bools = append(bools, b&1 == 1)
			bytes = append(bytes, b)
			shorts = append(shorts, int16(n))
			numbers = append(numbers, n)
			floats = append(floats, math.Float64frombits(uint64(n)*0x9e3779b97f4a7c15))
			narrow = append(narrow, math.Float32frombits(uint32(n)*0x9e3779b9))
			texts = append(texts, string(data[:i]))
			blobs = append(blobs, data[:i])
			times = append(times, time.Unix(n, int64(b)))
		}
		check(t, bools)
		check(t, bytes)
		check(t, shorts)
		check(t, numbers)
		check(t, floats)
		check(t, narrow)
		check(t, texts)
		check(t, blobs)
		check(t, times)
	})
}

func BenchmarkAt(b *testing.B) {
	v := Of(make([]time.Time, 4096))
	b.ReportAllocs()
	var sink any
	for i := range b.N {
		sink = v.At(i & 4095)
	}
	_ = sink
}

func TestSlice(t *testing.T) {
	s := []int64{1, 2, 3}
	if got := Slice[int64](Of(s)); !slices.Equal(got, s) || &got[0] != &s[0] {
		t.Errorf("got %v", got)
	}
	if got := Slice[string](Vector{}); got != nil {
		t.Errorf("got %v", got)
	}
	defer func() {
		if recover() == nil {
			t.Error("a slice of another type")
		}
	}()
	Slice[uint64](Of(s))
}
