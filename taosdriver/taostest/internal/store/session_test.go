package store_test

import (
	"context"
	"database/sql"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

// noon is the clock of the tests.
var noon = time.Date(2024, 3, 5, 12, 30, 0, 0, time.UTC)

// newStore opens a store whose clock stands still.
func newStore(t testing.TB) *sql.DB {
	t.Helper()
	s := store.New()
	s.Now = func() time.Time { return noon }
	db := sql.OpenDB(s)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// session is one connection.
type session struct {
	*sql.Conn
	t testing.TB
}

func newSession(t testing.TB, db *sql.DB) *session {
	t.Helper()
	c, err := db.Conn(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return &session{c, t}
}

// exec runs statements that must succeed.
func (s *session) exec(statements ...string) {
	s.t.Helper()
	for _, q := range statements {
		if _, err := s.ExecContext(context.Background(), q); err != nil {
			s.t.Fatalf("%.200s: %v", q, err)
		}
	}
}

// extended is what a connection can do beyond database/sql.
type extended interface {
	CurrentDatabase() string
	SetTimezone(*time.Location)
	StmtFields(ctx context.Context, sql string) (insert bool, fields []store.StmtField, err error)
	ExecMany(ctx context.Context, query string, argSets [][]any) (int64, error)
}

func (s *session) raw(f func(extended) error) error {
	return s.Raw(func(c any) error { return f(c.(extended)) })
}

// all reads the rows of a query.
func (s *session) all(query string, args ...any) ([][]any, error) {
	rows, err := s.QueryContext(context.Background(), query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	return readAll(rows)
}

func readAll(rows *sql.Rows) ([][]any, error) {
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		values, dest := make([]any, len(names)), make([]any, len(names))
		for i := range values {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	return all, rows.Err()
}

// lines are the statements of a file, one a line.
func lines(t testing.TB, path string) []string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, l := range strings.Split(string(b), "\n") {
		if l != "" && !strings.HasPrefix(l, "--") {
			list = append(list, l)
		}
	}
	return list
}
