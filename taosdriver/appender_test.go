package taosdriver_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// appendTo opens an appender for the test, which closes it.
func appendTo(t testing.TB, o driver.AppenderOpener, options driver.AppendOptions) driver.Appender {
	t.Helper()
	a, err := o.OpenAppender(background, options)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// TestAppenderFillsTables of all kinds, interleaved, with children made from tags
// and children that exist.
func TestAppenderFillsTables(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table old using m tags (9, 'alt')")
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		a := appendTo(t, o, driver.AppendOptions{Table: "m"})
		for i := range 6 {
			table := fmt.Sprint("new", i%2)
			tags := []any{i % 2, table}
			if i >= 2 {
				tags = nil // told before
			}
			if err := a.AppendTo(background, table, tags, moment(i), i, nil, "row"); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.AppendTo(background, "old", nil, moment(6), 6, 0.5, nil); err != nil {
			t.Fatal(err)
		}
		if err := a.AppendTable(background, driver.BindTable{Name: "new1", Columns: []driver.Column{
			driver.ColumnOf([]time.Time{moment(7)}), driver.ColumnOf([]int64{7}), driver.ColumnOf([]float32{1.5}), driver.ColumnOf([]string{"column"}),
		}}); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(background); err != nil || a.Written() != 8 {
			t.Error(err, a.Written())
		}
		if err := a.Close(background); err != nil {
			t.Error(err)
		}
		isError(t, a.AppendTo(background, "old", nil, moment(6), 6, 0.5, nil), driver.ErrInterface, "closed")
	})
	same(t, texts(t, db, "select tbname, v, f, s, loc from m order by ts"),
		"new0 0 NULL row new0", "new1 1 NULL row new1", "new0 2 NULL row new0", "new1 3 NULL row new1",
		"new0 4 NULL row new0", "new1 5 NULL row new1", "old 6 0.5 NULL alt", "new1 7 1.5 column new1")
	clean(t, srv)
}

func TestAppenderTables(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table c using m tags (1, 'c')")
	exec(t, db, "create table d2 (ts timestamp, v int, s varchar(20))")
	conn := reserve(t, db)
	for _, c := range []struct {
		options driver.AppendOptions
		fill    func(a driver.Appender) error
		want    []string
		from    string
	}{
		{
			driver.AppendOptions{Table: "d"}, func(a driver.Appender) error { return a.Append(background, moment(1), 1, "a") },
			[]string{"1 a"}, "select v, s from d",
		},
		{
			driver.AppendOptions{Table: "power.d", Columns: []string{"s", "ts"}}, func(a driver.Appender) error { return a.Append(background, "b", moment(2)) },
			[]string{"NULL b"}, "select v, s from d",
		},
		{
			driver.AppendOptions{Table: "c", Columns: []string{"ts", "s"}}, func(a driver.Appender) error {
				return a.AppendColumns(background, driver.ColumnOf([]time.Time{moment(3)}), driver.ColumnOf([]string{"child"}))
			},
			[]string{"c child 1"}, "select tbname, s, g from m",
		},
		{
			driver.AppendOptions{}, func(a driver.Appender) error {
				err := a.AppendTo(background, "d", nil, moment(9), 9, "d")
				isError(t, a.AppendTo(background, "other.d", nil, moment(9), 9, "other"), driver.ErrStatement, `column "ts" of table other.d has another`)
				for i, name := range []string{"d2", "power.d", "power.`d2`"} {
					if err := a.AppendTo(background, name, nil, moment(10+i), i, name); err != nil {
						return err
					}
				}
				return err
			},
			[]string{"9 d", "1 power.d", "0 d2", "2 power.`d2`"}, "",
		},
		{
			driver.AppendOptions{Table: "m", Columns: []string{"ts", "v"}, Tags: []string{"loc"}}, func(a driver.Appender) error {
				return a.AppendTo(background, "t", []any{"here"}, moment(20), 5)
			},
			[]string{"t 5 NULL here"}, "select tbname, v, g, loc from m",
		},
		{
			driver.AppendOptions{Table: "power.m", Columns: []string{"ts", "v"}}, func(a driver.Appender) error {
				return errors.Join(a.AppendTo(background, "c", nil, moment(30), 1), a.AppendTo(background, "power.c", nil, moment(31), 2),
					a.AppendTo(background, "`u`", []any{7, "u"}, moment(32), 3), a.AppendTo(background, "power.u", []any{7, "u"}, moment(33), 4),
					a.AppendTo(background, "`power`.`u`", []any{7, "u"}, moment(34), 5))
			},
			[]string{"c 1 1", "c 2 1", "u 3 7", "u 4 7", "u 5 7"}, "select tbname, v, g from m order by ts",
		},
	} {
		for _, table := range []string{"d", "d2", "m"} {
			exec(t, db, "delete from "+table)
		}
		with(t, conn, func(o driver.AppenderOpener) {
			a := appendTo(t, o, c.options)
			if err := c.fill(a); err != nil {
				t.Fatalf("%+v: %v", c.options, err)
			}
			if err := a.Close(background); err != nil || int(a.Written()) != len(c.want) {
				t.Errorf("%+v: %v, %d", c.options, err, a.Written())
			}
		})
		if c.from != "" {
			same(t, texts(t, db, c.from), c.want...)
			continue
		}
		var got []string
		for _, table := range []string{"d", "d2"} {
			got = append(got, texts(t, db, "select v, s from "+table+" order by ts")...)
		}
		same(t, got, c.want...)
	}
	clean(t, srv)
}

