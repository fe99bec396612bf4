package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/bench/measure"
)

// setting is how rows are read.
type setting struct {
	into string // destinations of the scan, "own" for the driver's types or "any"
	heap int    // MiB
}

var settings = []setting{{"own", 0}, {"own", 64}, {"any", 0}}

func (s setting) title() string {
	into := "Scanned into the Go types that the driver hands out"
	if s.into == "any" {
		into = "Scanned into interface values"
	}
	if s.heap == 0 {
		return into + ", in an otherwise empty process"
	}
	return fmt.Sprintf("%s, with %d MiB on the heap already", into, s.heap)
}

// scan is the benchmark of the decoder's own package, whose parts are the names
// below: blocks decoded for database/sql, and values made beforehand.
var scan = measure.Own{Package: "taosdriver/internal/block", Benchmark: "Scan", Rows: 244 * 4096}

const blocks, prebuilt = "blocks", "prebuilt"

var scanSettings = []setting{{"own", 0}, {"own", 64}}

// place is where figures belong.
type place struct {
	subject string
	setting setting
}

// report is what was measured.
type report struct {
	rows, rounds int
	figures      map[place][]measure.Figures
	memory       []memory
}

type memory struct {
	subject string
	rows    int
	growth  int64 // of the heap
	idle    int64 // bytes a connection
}

func (r *report) add(at place, f measure.Figures) { r.figures[at] = append(r.figures[at], f) }

// measureMemory measures in this process.
func (r *report) measureMemory(addr string) error {
	const streamed, connections = 10_000_000, 200
	for _, name := range []string{"gaugesql ws", "gaugesql http"} {
		fmt.Fprintf(os.Stderr, "memory: %s\n", name)
		s, err := measure.Find(name)
		if err != nil {
			return err
		}
		m := memory{subject: name, rows: streamed}
		if m.idle, err = s.IdleConnection(addr, connections); err != nil {
			return err
		}
		db, err := s.Open(addr)
		if err != nil {
			return err
		}
		defer db.Close()
		if m.growth, err = s.HeapGrowth(db, streamed); err != nil {
			return err
		}
		r.memory = append(r.memory, m)
	}
	return nil
}

// median of a figure over the rounds, divided by the number of rows.
func (r *report) median(subject string, in setting, figure func(measure.Figures) float64) float64 {
	var values []float64
	for _, f := range r.figures[place{subject, in}] {
		values = append(values, figure(f)/float64(f.Rows))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func cpu(f measure.Figures) float64    { return float64(f.CPU.Nanoseconds()) }
func wall(f measure.Figures) float64   { return float64(f.Wall.Nanoseconds()) }
func allocs(f measure.Figures) float64 { return float64(f.Allocs) }
func bytes(f measure.Figures) float64  { return float64(f.Bytes) }

func (r *report) write(out io.Writer) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `# Benchmarks

<!-- Written by bench/cmd/taosbench; do not edit. -->

TDengine, one query of %s rows of (TIMESTAMP, INT, DOUBLE, VARCHAR(16)) read through database/sql, on %s with %d CPUs,
%s/%s. "floor" is a driver that hands out values made beforehand: what database/sql costs by itself. "gaugesql decoding" is the whole
driver over WebSocket, with messages that come from memory in place of a socket: what decoding raw blocks adds. "driver-go" is
github.com/taosdata/driver-go/v3 v3.7.8, its packages taosWS and taosRestful. The server is the same for all, in a process of its own,
and replays raw blocks or JSON made beforehand; only the client's process is counted. Medians of %d interleaved rounds, all from one run.
Absolute numbers are this machine's. Ratios carry over.

An otherwise empty process collects garbage every 4 MiB, a program with a heap of its own less often: what a driver allocates costs the
former more. The floor allocates nothing.

`, thousands(r.rows), runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.rounds)
	r.writeScan(w)
	for _, in := range settings {
		fmt.Fprintf(w, "## %s\n\n| | CPU a row | wall time a row | allocations a row | bytes a row |\n|---|--:|--:|--:|--:|\n", in.title())
		for _, s := range measure.Subjects {
			fmt.Fprintf(w, "| %s | %.0f ns | %.0f ns | %.3f | %.0f |\n", s.Name,
				r.median(s.Name, in, cpu), r.median(s.Name, in, wall), r.median(s.Name, in, allocs), r.median(s.Name, in, bytes))
		}
		fmt.Fprintf(w, "\n| ratio | CPU | wall time |\n|---|--:|--:|\n")
		for _, pair := range [][2]string{
			{"gaugesql decoding", "floor"}, {"gaugesql ws", "floor"},
			{"gaugesql ws", "driver-go ws"}, {"gaugesql http", "driver-go http"},
		} {
			ratio := func(figure func(measure.Figures) float64) float64 {
				return r.median(pair[0], in, figure) / r.median(pair[1], in, figure)
			}
			fmt.Fprintf(w, "| %s / %s | %.2f | %.2f |\n", pair[0], pair[1], ratio(cpu), ratio(wall))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "## Memory\n\n| | heap above the start while streaming | an idle connection, heap and stacks |\n|---|--:|--:|\n")
	for _, m := range r.memory {
		fmt.Fprintf(w, "| %s | %.1f MiB over %s rows | %.1f KiB |\n", m.subject, float64(m.growth)/(1<<20), thousands(m.rows), float64(m.idle)/(1<<10))
	}
	return w.Flush()
}

// writeScan writes what decoding costs by itself.
func (r *report) writeScan(w io.Writer) {
	fmt.Fprintf(w, "## Decoding by itself\n\n%s rows, blocks of 4096 decoded one after the other for database/sql, no connection; beside them the same values made\n"+
		"beforehand. The driver's own benchmark, `go test -bench Scan ./taosdriver/internal/block`.\n\n"+
		"| on the heap already | prebuilt, CPU a row | blocks, CPU a row | ratio | wall time | blocks, allocations a row | bytes a row |\n|---|--:|--:|--:|--:|--:|--:|\n", thousands(scan.Rows))
	for _, in := range scanSettings {
		p, b := r.median(prebuilt, in, cpu), r.median(blocks, in, cpu)
		fmt.Fprintf(w, "| %d MiB | %.0f ns | %.0f ns | %.2f | %.2f | %.3f | %.0f |\n", in.heap, p, b, b/p,
			r.median(blocks, in, wall)/r.median(prebuilt, in, wall), r.median(blocks, in, allocs), r.median(blocks, in, bytes))
	}
	fmt.Fprintln(w)
}

// thousands writes 1000000 as 1,000,000.
func thousands(n int) string {
	text := fmt.Sprint(n)
	var groups []string
	for len(text) > 3 {
		groups = append([]string{text[len(text)-3:]}, groups...)
		text = text[:len(text)-3]
	}
	return strings.Join(append([]string{text}, groups...), ",")
}
