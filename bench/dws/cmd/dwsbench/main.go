// Command dwsbench compares gaugesql's DWS driver with pgx and lib/pq on one
// PostgreSQL and prints the result as Markdown:
//
//	go run ./cmd/dwsbench
//	go run ./cmd/dwsbench -o ../../docs/benchmarks-dws.md
//	go run ./cmd/dwsbench -dsn 'postgres://user:password@host:5432/database?sslmode=disable'
//
// Without -dsn it starts a server of its own, by conformance/servers/postgres.
//
// Each measurement is a process of its own; rounds go through all subjects in turn,
// so that a slow moment of the machine meets all of them, and medians are compared.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"

	"github.com/gaugesql/gaugesql/bench/dws"
)

func main() {
	var (
		rows    = flag.Int("rows", 1_000_000, "rows of the table")
		rounds  = flag.Int("rounds", 5, "measurements of each subject")
		output  = flag.String("o", "", "file for the result in place of the standard output")
		dsn     = flag.String("dsn", "", "server to use; it must take what lib/pq, pgx and gaugesql all read")
		task    = flag.String("task", "", "measure this task only")
		subject = flag.String("subject", "", "measure one subject and print its figures (used by the program itself)")
	)
	flag.Parse()
	var err error
	if *subject != "" {
		err = one(*subject, *task, *dsn, *rows)
	} else {
		err = all(*dsn, *task, *rows, *rounds, *output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dwsbench:", err)
		os.Exit(1)
	}
}

// one measures one subject in this process, or all of a task of single statements,
// and prints the figures by the subjects' names.
func one(name, task, dsn string, rows int) error {
	if dws.Single(task) {
		all, err := dws.Together(dsn, task, rows)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(all)
	}
	s, err := dws.Find(name, task)
	if err != nil {
		return err
	}
	f, err := s.Measure(dsn, rows)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]dws.Figures{name: f})
}

// all measures everything and writes the report.
func all(dsn, only string, rows, rounds int, output string) error {
	if dsn == "" {
		server, stop, err := dws.Server()
		if err != nil {
			return err
		}
		defer stop()
		dsn = server
	}
	if err := dws.Prepare(dsn, rows); err != nil {
		return err
	}
	r := report{rows: rows, rounds: rounds, figures: make(map[place][]dws.Figures)}
	var err error
	if r.server, err = dws.Version(dsn); err != nil {
		return err
	}
	for round := range rounds {
		for _, s := range dws.Subjects {
			if only != "" && only != s.Task {
				continue
			}
			fmt.Fprintf(os.Stderr, "\rround %d of %d: %-20s %-20s", round+1, rounds, s.Task, s.Name)
			n := rows
			if dws.Single(s.Task) {
				if n = max(100, rows/100); s.Name != dws.Gauge {
					continue // measured with the first
				}
			}
			found, err := child(s, dsn, n)
			if err != nil {
				return fmt.Errorf("%s, %s: %w", s.Name, s.Task, err)
			}
			for name, f := range found {
				at := place{s.Task, name}
				r.figures[at] = append(r.figures[at], f)
			}
		}
	}
	fmt.Fprintln(os.Stderr)
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
func child(s dws.Subject, dsn string, rows int) (f map[string]dws.Figures, err error) {
	program, err := os.Executable()
	if err != nil {
		return f, err
	}
	c := exec.Command(program, "-subject", s.Name, "-task", s.Task, "-dsn", dsn, "-rows", fmt.Sprint(rows))
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}
