package siri

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"os/exec"
	"strings"

	"github.com/gaugesql/gaugesql/bench/measure"
)

//go:embed packer.py
var packer string

// Python runs SiriDB's Python packer in an interpreter that has it.
type Python struct{ Interpreter string }

// Version returns the versions of the interpreter and of the packer, and which of
// its two implementations it is.
func (p Python) Version() (string, error) {
	const script = `import platform, qpack
print("Python", platform.python_version() + ", qpack", qpack.__version__ + ", in", "C" if type(qpack.packb).__name__ == "builtin_function_or_method" else "Python")`
	text, err := exec.Command(p.Interpreter, "-c", script).Output()
	return strings.TrimSpace(string(text)), err
}

// Measure is [Subject.Measure] of a task.
func (p Python) Measure(task, kind string, points int) (f measure.Figures, err error) {
	c := exec.Command(p.Interpreter, "-c", packer, task, kind, fmt.Sprint(points))
	if task == "decode" {
		c.Stdin = bytes.NewReader(Answer(kind, points))
	}
	var stderr bytes.Buffer
	c.Stderr = &stderr
	text, err := c.Output()
	if err != nil {
		return f, fmt.Errorf("python: %w: %s", err, stderr.String())
	}
	return f, json.Unmarshal(text, &f)
}
