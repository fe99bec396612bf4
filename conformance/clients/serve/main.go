// Serve starts the embedded TDengine server for clients that are not written in
// Go. It prints its address, host:port, on the first line of its output and
// ends when its input does; then it prints what clients left behind and fails if
// they made a real server crash.
package main

import (
	"fmt"
	"io"
	"os"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	srv, err := taostest.Start()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(srv.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // its end is the signal
	crashes := srv.Crashes()
	fmt.Fprintf(os.Stderr, "%d connections opened, %d statements run, crashes: %q\n", srv.Opened(), len(srv.Statements()), crashes)
	srv.Close()
	if crashes != nil {
		os.Exit(1)
	}
}