func TestAppenderRefuses(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		for says, options := range map[string]driver.AppendOptions{
			"names none":      {Tags: []string{"g"}},
			`"d" has no tags`: {Table: "d", Tags: []string{"g"}},
			"negative":        {Table: "d", BatchRows: -1},
			"code":            {Table: "nowhere"},
			"request":         {Table: "d", Columns: []string{"nothing"}},
			"request 0x":      {Table: "m", Tags: []string{"nothing"}, Columns: []string{"ts", "nothing"}},
		} {
			_, err := o.OpenAppender(background, options)
			var e *driver.Error
			if !errors.As(err, &e) || e.Engine != "tdengine" {
				t.Errorf("%s: %v", says, err)
			}
		}
		a := appendTo(t, o, driver.AppendOptions{Table: "d"})
		m := appendTo(t, o, driver.AppendOptions{Table: "m"})
		if err := a.Append(background, moment(0), 0, "first"); err != nil {
			t.Fatal(err)
		}
		for says, err := range map[string]error{
			"2 values for 3 columns":         a.Append(background, moment(1), 1),
			`row 1: "x" is not a value`:      a.Append(background, moment(1), "x", "s"),
			"row 1: the primary timestamp":   a.Append(background, nil, 1, "s"),
			"row 1: 21 bytes are longer":     a.Append(background, moment(1), 1, "123456789012345678901"),
			"not a super table":              a.AppendTo(background, "d", []any{1}, moment(1), 1, "s"),
			"1 columns are appended to 3":    a.AppendColumns(background, driver.ColumnOf([]int{1})),
			"columns of 1 and 2 rows":        a.AppendColumns(background, driver.ColumnOf([]time.Time{moment(1)}), driver.ColumnOf([]int{1, 2}), driver.ColumnOf([]string{"a"})),
			`column "v": a column needs`:     a.AppendColumns(background, driver.ColumnOf([]time.Time{moment(1)}), driver.Column{Values: 5}, driver.ColumnOf([]string{"a"})),
			`row 1: 4294967296 does not fit`: a.AppendColumns(background, driver.ColumnOf([]time.Time{moment(1), moment(2)}), driver.ColumnOf([]int64{1, 1 << 32}), driver.ColumnOf([]string{"a", "b"})),
			"not in the database":            m.AppendTo(background, "other.x", nil, moment(1), 1, 1, "a"),
			"rows name no table":             m.Append(background, moment(1), 1, 1, "a"),
			"1 tags for 2":                   m.AppendTo(background, "x", []any{1}, moment(1), 1, 1, "a"),
			`table "x": tag "g" of type INT`: m.AppendTo(background, "x", []any{"g", "l"}, moment(1), 1, 1, "a"),
			"too long":                       m.AppendTo(background, fmt.Sprintf("%0300d", 1), nil, moment(1), 1, 1, "a"),
		} {
			var e *driver.Error
			if !errors.As(err, &e) || e.Op == "" || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", says, err)
			}
		}
		if err := a.Append(background, moment(1), 1, "second"); err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(a.Close(background), m.Close(background)); err != nil || a.Written() != 2 {
			t.Error(err, a.Written())
		}
	})
	same(t, texts(t, db, "select v, s from d"), "0 first", "1 second")
	clean(t, srv)
}

