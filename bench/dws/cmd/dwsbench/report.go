package main

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"

	"github.com/gaugesql/gaugesql/bench/dws"
)

// place is where figures belong.
type place struct{ task, subject string }

// report is what was measured.
type report struct {
	rows, rounds int
	server       string
	figures      map[place][]dws.Figures
}

// median of a figure over the rounds, divided by the number of rows.
func (r *report) median(at place, figure func(dws.Figures) float64) float64 {
	var values []float64
	for _, f := range r.figures[at] {
		values = append(values, figure(f)/float64(f.Rows))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func processor(f dws.Figures) float64 { return float64(f.CPU.Nanoseconds()) }
func wall(f dws.Figures) float64      { return float64(f.Wall.Nanoseconds()) }
func allocs(f dws.Figures) float64    { return float64(f.Allocs) }

var titles = map[string]string{
	"select":            "SELECT of all rows through database/sql",
	"one row":           "A query of one row with an argument",
	"one row, prepared": "The same by a prepared statement",
	"transaction":       "The same in a transaction of its own",
	"copy in":           "COPY in",
	"copy out":          "COPY out, as text",
}

func (r *report) write(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `# Benchmarks: DWS

<!-- Written by bench/dws/cmd/dwsbench; do not edit. -->

%d rows of int8, float8, timestamptz and text, on one %s on the same machine, with fsync off.
pgx is %s, by its database/sql adapter in its default mode and for COPY by its own connection; lib/pq is %s.
%s with %d CPUs, %s/%s. Medians of %d interleaved rounds, each measurement in a process of its own, after a few short ones of the same, all
from one run; single statements of all in one process, in turns of a hundred, by the median of each. CPU is that of the client's process alone. Absolute numbers are this machine's.

`, r.rows, r.server, version("github.com/jackc/pgx/v5"), version("github.com/lib/pq"), runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.rounds)
	for _, task := range dws.Tasks {
		r.task(w, task)
	}
	return w.Flush()
}

func (r *report) task(w io.Writer, task string) {
	base := place{task, dws.Gauge}
	if r.figures[base] == nil {
		return
	}
	unit, divisor, name := "row", 1.0, "ns"
	if dws.Single(task) {
		unit, divisor, name = "statement", 1000.0, "µs"
	}
	fmt.Fprintf(w, "## %s\n\n| | wall time a %s | CPU a %s | allocations a %s | wall time, gaugesql = 1 |\n|---|--:|--:|--:|--:|\n", titles[task], unit, unit, unit)
	for _, s := range dws.Subjects {
		at := place{task, s.Name}
		if s.Task != task || r.figures[at] == nil {
			continue
		}
		fmt.Fprintf(w, "| %s | %.1f %s | %.1f %s | %.3f | %.2f |\n", s.Name, r.median(at, wall)/divisor, name,
			r.median(at, processor)/divisor, name, r.median(at, allocs), r.median(at, wall)/r.median(base, wall))
	}
	fmt.Fprintln(w)
}

// version of a module in this program.
func version(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == path {
				return m.Version
			}
		}
	}
	return "of an unknown version"
}
