package store_test

import (
	"context"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the scripts answer into them")

// TestScripts runs testdata/scripts/*.txt, each against a store of its own. A line that begins with
// "> " is a statement, in the session that the last line "@ name [zone]" named; the lines under it
// are its answer:
//
//	name TYPE(length), ...   the columns of a query
//	value | value            a row
//	ok                       a statement that is no query
//	! 0x2600 text            an error
//
// Lines that begin with # are remarks.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := runScript(t, string(b))
			if got == string(b) {
				return
			}
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Error(firstDifference(string(b), got))
		})
	}
}

// runScript is the script with the answers that the store gives.
func runScript(t *testing.T, script string) string {
	db := newStore(t)
	sessions := map[string]*session{}
	current := "main"
	var out strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(script, "\n"), "\n") {
		name, zone, _ := strings.Cut(strings.TrimPrefix(line, "@ "), " ")
		switch {
		case strings.HasPrefix(line, "@ "):
			current = name
			if sessions[current] == nil {
				sessions[current] = newSession(t, db)
			}
			if zone != "" {
				loc, err := time.LoadLocation(zone)
				if err != nil {
					t.Fatal(err)
				}
				if err := sessions[current].raw(func(c extended) error { c.SetTimezone(loc); return nil }); err != nil {
					t.Fatal(err)
				}
			}
		case strings.HasPrefix(line, "> "):
			if sessions[current] == nil {
				sessions[current] = newSession(t, db)
			}
			out.WriteString(line + "\n")
			answer(&out, sessions[current], line[2:])
			continue
		case line != "" && line[0] != '#':
			continue // an old answer
		}
		out.WriteString(line + "\n")
	}
	return out.String()
}

func answer(out *strings.Builder, s *session, query string) {
	rows, err := s.QueryContext(context.Background(), query)
	if err != nil {
		fail(out, err)
		return
	}
	defer rows.Close()
	types, err := rows.ColumnTypes()
	if err != nil {
		fail(out, err)
		return
	}
	if len(types) == 0 {
		out.WriteString("ok\n")
		return
	}
	digits := 3
	for i, c := range types {
		if i > 0 {
			out.WriteString(", ")
		}
		fmt.Fprintf(out, "%s %s", c.Name(), c.DatabaseTypeName())
		length, sized := c.Length()
		precision, scale, scaled := c.DecimalSize()
		switch {
		case sized:
			fmt.Fprintf(out, "(%d)", length)
		case scaled && c.DatabaseTypeName() == "TIMESTAMP":
			digits = int(precision)
		case scaled:
			fmt.Fprintf(out, "(%d,%d)", precision, scale)
		}
	}
	out.WriteString("\n")
	values, err := readAll(rows)
	for _, row := range values {
		for i, v := range row {
			if i > 0 {
				out.WriteString(" | ")
			}
			out.WriteString(cell(v, types[i].DatabaseTypeName(), digits))
		}
		out.WriteString("\n")
	}
	if err != nil {
		fail(out, err)
	}
}

func cell(v any, kind string, digits int) string {
	switch v := v.(type) {
	case nil:
		return "NULL"
	case string:
		return strconv.Quote(v)
	case []byte:
		if kind == "JSON" {
			return string(v)
		}
		return `\x` + hex.EncodeToString(v)
	case time.Time:
		return v.Format("2006-01-02T15:04:05" + ".000000000"[:1+digits] + "Z07:00")
	}
	return fmt.Sprint(v)
}

func fail(out *strings.Builder, err error) {
	var e interface{ Code() int }
	if !errors.As(err, &e) {
		fmt.Fprintf(out, "! %v\n", err)
		return
	}
	fmt.Fprintf(out, "! 0x%04x %v\n", e.Code(), err)
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	statement := ""
	for i := range g {
		if strings.HasPrefix(g[i], "> ") {
			statement = g[i]
		}
		if i >= len(w) || w[i] != g[i] {
			old := "(nothing)"
			if i < len(w) {
				old = w[i]
			}
			return fmt.Sprintf("line %d, %s\n got %s\nwant %s", i+1, statement, g[i], old)
		}
	}
	return "the answer is shorter than the script"
}