// TestAppenderSendsFullBatches by rows, by bytes, by age.
func TestAppenderSendsFullBatches(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		for _, c := range []struct {
			options driver.AppendOptions
			written []int64 // after each row
		}{
			{driver.AppendOptions{Table: "d", BatchRows: 2}, []int64{0, 2, 2, 4}},
			{driver.AppendOptions{Table: "d", BatchBytes: 90}, []int64{0, 2, 2, 4}},
			{driver.AppendOptions{Table: "d", Interval: time.Nanosecond}, []int64{1, 2, 3, 4}},
			{driver.AppendOptions{Table: "d", Interval: time.Hour}, []int64{0, 0, 0, 0}},
		} {
			a := appendTo(t, o, c.options)
			for i, want := range c.written {
				if err := a.Append(background, moment(i), i, "12345"); err != nil {
					t.Fatal(err)
				}
				if a.Written() != want {
					t.Errorf("%+v: %d after row %d", c.options, a.Written(), i)
				}
			}
			if err := a.Close(background); err != nil || a.Written() != 4 {
				t.Error(err, a.Written())
			}
		}
		// Columns are cut to the bounds.
		a := appendTo(t, o, driver.AppendOptions{Table: "d", BatchRows: 700})
		at, v, s := make([]time.Time, 1500), make([]int, 1500), make([]string, 1500)
		for i := range at {
			at[i], v[i] = moment(i), i
		}
		if err := a.AppendColumns(background, driver.ColumnOf(at), driver.ColumnOf(v), driver.ColumnOf(s)); err != nil || a.Written() != 1400 {
			t.Error(err, a.Written())
		}
		if err := a.Close(background); err != nil {
			t.Error(err)
		}
	})
	if n := one[int](t, db, "select count(*) from d"); n != 1500 {
		t.Error(n)
	}
	clean(t, srv)
}

// TestAppenderTellsWhatIsIn: a refused batch, one whose reply is lost, one that was
// not sent.
func TestAppenderTellsWhatIsIn(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	appendRow := func(a driver.Appender, i int) error { return a.Append(background, moment(i), i, "s") }
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		a := appendTo(t, o, driver.AppendOptions{Table: "d", BatchRows: 2})
		for i := range 2 {
			if err := appendRow(a, i); err != nil {
				t.Fatal(err)
			}
		}
		srv.Fault(taostest.On{Action: "stmt2_exec", Times: 1}, taostest.ErrorCode(0x060b, "Timestamp out of range"))
		if err := appendRow(a, 2); err != nil {
			t.Fatal(err)
		}
		var e *driver.AppendError
		err := appendRow(a, 3)
		if !errors.As(err, &e) || e.Written != 2 || e.First != 2 || e.Last != 3 || e.Unknown || !errors.Is(err, driver.ErrData) {
			t.Errorf("%+v", err)
		}
		for i := 4; i < 6; i++ { // on with a new statement
			if err := appendRow(a, i); err != nil {
				t.Fatal(err)
			}
		}
		if err := appendRow(a, 6); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(background)
		cancel()
		if err := a.Close(ctx); !errors.As(err, &e) || e.Written != 4 || e.First != 6 || e.Last != 6 || e.Unknown || !errors.Is(err, context.Canceled) {
			t.Errorf("%+v", err)
		}
	})
	same(t, texts(t, db, "select v from d"), "0", "1", "4", "5")
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		a := appendTo(t, o, driver.AppendOptions{Table: "d"})
		srv.Fault(taostest.On{Action: "stmt2_exec", Times: 1}, taostest.DropAfter)
		if err := appendRow(a, 10); err != nil {
			t.Fatal(err)
		}
		var e *driver.AppendError
		if err := a.Flush(background); !errors.As(err, &e) || !e.Unknown || e.First != 0 || e.Last != 0 || !errors.Is(err, driver.ErrConnection) {
			t.Errorf("%+v", err)
		}
		if err := appendRow(a, 11); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(background); !errors.As(err, &e) || e.Unknown || e.First != 1 {
			t.Errorf("%+v", err)
		}
	})
	same(t, texts(t, db, "select v from d"), "0", "1", "4", "5", "10")
	clean(t, srv)
}

