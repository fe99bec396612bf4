package measure

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// Own is a benchmark of a package that is internal to a driver, so that it can be
// run where it is and not be called from here.
type Own struct {
	// Package is its folder in the module.
	Package string
	// Benchmark is its name without the word itself; its parts are named by Measure.
	Benchmark string
	// Rows that one round has.
	Rows int

	program string
}

// Build compiles the package's tests into dir.
func (o *Own) Build(dir string) error {
	o.program = filepath.Join(dir, strings.ReplaceAll(o.Package, "/", "-")+".test")
	text, err := exec.Command("go", "test", "-c", "-o", o.program, "github.com/gaugesql/gaugesql/"+o.Package).CombinedOutput()
	if err != nil {
		return fmt.Errorf("go test -c: %w: %s", err, text)
	}
	return nil
}

// Measure runs one part of the benchmark in a process of its own. The processor
// time is what so many rounds more cost the process.
func (o *Own) Measure(part string) (f Figures, err error) {
	const few, many = 2, 62 // after one that testing runs in any case
	_, base, err := o.run(part, few)
	if err != nil {
		return f, err
	}
	f, cpu, err := o.run(part, many)
	f.CPU = (cpu - base) / (many - few)
	return f, err
}

// run returns the figures of one round, without CPU, and the CPU of the process.
func (o *Own) run(part string, rounds int) (f Figures, cpu time.Duration, err error) {
	pattern := "^Benchmark" + o.Benchmark + "$/^" + strings.ReplaceAll(part, "/", "$/^") + "$"
	c := exec.Command(o.program, "-test.run", "^$", "-test.bench", pattern, "-test.benchtime", fmt.Sprint(rounds, "x"))
	text, err := c.Output()
	if err != nil {
		return f, 0, err
	}
	f.Rows = o.Rows
	fields := strings.Fields(string(text))
	for i := range len(fields) - 1 {
		n, err := strconv.ParseFloat(fields[i], 64)
		if err != nil {
			continue
		}
		switch fields[i+1] {
		case "ns/op":
			f.Wall = time.Duration(n)
		case "B/op":
			f.Bytes = uint64(n)
		case "allocs/op":
			f.Allocs = uint64(n)
		}
	}
	if f.Wall == 0 {
		return f, 0, fmt.Errorf("no benchmark in %q", text)
	}
	return f, c.ProcessState.UserTime() + c.ProcessState.SystemTime(), nil
}
