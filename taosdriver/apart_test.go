package taosdriver_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// apart is the variable that makes a process of these tests the server of another,
// so that what the client allocates can be told from what the server does.
const apart = "TAOSDRIVER_TEST_SERVER"

// serveApart serves until its input ends.
func serveApart() {
	srv := taostest.NewServer()
	defer srv.Close()
	fmt.Println(srv.DSN("ws", ""))
	io.Copy(io.Discard, os.Stdin)
}

// startApart starts a server in a process of its own and returns its DSN.
func startApart(t testing.TB) string {
	t.Helper()
	cmd := osexec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), apart+"=1")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line)
}
