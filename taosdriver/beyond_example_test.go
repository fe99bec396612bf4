package taosdriver_test

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
)

// Lines of InfluxDB's protocol, into tables that the server makes.
func Example_schemalessInserter() {
	db, stop := meters()
	defer stop()
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(s driver.SchemalessInserter) error {
		r, err := s.InsertSchemaless(ctx, driver.SchemalessRequest{
			Protocol:  driver.SchemalessLine,
			Precision: driver.SchemalessMilliseconds,
			Lines: []string{
				fmt.Sprintf("weather,city=Berlin temperature=21.5,humidity=40i32 %d", time.Now().UnixMilli()),
				fmt.Sprintf("weather,city=Oslo temperature=17,humidity=55i32 %d", time.Now().UnixMilli()),
			},
		})
		fmt.Println(r.AffectedRows, "points")
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var city string
	err = db.QueryRow("SELECT city FROM weather WHERE humidity > 50").Scan(&city)
	fmt.Println(city, err)
	// Output:
	// 2 points
	// Oslo <nil>
}

// Columns of two tables in one message. The tables are made with their tags.
func Example_stmt2Preparer() {
	db, stop := meters()
	defer stop()
	ctx := context.Background()
	start := time.Now().Truncate(time.Second)
	err := driver.WithDB(ctx, db, func(p driver.Stmt2Preparer) error {
		st, err := p.PrepareStmt2(ctx, "INSERT INTO ? USING meters TAGS (?) VALUES (?, ?, ?)", driver.Stmt2Options{})
		if err != nil {
			return err
		}
		defer st.Close()
		times := driver.ColumnOf([]time.Time{start, start.Add(time.Second)})
		err = st.Bind(ctx,
			driver.BindTable{Name: "d2", Tags: []any{"Oslo"}, Columns: []driver.Column{
				times, driver.ColumnOf([]float32{10.5, 11}), driver.NullColumnOf([]sql.Null[int32]{{V: 220, Valid: true}, {}}),
			}},
			driver.BindTable{Name: "d3", Tags: []any{"Rome"}, Columns: []driver.Column{
				times, driver.ColumnOf([]float32{9, 9.5}), driver.ColumnOf([]int32{221, 222}),
			}})
		if err != nil {
			return err
		}
		n, err := st.Exec(ctx)
		fmt.Println(n, "rows")
		return err
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	var sum int
	err = db.QueryRow("SELECT SUM(voltage) FROM meters WHERE location = 'Oslo' OR location = 'Rome'").Scan(&sum)
	fmt.Println(sum, err)
	// Output:
	// 4 rows
	// 663 <nil>
}

// A query whose parameters are bound, each a column of one row.
func Example_stmt2Preparer_query() {
	db, stop := meters()
	defer stop()
	ctx := context.Background()
	if _, err := db.Exec("INSERT INTO d1 VALUES (?, ?, ?)", time.Now(), 10.5, 220); err != nil {
		fmt.Println(err)
		return
	}
	err := driver.WithDB(ctx, db, func(p driver.Stmt2Preparer) error {
		st, err := p.PrepareStmt2(ctx, "SELECT voltage, location FROM meters WHERE voltage > ?", driver.Stmt2Options{})
		if err != nil {
			return err
		}
		defer st.Close()
		for _, above := range []int{200, 230} {
			if err := st.Bind(ctx, driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]int{above})}}); err != nil {
				return err
			}
			rows, err := st.Query(ctx)
			if err != nil {
				return err
			}
			row := make([]sqldriver.Value, 2)
			for err = rows.Next(row); err == nil; err = rows.Next(row) {
				fmt.Println("above", above, row)
			}
			rows.Close()
			if err != io.EOF {
				return err
			}
		}
		return nil
	})
	fmt.Println(err)
	// Output:
	// above 200 [220 Berlin]
	// <nil>
}

// Rows in the order in which they come, for many tables, in batches.
func Example_appenderOpener() {
	db, stop := meters()
	defer stop()
	ctx := context.Background()
	start := time.Now().Truncate(time.Second)
	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "meters", BatchRows: 1000})
		if err != nil {
			return err
		}
		for i := range 5000 {
			table := fmt.Sprint("load", i%10)
			err := a.AppendTo(ctx, table, []any{"grid"}, start.Add(time.Duration(i)*time.Millisecond), float32(10), 220)
			if err != nil {
				return err
			}
		}
		err = a.Close(ctx)
		var failed *driver.AppendError
		if errors.As(err, &failed) {
			fmt.Println("rows", failed.First, "to", failed.Last, "are not in")
		}
		fmt.Println(a.Written(), "rows")
		return err
	})
	fmt.Println(err)
	// Output:
	// 5000 rows
	// <nil>
}

// The older interface of TDengine's connectors.
func ExampleStatement() {
	db, stop := meters()
	defer stop()
	ctx := context.Background()
	err := driver.WithDB(ctx, db, func(p driver.Stmt2Preparer) error {
		st := taosdriver.NewStatement(p)
		defer st.Close()
		if err := st.Prepare(ctx, "INSERT INTO ? USING meters TAGS (?) VALUES (?, ?, ?)"); err != nil {
			return err
		}
		for i, table := range []string{"d2", "d3"} {
			err := errors.Join(
				st.SetTableName(table),
				st.SetTags("Oslo"),
				st.BindParam(driver.ColumnOf([]time.Time{time.Now()}), driver.ColumnOf([]float32{10.5}), driver.ColumnOf([]int{220 + i})),
				st.AddBatch())
			if err != nil {
				return err
			}
		}
		n, err := st.Execute(ctx)
		fmt.Println(n, "rows,", st.AffectedRows(), "in all")
		return err
	})
	fmt.Println(err)
	// Output:
	// 2 rows, 2 in all
	// <nil>
}
