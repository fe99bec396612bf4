package dwsdriver

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// transactional answers as a server does that has transactions, and notes the
// texts. A statement of the text "fail" fails.
type transactional struct {
	texts  []string
	status wire.Status
	// version is the answer to version(); empty refuses the question.
	version string
}

func (s *transactional) answer(text string) script.Answer {
	if strings.HasPrefix(text, "SELECT version()") {
		if s.version == "" {
			return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
		}
		return script.Answer{Columns: []wire.Column{{Name: "version", Type: wire.TextType}}, Rows: [][][]byte{{[]byte(s.version)}}}
	}
	s.texts = append(s.texts, text)
	command, _, _ := strings.Cut(text, " ")
	switch command {
	case "BEGIN":
		s.status = wire.InTransaction
	case "COMMIT", "ROLLBACK":
		if s.status == wire.InFailed {
			command = "ROLLBACK"
		}
		s.status = wire.Idle
	case "fail":
		if s.status == wire.InTransaction {
			s.status = wire.InFailed
		}
		return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "22012", Message: "division by zero"}, Status: s.status}
	}
	return script.Answer{Tag: command, Status: s.status}
}

func (s *transactional) open(t testing.TB, set func(*Config)) *sql.DB {
	t.Helper()
	s.status = wire.Idle
	srv := script.New(t, func(srv *script.Server) { srv.Session = script.Statements(s.answer) })
	config := configOf(srv)
	if set != nil {
		set(config)
	}
	connector, err := NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return db
}

const (
	dwsVersion      = "PostgreSQL 9.2.4 gsql ((GaussDB 8.2.1 build 39137c2d) compiled at 2022-09-23) on x86_64"
	postgresVersion = "PostgreSQL 15.18 on x86_64"
)

func TestIsolationLevels(t *testing.T) {
	allow := func(c *Config) { c.AllowIsolation = true }
	for _, c := range []struct {
		version string
		set     func(*Config)
		options sql.TxOptions
		want    string // empty: refused
	}{
		{dwsVersion, nil, sql.TxOptions{}, "BEGIN"},
		{dwsVersion, nil, sql.TxOptions{ReadOnly: true}, "BEGIN READ ONLY"},
		{dwsVersion, nil, sql.TxOptions{Isolation: sql.LevelReadCommitted}, "BEGIN ISOLATION LEVEL READ COMMITTED"},
		{dwsVersion, nil, sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true}, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"},
		{dwsVersion, nil, sql.TxOptions{Isolation: sql.LevelSerializable}, ""},
		{dwsVersion, nil, sql.TxOptions{Isolation: sql.LevelReadUncommitted}, ""},
		{dwsVersion, allow, sql.TxOptions{Isolation: sql.LevelSerializable}, "BEGIN ISOLATION LEVEL SERIALIZABLE"},
		{postgresVersion, nil, sql.TxOptions{Isolation: sql.LevelSerializable}, "BEGIN ISOLATION LEVEL SERIALIZABLE"},
		{postgresVersion, allow, sql.TxOptions{Isolation: sql.LevelSnapshot}, ""},
		{postgresVersion, allow, sql.TxOptions{Isolation: sql.LevelLinearizable}, ""},
	} {
		s := &transactional{version: c.version}
		db := s.open(t, c.set)
		tx, err := db.BeginTx(context.Background(), &c.options)
		switch {
		case c.want == "":
			if !errors.Is(err, driver.ErrNotSupported) || len(s.texts) != 0 {
				t.Errorf("%+v: %v, %q", c.options, err, s.texts)
			}
		case err != nil || !slices.Equal(s.texts, []string{c.want}):
			t.Errorf("%+v: %v, %q", c.options, err, s.texts)
		}
		if err == nil {
			tx.Rollback()
		}
		db.Close()
	}
}

func TestACommitThatRollsBackIsAnError(t *testing.T) {
	s := new(transactional)
	db := s.open(t, nil)
	tx, err := db.Begin()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec("fail"); !errors.Is(err, driver.ErrData) {
		t.Errorf("the error is %v", err)
	}
	if err := tx.Commit(); SQLState(err) != "25P02" {
		t.Errorf("the error is %v", err)
	}

	// Ended by statements of its own, there is nothing left to do.
	for text, state := range map[string]string{"COMMIT": "", "ROLLBACK": "25P02"} {
		tx, err := db.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(text); err != nil {
			t.Fatal(err)
		}
		before := len(s.texts)
		if err := tx.Commit(); SQLState(err) != state {
			t.Errorf("after %s: the error is %v", text, err)
		}
		if len(s.texts) != before {
			t.Errorf("after %s: sent %q", text, s.texts[before:])
		}
	}
	if n := db.Stats().OpenConnections; n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestASessionLeftInATransactionLeavesThePool(t *testing.T) {
	s := new(transactional)
	db := s.open(t, nil)
	if _, err := db.Exec("BEGIN"); err != nil {
		t.Fatal(err)
	}
	if n := db.Stats().OpenConnections; n != 0 {
		t.Errorf("%d connections", n)
	}
	s.status = wire.Idle
	if _, err := db.Exec("SET x = 1"); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DELETE"); err != nil {
		t.Fatal(err)
	}
	want := []string{"BEGIN", "SET x = 1", "SET SESSION AUTHORIZATION DEFAULT; RESET ALL", "DELETE"}
	if !slices.Equal(s.texts, want) {
		t.Errorf("%q", s.texts)
	}
}

func TestNoStatementBringsABeginOfItsOwn(t *testing.T) {
	s := new(transactional)
	db := s.open(t, nil)
	for range 3 {
		if _, err := db.Exec("DELETE FROM t WHERE a = ?", 1); err != nil {
			t.Fatal(err)
		}
		stmt, err := db.Prepare("DELETE FROM u WHERE a = ?")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stmt.Exec(1); err != nil {
			t.Fatal(err)
		}
		stmt.Close()
	}
	if slices.ContainsFunc(s.texts, func(text string) bool { return !strings.HasPrefix(text, "DELETE FROM") }) {
		t.Errorf("%q", s.texts)
	}
}
