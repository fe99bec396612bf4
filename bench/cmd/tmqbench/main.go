// Command tmqbench compares gaugesql's consumer with that of TDengine's official Go
// driver and prints the result as Markdown:
//
//	go run ./cmd/tmqbench
//	go run ./cmd/tmqbench -o ../docs/benchmarks-tmq.md
//
// A server in a process of its own replays messages made beforehand. Each
// measurement is a process of its own too; rounds go through all consumers in turn
// and medians are compared.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"

	"github.com/gaugesql/gaugesql/bench/measure"
	"github.com/gaugesql/gaugesql/bench/replay"
)

func main() {
	replay.Main()
	var (
		rows   = flag.Int("rows", 1_000_000, "rows to consume")
		rounds = flag.Int("rounds", 9, "measurements of each consumer")
		output = flag.String("o", "", "file for the result in place of the standard output")
		name   = flag.String("reader", "", "measure one consumer and print its figures (used by the program itself)")
		addr   = flag.String("addr", "", "server of that measurement")
	)
	flag.Parse()
	var err error
	if *name != "" {
		err = one(*name, *addr, *rows)
	} else {
		err = all(*rows, *rounds, *output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tmqbench:", err)
		os.Exit(1)
	}
}

// one measures one consumer in this process.
func one(name, addr string, rows int) error {
	r, err := measure.FindReader(name)
	if err != nil {
		return err
	}
	if err := r.Check(addr); err != nil {
		return err
	}
	if _, err := r.Consume(addr, 50_000); err != nil { // pays for what is made once
		return err
	}
	f, err := r.Consume(addr, rows)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

func all(rows, rounds int, output string) error {
	addr, stop, err := replay.Start()
	if err != nil {
		return err
	}
	defer stop()
	figures := make(map[string][]measure.Figures)
	for round := range rounds {
		for _, r := range measure.Readers {
			fmt.Fprintf(os.Stderr, "\rround %d of %d: %-20s", round+1, rounds, r.Name)
			f, err := child(r.Name, addr, rows)
			if err != nil {
				return fmt.Errorf("%s: %w", r.Name, err)
			}
			figures[r.Name] = append(figures[r.Name], f)
		}
	}
	fmt.Fprintln(os.Stderr)
	own, err := measure.FindReader("gaugesql rows")
	if err != nil {
		return err
	}
	const streamed = 5_000_000
	growth, err := own.HeapGrowth(addr, streamed)
	if err != nil {
		return err
	}
	out := io.Writer(os.Stdout)
	if output != "" {
		f, err := os.Create(output)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	return write(out, figures, rows, rounds, streamed, growth)
}

// child measures one consumer in a process of its own.
func child(name, addr string, rows int) (f measure.Figures, err error) {
	program, err := os.Executable()
	if err != nil {
		return f, err
	}
	c := exec.Command(program, "-reader", name, "-addr", addr, "-rows", fmt.Sprint(rows))
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}

// median of a figure, divided by the number of rows.
func median(list []measure.Figures, figure func(measure.Figures) float64) float64 {
	var values []float64
	for _, f := range list {
		values = append(values, figure(f)/float64(f.Rows))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func cpu(f measure.Figures) float64    { return float64(f.CPU.Nanoseconds()) }
func wall(f measure.Figures) float64   { return float64(f.Wall.Nanoseconds()) }
func allocs(f measure.Figures) float64 { return float64(f.Allocs) }
func bytes(f measure.Figures) float64  { return float64(f.Bytes) }

func write(out io.Writer, figures map[string][]measure.Figures, rows, rounds, streamed int, growth int64) error {
	w := bufio.NewWriter(out)
	fmt.Fprintf(w, `# Benchmarks of subscriptions

<!-- Written by bench/cmd/tmqbench; do not edit. -->

TDengine's TMQ over WebSocket: %d rows of (TIMESTAMP, INT, DOUBLE, VARCHAR(16)) of a super table, %d rows a message spread over 8
tables, each message committed, on %s with %d CPUs, %s/%s. "rows" reads every value of every row, "columns" one column as a slice.
"driver-go" is github.com/taosdata/driver-go/v3 v3.7.8, its package ws/tmq. The server is the same for all, in a process of its own, and
replays messages made beforehand; only the client's process is counted. Medians of %d interleaved rounds, all from one run. Absolute
numbers are this machine's. Ratios carry over.

| | CPU a row | wall time a row | allocations a row | bytes a row |
|---|--:|--:|--:|--:|
`, rows, replay.MessageRows, runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, rounds)
	for _, r := range measure.Readers {
		f := figures[r.Name]
		fmt.Fprintf(w, "| %s | %.0f ns | %.0f ns | %.3f | %.0f |\n", r.Name, median(f, cpu), median(f, wall), median(f, allocs), median(f, bytes))
	}
	fmt.Fprint(w, "\n| ratio | CPU | wall time |\n|---|--:|--:|\n")
	for _, name := range []string{"gaugesql rows", "gaugesql columns"} {
		a, b := figures[name], figures["driver-go rows"]
		fmt.Fprintf(w, "| %s / driver-go rows | %.2f | %.2f |\n", name, median(a, cpu)/median(b, cpu), median(a, wall)/median(b, wall))
	}
	fmt.Fprintf(w, "\nThe heap of gaugesql at its highest is %.1f MiB above the start while %d rows are consumed.\n", float64(growth)/(1<<20), streamed)
	return w.Flush()
}
