package siri

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver"
)

var background = context.Background()

// open returns a pool whose server answers every select alike.
func open(answer []byte) (*sql.DB, error) {
	config, err := siridriver.ParseDSN("siridb://memory/dbtest")
	if err != nil {
		return nil, err
	}
	config.Dial = dial(answer)
	connector, err := siridriver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

// checker compares points with what [Answer] has.
type checker struct{ n, each int }

func (c *checker) point(series string, at time.Time, value any) error {
	s, i := c.n/c.each, c.n%c.each
	c.n++
	var want any
	switch value.(type) {
	case float64:
		want = float(i)
	case int64:
		want = integer(i)
	default:
		want = text(i)
	}
	if series != name(s) || !at.Equal(instant(i)) || value != want {
		return fmt.Errorf("point %d is %s %v %v", c.n-1, series, at, value)
	}
	return nil
}

func (c *checker) all(points int) error {
	if c.n != points {
		return fmt.Errorf("%d points of %d", c.n, points)
	}
	return nil
}

// decodeRows reads the rows that the driver gives to database/sql.
func decodeRows(kind string, points int) (run func() error, end func(), err error) {
	db, err := open(Answer(kind, points))
	if err != nil {
		return nil, nil, err
	}
	read := func(each func(row []sqldriver.Value) error) error {
		return driver.WithDB(background, db, func(q driver.RequestQueryer) error {
			rows, err := q.QueryRequest(background, 0, "select * from *")
			if err != nil {
				return err
			}
			defer rows.Close()
			row := make([]sqldriver.Value, len(rows.Columns()))
			for {
				if err := rows.Next(row); err == io.EOF {
					return nil
				} else if err != nil {
					return err
				}
				if err := each(row); err != nil {
					return err
				}
			}
		})
	}
	check := checker{each: points / Series}
	err = read(func(row []sqldriver.Value) error {
		return check.point(row[0].(string), row[1].(time.Time), row[2])
	})
	if err == nil {
		err = check.all(points)
	}
	return func() error { return read(func([]sqldriver.Value) error { return nil }) }, func() { db.Close() }, err
}

// decodeSQL scans the rows into variables of the types that the driver hands out.
func decodeSQL(kind string, points int) (run func() error, end func(), err error) {
	db, err := open(Answer(kind, points))
	if err != nil {
		return nil, nil, err
	}
	var row struct {
		series string
		at     time.Time
		f      float64
		n      int64
		s      string
	}
	value := map[string]any{"floats": &row.f, "integers": &row.n, "strings": &row.s}[kind]
	read := func(each func() error) error {
		rows, err := db.Query("select * from *")
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := rows.Scan(&row.series, &row.at, value); err != nil {
				return err
			}
			if err := each(); err != nil {
				return err
			}
		}
		return rows.Err()
	}
	check := checker{each: points / Series}
	err = read(func() error {
		return check.point(row.series, row.at, map[string]any{"floats": row.f, "integers": row.n, "strings": row.s}[kind])
	})
	if err == nil {
		err = check.all(points)
	}
	return func() error { return read(func() error { return nil }) }, func() { db.Close() }, err
}

// encodeSeries inserts columns by series.
func encodeSeries(kind string, points int) (run func() error, end func(), err error) {
	db, err := open(nil)
	if err != nil {
		return nil, nil, err
	}
	list := make([]driver.Series, Series)
	for s := range list {
		list[s] = driver.Series{Name: name(s), Times: fill(points/Series, instant), Values: column(kind, points/Series)}
	}
	return func() error {
		return driver.WithDB(background, db, func(s driver.SeriesInserter) error {
			result, err := s.InsertSeries(background, list...)
			if err == nil && result.Points != int64(points) {
				err = fmt.Errorf("%d points of %d", result.Points, points)
			}
			return err
		})
	}, func() { db.Close() }, nil
}

func column(kind string, n int) driver.Column {
	switch v := values(kind, n).(type) {
	case []float64:
		return driver.ColumnOf(v)
	case []int64:
		return driver.ColumnOf(v)
	default:
		return driver.ColumnOf(v.([]string))
	}
}

// encodeAppender appends point by point, one series after the other.
func encodeAppender(kind string, points int) (run func() error, end func(), err error) {
	db, err := open(nil)
	if err != nil {
		return nil, nil, err
	}
	names, times, boxed := fill(Series, name), fill(points/Series, instant), boxes(kind, points/Series)
	return func() error {
		return driver.WithDB(background, db, func(o driver.AppenderOpener) error {
			a, err := o.OpenAppender(background, driver.AppendOptions{})
			if err != nil {
				return err
			}
			for _, name := range names {
				for i, at := range times {
					if err := a.Append(background, name, at, boxed[i]); err != nil {
						return err
					}
				}
			}
			if err := a.Close(background); err != nil {
				return err
			}
			if a.Written() != int64(points) {
				return fmt.Errorf("%d points of %d", a.Written(), points)
			}
			return nil
		})
	}, func() { db.Close() }, nil
}

// boxes are a series' values as interface values.
func boxes(kind string, n int) []any {
	switch kind {
	case "floats":
		return fill(n, func(i int) any { return float(i) })
	case "integers":
		return fill(n, func(i int) any { return integer(i) })
	}
	return fill(n, func(i int) any { return text(i) })
}
