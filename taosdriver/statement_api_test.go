package taosdriver_test

import (
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
)

func TestStatementOfTheOlderAPI(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	with(t, reserve(t, db), func(p driver.Stmt2Preparer) {
		st := taosdriver.NewStatement(p)
		for _, f := range []func() error{
			func() error { return st.SetTableName("a") }, func() error { return st.SetTags(1) }, func() error { return st.BindParam() },
			st.AddBatch, func() error { _, err := st.Execute(background); return err }, func() error { _, err := st.Query(background); return err },
		} {
			if err := f(); !errors.Is(err, driver.ErrStatement) {
				t.Error("before Prepare:", err)
			}
		}
		if err := st.Prepare(background, "insert into ? using m tags (?, ?) (ts, v) values (?, ?)"); err != nil {
			t.Fatal(err)
		}
		if err := st.AddBatch(); !errors.Is(err, driver.ErrStatement) {
			t.Error("nothing bound:", err)
		}
		if _, err := st.Execute(background); !errors.Is(err, driver.ErrStatement) {
			t.Error("an empty batch:", err)
		}
		bind := func(from int) error {
			return st.BindParam(driver.ColumnOf([]time.Time{moment(from), moment(from + 1)}), driver.ColumnOf([]int{from, from + 1}))
		}
		for _, err := range []error{
			st.SetTableName("a"), st.SetTags(1, "x"), bind(0), st.AddBatch(), bind(2), st.AddBatch(),
			st.SetTableName("b"), st.SetTags(2, nil), bind(4), st.AddBatch(),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if n, err := st.Execute(background); n != 6 || err != nil {
			t.Error(n, err)
		}
		if err := errors.Join(bind(6), st.AddBatch()); err != nil {
			t.Error(err)
		}
		if n, err := st.Execute(background); n != 2 || err != nil || st.AffectedRows() != 8 {
			t.Error(n, err, st.AffectedRows())
		}

		if err := st.Prepare(background, "select v, g from m where v > ? order by ts"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(st.BindParam(driver.ColumnOf([]int{5})), st.AddBatch()); err != nil {
			t.Fatal(err)
		}
		rows, err := st.Query(background)
		if err != nil {
			t.Fatal(err)
		}
		row := make([]sqldriver.Value, 2)
		for _, want := range []int64{6, 7} {
			if err := rows.Next(row); err != nil || row[0] != want || row[1] != int64(2) {
				t.Error(row, err)
			}
		}
		if err := rows.Next(row); err != io.EOF {
			t.Error(err)
		}
		if err := errors.Join(rows.Close(), st.Close(), st.Close()); err != nil {
			t.Error(err)
		}
	})
	same(t, texts(t, db, "select tbname, v from m order by ts"), "a 0", "a 1", "a 2", "a 3", "b 4", "b 5", "b 6", "b 7")
	clean(t, srv)
}
