package replay

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
)

// variable makes a process of this program a server.
const variable = "GAUGESQL_BENCH_REPLAY"

// Main turns the process into a server if [Start] has started it as one, and
// does not return then. It is the first thing that main or TestMain calls.
func Main() {
	if os.Getenv(variable) == "" {
		return
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, "replay:", err)
		os.Exit(1)
	}
	fmt.Println(l.Addr())
	go func() {
		io.Copy(io.Discard, os.Stdin) // ends with the parent
		os.Exit(0)
	}()
	serve := Serve
	if os.Getenv(variable) == "sink" {
		serve = ServeSink
	}
	fmt.Fprintln(os.Stderr, "replay:", serve(l))
	os.Exit(1)
}

// Start runs a server in a process of its own, so that its time and memory are
// not counted. stop ends it.
func Start() (addr string, stop func(), err error) { return start("1") }

// StartSink is Start for [ServeSink].
func StartSink() (addr string, stop func(), err error) { return start("sink") }

func start(what string) (addr string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	c := exec.Command(program)
	c.Env = append(os.Environ(), variable+"="+what)
	c.Stderr = os.Stderr
	in, err := c.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := c.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		in.Close()
		c.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("replay: the server did not start: %w", err)
	}
	return strings.TrimSpace(line), stop, nil
}
