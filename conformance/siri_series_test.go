package conformance_test

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jmoiron/sqlx"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver"
)

// seriesChecks are what the suite asks of tables of several columns and of columns
// of times, in terms of series: the columns of a result are series, time, value.
var seriesChecks = []conformance.Check{
	{Group: "series", Name: "a series is filled, counted, read and dropped", Run: func(e *conformance.Env) {
		db, name := e.DB(), e.Name()
		e.Exec(db, "INSERT INTO '"+name+"' VALUES (100, 'it''s ?'), (101, ?)", "two")
		if got := conformance.All[string](e, db, "select * from ?", name); !slices.Equal(got, []string{"it's ?", "two"}) {
			e.Errorf("read %q", got)
		}
		counted := "count series where name == ?"
		if n := one[int](e, db, counted, name); n != 1 {
			e.Errorf("%d series", n)
		}
		if n, err := e.Exec(db, "drop series ?", name).RowsAffected(); n != 1 || err != nil {
			e.Errorf("%d dropped, error %v", n, err)
		}
		if n := one[int](e, db, counted, name); n != 0 {
			e.Errorf("%d series after the drop", n)
		}
	}},
	{Group: "series", Name: "each point comes under its series, at its time", Run: func(e *conformance.Env) {
		db, prefix := e.DB(), e.Name()
		fill(e, db, prefix)
		rows := e.Query(db, "select * from ?", siridriver.Regexp{Pattern: prefix + ".*"})
		columns, err := rows.Columns()
		e.Must(err)
		if !slices.Equal(columns, []string{"series", "time", "value"}) {
			e.Errorf("columns %q", columns)
		}
		var got []string
		for rows.Next() {
			var series, value string
			var at int64
			e.Must(rows.Scan(&series, &at, &value))
			got = append(got, fmt.Sprintf("%s %d %s", strings.TrimPrefix(series, prefix), at, value))
		}
		e.Must(rows.Err())
		if want := []string{".a 100 1", ".a 102 3", ".b 101 20", ".b 102 30"}; !slices.Equal(got, want) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "series", Name: "the wide form has a column a series and NULL where there is no point", Run: func(e *conformance.Env) {
		db, prefix := e.DB(), e.Name()
		fill(e, db, prefix)
		rows, err := db.QueryContext(siridriver.WithWide(e.Context(), true), "select * from ?", siridriver.Regexp{Pattern: prefix + ".*"})
		e.Must(err)
		defer rows.Close()
		columns, err := rows.Columns()
		e.Must(err)
		if !slices.Equal(columns, []string{"time", prefix + ".a", prefix + ".b"}) {
			e.Errorf("columns %q", columns)
		}
		var got []string
		for rows.Next() {
			var at int64
			var a, b any
			e.Must(rows.Scan(&at, &a, &b))
			got = append(got, fmt.Sprint(at, a, b))
		}
		e.Must(rows.Err())
		if want := []string{"100 1 <nil>", "101 <nil> 20", "102 3 30"}; !slices.Equal(got, want) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "series", Name: "a result without points still has its columns", Run: func(e *conformance.Env) {
		rows := e.Query(e.DB(), "select * from ?", e.Name())
		columns, err := rows.Columns()
		e.Must(err)
		if len(columns) != 3 || rows.Next() || rows.Err() != nil {
			e.Errorf("columns %q, error %v", columns, rows.Err())
		}
	}},
	{Group: "series", Name: "a placeholder in a literal, a name or a comment is none", Run: func(e *conformance.Env) {
		db, name := e.DB(), e.Name()+" is it ?"
		e.Cleanup(func() { db.ExecContext(e.Context(), "drop series ?", name) })
		insert := "INSERT INTO '" + name + "' VALUES (100, 'why ? it''s ?'), (?, ?) # or ?"
		e.Exec(db, insert, 101, "yes")
		stmt := e.Prepare(db, insert)
		_, err := stmt.ExecContext(e.Context(), 102, "yes")
		e.Must(err)
		want := []string{"why ? it's ?", "why ? it's ?", "yes", "yes"}
		got := conformance.All[string](e, db, "select * from '"+name+"' before ? # or ?", 200)
		if !slices.Equal(got, want) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "series", Name: "eighty goroutines share ten connections, with a series each", Run: func(e *conformance.Env) {
		db, prefix := e.Open(e.Target.DSN), e.Name()
		db.SetMaxOpenConns(10)
		const goroutines, each = 80, 3
		e.Parallel(goroutines, func(i int) error {
			name := fmt.Sprintf("%s.%02d", prefix, i)
			for n := range each {
				want := fmt.Sprint("text ", i, n)
				if _, err := db.ExecContext(e.Context(), "INSERT INTO ? VALUES (?, ?)", name, n, want); err != nil {
					return err
				}
				var got, series string
				var at int
				if err := db.QueryRowContext(e.Context(), "select last() from ?", name).Scan(&series, &at, &got); err != nil {
					return err
				}
				if got != want || series != name || at != n {
					return fmt.Errorf("asked for %s %d, got %s %d %q", name, n, series, at, got)
				}
			}
			return nil
		})
		all := siridriver.Regexp{Pattern: prefix + ".*"}
		if got := conformance.All[string](e, db, "select * from ?", all); len(got) != goroutines*each {
			e.Errorf("%d points of %d", len(got), goroutines*each)
		}
		e.Exec(db, "drop series ?", all)
	}},
	{Group: "series", Name: "a time is an instant, exact to the database's unit, in UTC or the location asked for", Run: func(e *conformance.Env) {
		for _, loc := range []*time.Location{time.UTC, time.FixedZone("odd", -(3*3600 + 25*60))} {
			db, name := e.Open(e.Target.DSNs.In(loc)), e.Name()
			unit := unitOf(e)
			instants := []time.Time{
				time.Unix(0, 0), time.Date(2024, 2, 29, 23, 59, 59, 999_999_999, time.UTC), time.Date(2038, 1, 19, 3, 14, 8, 1, time.FixedZone("", 3600)),
			}
			for i, at := range instants {
				e.Exec(db, "INSERT INTO ? VALUES (?, ?)", name, at, i)
			}
			rows := e.Query(db, "select * from ?", name)
			for i, want := range instants {
				var series string
				var at time.Time
				var value int
				if !rows.Next() {
					e.Fatalf("no row: %v", rows.Err())
				}
				e.Must(rows.Scan(&series, &at, &value))
				if want = want.Truncate(unit).In(loc); value != i || at.Format(time.RFC3339Nano) != want.Format(time.RFC3339Nano) {
					e.Errorf("row %d is %v, want %v", value, at, want)
				}
			}
			e.Exec(db, "drop series ?", name)
		}
	}},
	{Group: "series", Name: "an instant in a condition selects its point", Run: func(e *conformance.Env) {
		db, name, at := e.DB(), e.Name(), time.Date(2024, 3, 10, 9, 8, 7, 123_456_789, time.FixedZone("", -7200))
		for n := range 3 {
			e.Exec(db, "INSERT INTO ? VALUES (?, ?)", name, at.Add(time.Duration(n)*time.Second), n)
		}
		query := "select * from ? between ? and ?"
		if got := conformance.All[int](e, db, query, name, at.Add(time.Second), at.Add(2*time.Second)); !slices.Equal(got, []int{1}) {
			e.Errorf("got %v", got)
		}
		e.Exec(db, "drop series ?", name)
	}},
	{Group: "series", Name: "times are integers of the unit asked for", Run: func(e *conformance.Env) {
		db, name := e.DB(), e.Name()
		e.Exec(db, "INSERT INTO ? VALUES (?, 1)", name, time.Unix(1_700_000_001, 0))
		for unit, want := range map[siridriver.Precision]int64{
			siridriver.Seconds: 1_700_000_001, siridriver.Milliseconds: 1_700_000_001_000,
			siridriver.Microseconds: 1_700_000_001_000_000, siridriver.Nanoseconds: 1_700_000_001_000_000_000,
		} {
			var series string
			var at, value int64
			e.Must(db.QueryRowContext(siridriver.WithPrecision(e.Context(), unit), "select * from ?", name).Scan(&series, &at, &value))
			if at != want {
				e.Errorf("%s: %d, want %d", unit, at, want)
			}
		}
		e.Exec(db, "drop series ?", name)
	}},
	{Group: "series", Name: "points arrive as columns", Run: func(e *conformance.Env) {
		db, prefix := e.DB(), e.Name()
		times := []time.Time{time.Unix(1, 0), time.Unix(2, 0), time.Unix(3, 0)}
		e.Must(driver.WithDB(e.Context(), db, func(s driver.SeriesInserter) error {
			result, err := s.InsertSeries(e.Context(),
				driver.Series{Name: prefix + ".f", Times: times, Values: driver.ColumnOf([]float64{0.5, 1.5, 2.5})},
				driver.Series{Name: prefix + ".i", Times: times[:2], Values: driver.ColumnOf([]int64{1, 2})})
			if err == nil && result.Points != 5 {
				e.Errorf("%d points", result.Points)
			}
			return err
		}))
		got := conformance.All[float64](e, db, "select * from ?", siridriver.Regexp{Pattern: prefix + ".*"})
		if !slices.Equal(got, []float64{0.5, 1.5, 2.5, 1, 2}) {
			e.Errorf("got %v", got)
		}
		e.Exec(db, "drop series ?", siridriver.Regexp{Pattern: prefix + ".*"})
	}},
	{Group: "series", Name: "an appender loads points, the last of them when it closes", Run: func(e *conformance.Env) {
		db, name := e.DB(), e.Name()
		const points = 250
		appending(e, db, name, func(a driver.Appender) {
			for n := range points - 1 {
				e.Must(a.Append(e.Context(), n, n))
			}
			e.Must(a.Flush(e.Context()))
			if a.Written() != points-1 {
				e.Errorf("%d points written, Written says %d", points-1, a.Written())
			}
			e.Must(a.Append(e.Context(), points, points))
			e.Must(a.Close(e.Context()))
			e.Must(a.Close(e.Context()))
		})
		if got := conformance.All[int](e, db, "select * from ?", name); len(got) != points {
			e.Errorf("%d points of %d", len(got), points)
		}
		e.Exec(db, "drop series ?", name)
	}},
	{Group: "series", Name: "an appender refuses a point of the wrong length and NULL", Run: func(e *conformance.Env) {
		db, name := e.DB(), e.Name()
		appending(e, db, name, func(a driver.Appender) {
			for _, values := range [][]any{{1}, {1, 2, 3, 4}, {1, nil}, {nil, 1}} {
				err := a.Append(e.Context(), values...)
				if err == nil {
					err = a.Flush(e.Context())
				}
				if err == nil {
					e.Errorf("%v is accepted", values)
				}
			}
			a.Close(e.Context())
		})
		if got := conformance.All[any](e, db, "select * from ?", name); len(got) > 0 {
			e.Errorf("the series holds %v", got)
		}
	}},
	{Group: "series", Name: "a value that the server would convert is refused when asked for", Run: func(e *conformance.Env) {
		config, err := siridriver.ParseDSN(e.Target.DSN)
		e.Must(err)
		config.CheckTypes = true
		db, name := e.Open(config.FormatDSN()), e.Name()
		e.Exec(db, "INSERT INTO ? VALUES (100, 7)", name)
		for _, value := range []any{2.9, "12"} {
			if _, err := db.ExecContext(e.Context(), "INSERT INTO ? VALUES (101, ?)", name, value); !errors.Is(err, driver.ErrData) {
				e.Errorf("%v: %v", value, err)
			}
		}
		if got := conformance.All[int](e, db, "select * from ?", name); !slices.Equal(got, []int{7}) {
			e.Errorf("the series holds %v", got)
		}
		e.Exec(db, "drop series ?", name)
	}},
	{Group: "series", Name: "timeit answers with a second result set", Run: func(e *conformance.Env) {
		rows := e.Query(e.DB(), "timeit select * from ?", e.Name())
		for rows.Next() {
		}
		if !rows.NextResultSet() || !rows.Next() {
			e.Fatalf("there is none: %v", rows.Err())
		}
		var server string
		var seconds float64
		e.Must(rows.Scan(&server, &seconds))
		if server == "" || seconds < 0 || rows.NextResultSet() {
			e.Errorf("server %q, %v s", server, seconds)
		}
	}},
	{Group: "series", Name: "sqlx reads points into structs and runs named statements", Run: func(e *conformance.Env) {
		db, name := sqlx.NewDb(e.DB(), "mysql"), e.Name() // question marks, by sqlx's names
		type point struct {
			Series string
			Time   int64
			Value  float64
		}
		points := []point{{name, 100, 0.5}, {name, 101, 1.5}}
		_, err := db.NamedExecContext(e.Context(), "INSERT INTO points (series, time, value) VALUES (:series, :time, :value)", points)
		e.Must(err)
		var got []point
		e.Must(db.SelectContext(e.Context(), &got, "select * from ?", name))
		if !slices.Equal(got, points) {
			e.Errorf("got %v", got)
		}
		var last point
		e.Must(db.GetContext(e.Context(), &last, "select last() from ?", name))
		if last != points[1] {
			e.Errorf("the last is %v", last)
		}
		e.Exec(db, "drop series ?", name)
	}},
}

// fill writes two series of two points each.
func fill(e *conformance.Env, db *sql.DB, prefix string) {
	e.Exec(db, "INSERT INTO points (series, time, value) VALUES (?, 100, 1), (?, 102, 3), (?, 101, 20), (?, 102, 30)",
		prefix+".a", prefix+".a", prefix+".b", prefix+".b")
	e.Cleanup(func() { db.ExecContext(e.Context(), "drop series ?", siridriver.Regexp{Pattern: prefix + ".*"}) })
}

// one is the value of a result of one row and one column.
func one[T any](e *conformance.Env, db *sql.DB, query string, args ...any) (v T) {
	e.Must(db.QueryRowContext(e.Context(), query, args...).Scan(&v))
	return v
}

// unitOf is the database's unit, in which the target's DSN asks for times.
func unitOf(e *conformance.Env) time.Duration {
	config, err := siridriver.ParseDSN(e.Target.DSN)
	e.Must(err)
	return map[siridriver.Precision]time.Duration{
		siridriver.Seconds: time.Second, siridriver.Milliseconds: time.Millisecond,
		siridriver.Microseconds: time.Microsecond, siridriver.Nanoseconds: time.Nanosecond,
	}[config.Precision]
}

// appending uses an appender for a series.
func appending(e *conformance.Env, db *sql.DB, series string, f func(driver.Appender)) {
	e.Must(driver.With(e.Conn(db), func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(e.Context(), driver.AppendOptions{Table: series})
		if err == nil {
			f(a)
		}
		return err
	}))
}
