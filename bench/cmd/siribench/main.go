// Command siribench compares gaugesql with the packers of SiriDB's official clients
// and prints the result as Markdown:
//
//	go run ./cmd/siribench
//	go run ./cmd/siribench -python venv/bin/python -o ../docs/benchmarks-siridb.md
//
// The Python interpreter must have qpack, as after "pip install qpack==0.0.21";
// without one, Python is left out and the page says so.
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

	"github.com/gaugesql/gaugesql/bench/measure"
	"github.com/gaugesql/gaugesql/bench/siri"
)

func main() {
	var (
		points  = flag.Int("points", 1_000_000, "points of a result or an insert, a multiple of 1000")
		rounds  = flag.Int("rounds", 7, "measurements of each subject")
		output  = flag.String("o", "", "file for the result in place of the standard output")
		python  = flag.String("python", "python3", "Python interpreter that has qpack")
		subject = flag.String("subject", "", "measure one subject and print its figures (used by the program itself)")
		kind    = flag.String("kind", "floats", "values of that measurement: floats, integers or strings")
	)
	flag.Parse()
	var err error
	if *subject != "" {
		err = one(*subject, *kind, *points)
	} else {
		err = all(siri.Python{Interpreter: *python}, *points, *rounds, *output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "siribench:", err)
		os.Exit(1)
	}
}

// one measures one subject in this process.
func one(name, kind string, points int) error {
	s, err := siri.Find(name)
	if err != nil {
		return err
	}
	f, err := s.Measure(kind, points)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(f)
}

// all measures everything and writes the report.
func all(python siri.Python, points, rounds int, output string) error {
	r := report{points: points, rounds: rounds, figures: make(map[place][]measure.Figures)}
	version, err := python.Version()
	if err != nil {
		fmt.Fprintf(os.Stderr, "siribench: no Python with qpack: %v\n", err)
	} else {
		r.python = version
	}
	dir, err := os.MkdirTemp("", "siribench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	codecs, err := siri.Codecs(dir)
	if err != nil {
		return err
	}
	for round := range rounds {
		for _, kind := range siri.Kinds {
			for _, s := range siri.Subjects {
				fmt.Fprintf(os.Stderr, "\rround %d of %d: %-9s %-40s", round+1, rounds, kind, s.Name)
				f, err := child(s.Name, kind, points)
				if err != nil {
					return fmt.Errorf("%s: %w", s.Name, err)
				}
				r.add(s.Task, s.Name, kind, f)
			}
			for _, c := range codecs {
				f, err := c.Measure(kind)
				if err != nil {
					return fmt.Errorf("%s: %w", c.Name, err)
				}
				r.add(c.Task, c.Name, kind, f)
			}
			if r.python == "" {
				continue
			}
			for _, task := range tasks {
				f, err := python.Measure(task.name, kind, points)
				if err != nil {
					return err
				}
				r.add(task.name, task.python, kind, f)
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
func child(name, kind string, points int) (f measure.Figures, err error) {
	program, err := os.Executable()
	if err != nil {
		return f, err
	}
	c := exec.Command(program, "-subject", name, "-kind", kind, "-points", fmt.Sprint(points))
	c.Stderr = os.Stderr
	text, err := c.Output()
	if err != nil {
		return f, err
	}
	return f, json.Unmarshal(text, &f)
}
