// Command iotdb compares gaugesql with the table session of Apache's Go client, on a
// real server or an embedded one, and prints the result as Markdown:
//
//	go run . -addr 127.0.0.1:6667
//	go run . -addr 127.0.0.1:6667 -o ../../docs/benchmarks-iotdb.md
//
// Without an address an embedded server answers, whose own work is most of the time
// then. Each measurement is a process of its own; rounds go through all subjects in
// turn, so that a slow moment of the machine meets all of them, and medians are
// compared.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"

	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

func main() {
	var (
		addr    = flag.String("addr", "", "host:port of a real server, user root with password root")
		rows    = flag.Int("rows", 1_000_000, "rows of a result or a load")
		rounds  = flag.Int("rounds", 5, "measurements of each subject")
		output  = flag.String("o", "", "file for the result in place of the standard output")
		subject = flag.String("subject", "", "measure one subject and print its figures (used by the program itself)")
	)
	flag.Parse()
	var err error
	if *subject != "" {
		err = one(*subject, *addr, *rows)
	} else {
		err = all(*addr, *rows, *rounds, *output)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "iotdb:", err)
		os.Exit(1)
	}
}

// one measures one subject in this process.
func one(name, addr string, rows int) error {
	for _, s := range subjects {
		if s.name == name {
			f, err := s.measure(addr, rows)
			if err != nil {
				return err
			}
			return json.NewEncoder(os.Stdout).Encode(f)
		}
	}
	return fmt.Errorf("there is no subject %q", name)
}

// all measures everything and writes the report.
func all(addr string, rows, rounds int, output string) error {
	server := "the real server at " + addr
	if addr == "" {
		srv := iotdbtest.NewServer(iotdbtest.WithDatabase(database))
		defer srv.Close()
		addr, server = srv.Addr(), "the embedded server"
	}
	if err := prepare(addr, rows); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	results := make(map[string][]figures)
	for round := range rounds + 1 {
		for _, s := range subjects {
			out, err := exec.Command(self, "-subject", s.name, "-addr", addr, "-rows", strconv.Itoa(rows)).Output()
			if err != nil {
				if e, ok := err.(*exec.ExitError); ok {
					err = fmt.Errorf("%w: %s", err, e.Stderr)
				}
				return fmt.Errorf("%s: %w", s.name, err)
			}
			var f figures
			if err := json.Unmarshal(out, &f); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			if round > 0 { // the first warms the server
				results[s.name] = append(results[s.name], f)
			}
		}
	}
	page := report(server, rows, rounds, results)
	if output == "" {
		_, err = os.Stdout.WriteString(page)
		return err
	}
	return os.WriteFile(output, []byte(page), 0o644)
}
