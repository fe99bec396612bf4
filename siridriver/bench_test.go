package siridriver

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"runtime"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// answerOf makes the answer to a select of series with so many points each, as
// the server writes it.
func answerOf(series, points int, value func(b []byte, i int) []byte) []byte {
	b := qpack.OpenMap(nil)
	for s := range series {
		b = qpack.OpenArray(qpack.AppendRaw(b, fmt.Sprintf("series-%06d", s)))
		for i := range points {
			b = value(wire.AppendTime(b, 1_700_000_000_000+int64(i)), i)
		}
		b = qpack.CloseArray(b)
	}
	return b
}

func floatValue(b []byte, i int) []byte  { return qpack.AppendFloat(b, math.Sqrt(float64(i+2))) }
func intValue(b []byte, i int) []byte    { return qpack.AppendInt(b, int64(i)<<20) }
func stringValue(b []byte, i int) []byte { return qpack.AppendRaw(b, fmt.Sprint("value ", i)) }

// fetch scans all points that the server answers with.
func fetch(t testing.TB, db *sql.DB) (n int) {
	rows, err := db.Query("select * from *")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var series string
	var at time.Time
	var value any
	into := []any{&series, &at, &value}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAllocationsAPoint(t *testing.T) {
	const points = 100_000
	for name, value := range map[string]func([]byte, int) []byte{"floats": floatValue, "integers": intValue, "strings": stringValue} {
		for _, series := range []int{1, 250} {
			answer := answerOf(series, points/series, value)
			r := recorder{answer: func(string) []byte { return answer }}
			db := open(t, script.Start(t, r.handler("ms")))
			if n := fetch(t, db); n != points {
				t.Fatalf("%d points", n)
			}
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			fetch(t, db)
			runtime.ReadMemStats(&after)
			a := float64(after.Mallocs-before.Mallocs) / points
			t.Logf("%s in %d series: %.4f allocations a point", name, series, a)
			if a > 0.02 {
				t.Errorf("%s in %d series: %.4f allocations a point", name, series, a)
			}
		}
	}
}

func BenchmarkSelect(b *testing.B) {
	const points = 1_000_000
	answer := answerOf(1000, points/1000, floatValue)
	r := recorder{answer: func(string) []byte { return answer }}
	db := open(b, script.Start(b, r.handler("ms")))
	fetch(b, db)
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		fetch(b, db)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/points, "ns/point")
}

// BenchmarkInsert packs and sends; the server only counts.
func BenchmarkInsert(b *testing.B) {
	const series, points = 1000, 1000
	s := script.Start(b, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			c.Reply(p.PID, wire.InsertResult, nil)
			return
		}
		script.Answer(c, p)
	})
	db := open(b, s)
	list := make([]driver.Series, series)
	values := make([]float64, points)
	for i := range values {
		values[i] = math.Sqrt(float64(i + 2))
	}
	for i := range list {
		list[i] = driver.Series{Name: fmt.Sprintf("series-%06d", i), Times: times(points), Values: driver.ColumnOf(values)}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		if _, err := insertSeries(db, list...); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/series/points, "ns/point")
}

func BenchmarkAppender(b *testing.B) {
	s := script.Start(b, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			c.Reply(p.PID, wire.InsertResult, nil)
			return
		}
		script.Answer(c, p)
	})
	names := make([]string, 1000)
	for i := range names {
		names[i] = fmt.Sprintf("series-%06d", i)
	}
	b.ReportAllocs()
	err := withAppender(open(b, s), driver.AppendOptions{}, func(a driver.Appender) error {
		ctx := context.Background()
		for i := range b.N {
			if err := a.Append(ctx, names[i%len(names)], instant, 1.5*float64(i)); err != nil {
				return err
			}
		}
		return a.Close(ctx)
	})
	if err != nil {
		b.Fatal(err)
	}
}