// TestAppendersSideBySide: many goroutines on a small pool, into tables of one
// super table.
func TestAppendersSideBySide(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	db.SetMaxOpenConns(5)
	const writers, rows = 20, 50
	failed := make(chan error, writers)
	for w := range writers {
		go func() {
			failed <- driver.WithDB(background, db, func(o driver.AppenderOpener) error {
				a, err := o.OpenAppender(background, driver.AppendOptions{Table: "m", BatchRows: 20})
				if err != nil {
					return err
				}
				for i := range rows {
					if err := a.AppendTo(background, fmt.Sprint("w", w), []any{w, "x"}, moment(i), i, nil, "row"); err != nil {
						return err
					}
				}
				return a.Close(background)
			})
		}()
	}
	for range writers {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
	if n := one[int](t, db, "select count(*) from m"); n != writers*rows {
		t.Error(n)
	}
	clean(t, srv)
}

// TestAppenderOnABrokenConnection: after the connection broke, each call says so, and
// the pool has another.
func TestAppenderOnABrokenConnection(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	err := driver.WithDB(background, db, func(o driver.AppenderOpener) error {
		a := appendTo(t, o, driver.AppendOptions{Table: "d"})
		if err := a.Append(background, moment(1), 1, "a"); err != nil {
			return err
		}
		srv.DropConnections()
		var e *driver.AppendError
		if err := a.Flush(background); !errors.As(err, &e) || e.First != 0 || e.Last != 0 || !errors.Is(err, driver.ErrConnection) {
			t.Errorf("%+v", err)
		}
		if err := a.Append(background, moment(2), 2, "b"); err != nil {
			return err
		}
		return a.Close(background)
	})
	if !errors.Is(err, driver.ErrConnection) {
		t.Error(err)
	}
	exec(t, db, "insert into d values (?, 3, 'c')", moment(3))
	same(t, texts(t, db, "select v from d"), "3")
	clean(t, srv)
}

// TestAppenderWithoutADatabase of its own: the tables' names tell.
func TestAppenderWithoutADatabase(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table old using m tags (0, 'old')")
	with(t, reserve(t, open(t, srv, "", nil)), func(o driver.AppenderOpener) {
		a := appendTo(t, o, driver.AppendOptions{Table: "power.m", Columns: []string{"ts", "v"}})
		for i, err := range []error{
			a.AppendTo(background, "old", nil, moment(0), 0),
			a.AppendTo(background, "a", []any{1, "x"}, moment(1), 1),
			a.AppendTo(background, "power.b", []any{2, nil}, moment(2), 2),
			a.AppendTo(background, "old", nil, moment(3), 3),
			a.Close(background),
		} {
			if err != nil {
				t.Error(i, err)
			}
		}
		d := appendTo(t, o, driver.AppendOptions{Table: "power.d"})
		if err := errors.Join(d.Append(background, moment(4), 4, "d"), d.Close(background)); err != nil {
			t.Error(err)
		}
	})
	same(t, texts(t, db, "select tbname, v, g, loc from m order by ts"), "old 0 0 old", "a 1 1 x", "b 2 2 NULL", "old 3 0 old")
	same(t, texts(t, db, "select v from d"), "4")
	clean(t, srv)
}

// endingContext ends behind the first looks at it.
type endingContext struct {
	context.Context
	looks int
}

func (c *endingContext) Err() error {
	if c.looks--; c.looks < 0 {
		return context.Canceled
	}
	return nil
}

// A row that is kept is not reported as one that is not, though the batch that it
// fills is not sent just then.
func TestAppenderKeepsTheRowThatFillsABatch(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		a := appendTo(t, o, driver.AppendOptions{Table: "d", BatchRows: 2})
		for i := range 2 {
			if err := a.Append(&endingContext{background, 1}, moment(i), i, "s"); err != nil {
				t.Fatal(err)
			}
		}
		if n := a.Written(); n != 0 {
			t.Errorf("%d rows sent in spite of the context", n)
		}
		if err := a.AppendColumns(&endingContext{background, 1}, driver.ColumnOf([]time.Time{moment(5)}),
			driver.ColumnOf([]int{5}), driver.ColumnOf([]string{"s"})); !errors.Is(err, context.Canceled) {
			t.Errorf("a batch that is full takes more: %v", err)
		}
		if err := a.Append(background, moment(2), 2, "s"); err != nil || a.Written() != 2 {
			t.Error(err, a.Written())
		}
		if err := a.Close(background); err != nil || a.Written() != 3 {
			t.Error(err, a.Written())
		}
	})
	same(t, texts(t, db, "select v from d"), "0", "1", "2")
	clean(t, srv)
}

func TestAppenderBeginsAgainAfterAnError(t *testing.T) {
	srv := serve(t)
	db := superTable(t, srv)
	exec(t, db, "create table plain (ts timestamp, v int)")
	with(t, reserve(t, db), func(o driver.AppenderOpener) {
		a := appendTo(t, o, driver.AppendOptions{})
		srv.Fault(taostest.On{Action: "stmt2_prepare", Times: 1}, taostest.ErrorCode(0x0023, "busy"))
		isError(t, a.AppendTo(background, "plain", nil, moment(1), 1), driver.ErrServer, "busy")
		if err := a.AppendTo(background, "plain", nil, moment(1), 1); err != nil {
			t.Error(err)
		}
		if err := a.Close(background); err != nil || a.Written() != 1 {
			t.Error(err, a.Written())
		}
	})
	clean(t, srv)
}
