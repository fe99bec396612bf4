package main

import (
	"database/sql"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestTheReadmeShowsThisProgram(t *testing.T) {
	program, err := os.ReadFile("main.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	text := func(b []byte) string { return strings.ReplaceAll(string(b), "\r\n", "\n") }
	if !strings.Contains(text(readme), "```go\n"+text(program)+"```\n") {
		t.Error("README.md has another program: copy main.go into it")
	}
}

func TestTheProgramRuns(t *testing.T) {
	server := taostest.NewServer()
	defer server.Close()
	db, err := sql.Open("taos", server.DSN("ws", ""))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, statement := range []string{
		"CREATE DATABASE power",
		"CREATE STABLE power.meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(24))",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	if err := run(server.DSN("ws", "power") + "?timezone=Asia/Shanghai"); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := db.QueryRow("SELECT COUNT(*) FROM power.meters").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows, %v; want 1", rows, err)
	}
}
