// Package dws measures gaugesql's DWS driver beside pgx and lib/pq on one
// PostgreSQL: rows through database/sql, single rows, and COPY both ways.
package dws

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/dwsdriver" // registers "dws"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/lib/pq"
)

// Tasks in the order of the tables.
var Tasks = []string{"select", "one row", "one row, prepared", "transaction", "copy in", "copy out"}

// Subject is a way to do a task.
type Subject struct {
	Name, Task string
	// driver is its name in database/sql.
	driver string
	// run does the task on so many rows.
	run func(ctx context.Context, db *sql.DB, rows int) error
}

// The names of the subjects.
const (
	Gauge = "gaugesql"
	PGX   = "pgx"
	PQ    = "lib/pq"
)

// Subjects are all ways to do all tasks.
var Subjects = []Subject{
	{Gauge, "select", "dws", selectRows}, {PGX, "select", "pgx", selectRows}, {PQ, "select", "postgres", selectRows},
	{Gauge, "one row", "dws", oneRow}, {PGX, "one row", "pgx", oneRow}, {PQ, "one row", "postgres", oneRow},
	{Gauge, "one row, prepared", "dws", prepared}, {PGX, "one row, prepared", "pgx", prepared}, {PQ, "one row, prepared", "postgres", prepared},
	{Gauge, "transaction", "dws", transaction}, {PGX, "transaction", "pgx", transaction}, {PQ, "transaction", "postgres", transaction},
	{Gauge, "copy in", "dws", appendRows}, {Gauge + ", columns", "copy in", "dws", appendColumns}, {PGX, "copy in", "pgx", copyFrom}, {PQ, "copy in", "postgres", copyIn},
	{Gauge, "copy out", "dws", copyTo}, {PGX, "copy out", "pgx", pgxCopyTo},
}

// Find returns the subject of a name and a task.
func Find(name, task string) (Subject, error) {
	for _, s := range Subjects {
		if s.Name == name && s.Task == task {
			return s, nil
		}
	}
	return Subject{}, fmt.Errorf("there is no subject %q for %q", name, task)
}

// Figures are what a task cost this process.
type Figures struct {
	Rows          int
	CPU, Wall     time.Duration
	Allocs, Bytes uint64
}

// Single tells the tasks whose unit is a statement and not a row.
func Single(task string) bool {
	return task == "one row" || task == "one row, prepared" || task == "transaction"
}

