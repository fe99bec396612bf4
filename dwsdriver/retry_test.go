package dwsdriver

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// flaky makes a pool whose server fails each statement but BEGIN so often.
func flaky(t testing.TB, fields wire.Fields, times int, set func(*Config)) (*told, *sql.DB) {
	t.Helper()
	s := new(told)
	status, failed := wire.Idle, 0
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = script.Statements(func(text string) script.Answer {
			if strings.HasPrefix(text, "SELECT version()") {
				return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.list = append(s.list, text)
			switch {
			case text == "BEGIN":
				status = wire.InTransaction
				return script.Answer{Tag: "BEGIN", Status: status}
			case text == "ROLLBACK":
				status = wire.Idle
				return script.Answer{Tag: "ROLLBACK", Status: status}
			case failed < times:
				failed++
				return script.Answer{Error: &fields, Status: status}
			}
			if strings.HasPrefix(text, "SELECT") || strings.HasPrefix(text, "TABLE") {
				return script.Answer{Columns: []wire.Column{{Name: "a", Type: wire.Int8}}, Rows: [][][]byte{{[]byte("1")}}, Status: status}
			}
			return script.Answer{Tag: "INSERT 0 1", Status: status}
		})
	})
	c := configOf(srv)
	c.Retries, c.RetryWait = 2, time.Millisecond
	set(c)
	connector, err := NewConnector(c)
	must(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { db.Close() })
	return s, db
}

func TestWhatIsTriedAgain(t *testing.T) {
	lost := wire.Fields{Severity: "ERROR", Code: "08006", Message: "pooler: failed to create 1 connections"}
	reads := func(c *Config) { c.RetryReads = true }
	marked := WithIdempotent(context.Background())
	for _, tt := range []struct {
		name   string
		ctx    context.Context
		text   string
		fields wire.Fields
		times  int
		set    func(*Config)
		want   int // executions
		fails  bool
	}{
		{"a read", context.Background(), "SELECT 1", lost, 2, reads, 3, false},
		{"a read that is not let", context.Background(), "SELECT 1", lost, 1, func(*Config) {}, 1, true},
		{"a read, too often", context.Background(), "SELECT 1", lost, 3, reads, 3, true},
		{"without retries", context.Background(), "SELECT 1", lost, 1, func(c *Config) { c.RetryReads, c.Retries = true, 0 }, 1, true},
		{"a write", context.Background(), "INSERT INTO t VALUES (1)", lost, 1, reads, 1, true},
		{"a read that writes", context.Background(), "SELECT 1 INTO t", lost, 1, reads, 1, true},
		{"a function that may write", context.Background(), "SELECT f(1)", lost, 1, reads, 1, true},
		{"a read and a write", context.Background(), "SELECT 1; INSERT INTO t VALUES (1)", lost, 1, reads, 1, true},
		{"a write marked idempotent", marked, "INSERT INTO t VALUES (1)", lost, 2, func(*Config) {}, 3, false},
		{"another error", marked, "INSERT INTO t VALUES (1)", wire.Fields{Severity: "ERROR", Code: "23505", Message: "duplicate"}, 1, reads, 1, true},
		{"a deadlock, which ends the whole transaction", marked, "INSERT INTO t VALUES (1)", wire.Fields{Severity: "ERROR", Code: "40P01", Message: "deadlock"}, 1, reads, 1, true},
		{"a lost session", marked, "SELECT 1", wire.Fields{Severity: "FATAL", Code: "57P01", Message: "terminating"}, 1, reads, 1, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, db := flaky(t, tt.fields, tt.times, tt.set)
			var err error
			if strings.HasPrefix(tt.text, "SELECT") {
				var rows *sql.Rows
				if rows, err = db.QueryContext(tt.ctx, tt.text); err == nil {
					err = rows.Close()
				}
			} else {
				_, err = db.ExecContext(tt.ctx, tt.text)
			}
			if (err != nil) != tt.fails {
				t.Errorf("error %v", err)
			}
			if err != nil && SQLState(err) != tt.fields.Code {
				t.Errorf("%v is of state %s", err, SQLState(err))
			}
			if got := s.statements(); len(got) != tt.want {
				t.Errorf("executed %q, want %d times", got, tt.want)
			}
		})
	}
}

func TestInATransactionNothingIsTriedAgainAndTheErrorSaysWhy(t *testing.T) {
	s, db := flaky(t, wire.Fields{Severity: "ERROR", Code: "08006", Message: "pooler"}, 1, func(c *Config) { c.RetryReads = true })
	tx, err := db.Begin()
	must(t, err)
	_, err = tx.QueryContext(WithIdempotent(context.Background()), "SELECT 1")
	if !errors.Is(err, driver.ErrConnection) || !strings.Contains(err.Error(), "CN Retry") {
		t.Error(err)
	}
	must(t, tx.Rollback())
	if got := s.statements(); len(got) != 3 {
		t.Errorf("%q", got)
	}
}

func TestTheWaitForAnotherTryEndsWithTheContext(t *testing.T) {
	s, db := flaky(t, wire.Fields{Severity: "ERROR", Code: "YY001", Message: "pooler"}, 1, func(c *Config) { c.RetryReads, c.RetryWait, c.RetryMaxWait = true, time.Hour, time.Hour })
	must(t, db.Ping())
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(200*time.Millisecond, cancel)
	_, err := db.QueryContext(ctx, "SELECT 1")
	var said *ServerError
	if !errors.Is(err, context.Canceled) || !errors.As(err, &said) || said.Code != "YY001" {
		t.Error(err)
	}
	// A deadline that the wait would miss leaves the server's error as it is.
	ctx, cancel = context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	s2, db := flaky(t, wire.Fields{Severity: "ERROR", Code: "YY001", Message: "pooler"}, 1, func(c *Config) { c.RetryReads, c.RetryWait, c.RetryMaxWait = true, time.Hour, time.Hour })
	if _, err := db.QueryContext(ctx, "SELECT 1"); SQLState(err) != "YY001" || errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if len(s.statements()) != 1 || len(s2.statements()) != 1 {
		t.Error("tried again")
	}
}

func TestOnlyReads(t *testing.T) {
	for text, want := range map[string]bool{
		"select 1": true, " -- a\n/* b */ (SELECT 1);": true, "VALUES (1)": true, "TABLE t": true, "SHOW x": true, "EXPLAIN SELECT 1": true,
		"EXPLAIN ANALYZE DELETE FROM t": false, "EXPLAIN PERFORMANCE SELECT 1": false, "SELECT nextval('s')": false, "select 1\ninto t": false,
		"WITH x AS (DELETE FROM t RETURNING 1) SELECT * FROM x": false, "DELETE FROM t": false, "": false, "--": false, "/*": false, "SELECTED": false,
	} {
		if got := onlyReads(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
