package siri

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/bench/measure"
)

// Codec is one of the driver's two internal parts that turn bytes into points and
// back. The benchmark of its own package is run.
type Codec struct {
	// Name and Task are those of a [Subject].
	Name, Task string

	folder, benchmark string // of siridriver/internal, in that package
	program           string
}

// codecPoints is how many points the benchmarks have.
const codecPoints = 1_000_000

// Codecs compiles the benchmarks into dir.
func Codecs(dir string) ([]Codec, error) {
	list := []Codec{
		{Name: "gaugesql, the decoder", Task: "decode", folder: "result", benchmark: "BenchmarkDecode"},
		{Name: "gaugesql, the packer", Task: "encode", folder: "wire", benchmark: "BenchmarkPack"},
	}
	for i := range list {
		c := &list[i]
		c.program = filepath.Join(dir, c.folder+".test")
		text, err := exec.Command("go", "test", "-c", "-o", c.program, "github.com/gaugesql/gaugesql/siridriver/internal/"+c.folder).CombinedOutput()
		if err != nil {
			return nil, fmt.Errorf("go test -c: %w: %s", err, text)
		}
	}
	return list, nil
}

// Measure counts what it costs: the processor time is what so many rounds more
// cost the process.
func (c Codec) Measure(kind string) (f measure.Figures, err error) {
	const few, many = 1, 21
	_, base, err := c.run(kind, few)
	if err != nil {
		return f, err
	}
	f, cpu, err := c.run(kind, many)
	f.CPU = (cpu - base) / (many - few)
	return f, err
}

// run returns the figures of one round, without CPU, and the CPU of the process.
func (c Codec) run(kind string, rounds int) (f measure.Figures, cpu time.Duration, err error) {
	cmd := exec.Command(c.program, "-test.run", "^$", "-test.bench", "^"+c.benchmark+"$/^"+kind+"$", "-test.benchtime", fmt.Sprint(rounds, "x"))
	text, err := cmd.Output()
	if err != nil {
		return f, 0, err
	}
	f.Rows = codecPoints
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
	return f, cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(), nil
}
