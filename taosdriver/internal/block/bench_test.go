package block

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"
)

// meters returns a raw block of (TIMESTAMP, INT, DOUBLE, VARCHAR(16)).
func meters(t testing.TB, rows int) []byte {
	t.Helper()
	b := NewBuilder([]Field{
		{Name: "ts", Type: Timestamp, Bytes: 8},
		{Name: "voltage", Type: Int, Bytes: 4},
		{Name: "current", Type: Double, Bytes: 8},
		{Name: "place", Type: VarChar, Bytes: 16},
	}, Milli, nil)
	for i := range rows {
		for k, v := range []any{int64(1700000000000) + int64(i), int64(1000 + i), float64(i) / 7, fmt.Sprintf("place-%09d", i)} {
			if err := b.Column(k).Append(v); err != nil {
				t.Fatal(err)
			}
		}
	}
	raw, err := b.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestDecodeAllocations: a block costs a constant number of allocations,
// whatever its rows, and so does walking it.
func TestDecodeAllocations(t *testing.T) {
	dest := make([]driver.Value, 4)
	allocs := func(rows int) float64 {
		raw := meters(t, rows)
		return testing.AllocsPerRun(10, func() {
			b, err := Decode(raw, Milli, time.UTC)
			if err != nil {
				t.Fatal(err)
			}
			for i := range b.Rows {
				b.Row(i, dest)
			}
		})
	}
	small, large := allocs(16), allocs(4096)
	if large > small || large > 12 {
		t.Errorf("%v allocations for 4096 rows, %v for 16", large, small)
	}
}

// TestScanAllocations: through database/sql, an application that scans into
// variables of the columns' types pays at most 0.02 allocations a row.
func TestScanAllocations(t *testing.T) {
	const blocks = 8
	db := sql.OpenDB(&feed{raw: meters(t, 4096), blocks: blocks})
	defer db.Close()
	perRow := testing.AllocsPerRun(3, func() {
		if n := scanAll(t, db); n != blocks*4096 {
			t.Fatalf("%d rows", n)
		}
	}) / (blocks * 4096)
	if perRow > 0.02 {
		t.Errorf("%.4f allocations a row", perRow)
	}
	t.Logf("%.4f allocations a row", perRow)
}

func scanAll(t testing.TB, db *sql.DB) (n int) {
	t.Helper()
	rows, err := db.Query("")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var at time.Time
	var number int64
	var current float64
	var place string
	for rows.Next() {
		if err := rows.Scan(&at, &number, &current, &place); err != nil {
			t.Fatal(err)
		}
		n++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return n
}

// BenchmarkScan compares a driver that decodes blocks with one that hands out
// values made before, the floor that database/sql sets; with so many MiB on the
// heap besides: the collector's share depends on that.
func BenchmarkScan(b *testing.B) {
	raw := meters(b, 4096)
	for _, kind := range []struct {
		name string
		feed func() *feed
	}{
		{"blocks", func() *feed { return &feed{raw: raw, blocks: 244} }},
		{"prebuilt", func() *feed { return &feed{prebuilt: prebuilt(b, raw), blocks: 244} }},
	} {
		for _, heap := range []int{0, 64} {
			b.Run(fmt.Sprintf("%s/%dMiB", kind.name, heap), func(b *testing.B) {
				ballast := make([]byte, heap<<20)
				defer runtime.KeepAlive(ballast)
				db := sql.OpenDB(kind.feed())
				defer db.Close()
				runtime.GC()
				b.ResetTimer()
				b.ReportAllocs()
				n := 0
				for range b.N {
					n += scanAll(b, db)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/row")
			})
		}
	}
}

// prebuilt returns the rows of a block. Only who needs them makes them, for they
// are much for the garbage collector to look at.
func prebuilt(b *testing.B, raw []byte) [][]driver.Value {
	block, err := Decode(raw, Milli, time.UTC)
	if err != nil {
		b.Fatal(err)
	}
	rows := make([][]driver.Value, block.Rows)
	for i := range rows {
		rows[i] = make([]driver.Value, 4)
		block.Row(i, rows[i])
	}
	return rows
}

func BenchmarkDecode(b *testing.B) {
	raw := meters(b, 4096)
	dest := make([]driver.Value, 4)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		block, err := Decode(raw, Milli, time.UTC)
		if err != nil {
			b.Fatal(err)
		}
		for i := range block.Rows {
			block.Row(i, dest)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/4096, "ns/row")
}

// feed is a driver whose every query has the same rows, either decoded from raw
// blocks or prebuilt.
type feed struct {
	raw      []byte
	prebuilt [][]driver.Value
	blocks   int
}

func (f *feed) Connect(context.Context) (driver.Conn, error) { return &feedConn{f}, nil }
func (f *feed) Driver() driver.Driver                        { return nil }

type feedConn struct{ f *feed }

func (c *feedConn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (c *feedConn) Begin() (driver.Tx, error)           { return nil, driver.ErrSkip }
func (c *feedConn) Close() error                        { return nil }
func (c *feedConn) QueryContext(context.Context, string, []driver.NamedValue) (driver.Rows, error) {
	if c.f.raw != nil {
		return &blockRows{f: c.f}, nil
	}
	return &prebuiltRows{f: c.f}, nil
}

type blockRows struct {
	f      *feed
	block  *Block
	row    int
	blocks int
}

func (r *blockRows) Columns() []string { return []string{"ts", "voltage", "current", "place"} }
func (r *blockRows) Close() error      { return nil }
func (r *blockRows) Next(dest []driver.Value) (err error) {
	if r.block == nil || r.row == r.block.Rows {
		if r.blocks == r.f.blocks {
			return io.EOF
		}
		r.row = 0
		r.blocks++
		if r.block, err = Decode(r.f.raw, Milli, time.UTC); err != nil {
			return err
		}
	}
	r.block.Row(r.row, dest)
	r.row++
	return nil
}

type prebuiltRows struct {
	f      *feed
	row    int
	blocks int
}

func (r *prebuiltRows) Columns() []string { return []string{"ts", "voltage", "current", "place"} }
func (r *prebuiltRows) Close() error      { return nil }
func (r *prebuiltRows) Next(dest []driver.Value) error {
	if r.row == len(r.f.prebuilt) {
		r.row = 0
		r.blocks++
	}
	if r.blocks == r.f.blocks {
		return io.EOF
	}
	copy(dest, r.f.prebuilt[r.row])
	r.row++
	return nil
}
