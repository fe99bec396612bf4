package wire

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/transcript"
)

func TestRecordedHeaders(t *testing.T) {
	for _, e := range transcript.All() {
		for i, p := range e.Packets {
			raw := p.Bytes()
			h, err := ParseHeader(raw)
			if p.Illegal {
				if e.Name == "raw_bad_check" && err == nil {
					t.Errorf("%s: packet %d has a bad check byte and was read as %+v", e.Name, i, h)
				}
				continue
			}
			if err != nil || int(h.PID) != p.PID || int(h.Type) != p.Type || int(h.Len) != len(raw)-HeaderSize {
				t.Errorf("%s: packet %d: %+v, %v", e.Name, i, h, err)
			}
			pkg := append(Begin(nil), raw[HeaderSize:]...)
			if Seal(pkg, h.PID, h.Type); !bytes.Equal(pkg, raw) {
				t.Errorf("%s: packet %d: sealed %x, recorded %x", e.Name, i, pkg, raw)
			}
		}
	}
	if _, err := ParseHeader([]byte("HTTP/1.")); !errors.Is(err, ErrHeader) {
		t.Errorf("seven bytes: %v", err)
	}
}

// TestRecordedRequests makes the official client's requests again, from what
// they say.
func TestRecordedRequests(t *testing.T) {
	made := map[int]int{}
	for _, e := range transcript.All() {
		for i, p := range e.Packets {
			if p.FromServer() || p.Illegal || !strings.HasPrefix(e.Client, "siridb-connector") {
				continue
			}
			got := Begin(nil)
			switch Type(p.Type) {
			case Auth:
				user, password, database, err := ParseAuth(p.Data())
				if err != nil {
					t.Fatalf("%s: packet %d: %v", e.Name, i, err)
				}
				got = AppendAuth(got, user, password, database)
			case Query:
				query, precision, err := ParseQuery(p.Data())
				if err != nil {
					t.Fatalf("%s: packet %d: %v", e.Name, i, err)
				}
				if precision >= 0 {
					continue // the driver never asks for one
				}
				got = AppendQuery(got, query)
			case Insert:
				value, err := qpack.Decode(p.Data())
				series, ok := value.(qpack.Pairs)
				if err != nil || !ok || !packable(series) {
					continue
				}
				got = pack(t, series)
				if grouped := grouped(series); !bytes.Equal(grouped, got) {
					t.Errorf("%s: packet %d: grouped %x, packed %x", e.Name, i, grouped, got)
				}
			case Service:
				account, password, request, options, err := ParseService(p.Data())
				if err != nil {
					t.Fatalf("%s: packet %d: %v", e.Name, i, err)
				}
				if got, err = AppendService(got, account, password, request, options); err != nil {
					t.Fatal(err)
				}
			}
			Seal(got, uint16(p.PID), Type(p.Type))
			if !bytes.Equal(got, p.Bytes()) {
				t.Errorf("%s: packet %d: made %.200x\nrecorded %.200x", e.Name, i, got, p.Bytes())
			}
			made[p.Type]++
		}
	}
	if made[int(Auth)] < 80 || made[int(Query)] < 150 || made[int(Insert)] < 15 {
		t.Errorf("only so many were made, by type: %v", made)
	}
}

// packable tells what the driver sends from what it refuses before sending.
func packable(series qpack.Pairs) bool {
	for _, p := range series {
		points := p.Value.([]any)
		if len(points) == 0 {
			return false
		}
		for _, point := range points {
			ts, ok := point.([]any)[0].(int64)
			if !ok || ts < 0 {
				return false
			}
			switch point.([]any)[1].(type) {
			case int64, float64, string:
			default:
				return false
			}
		}
	}
	return len(series) > 0
}

func pack(t *testing.T, series qpack.Pairs) []byte {
	var p Packer
	for _, s := range series {
		p.Series(s.Key.(string))
		for _, point := range s.Value.([]any) {
			ts := []int64{point.([]any)[0].(int64)}
			switch v := point.([]any)[1].(type) {
			case int64:
				p.Ints(ts, []int64{v})
			case float64:
				p.Floats(ts, []float64{v})
			case string:
				p.Strings(ts, []string{v})
			}
		}
	}
	packages := p.Packages()
	if len(packages) != 1 {
		t.Fatalf("%d packages", len(packages))
	}
	return packages[0].Data
}

func grouped(series qpack.Pairs) []byte {
	var g Groups
	for _, s := range series {
		for _, point := range s.Value.([]any) {
			name, ts := s.Key.(string), point.([]any)[0].(int64)
			switch v := point.([]any)[1].(type) {
			case int64:
				g.Int(name, ts, v)
			case float64:
				g.Float(name, ts, v)
			case string:
				g.String(name, ts, v)
			}
		}
	}
	return g.Package().Data
}

