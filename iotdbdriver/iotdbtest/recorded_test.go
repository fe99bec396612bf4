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

// recordFrom writes testdata/recorded.txt anew from a real server:
//
//	go test ./iotdbdriver/iotdbtest -run TestRecorded -record-from 127.0.0.1:6667
//
// The server is given a database "recorded", which is dropped before and after.
var recordFrom = flag.String("record-from", "", "address of a real IoTDB server to record answers of")

const recordedFile = "testdata/recorded.txt"

// TestRecorded: statements are answered as the real server has answered them, in
// status, text, columns, types, block columns and rows. A statement whose line begins
// with "~" has rows in an order or with values that are not the same twice: only its
// status, columns and types are compared.
func TestRecorded(t *testing.T) {
	statements := readStatements(t)
	if *recordFrom != "" {
		c, err := dial(*recordFrom, rpc.Binary, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		if reply, err := c.login("root", "root", "", "table"); err != nil || reply.Status.Code != codeSuccess {
			t.Fatal(reply.Status, err)
		}
		out := transcript(t, c, statements)
		if err := os.WriteFile(recordedFile, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	srv := NewServer()
	defer srv.Close()
	c, err := dial(srv.Addr(), rpc.Binary, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.close()
	if reply, err := c.login("root", "root", "", "table"); err != nil || reply.Status.Code != codeSuccess {
		t.Fatal(reply.Status, err)
	}
	raw, err := os.ReadFile(recordedFile)
	if err != nil {
		t.Fatal(err)
	}
	want := strings.Split(string(raw), "\n\n")
	got := strings.Split(transcript(t, c, statements), "\n\n")
	if len(want) != len(got) {
		t.Fatalf("%d answers recorded, %d given: record anew", len(want), len(got))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Errorf("got\n%s\nrecorded\n%s", got[i], want[i])
		}
	}
}

func readStatements(t *testing.T) []string {
	t.Helper()
	f, err := os.Open("testdata/statements.sql")
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
var expecting = regexp.MustCompile(`(?s)Expecting: .*`)

func transcript(t *testing.T, c *client, statements []string) string {
	t.Helper()
	var b strings.Builder
	_, _, _ = c.query("drop database recorded")
	for _, line := range statements {
		sql, loose := strings.CutPrefix(line, "~")
		reply, rows, err := c.query(sql)
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		fmt.Fprintf(&b, "> %s\n%d %s\n", sql, reply.Status.Code, expecting.ReplaceAllString(reply.Status.Message, "Expecting: ..."))
		if reply.Database != nil {
			fmt.Fprintf(&b, "database %s\n", *reply.Database)
		}
		if reply.Columns != nil {
			fmt.Fprintf(&b, "columns %q\ntypes %q\n", reply.Columns, reply.DataTypes)
			if !loose {
				fmt.Fprintf(&b, "blocks %d ignore time %t\n", reply.BlockColumns, *reply.IgnoreTimestamp)
				for _, row := range rows {
					fmt.Fprintln(&b, show(row))
				}
			}
		}
		b.WriteString("\n")
	}
	_, _, _ = c.query("drop database recorded")
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