// Together measures all subjects of a task of single statements in turns of a
// hundred statements: where the system puts a process decides more about such
// short waits than what the process does. Wall is the median, so many times.
func Together(dsn, task string, n int) (map[string]Figures, error) {
	ctx := context.Background()
	const turn = 100
	var list []Subject
	var pools []*sql.DB
	for _, s := range Subjects {
		if s.Task != task {
			continue
		}
		db, err := sql.Open(s.driver, dsn)
		if err != nil {
			return nil, err
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		if err := s.run(ctx, db, turn); err != nil {
			return nil, fmt.Errorf("%s: %w", s.Name, err)
		}
		list, pools = append(list, s), append(pools, db)
	}
	all := make(map[string]Figures)
	times := make([][]time.Duration, len(list))
	for done := 0; done < n; done += turn {
		for i, s := range list {
			f, err := count(turn, func() error { return s.run(ctx, pools[i], turn) })
			if err != nil {
				return nil, fmt.Errorf("%s: %w", s.Name, err)
			}
			sum := all[s.Name]
			all[s.Name] = Figures{
				Rows: sum.Rows + turn, CPU: sum.CPU + f.CPU, Allocs: sum.Allocs + f.Allocs, Bytes: sum.Bytes + f.Bytes,
			}
			times[i] = append(times[i], took...)
		}
	}
	for i, s := range list {
		slices.Sort(times[i])
		f := all[s.Name]
		f.Wall = times[i][len(times[i])/2] * time.Duration(f.Rows)
		all[s.Name] = f
	}
	return all, nil
}

// count runs f, which works on n rows, and counts what it costs.
func count(n int, f func() error) (Figures, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	used, began := cpu(), time.Now()
	err := f()
	figures := Figures{Rows: n, CPU: cpu() - used, Wall: time.Since(began)}
	runtime.ReadMemStats(&after)
	figures.Allocs, figures.Bytes = after.Mallocs-before.Mallocs, after.TotalAlloc-before.TotalAlloc
	return figures, err
}

// Measure does the task a few times, so that statements are prepared and codecs
// made, and counts the last.
func (s Subject) Measure(dsn string, rows int) (f Figures, err error) {
	db, err := sql.Open(s.driver, dsn)
	if err != nil {
		return f, err
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	ctx := context.Background()
	for range 3 {
		if err := s.run(ctx, db, min(rows, 2000)); err != nil {
			return f, err
		}
	}
	if s.Task == "copy in" {
		if _, err := db.ExecContext(ctx, "TRUNCATE bench_in"); err != nil {
			return f, err
		}
	}
	runtime.GC()
	f, err = count(rows, func() error { return s.run(ctx, db, rows) })
	if err == nil && s.Task == "copy in" {
		err = checkCopied(ctx, db, rows)
	}
	return f, err
}

// Row is row i of the table bench, counted from 1.
func Row(i int) (id int64, v float64, ts time.Time, t string) {
	return int64(i), float64(i) * 1.5, base.Add(time.Duration(i) * time.Second), "row number " + strconv.Itoa(i)
}

var base = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)

// row is where rows are scanned; in a variable of the package, so that the scan
// itself allocates nothing.
var row struct {
	id int64
	v  float64
	ts time.Time
	t  string
}

// the text does not depend on rows, so that it is prepared once.
const selectText = "SELECT id, v, ts, t FROM bench"

func selectRows(ctx context.Context, db *sql.DB, n int) error {
	rows, err := db.QueryContext(ctx, selectText)
	if err != nil {
		return err
	}
	defer rows.Close()
	for i := 1; rows.Next(); i++ {
		if err := rows.Scan(&row.id, &row.v, &row.ts, &row.t); err != nil {
			return err
		}
		if i%1000 == 1 || i < 10 {
			// A scan may begin where another one is.
			if _, v, ts, t := Row(int(row.id)); row.v != v || !row.ts.Equal(ts) || row.t != t {
				return fmt.Errorf("row %d is %+v", i, row)
			}
		}
		if i == n {
			return rows.Close()
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return fmt.Errorf("fewer than %d rows", n)
}

const oneText = "SELECT t FROM bench WHERE id = $1"

func oneRow(ctx context.Context, db *sql.DB, n int) error {
	return each(n, func(i int) error { return db.QueryRowContext(ctx, oneText, i%1000+1).Scan(&row.t) })
}

func prepared(ctx context.Context, db *sql.DB, n int) error {
	stmt, err := db.PrepareContext(ctx, oneText)
	if err != nil {
		return err
	}
	defer stmt.Close()
	return each(n, func(i int) error { return stmt.QueryRowContext(ctx, i%1000+1).Scan(&row.t) })
}

func transaction(ctx context.Context, db *sql.DB, n int) error {
	return each(n, func(i int) error {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, oneText, i%1000+1).Scan(&row.t); err != nil {
			return err
		}
		return tx.Commit()
	})
}

// took is how long each call of the last each took.
var took []time.Duration

// each calls f so often. Of calls so short the median says more than the sum, in
// which a single pause of the machine weighs as much as hundreds of them.
func each(n int, f func(i int) error) error {
	took = slices.Grow(took[:0], n)
	for i := range n {
		began := time.Now()
		if err := f(i); err != nil {
			return err
		}
		took = append(took, time.Since(began))
	}
	return nil
}

func checkCopied(ctx context.Context, db *sql.DB, n int) error {
	var rows int
	var sum int64
	err := db.QueryRowContext(ctx, "SELECT count(*), sum(b.id) FROM bench_in i JOIN bench b ON b.id = i.id AND b.v = i.v AND b.ts = i.ts AND b.t = i.t").Scan(&rows, &sum)
	if err == nil && (rows != n || sum != int64(n)*int64(n+1)/2) {
		err = fmt.Errorf("%d rows of %d arrived", rows, n)
	}
	return err
}

var benchColumns = []string{"id", "v", "ts", "t"}

func appendRows(ctx context.Context, db *sql.DB, n int) error {
	return appending(ctx, db, func(a driver.Appender) error {
		for i := 1; i <= n; i++ {
			id, v, ts, t := Row(i)
			if err := a.Append(ctx, id, v, ts, t); err != nil {
				return err
			}
		}
		return nil
	})
}

func appendColumns(ctx context.Context, db *sql.DB, n int) error {
	const batch = 1000
	return appending(ctx, db, func(a driver.Appender) error {
		ids, vs, tss, ts := make([]int64, 0, batch), make([]float64, 0, batch), make([]time.Time, 0, batch), make([]string, 0, batch)
		for i := 1; i <= n; i++ {
			id, v, at, t := Row(i)
			ids, vs, tss, ts = append(ids, id), append(vs, v), append(tss, at), append(ts, t)
			if len(ids) < batch && i < n {
				continue
			}
			if err := a.AppendColumns(ctx, driver.ColumnOf(ids), driver.ColumnOf(vs), driver.ColumnOf(tss), driver.ColumnOf(ts)); err != nil {
				return err
			}
			ids, vs, tss, ts = ids[:0], vs[:0], tss[:0], ts[:0]
		}
		return nil
	})
}

func appending(ctx context.Context, db *sql.DB, fill func(driver.Appender) error) error {
	return driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "bench_in", Columns: benchColumns})
		if err != nil {
			return err
		}
		if err := fill(a); err != nil {
			a.Close(ctx)
			return err
		}
		return a.Close(ctx)
	})
}

