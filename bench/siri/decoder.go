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

// Decoder is the driver's decoder by itself. It is internal to the driver, so that
// the benchmark of its own package is run.
type Decoder struct{ program string }

// decoderPoints is how many points the benchmark decodes.
const decoderPoints = 1_000_000

// BuildDecoder compiles the benchmark into dir.
func BuildDecoder(dir string) (Decoder, error) {
	d := Decoder{filepath.Join(dir, "decoder.test")}
	text, err := exec.Command("go", "test", "-c", "-o", d.program, "github.com/gaugesql/gaugesql/siridriver/internal/result").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("go test -c: %w: %s", err, text)
	}
	return d, err
}

// Measure counts what decoding costs: the processor time is what so many rounds
// more cost the process.
func (d Decoder) Measure(kind string) (f measure.Figures, err error) {
	const few, many = 1, 21
	_, base, err := d.run(kind, few)
	if err != nil {
		return f, err
	}
	f, cpu, err := d.run(kind, many)
	f.CPU = (cpu - base) / (many - few)
	return f, err
}

// run returns the figures of one round, without CPU, and the CPU of the process.
func (d Decoder) run(kind string, rounds int) (f measure.Figures, cpu time.Duration, err error) {
	c := exec.Command(d.program, "-test.run", "^$", "-test.bench", "^BenchmarkDecode$/^"+kind+"$", "-test.benchtime", fmt.Sprint(rounds, "x"))
	text, err := c.Output()
	if err != nil {
		return f, 0, err
	}
	f.Rows = decoderPoints
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