func TestPackerSplitsAtTheLimit(t *testing.T) {
	const limit = 200
	p := Packer{Limit: limit}
	var want []string
	add := func(series string, points int) {
		p.Series(series)
		var times, values []int64
		for i := range points {
			times, values = append(times, 1<<40+int64(i)), append(values, int64(i)<<33)
			want = append(want, fmt.Sprint(series, i))
		}
		p.Ints(times, values)
	}
	add("a", 40)
	add("none", 0)
	add("b", 1)
	for i := range 30 {
		add(fmt.Sprint("c", i), 3)
	}
	p.Series("s")
	for i := range 20 {
		p.Strings([]int64{int64(i)}, []string{strings.Repeat("x", 5*i)})
		want = append(want, fmt.Sprint("s", i))
	}

	var got []string
	count := map[string]int{}
	for _, pkg := range p.Packages() {
		data := pkg.Data[HeaderSize:]
		if len(data) > limit {
			t.Errorf("a package of %d bytes", len(data))
		}
		value, err := qpack.Decode(data)
		if err != nil {
			t.Fatalf("%x: %v", data, err)
		}
		points := 0
		for _, pair := range value.(qpack.Pairs) {
			name := pair.Key.(string)
			for range pair.Value.([]any) {
				got = append(got, fmt.Sprint(name, count[name]))
				count[name]++
				points++
			}
		}
		if points != pkg.Points || points == 0 {
			t.Errorf("a package says %d points and has %d", pkg.Points, points)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

func TestGroupsKeepWithinTheirOwnReckoning(t *testing.T) {
	var g Groups
	for round := range 3 {
		size := g.Size()
		for i := range 1000 {
			name := fmt.Sprint("series", i%7)
			cost := g.Cost(name, 0)
			if i%3 == 0 {
				g.Float(name, int64(i)<<40, 1.5)
			} else {
				g.Int(name, int64(i)<<40, int64(i)<<50)
			}
			if g.Size() > size+cost {
				t.Fatalf("a point of cost %d made %d of %d", cost, g.Size(), size)
			}
			size = g.Size()
		}
		pkg := g.Package()
		if n := len(pkg.Data) - HeaderSize; n > size || pkg.Points != 1000 {
			t.Errorf("round %d: reckoned %d bytes, made %d with %d points", round, size, n, pkg.Points)
		}
		if v, err := qpack.Decode(pkg.Data[HeaderSize:]); err != nil || len(v.(qpack.Pairs)) != 7 {
			t.Errorf("round %d: %v", round, err)
		}
	}
}

func TestGroupsKeepNoMoreThanAPackageNeeds(t *testing.T) {
	var g Groups
	const n = 20_000 // points of a series, one series after the other
	for i := range 50 {
		for ts := range int64(n) {
			g.Int(fmt.Sprint("series", i), ts, 1<<40)
			if i > 0 {
				g.Int("every", ts, 1<<40)
			}
		}
		g.Package()
		g.Int(fmt.Sprint("series", i), 0, 0) // a little of what was large
		g.Package()
	}
	kept := 0
	for i := range g.groups {
		kept += cap(g.groups[i].points)
	}
	if kept > 4*n*MaxPoint {
		t.Errorf("%d bytes are kept between packages", kept)
	}
}

func TestStringsOfASeriesInOnePackage(t *testing.T) {
	// What the server writes at a time must stay below what ends it.
	half := strings.Repeat("x", MaxString/2)
	var p Packer
	p.Series("a")
	p.Strings([]int64{1, 2, 3, 4, 5}, []string{half, half, "y", half, half})
	p.Series("b")
	p.Strings([]int64{1}, []string{"z"})
	var got []int
	for _, pkg := range p.Packages() {
		got = append(got, pkg.Points)
	}
	if want := []int{2, 2, 2}; !slices.Equal(got, want) {
		t.Errorf("packages of %v points, want %v", got, want)
	}

	var g Groups
	g.String("a", 1, half)
	g.String("a", 2, half)
	if g.Takes("a", 1) || !g.Takes("b", MaxString) || !g.Takes("a", 0) {
		t.Error("series a takes more, or b none")
	}
	g.Package()
	if !g.Takes("a", MaxString) {
		t.Error("the next package takes nothing")
	}
}

func TestMessages(t *testing.T) {
	for text, want := range map[string]int64{
		"Successfully inserted 12 point(s).":                       12,
		"Successfully dropped 3 series.":                           3,
		"Successfully dropped 5 shards. (this number does not ...": 5,
		"Successfully tagged 2 series.":                            2,
		"Successfully untagged 1 series.":                          1,
		"Successfully created user '7'.":                           0,
		"Successfully changed list limit from 10000 to 5.":         0,
		"Successfully dropped user '3 x'.":                         0,
		"Successfully dropped 99999999999999999999 series.":        0,
		"dropped 3 series":                                         0,
	} {
		if got := Affected(text); got != want {
			t.Errorf("%q counts as %d", text, got)
		}
	}
	for _, e := range transcript.All() {
		for _, p := range e.Packets {
			if !p.FromServer() || p.Type < 64 {
				continue
			}
			want := ""
			if v, ok := transcript.Value(p.Decoded); ok {
				text, _ := v.(qpack.Pairs).Get(ErrorKey)
				want, _ = text.(string)
			}
			got := Message(p.Data())
			if got != want {
				t.Errorf("%s: message %q, recorded %q", e.Name, got, want)
			}
			if want != "" && !bytes.Equal(AppendMessage(nil, ErrorKey, want), p.Data()) {
				t.Errorf("%s: message %q is written otherwise", e.Name, want)
			}
		}
	}
	for _, data := range []string{"", "\xed", "\xfd\x81a", "\xfd\x81a\x01", "\xfd\x81a\x85x", "\xff"} {
		if got := Message([]byte(data)); got != "" {
			t.Errorf("%x: message %q", data, got)
		}
	}
}

func FuzzRequests(f *testing.F) {
	for _, e := range transcript.All() {
		for _, p := range e.Packets {
			if b := p.Bytes(); !p.FromServer() && len(b) >= HeaderSize && len(b) < 300 {
				f.Add(byte(p.Type), b[HeaderSize:])
			}
		}
	}
	f.Fuzz(func(t *testing.T, kind byte, data []byte) {
		switch Type(kind) {
		case Auth:
			if u, p, d, err := ParseAuth(data); err == nil {
				u2, p2, d2, err := ParseAuth(AppendAuth(nil, u, p, d))
				if err != nil || u != u2 || p != p2 || d != d2 {
					t.Fatalf("%q %q %q became %q %q %q, %v", u, p, d, u2, p2, d2, err)
				}
			}
		case Query:
			if q, _, err := ParseQuery(data); err == nil {
				if q2, n, err := ParseQuery(AppendQuery(nil, q)); err != nil || q != q2 || n != -1 {
					t.Fatalf("%q became %q, %d, %v", q, q2, n, err)
				}
			}
		case Service:
			if a, p, n, options, err := ParseService(data); err == nil {
				packed, err := AppendService(nil, a, p, n, options)
				if err != nil {
					t.Fatal(err)
				}
				a2, p2, n2, _, err := ParseService(packed)
				if err != nil || a != a2 || p != p2 || n != n2 {
					t.Fatalf("%q %q %d became %q %q %d, %v", a, p, n, a2, p2, n2, err)
				}
			}
		default:
			Message(data)
			if h, err := ParseHeader(data); err == nil {
				if got := AppendHeader(nil, h); !bytes.Equal(got, data[:HeaderSize]) {
					t.Fatalf("%x became %s", data[:HeaderSize], hex.EncodeToString(got))
				}
			}
		}
	})
}

// BenchmarkPack packs 1,000,000 points of 1000 series, each with times and values
// of its own, in memory that is used again, as the driver does.
func BenchmarkPack(b *testing.B) {
	const series, points = 1000, 1000
	for name, puts := range map[string][]func(p *Packer, times []int64){
		"floats": fill(series, func(int) func(*Packer, []int64) {
			v := fill(points, func(i int) float64 { return math.Sqrt(float64(i + 2)) })
			return func(p *Packer, times []int64) { p.Floats(times, v) }
		}),
		"integers": fill(series, func(int) func(*Packer, []int64) {
			v := fill(points, func(i int) int64 { return int64(i+1) << 20 })
			return func(p *Packer, times []int64) { p.Ints(times, v) }
		}),
		"strings": fill(series, func(int) func(*Packer, []int64) {
			v := fill(points, func(i int) string { return fmt.Sprint("value ", i) })
			return func(p *Packer, times []int64) { p.Strings(times, v) }
		}),
	} {
		names := fill(series, func(s int) string { return fmt.Sprintf("series-%06d", s) })
		times := fill(series, func(int) []int64 {
			return fill(points, func(i int) int64 { return 1_700_000_000_000 + int64(i) })
		})
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			var buffer []byte
			for range b.N {
				p := Packer{Buffer: func() []byte { return buffer[:0] }}
				for s, put := range puts {
					p.Series(names[s])
					put(&p, times[s])
				}
				packages := p.Packages()
				if len(packages) != 1 || packages[0].Points != series*points {
					b.Fatal("split")
				}
				buffer = packages[0].Data
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series/points, "ns/point")
		})
	}
}

func fill[T any](n int, value func(i int) T) []T {
	list := make([]T, n)
	for i := range list {
		list[i] = value(i)
	}
	return list
}
