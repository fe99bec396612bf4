// Iotdbserve starts the embedded IoTDB server for clients that are programs of their
// own. It prints its address, host:port, on the first line of its output and ends when
// its input does; then it prints what clients left behind, and fails if results are
// open.
//
//	iotdbserve [-address host:port] [-compression] [database ...]
package main

import (
	"flag"
	"fmt"
	"io"
	"os"

	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

func main() {
	address := flag.String("address", "127.0.0.1:0", "where to listen")
	compression := flag.Bool("compression", false, "speak the compact protocol")
	flag.Parse()
	opts := []iotdbtest.Option{iotdbtest.WithAddress(*address)}
	if *compression {
		opts = append(opts, iotdbtest.WithCompression())
	}
	for _, name := range flag.Args() {
		opts = append(opts, iotdbtest.WithDatabase(name))
	}
	srv, err := iotdbtest.Start(opts...)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(srv.Addr())
	_, _ = io.Copy(io.Discard, os.Stdin) // its end is the signal
	open := srv.OpenResults()
	fmt.Fprintf(os.Stderr, "%d connections opened, %d statements run, %d results open\n", srv.Opened(), len(srv.Statements()), open)
	srv.Close()
	if open > 0 {
		os.Exit(1)
	}
}
