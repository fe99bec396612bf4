package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/apache/iotdb-client-go/v2/client"

	"github.com/gaugesql/gaugesql/driver"
)

const (
	loaded = "loaded"
	// batch is the rows of a tablet, for everybody.
	batch = 20_000
)

// values are the rows to write, as columns.
type values struct {
	times        []int64
	device, note []string
	n            []int32
	v            []float64
}

func made(rows int) *values {
	names := make([]string, 100)
	for i := range names {
		names[i] = fmt.Sprintf("device-%03d", i)
	}
	d := &values{make([]int64, rows), make([]string, rows), make([]string, rows), make([]int32, rows), make([]float64, rows)}
	for i := range rows {
		d.times[i], d.device[i], d.note[i], d.n[i], d.v[i] = int64(i), names[i%100], notes[i%len(notes)], int32(i), float64(i)/7
	}
	return d
}

// empty makes the table that is written to.
func empty(addr string) (*sql.DB, error) {
	db, err := ours(addr, database)
	if err != nil {
		return nil, err
	}
	for _, statement := range []string{"DROP TABLE IF EXISTS " + loaded, "CREATE TABLE " + loaded + " " + ddl} {
		if _, err := db.Exec(statement); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// written checks that all rows are there.
func written(db *sql.DB, rows int) error {
	var there, sum int64
	var total float64
	if err := db.QueryRow("SELECT count(*), sum(n) FROM "+loaded).Scan(&there, &total); err != nil {
		return err
	}
	sum = int64(total)
	return right(rows, int(there), sum)
}

// inserting measures f, which has a table and rows to put there.
func inserting(addr string, rows int, f func(ctx context.Context, a driver.Appender, d *values) error) (figures, error) {
	db, err := empty(addr)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	d, ctx := made(rows), context.Background()
	out, err := count(rows, func() error {
		return driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
			a, err := o.OpenAppender(ctx, driver.AppendOptions{
				Table: loaded, Columns: []string{"time", "device", "n", "v", "note"}, BatchRows: batch,
			})
			if err == nil {
				err = f(ctx, a, d)
			}
			return err
		})
	})
	if err != nil {
		return out, err
	}
	return out, written(db, rows)
}

// insertRows appends row by row.
func insertRows(addr string, rows int) (figures, error) {
	return inserting(addr, rows, func(ctx context.Context, a driver.Appender, d *values) error {
		for i := range d.times {
			if err := a.Append(ctx, d.times[i], d.device[i], d.n[i], d.v[i], d.note[i]); err != nil {
				return err
			}
		}
		return a.Close(ctx)
	})
}

// insertColumns appends all columns at once.
func insertColumns(addr string, rows int) (figures, error) {
	return inserting(addr, rows, func(ctx context.Context, a driver.Appender, d *values) error {
		err := a.AppendColumns(ctx, driver.ColumnOf(d.times), driver.ColumnOf(d.device), driver.ColumnOf(d.n), driver.ColumnOf(d.v), driver.ColumnOf(d.note))
		if err != nil {
			return err
		}
		return a.Close(ctx)
	})
}

// insertOfficial fills tablets cell by cell, which is the way that there is.
func insertOfficial(addr string, rows int) (figures, error) {
	db, err := empty(addr)
	if err != nil {
		return figures{}, err
	}
	defer db.Close()
	session, err := official(addr)
	if err != nil {
		return figures{}, err
	}
	defer session.Close()
	d := made(rows)
	out, err := count(rows, func() error {
		tablet, err := client.NewRelationalTablet(loaded, []*client.MeasurementSchema{
			{Measurement: "device", DataType: client.STRING}, {Measurement: "n", DataType: client.INT32},
			{Measurement: "v", DataType: client.DOUBLE}, {Measurement: "note", DataType: client.TEXT},
		}, []client.ColumnCategory{client.TAG, client.FIELD, client.FIELD, client.FIELD}, batch)
		if err != nil {
			return err
		}
		for i := range d.times {
			n := tablet.RowSize
			tablet.SetTimestamp(d.times[i], n)
			if err := errors.Join(tablet.SetValueAt(d.device[i], 0, n), tablet.SetValueAt(d.n[i], 1, n),
				tablet.SetValueAt(d.v[i], 2, n), tablet.SetValueAt(d.note[i], 3, n)); err != nil {
				return err
			}
			if tablet.RowSize++; tablet.RowSize == batch || i == rows-1 {
				if err := session.Insert(tablet); err != nil {
					return err
				}
				tablet.Reset()
			}
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, written(db, rows)
}
