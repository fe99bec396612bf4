// Command taosload compares the ways to write to TDengine: gaugesql's Appender, the
// official Go driver's statement over WebSocket, and INSERTs of many rows. It prints
// the result as Markdown:
//
//	go run ./cmd/taosload
//	go run ./cmd/taosload -addr 127.0.0.1:6041     # a real server, in the database bench_load
//
// Without -addr a server in a process of its own takes everything and forgets it.
// Each measurement is a process of its own; rounds go through all ways in turn, and
// medians are compared. Only the client's process is counted.
package main

import (
	"bufio"
	"database/sql"
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

// database is where a real server is written to.
const database = "bench_load"

func main() {
	replay.Main()
	var (
		load   measure.Load
		rounds = flag.Int("rounds", 5, "measurements of each way")
		output = flag.String("o", "", "file for the result in place of the standard output")
		name   = flag.String("loader", "", "measure one way and print its figures (used by the program itself)")
	)
	flag.StringVar(&load.Addr, "addr", "", "a real server's taosAdapter, host:port; its database "+database+" is dropped")
	flag.StringVar(&load.Database, "database", database, "database of that measurement")
	flag.IntVar(&load.Rows, "rows", 1_000_000, "rows written")
	flag.IntVar(&load.Tables, "tables", 100, "child tables written to")
	flag.IntVar(&load.Portion, "portion", 1000, "rows of a table that are handed over at a time")
	flag.Parse()
	var err error
	if *name != "" {
		err = one(*name, load)
	} else {
		err = all(load, *rounds, *output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "taosload:", err)
		os.Exit(1)
	}
}

// one measures one way in this process.
func one(name string, load measure.Load) error {
	l, err := measure.FindLoader(name)
	if err != nil {
		return err
	}
	f, err := l.Write(load)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// all measures every way and writes the result.
func all(load measure.Load, rounds int, output string) error {
	server := "A server in a process of its own takes everything and forgets it"
	prepare := func() error { return nil }
	if load.Addr == "" {
		addr, stop, err := replay.StartSink()
		if err != nil {
			return err
		}
		defer stop()
		load.Addr = addr
	} else {
		db, err := sql.Open("taos", "taos+ws://root:taosdata@"+load.Addr)
		if err != nil {
			return err
		}
		defer db.Close()
		var version string
		if err := db.QueryRow("SELECT SERVER_VERSION()").Scan(&version); err != nil {
			return err
		}
		server = "The server is a TDengine " + version + " on the same machine"
		prepare = func() error { return create(db) }
		defer db.Exec("DROP DATABASE IF EXISTS " + database)
	}
	figures := map[string][]measure.Figures{}
	for round := range rounds {
		for _, l := range measure.Loaders {
			fmt.Fprintf(os.Stderr, "\rround %d of %d: %-40s", round+1, rounds, l.Name)
			if err := prepare(); err != nil {
				return err
			}
			f, err := child(l.Name, load)
			if err != nil {
				return fmt.Errorf("%s: %w", l.Name, err)
			}
			figures[l.Name] = append(figures[l.Name], f)
		}
	}
	fmt.Fprintln(os.Stderr)
	out := io.Writer(os.Stdout)
	if output != "" {
		f, err := os.Create(output)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	return write(out, load, rounds, server, figures)
}

// create makes the empty tables.
func create(db *sql.DB) error {
	for _, q := range []string{
		"DROP DATABASE IF EXISTS " + database,
		"CREATE DATABASE " + database + " VGROUPS 2 KEEP 36500",
		"CREATE STABLE " + database + ".meters (ts TIMESTAMP, current INT, voltage DOUBLE, location VARCHAR(16)) TAGS (g INT)",
	} {
		if _, err := db.Exec(q); err != nil {
			return err
		}
	}
	return nil
}

// child measures one way in a process of its own.
func child(name string, load measure.Load) (f measure.Figures, err error) {
	program, err := os.Executable()
	if err != nil {
		return f, err
	}
	c := exec.Command(program, "-loader", name, "-addr", load.Addr, "-database", load.Database, "-rows", fmt.Sprint(load.Rows),
		"-tables", fmt.Sprint(load.Tables), "-portion", fmt.Sprint(load.Portion))
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}

const official, appender = "driver-go ws/stmt", "gaugesql Appender, columns"

func write(out io.Writer, load measure.Load, rounds int, server string, figures map[string][]measure.Figures) error {
	w := bufio.NewWriter(out)
	median := func(name string, figure func(measure.Figures) float64) float64 {
		var values []float64
		for _, f := range figures[name] {
			values = append(values, figure(f)/float64(f.Rows))
		}
		slices.Sort(values)
		return values[len(values)/2]
	}
	cpu := func(f measure.Figures) float64 { return float64(f.CPU.Nanoseconds()) }
	wall := func(f measure.Figures) float64 { return float64(f.Wall.Nanoseconds()) }
	allocs := func(f measure.Figures) float64 { return float64(f.Allocs) }
	fmt.Fprintf(w, `# Loading into TDengine

<!-- Written by bench/cmd/taosload; do not edit. -->

%d rows of (TIMESTAMP, INT, DOUBLE, VARCHAR(16)) into %d child tables that are made on the way, on %s with %d CPUs, %s/%s.
%s; only the client's process is counted. "driver-go" is github.com/taosdata/driver-go/v3 v3.7.8.
Columns and statements are handed over %d rows of a table at a time; the Appender's rows come one by one, the next for another
table, behind pointers or as values, which the caller's conversion to interfaces allocates. Medians of %d interleaved rounds, all from one run.

| | rows a second | CPU a row | allocations a row |
|---|--:|--:|--:|
`, load.Rows, load.Tables, runtime.Version(), runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, server, load.Portion, rounds)
	for _, l := range measure.Loaders {
		fmt.Fprintf(w, "| %s | %.0f | %.0f ns | %.3f |\n", l.Name, 1e9/median(l.Name, wall), median(l.Name, cpu), median(l.Name, allocs))
	}
	fmt.Fprintf(w, "\n| ratio | rows a second | CPU |\n|---|--:|--:|\n")
	for _, l := range measure.Loaders {
		for _, other := range []string{official, "gaugesql ws, INSERT of 1,000 rows"} {
			if l.Name == other || l.Name != appender && l.Name != "gaugesql Appender, rows" {
				continue
			}
			fmt.Fprintf(w, "| %s / %s | %.2f | %.2f |\n", l.Name, other,
				median(other, wall)/median(l.Name, wall), median(l.Name, cpu)/median(other, cpu))
		}
	}
	return w.Flush()
}
