package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/gaugesql/gaugesql/driver"
)

// story is the chapters and what they share.
type story struct {
	out  io.Writer
	db   *sqlx.DB
	slow string // a query that takes its time
}

// start is the time of the first reading: a whole minute, so that windows of a
// minute always cut the readings in the same places.
var start = time.Now().UTC().Truncate(time.Minute).Add(-time.Hour)

// slowOnAnyServer fills eight million windows of 10 ms, for a part of a second
// or more.
var slowOnAnyServer = fmt.Sprintf("SELECT COUNT(*) FROM (SELECT _wstart, COUNT(*) FROM d1001\n"+
	"WHERE ts >= '%s' AND ts < '%s' INTERVAL(10a) FILL(VALUE, 0))",
	start.Add(-12*time.Hour).Format(time.RFC3339), start.Add(12*time.Hour).Format(time.RFC3339))

// printf prints what is done, under the chapter's title.
func (s *story) printf(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(s.out, "   %s\n", strings.ReplaceAll(text, "\n", "\n   "))
}

// exec runs a statement and prints it with what it did.
func (s *story) exec(ctx context.Context, statement string, args ...any) error {
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	s.printf("%s", statement)
	if n, err := result.RowsAffected(); err != nil {
		return err
	} else if n > 0 {
		s.printf("-> %d rows", n)
	}
	return nil
}

func (s *story) tables(ctx context.Context) error {
	// "?" is a value everywhere, also among tags; names are not.
	for _, step := range []struct {
		statement string
		args      []any
	}{
		{"CREATE STABLE meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(24), groupid INT)", nil},
		{"CREATE TABLE d1001 USING meters TAGS (?, ?)", []any{"San Francisco", 2}},
		{"CREATE TABLE d1002 USING meters TAGS (?, ?)", []any{"Los Angeles", 2}},
	} {
		if err := s.exec(ctx, step.statement, step.args...); err != nil {
			return err
		}
	}
	return nil
}

func (s *story) plain(ctx context.Context) error {
	return s.exec(ctx, "INSERT INTO d1001 VALUES (?, 10.3, 219) (?, 12.6, 218) d1002 VALUES (?, 11.8, 221)",
		start, start.Add(10*time.Second), start)
}

func (s *story) prepared(ctx context.Context) error {
	const statement = "INSERT INTO d1002 VALUES (?, ?, ?)"
	stmt, err := s.db.PrepareContext(ctx, statement)
	if err != nil {
		return err
	}
	defer stmt.Close()
	const rows = 5
	for i := range rows {
		at := start.Add(time.Duration(i+1) * 20 * time.Second)
		if _, err := stmt.ExecContext(ctx, at, 10+float64(i)/4, 220+i); err != nil {
			return err
		}
	}
	s.printf("%s", statement)
	s.printf("-> prepared once, run %d times", rows)
	return nil
}

func (s *story) many(ctx context.Context) error {
	const rows = 120
	const statement = "INSERT INTO d1003 USING meters TAGS (?, ?) VALUES"
	args := []any{"San Diego", 3}
	for i := range rows {
		args = append(args, start.Add(time.Duration(i)*time.Second), float32(9+i%4), 215+i%8)
	}
	result, err := s.db.ExecContext(ctx, statement+strings.Repeat(" (?, ?, ?)", rows), args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	s.printf("%s (?, ?, ?) (?, ?, ?) ...", statement)
	s.printf("-> %d rows", n)
	return err
}

func (s *story) structs(ctx context.Context) error {
	const query = "SELECT tbname, ts, current, voltage, location\n" +
		"FROM meters WHERE groupid = ? AND voltage > ? ORDER BY ts, tbname LIMIT 4"
	var readings []struct {
		Table    string    `db:"tbname"` // sqlx finds the columns by the tags
		At       time.Time `db:"ts"`
		Current  float32   `db:"current"`
		Voltage  int       `db:"voltage"`
		Location string    `db:"location"`
	}
	if err := s.db.SelectContext(ctx, &readings, query, 2, 218); err != nil {
		return err
	}
	s.printf("%s", query)
	t := table{{"table", "time", "current", "voltage", "location"}}
	for _, r := range readings {
		t.add(r.Table, r.At.Format(time.DateTime), fmt.Sprintf("%.1f A", r.Current), fmt.Sprintf("%d V", r.Voltage), r.Location)
	}
	return t.write(s.out)
}

func (s *story) windows(ctx context.Context) error {
	const query = "SELECT _wstart AS since, COUNT(*) AS readings, AVG(current) AS current, MAX(voltage) AS voltage\n" +
		"FROM meters WHERE ts >= ? INTERVAL(1m)"
	var windows []struct {
		Since    time.Time `db:"since"`
		Readings int64     `db:"readings"`
		Current  float64   `db:"current"`
		Voltage  int       `db:"voltage"`
	}
	if err := s.db.SelectContext(ctx, &windows, query, start); err != nil {
		return err
	}
	s.printf("%s", query)
	t := table{{"since", "readings", "average current", "highest voltage"}}
	for _, w := range windows {
		t.add(w.Since.Format(time.DateTime), fmt.Sprint(w.Readings), fmt.Sprintf("%.2f A", w.Current), fmt.Sprintf("%d V", w.Voltage))
	}
	return t.write(s.out)
}

func (s *story) requestID(ctx context.Context) error {
	// What goes beyond database/sql is an interface on the connection.
	const statement = "INSERT INTO d1001 VALUES (?, ?, ?)"
	err := driver.WithDB(ctx, s.db.DB, func(x driver.RequestExecer) error {
		_, err := x.ExecRequest(ctx, 0xfeed, statement, start.Add(time.Minute), 9.9, 217)
		return err
	})
	if err != nil {
		return err
	}
	s.printf("%s", statement)
	s.printf("-> under request 0xfeed, in the server's logs too")

	// The same by context. Every error names its request.
	const unknown = "SELECT * FROM d9999"
	_, err = s.db.ExecContext(driver.WithRequestID(ctx, 0xbeef), unknown)
	var e *driver.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("an unknown table gave %v", err)
	}
	s.printf("%s", unknown)
	s.printf("-> %s: code 0x%04x, request %#x", e.Message, e.Code, e.RequestID)
	return nil
}

func (s *story) deadline(ctx context.Context) error {
	const limit = 50 * time.Millisecond
	short, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	began := time.Now()
	_, err := s.db.ExecContext(short, s.slow)
	took := time.Since(began).Round(time.Millisecond)
	s.printf("%s", s.slow)
	switch {
	case err == nil:
		s.printf("-> the server was faster than the deadline of %v: %v", limit, took)
		return nil
	case !errors.Is(err, context.DeadlineExceeded):
		return err
	}
	s.printf("-> ended by its deadline after %v; if the server goes on, the driver has it killed after 2s", took)

	var rows int
	if err := s.db.GetContext(ctx, &rows, "SELECT COUNT(*) FROM meters"); err != nil {
		return err
	}
	s.printf("SELECT COUNT(*) FROM meters")
	s.printf("-> %d, on the same pool", rows)
	return nil
}
