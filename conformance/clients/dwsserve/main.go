// Dwsserve starts the embedded DWS coordinator for clients that are not written in
// Go. It prints host, port, user, password and database on the first line of its
// output, separated by spaces, and ends when its input does.
package main

import (
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

func main() {
	storage := flag.Int("password_encryption_type", int(dwstest.StoreSHA256), "how passwords are stored: 0 MD5, 1 both, 2 SHA256")
	iterations := flag.Int("iterations", 10_000, "iterations of SHA256")
	auth := flag.String("auth", "", "the method to ask for the password by")
	postgres := flag.String("postgres", os.Getenv("CONFORMANCE_POSTGRES"), "a PostgreSQL to stand in front of, in place of the embedded store")
	encrypt := flag.Bool("tls", false, "offer TLS")
	ca := flag.String("ca", "", "file to write the authority's certificate into")
	verbose := flag.Bool("v", false, "log requests to standard error")
	flag.Parse()
	options := []dwstest.Option{dwstest.WithStorage(dwstest.Storage(*storage)), dwstest.WithIterations(*iterations), dwstest.WithAuth(dwstest.Auth(*auth))}
	if *postgres != "" {
		options = append(options, dwstest.WithPostgres(*postgres))
	}
	if *encrypt {
		options = append(options, dwstest.WithTLS(nil))
	}
	if *verbose {
		options = append(options, dwstest.WithLogger(slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	}
	srv, err := dwstest.Start(options...)
	if err == nil && *ca != "" {
		err = os.WriteFile(*ca, srv.CertPEM(), 0o600)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	user, password := srv.User()
	host, port, _ := strings.Cut(srv.Addr(), ":")
	fmt.Println(host, port, user, password, "gaussdb")
	_, _ = io.Copy(io.Discard, os.Stdin) // its end is the signal
	fmt.Fprintf(os.Stderr, "%d connections opened, %d logins, %d statements run\n", srv.Opened(), srv.Logins(), len(srv.Statements()))
	srv.Close()
}
