package iotdbtest

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// recordFrom writes the recorded answers of testdata anew from a real server:
//
//	go test ./iotdbdriver/iotdbtest -run TestRecorded -record-from 127.0.0.1:6667
//
// The server is given a database "recorded", of both models, which is dropped before and
// after.
var recordFrom = flag.String("record-from", "", "address of a real IoTDB server to record answers of")

// TestRecorded: statements are answered as the real server has answered them, in
// status, text, columns, types, block columns and rows. A statement whose line begins
// with "~" has rows in an order or with values that are not the same twice: only its
// status, columns and types are compared.
func TestRecorded(t *testing.T) {
	compareRecorded(t, "table", "drop database recorded", "testdata/statements.sql", "testdata/recorded.txt")
}

// TestRecordedTree is the same for the tree model.
func TestRecordedTree(t *testing.T) {
	compareRecorded(t, "tree", "delete database root.recorded", "testdata/tree.sql", "testdata/recorded_tree.txt")
}

func compareRecorded(t *testing.T, dialect, cleanup, from, to string) {
	t.Helper()
	addr := *recordFrom
	if addr == "" {
		srv := NewServer()
		defer srv.Close()
		addr = srv.Addr()
	}
	c, err := dial(addr, rpc.Binary, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if reply, err := c.login("root", "root", "", dialect); err != nil || reply.Status.Code != codeSuccess {
		t.Fatal(reply.Status, err)
	}
	_, _, _ = c.query(cleanup)
	text := transcript(t, c, readStatements(t, from))
	_, _, _ = c.query(cleanup)
	if *recordFrom != "" {
		if err := os.WriteFile(to, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	raw, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	want, got := strings.Split(string(raw), "\n\n"), strings.Split(text, "\n\n")
	if len(want) != len(got) {
		t.Fatalf("%d answers recorded, %d given: record anew", len(want), len(got))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("got\n%s\nrecorded\n%s", got[i], want[i])
		}
	}
}

func readStatements(t *testing.T, file string) []string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var list []string
	for s := bufio.NewScanner(f); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" && !strings.HasPrefix(line, "#") {
			list = append(list, line)
		}
	}
	return list
}

// expecting is what a syntax error says could stand there, of which the store knows
// less than the server.
var expecting = regexp.MustCompile(`(?s)Expecting: .*|SQL to physical plan: .*`)

func transcript(t *testing.T, c *client, statements []string) string {
	t.Helper()
	var b strings.Builder
	for _, line := range statements {
		sql, loose := strings.CutPrefix(line, "~")
		reply, rows, err := c.query(sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		fmt.Fprintf(&b, "> %s\n%d %s\n", sql, reply.Status.Code, expecting.ReplaceAllString(reply.Status.Message, "..."))
		if reply.Database != nil {
			fmt.Fprintf(&b, "database %s\n", *reply.Database)
		}
		if reply.Columns != nil {
			fmt.Fprintf(&b, "columns %q\ntypes %q\n", reply.Columns, reply.DataTypes)
			if !loose {
				blocks := fmt.Sprint(reply.BlockColumns)
				if reply.TableModel == nil || !*reply.TableModel {
					blocks = "of any order," // that of a hash
				}
				fmt.Fprintf(&b, "blocks %s ignore time %t\n", blocks, *reply.IgnoreTimestamp)
				for _, row := range rows {
					fmt.Fprintln(&b, show(row))
				}
			}
		}
		b.WriteString("\n")
	}
	return strings.TrimSpace(b.String()) + "\n"
}

func show(row []any) string {
	texts := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
			texts[i] = "NULL"
		case time.Time:
			texts[i] = v.Format(time.RFC3339Nano)
		case []byte:
			texts[i] = fmt.Sprintf("X'%x'", v)
		case string:
			texts[i] = fmt.Sprintf("%q", v)
		default:
			texts[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(texts, " | ")
}
