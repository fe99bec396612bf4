// Command taosbench compares gaugesql with TDengine's official Go driver and with
// the least that any driver can cost, and prints the result as Markdown:
//
//	go run ./cmd/taosbench
//	go run ./cmd/taosbench -o ../docs/benchmarks.md
//
// A server in a process of its own replays blocks made beforehand. Each
// measurement is a process of its own too; rounds go through all subjects in
// turn, so that a slow moment of the machine meets all of them, and medians are
// compared.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"runtime"

	"github.com/gaugesql/gaugesql/bench/measure"
	"github.com/gaugesql/gaugesql/bench/replay"
)

func main() {
	replay.Main()
	var (
		rows   = flag.Int("rows", 1_000_000, "rows of a query")
		rounds = flag.Int("rounds", 9, "measurements of each subject")
		output = flag.String("o", "", "file for the result in place of the standard output")
		name   = flag.String("subject", "", "measure one subject and print its figures (used by the program itself)")
		into   = flag.String("into", "own", "destinations of that measurement: own or any")
		heap   = flag.Int("heap", 0, "MiB that are on the heap of that measurement anyway")
		addr   = flag.String("addr", "", "server of that measurement")
	)
	flag.Parse()
	var err error
	if *name != "" {
		err = one(*name, *addr, setting{into: *into, heap: *heap}, *rows)
	} else {
		err = all(*rows, *rounds, *output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "taosbench:", err)
		os.Exit(1)
	}
}

// one measures one subject in this process.
func one(name, addr string, in setting, rows int) error {
	ballast := make([]byte, in.heap<<20)
	defer runtime.KeepAlive(ballast)
	s, err := measure.Find(name)
	if err != nil {
		return err
	}
	db, err := s.Open(addr)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := s.Check(db); err != nil {
		return err
	}
	// The first blocks pay for what is made once.
	if _, err := s.Rows(db, 50_000, in.into); err != nil {
		return err
	}
	f, err := s.Rows(db, rows, in.into)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// all measures everything and writes the report.
func all(rows, rounds int, output string) error {
	addr, stop, err := replay.Start()
	if err != nil {
		return err
	}
	defer stop()
	dir, err := os.MkdirTemp("", "taosbench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := scan.Build(dir); err != nil {
		return err
	}
	r := report{rows: rows, rounds: rounds, figures: make(map[place][]measure.Figures)}
	for round := range rounds {
		for _, in := range settings {
			for _, s := range measure.Subjects {
				fmt.Fprintf(os.Stderr, "\rround %d of %d: %-20s", round+1, rounds, s.Name)
				f, err := child(s.Name, addr, in, rows)
				if err != nil {
					return fmt.Errorf("%s: %w", s.Name, err)
				}
				r.add(place{s.Name, in}, f)
			}
		}
		for _, in := range scanSettings {
			for _, name := range []string{prebuilt, blocks} {
				f, err := scan.Measure(fmt.Sprintf("%s/%dMiB", name, in.heap))
				if err != nil {
					return err
				}
				r.add(place{name, in}, f)
			}
		}
	}
	fmt.Fprintln(os.Stderr)
	if err := r.measureMemory(addr); err != nil {
		return err
	}
	if output == "" {
		return r.write(os.Stdout)
	}
	f, err := os.Create(output)
	if err != nil {
		return err
	}
	if err := r.write(f); err != nil {
		return err
	}
	return f.Close()
}

// child measures one subject in a process of its own.
func child(name, addr string, in setting, rows int) (f measure.Figures, err error) {
	program, err := os.Executable()
	if err != nil {
		return f, err
	}
	c := exec.Command(program, "-subject", name, "-addr", addr, "-into", in.into, "-heap", fmt.Sprint(in.heap), "-rows", fmt.Sprint(rows))
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}
