package main

import (
	"bufio"
	"fmt"
	"io"
	"runtime"
	"slices"

	"github.com/gaugesql/gaugesql/bench/measure"
	"github.com/gaugesql/gaugesql/bench/siri"
)

// task is one of the two tables.
type task struct {
	name, title, python string
	ours, peers         []string
}

var tasks = []task{
	{
		name: "decode", title: "Decoding the answer to a select", python: "Python, unpackb",
		ours:  []string{"gaugesql, the decoder", "gaugesql, the driver's rows", "gaugesql, through database/sql"},
		peers: []string{"go-qpack, Unpack", "Python, unpackb"},
	},
	{
		name: "encode", title: "Encoding an insert", python: "Python, packb",
		ours:  []string{"gaugesql, the packer", "gaugesql, SeriesInserter", "gaugesql, Appender"},
		peers: []string{"go-qpack, Pack", "Python, packb"},
	},
}

// place is where figures belong.
type place struct{ task, subject, kind string }

// report is what was measured.
type report struct {
	points, rounds int
	python         string // version; empty if there is none
	figures        map[place][]measure.Figures
}

func (r *report) add(task, subject, kind string, f measure.Figures) {
	key := place{task, subject, kind}
	r.figures[key] = append(r.figures[key], f)
}

func (r *report) has(task, subject string) bool {
	return r.figures[place{task, subject, siri.Kinds[0]}] != nil
}

// median of a figure over the rounds, divided by the number of points.
func (r *report) median(at place, figure func(measure.Figures) float64) float64 {
	var values []float64
	for _, f := range r.figures[at] {
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
	python := "there was no Python with qpack on this machine;"
	if r.python != "" {
		python = "\"Python\" is " + r.python + ";"
	}
	fmt.Fprintf(w, `# Benchmarks: SiriDB

<!-- Written by bench/cmd/siribench; do not edit. -->

%s points in %d series, the bytes in memory and no server, no socket. "go-qpack" is
github.com/transceptor-technology/go-qpack at 49a14b216a45, which the official Go client uses;
%s
%s with %d CPUs, %s/%s. Medians of %d interleaved rounds,
each measurement in a process of its own that has done the same once before (decoder and packer: the difference of 62 rounds and 2), all from one run. Absolute numbers are this machine's.

The official packers turn bytes into a tree of maps, lists and values, and back. "The decoder" and "the packer" are what stands beside that: series
found, every byte checked, times and values in vectors; and vectors of times, already in the database's unit, and of values to bytes. The other figures of gaugesql are whole calls: the request, the answer's way through the connection, decoding, and
every point handed out as series, time.Time and value, to the caller of the driver or of database/sql; and taken so. The appender takes points one by one; its
allocations are the caller's, who puts series, time and value into interface values.

`, thousands(r.points), siri.Series, python, runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, r.rounds)
	for _, t := range tasks {
		r.writeTask(w, t)
	}
	return w.Flush()
}

func (r *report) writeTask(w io.Writer, t task) {
	fmt.Fprintf(w, "## %s\n\n", t.title)
	for _, kind := range siri.Kinds {
		fmt.Fprintf(w, "| %s | CPU a point | wall time a point | allocations a point | bytes a point |\n|---|--:|--:|--:|--:|\n", kind)
		for _, name := range slices.Concat(t.ours, t.peers) {
			if !r.has(t.name, name) {
				continue
			}
			at := place{t.name, name, kind}
			fmt.Fprintf(w, "| %s | %.1f ns | %.1f ns |", name, r.median(at, cpu), r.median(at, wall))
			if name == t.python {
				fmt.Fprint(w, " | |\n")
				continue
			}
			fmt.Fprintf(w, " %.4f | %.0f |\n", r.median(at, allocs), r.median(at, bytes))
		}
		fmt.Fprintln(w)
	}
	fmt.Fprint(w, "How many times as long, CPU (wall time):\n\n| |")
	for _, kind := range siri.Kinds {
		fmt.Fprintf(w, " %s |", kind)
	}
	fmt.Fprint(w, "\n|---|--:|--:|--:|\n")
	for _, peer := range t.peers {
		if !r.has(t.name, peer) {
			continue
		}
		for _, name := range t.ours {
			fmt.Fprintf(w, "| %s / %s |", peer, name)
			for _, kind := range siri.Kinds {
				ratio := func(figure func(measure.Figures) float64) float64 {
					return r.median(place{t.name, peer, kind}, figure) / r.median(place{t.name, name, kind}, figure)
				}
				fmt.Fprintf(w, " %.1f (%.1f) |", ratio(cpu), ratio(wall))
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w)
}

// thousands writes 1000000 as 1,000,000.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