func copyFrom(ctx context.Context, db *sql.DB, n int) error {
	return raw(ctx, db, func(c *pgx.Conn) error {
		i := 0
		_, err := c.CopyFrom(ctx, pgx.Identifier{"bench_in"}, benchColumns, pgx.CopyFromFunc(func() ([]any, error) {
			if i++; i > n {
				return nil, nil
			}
			id, v, ts, t := Row(i)
			return []any{id, v, ts, t}, nil
		}))
		return err
	})
}

func copyIn(ctx context.Context, db *sql.DB, n int) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	stmt, err := tx.PrepareContext(ctx, pq.CopyIn("bench_in", benchColumns...))
	if err != nil {
		return err
	}
	for i := 1; i <= n; i++ {
		id, v, ts, t := Row(i)
		if _, err := stmt.ExecContext(ctx, id, v, ts, t); err != nil {
			return err
		}
	}
	if _, err := stmt.ExecContext(ctx); err != nil {
		return err
	}
	if err := stmt.Close(); err != nil {
		return err
	}
	return tx.Commit()
}

const copyText = "COPY bench TO STDOUT"

func copyTo(ctx context.Context, db *sql.DB, _ int) error {
	return driver.WithDB(ctx, db, func(c driver.Copier) error {
		_, err := c.CopyTo(ctx, copyText, io.Discard)
		return err
	})
}

func pgxCopyTo(ctx context.Context, db *sql.DB, _ int) error {
	return raw(ctx, db, func(c *pgx.Conn) error {
		_, err := c.PgConn().CopyTo(ctx, io.Discard, copyText)
		return err
	})
}

// raw runs f with pgx's own connection.
func raw(ctx context.Context, db *sql.DB, f func(*pgx.Conn) error) error {
	c, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	return c.Raw(func(conn any) error { return f(conn.(*stdlib.Conn).Conn()) })
}
