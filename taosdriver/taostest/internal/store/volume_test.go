package store_test

import (
	"context"
	"runtime"
	"strings"
	"testing"
	"time"
)

func TestManyRowsByPreparedStatements(t *testing.T) {
	s := newSession(t, newStore(t))
	s.exec("create database d", "use d", "create stable st (ts timestamp, v int, f double, s varchar(16)) tags (g int)")
	const batch = 500
	st, err := s.PrepareContext(context.Background(), "insert into ? using st tags (?) values "+strings.Repeat("(?, ?, ?, ?)", batch))
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	begin := time.Now()
	for i := 0; i < rowsOfVolume; i += batch {
		args := []any{"t" + string(rune('a'+i/batch%10)), i / batch % 10}
		for j := range batch {
			args = append(args, epoch+int64(i+j), i+j, float64(i+j)/7, "row")
		}
		if _, err := st.Exec(args...); err != nil {
			t.Fatal(err)
		}
	}
	took := time.Since(begin)
	t.Logf("%d rows written in %v", rowsOfVolume, took)
	if took > 30*time.Second {
		t.Errorf("%v for %d rows", took, rowsOfVolume)
	}

	var before, during runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	begin = time.Now()
	rows, err := s.QueryContext(context.Background(), "select * from st order by ts")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	n, last := 0, time.Time{}
	for rows.Next() {
		var ts time.Time
		var v, g int
		var f float64
		var text string
		if err := rows.Scan(&ts, &v, &f, &text, &g); err != nil {
			t.Fatal(err)
		}
		if ts.Before(last) || v != n {
			t.Fatalf("row %d: %v %d after %v", n, ts, v, last)
		}
		last = ts
		n++
		if n == rowsOfVolume/2 {
			runtime.GC()
			runtime.ReadMemStats(&during)
		}
	}
	if err := rows.Err(); err != nil || n != rowsOfVolume {
		t.Fatalf("%d rows, %v", n, err)
	}
	t.Logf("and read in order in %v", time.Since(begin))
	if grown := int64(during.HeapAlloc) - int64(before.HeapAlloc); grown > 8<<20 {
		t.Errorf("the heap grew by %d KiB under an open result", grown>>10)
	}
}

func BenchmarkInsertOneRow(b *testing.B) {
	s := newSession(b, newStore(b))
	s.exec("create database d", "use d", "create table t (ts timestamp, v int, f double, s varchar(16))")
	st, err := s.PrepareContext(context.Background(), "insert into t values (?, ?, ?, ?)")
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	for i := range b.N {
		if _, err := st.Exec(epoch+int64(i), i, 0.5, "row"); err != nil {
			b.Fatal(err)
		}
	}
}
