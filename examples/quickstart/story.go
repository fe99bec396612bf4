package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
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

// exec runs a statement and prints it with what it did.
func (s *story) exec(ctx context.Context, statement string, args ...any) error {
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	fmt.Fprintf(s.out, "   %s\n   -> %d rows\n", statement, n)
	return err
}

func (s *story) tables(ctx context.Context) error {
	err := s.exec(ctx, "CREATE STABLE meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(24), groupid INT)")
	for id, location := range map[string]string{"d1001": "San Francisco", "d1002": "Los Angeles"} {
		if err != nil {
			return err
		}
		// "?" is a value everywhere, also among tags; names are not.
		_, err = s.db.ExecContext(ctx, "CREATE TABLE "+id+" USING meters TAGS (?, ?)", location, 2)
	}
	if err != nil {
		return err
	}
	var names []string
	if err := s.db.SelectContext(ctx, &names, "SELECT DISTINCT tbname FROM meters ORDER BY tbname"); err != nil {
		return err
	}
	fmt.Fprintln(s.out, "   child tables:", strings.Join(names, ", "))
	return nil
}

func (s *story) plain(ctx context.Context) error {
	return s.exec(ctx, "INSERT INTO d1001 VALUES (?, 10.3, 219) (?, 12.6, 218) d1002 VALUES (?, 11.8, 221)",
		start, start.Add(10*time.Second), start)
}

func (s *story) prepared(ctx context.Context) error {
	stmt, err := s.db.PrepareContext(ctx, "INSERT INTO d1002 VALUES (?, ?, ?)")
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
	fmt.Fprintf(s.out, "   prepared once, run %d times\n", rows)
	return nil
}

func (s *story) many(ctx context.Context) error {
	const rows = 120
	// d1003 is created on the way, with its tags.
	statement := "INSERT INTO d1003 USING meters TAGS ('San Diego', 3) VALUES " + strings.Repeat("(?, ?, ?) ", rows)
	args := make([]any, 0, 3*rows)
	for i := range rows {
		args = append(args, start.Add(time.Duration(i)*time.Second), float32(9+i%4), 215+i%8)
	}
	result, err := s.db.ExecContext(ctx, statement, args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	fmt.Fprintf(s.out, "   one INSERT with %d values -> %d rows\n", len(args), n)
	return err
}

// reading is a row; sqlx finds the columns by the tags.
type reading struct {
	At       time.Time `db:"ts"`
	Current  float32   `db:"current"`
	Voltage  int       `db:"voltage"`
	Location string    `db:"location"`
}

func (s *story) structs(ctx context.Context) error {
	var readings []reading
	err := s.db.SelectContext(ctx, &readings,
		"SELECT ts, current, voltage, location FROM meters WHERE groupid = ? AND voltage > ? ORDER BY ts, location LIMIT 4", 2, 218)
	if err != nil {
		return err
	}
	t := s.table("time", "current", "voltage", "location")
	for _, r := range readings {
		fmt.Fprintf(t, "   %s\t%.1f A\t%d V\t%s\n", r.At.Format(time.DateTime), r.Current, r.Voltage, r.Location)
	}
	return t.Flush()
}

func (s *story) windows(ctx context.Context) error {
	var windows []struct {
		From    time.Time `db:"since"`
		Count   int64     `db:"readings"`
		Current float64   `db:"current"`
		Voltage int       `db:"voltage"`
	}
	err := s.db.SelectContext(ctx, &windows, `SELECT _wstart AS since, COUNT(*) AS readings, AVG(current) AS current, MAX(voltage) AS voltage
		FROM meters WHERE ts >= ? INTERVAL(1m)`, start)
	if err != nil {
		return err
	}
	t := s.table("from", "readings", "average current", "highest voltage")
	for _, w := range windows {
		fmt.Fprintf(t, "   %s\t%d\t%.2f A\t%d V\n", w.From.Format(time.DateTime), w.Count, w.Current, w.Voltage)
	}
	return t.Flush()
}

func (s *story) requestID(ctx context.Context) error {
	// What goes beyond database/sql is an interface on the connection.
	err := driver.WithDB(ctx, s.db.DB, func(x driver.RequestExecer) error {
		_, err := x.ExecRequest(ctx, 0xfeed, "INSERT INTO d1001 VALUES (?, ?, ?)", start.Add(time.Minute), 9.9, 217)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintln(s.out, "   a row written under request 0xfeed, by sql.Conn.Raw")

	// The same by context. Every error names its request.
	_, err = s.db.ExecContext(driver.WithRequestID(ctx, 0xbeef), "SELECT * FROM no_such_table")
	var e *driver.Error
	if !errors.As(err, &e) {
		return fmt.Errorf("an unknown table gave %v", err)
	}
	fmt.Fprintf(s.out, "   %s (code 0x%04x) in request %#x\n", e.Message, e.Code, e.RequestID)
	return nil
}

func (s *story) cancelled(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := s.db.ExecContext(ctx, s.slow)
	switch took := time.Since(began).Round(time.Millisecond); {
	case errors.Is(err, context.DeadlineExceeded):
		fmt.Fprintf(s.out, "   ended by its deadline of 50ms after %v; if the server goes on, the driver has it killed\n", took)
		return nil
	case err == nil:
		fmt.Fprintf(s.out, "   the server was faster than the deadline: %v\n", took)
		return nil
	}
	return err
}

// table begins a table with aligned columns.
func (s *story) table(head ...string) *tabwriter.Writer {
	t := tabwriter.NewWriter(s.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "   "+strings.Join(head, "\t"))
	return t
}
