// Package measure runs queries and counts what they cost this process.
package measure

import (
	"database/sql"
	"fmt"
	"runtime"
	"time"

	"github.com/gaugesql/gaugesql/bench/replay"
)

// Figures are what a query cost.
type Figures struct {
	Rows int
	// CPU is the processor time of this process, all of its threads.
	CPU, Wall time.Duration
	// Allocs and Bytes are counted by the runtime.
	Allocs, Bytes uint64
}

// Rows runs a query of n rows through the subject and scans every row. Into is
// "own" for the types that the driver hands out, "any" for interface values.
func (s Subject) Rows(db *sql.DB, n int, into string) (Figures, error) {
	scan := s.scan
	if into == "any" {
		scan = scanAny
	}
	return Count(n, func() error {
		got, err := readAll(db, s.query(n), scan)
		if err == nil && got != n {
			err = fmt.Errorf("%s: %d rows, want %d", s.Name, got, n)
		}
		return err
	})
}

// Count runs f, which works on n rows, and counts what it costs.
func Count(n int, f func() error) (Figures, error) {
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	cpuBefore, began := cpu(), time.Now()

	err := f()

	figures := Figures{Rows: n, CPU: cpu() - cpuBefore, Wall: time.Since(began)}
	runtime.ReadMemStats(&after)
	figures.Allocs, figures.Bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return figures, err
}

func readAll(db *sql.DB, query string, scan func(*sql.Rows) error) (n int, err error) {
	rows, err := db.Query(query)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return n, err
		}
		n++
	}
	return n, rows.Err()
}

// row is where rows are scanned; in a variable of the package, so that the scan
// itself allocates nothing.
var row struct {
	ts       time.Time
	current  int64
	narrow   int32
	voltage  float64
	location string
	values   [4]any
}

func scanInto[I int32 | int64](rows *sql.Rows) error {
	var current any = &row.current
	if _, narrow := any(I(0)).(int32); narrow {
		current = &row.narrow
	}
	return rows.Scan(&row.ts, current, &row.voltage, &row.location)
}

func scanAny(rows *sql.Rows) error {
	return rows.Scan(&row.values[0], &row.values[1], &row.values[2], &row.values[3])
}

// Check runs a short query and compares its rows with what the server sends, so
// that nothing is measured that does not work.
func (s Subject) Check(db *sql.DB) error {
	i := 0
	_, err := readAll(db, s.query(3), func(rows *sql.Rows) error {
		if err := s.scan(rows); err != nil {
			return err
		}
		ts, current, voltage, location := replay.Row(i)
		i++
		got := row.current
		if row.narrow != 0 {
			got, row.narrow = int64(row.narrow), 0
		}
		if !row.ts.Equal(ts) || got != current || row.voltage != voltage || row.location != location {
			return fmt.Errorf("%s: row %d is %v %d %v %q", s.Name, i-1, row.ts, got, row.voltage, row.location)
		}
		return nil
	})
	return err
}
