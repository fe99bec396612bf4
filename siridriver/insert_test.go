package siridriver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"net"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

func insertSeries(db *sql.DB, series ...driver.Series) (n int64, err error) {
	err = driver.WithDB(context.Background(), db, func(i driver.SeriesInserter) error {
		r, err := i.InsertSeries(context.Background(), series...)
		n = r.Points
		return err
	})
	return n, err
}

// times returns n times a second apart.
func times(n int) []time.Time {
	list := make([]time.Time, n)
	for i := range list {
		list[i] = instant.Add(time.Duration(i) * time.Second)
	}
	return list
}

func TestInsertSeries(t *testing.T) {
	var r recorder
	db := open(t, script.Start(t, r.handler("s")))
	one := func(values driver.Column) driver.Series {
		return driver.Series{Name: "a", Times: times(values.Len()), Values: values}
	}
	for name, tt := range map[string]struct {
		column driver.Column
		want   string
	}{
		"int64":   {driver.ColumnOf([]int64{math.MinInt64, math.MaxInt64}), "a: 1700000000=int64 -9223372036854775808 1700000001=int64 9223372036854775807; "},
		"float64": {driver.ColumnOf([]float64{1.5, math.Inf(1)}), "a: 1700000000=float64 1.5 1700000001=float64 +Inf; "},
		"string":  {driver.ColumnOf([]string{"", "\xff"}), "a: 1700000000=string  1700000001=string \xff; "},
		"int":     {driver.ColumnOf([]int{-1}), "a: 1700000000=int64 -1; "},
		"int8":    {driver.ColumnOf([]int8{-1}), "a: 1700000000=int64 -1; "},
		"int16":   {driver.ColumnOf([]int16{-1}), "a: 1700000000=int64 -1; "},
		"int32":   {driver.ColumnOf([]int32{-1}), "a: 1700000000=int64 -1; "},
		"uint8":   {driver.ColumnOf([]uint8{255}), "a: 1700000000=int64 255; "},
		"uint16":  {driver.ColumnOf([]uint16{65535}), "a: 1700000000=int64 65535; "},
		"uint32":  {driver.ColumnOf([]uint32{1 << 31}), "a: 1700000000=int64 2147483648; "},
		"uint64":  {driver.ColumnOf([]uint64{1<<63 - 1}), "a: 1700000000=int64 9223372036854775807; "},
		"float32": {driver.ColumnOf([]float32{0.25}), "a: 1700000000=float64 0.25; "},
		"bytes":   {driver.ColumnOf([][]byte{[]byte("x")}), "a: 1700000000=string x; "},
		"any":     {driver.ColumnOf([]any{1, "x", 2.5, []byte("y"), sql.NullString{String: "z", Valid: true}}), "a: 1700000000=int64 1 1700000001=string x 1700000002=float64 2.5 1700000003=string y 1700000004=string z; "},
	} {
		n, err := insertSeries(db, one(tt.column))
		if got := r.points(); err != nil || n != int64(tt.column.Len()) || len(got) != 1 || got[0] != tt.want {
			t.Errorf("%s: %d points, %v, sent %q", name, n, err, got)
		}
	}
	for name, tt := range map[string]struct {
		series driver.Series
		kind   error
	}{
		"NULL":            {one(driver.NullColumnOf([]sql.Null[int64]{{V: 1, Valid: true}, {}})), driver.ErrData},
		"NULL in []any":   {one(driver.ColumnOf([]any{nil})), driver.ErrData},
		"boolean":         {one(driver.ColumnOf([]bool{true})), driver.ErrInterface},
		"uint64 too big":  {one(driver.ColumnOf([]uint64{1 << 63})), driver.ErrOverflow},
		"any too big":     {one(driver.ColumnOf([]any{uint64(1 << 63)})), driver.ErrOverflow},
		"not a slice":     {one(driver.Column{Values: 7}), driver.ErrInterface},
		"lengths":         {driver.Series{Name: "a", Times: times(2), Values: driver.ColumnOf([]int64{1})}, driver.ErrInterface},
		"no name":         {driver.Series{Times: times(1), Values: driver.ColumnOf([]int64{1})}, driver.ErrData},
		"NUL in a string": {one(driver.ColumnOf([]string{"a\x00"})), driver.ErrData},
		"time too early":  {driver.Series{Name: "a", Times: []time.Time{{}}, Values: driver.ColumnOf([]int64{1})}, driver.ErrOverflow},
	} {
		if _, err := insertSeries(db, one(driver.ColumnOf([]int64{1})), tt.series); !errors.Is(err, tt.kind) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := insertSeries(db); n != 0 || err != nil {
		t.Errorf("nothing: %d, %v", n, err)
	}
	if got := r.points(); len(got) != 0 {
		t.Errorf("sent %q", got)
	}
}

func TestSplitInsertTellsWhatIsIn(t *testing.T) {
	var inserts atomic.Int32
	var losing atomic.Bool
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			if inserts.Add(1) == 3 {
				if losing.Load() {
					c.Close()
				} else {
					c.Fail(p, wire.ErrInsert, "Unsupported value received.")
				}
				return
			}
		}
		script.Answer(c, p)
	})
	db := open(t, s, func(c *Config) { c.MaxInsert = minMaxInsert })
	const n = 20_000
	statement := "INSERT INTO a VALUES " + strings.TrimSuffix(strings.Repeat("(1700000000123, 9007199254740993), ", n), ", ")
	for name, insert := range map[string]func() error{
		"series": func() error {
			_, err := insertSeries(db, driver.Series{Name: "a", Times: times(n), Values: driver.ColumnOf(make([]int64, n))})
			return err
		},
		"statement": func() error { _, err := db.Exec(statement); return err },
	} {
		for _, lose := range []bool{false, true} {
			inserts.Store(0)
			losing.Store(lose)
			err := insert()
			var e *InsertError
			if !errors.As(err, &e) || e.Unknown != lose || e.Points == 0 || e.Failed == 0 || e.Points+e.Failed >= n {
				t.Errorf("%s: %v", name, err)
			}
			if !lose && (!errors.Is(err, ErrInsert) || Code(err) != 66) {
				t.Errorf("%s: %v", name, err)
			}
			if n := inserts.Load(); n != 3 {
				t.Errorf("%s: %d packages sent", name, n)
			}
		}
	}
	inserts.Store(10)
	if got, err := insertSeries(db, driver.Series{Name: "a", Times: times(n), Values: driver.ColumnOf(make([]int64, n))}); got != n || err != nil || inserts.Load() < 13 {
		t.Errorf("%d points in %d packages, %v", got, inserts.Load()-10, err)
	}
}

func TestCheckTypes(t *testing.T) {
	stored := map[string]string{"i": "integer", "f": "float", "s": "string", "it's": "integer"}
	r := recorder{}
	r.answer = func(q string) []byte {
		b := qpack.OpenArray(qpack.AppendRaw(qpack.OpenMap(nil), "columns"))
		b = qpack.CloseArray(qpack.AppendRaw(qpack.AppendRaw(b, "name"), "type"))
		b = qpack.OpenArray(qpack.AppendRaw(b, "series"))
		for name, typ := range stored {
			if strings.Contains(q, "'"+strings.ReplaceAll(name, "'", "''")+"'") {
				b, _ = qpack.AppendValue(b, []any{name, typ})
			}
		}
		return qpack.CloseArray(b)
	}
	db := open(t, script.Start(t, r.handler("ms")), func(c *Config) { c.CheckTypes = true })
	for _, tt := range []struct {
		name   string
		values []any
		series string
		fits   bool
	}{
		{"integers into integers", []any{1, 2}, "i", true},
		{"float into integers", []any{1.5}, "i", false},
		{"text into integers", []any{"1"}, "it's", false},
		{"integers into floats", []any{1, 2.5}, "f", true},
		{"an integer that no float holds", []any{int64(1<<53 + 1)}, "f", false},
		{"number into text", []any{1}, "s", false},
		{"text into text", []any{"1"}, "s", true},
		{"a new series", []any{1, 2}, "new", true},
		{"integer and float in a new series", []any{1, 2.5}, "new2", true},
		{"number and text in a new series", []any{1, "x"}, "new3", false},
	} {
		for _, way := range []string{"series", "statement", "appender"} {
			var err error
			switch way {
			case "series":
				_, err = insertSeries(db, driver.Series{Name: tt.series, Times: times(len(tt.values)), Values: driver.ColumnOf(tt.values)})
			case "statement":
				for range 2 {
					var rows []string
					args := []any{}
					for i, v := range tt.values {
						rows = append(rows, "(?, ?, ?)")
						args = append(args, tt.series, i, v)
					}
					_, err = db.Exec("INSERT INTO (series, time, value) VALUES "+strings.Join(rows, ","), args...)
				}
			case "appender":
				err = withAppender(db, driver.AppendOptions{}, func(a driver.Appender) error {
					for i, v := range tt.values {
						if err := a.Append(context.Background(), tt.series, i, v); err != nil {
							return err
						}
					}
					return a.Flush(context.Background())
				})
			}
			if tt.fits && err != nil || !tt.fits && (!errors.Is(err, driver.ErrData) || Code(err) != 0) {
				t.Errorf("%s by %s: %v", tt.name, way, err)
			}
			if got := r.points(); (len(got) > 0) != tt.fits {
				t.Errorf("%s by %s: sent %q", tt.name, way, got)
			}
		}
	}
	before := len(r.sent())
	if _, err := db.Exec("INSERT INTO i VALUES (1, 1)"); err != nil || len(r.sent()) != before {
		t.Errorf("a known series was looked up again: %q, %v", r.sent()[before:], err)
	}
	r.mu.Lock()
	stored["i"] = "string" // dropped and made again by somebody
	r.mu.Unlock()
	if _, err := db.Exec("INSERT INTO i VALUES (1, 'x')"); err != nil {
		t.Errorf("a series of another type than remembered: %v", err)
	}
}

func TestTypesAreLookedUpInPortions(t *testing.T) {
	var r recorder
	r.answer = func(q string) []byte {
		if len(q) > maxText {
			t.Errorf("a statement of %d bytes", len(q))
		}
		return []byte("\xfd\x87columns\xef\x84name\x84type\x86series\xed")
	}
	db := open(t, script.Start(t, r.handler("ms")), func(c *Config) { c.CheckTypes = true })
	var list []driver.Series
	for i := range 2500 {
		list = append(list, driver.Series{Name: fmt.Sprintf("%0100d", i), Times: times(1), Values: driver.ColumnOf([]int64{1})})
	}
	if n, err := insertSeries(db, list...); n != 2500 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n := strings.Count(strings.Join(r.sent(), ""), "'"); n != 5000 || len(r.sent()) < 3 {
		t.Errorf("%d quotes in %d look-ups", n, len(r.sent()))
	}
}

func withAppender(db *sql.DB, options driver.AppendOptions, fn func(driver.Appender) error) error {
	return driver.WithDB(context.Background(), db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(context.Background(), options)
		if err != nil {
			return err
		}
		return fn(a)
	})
}

func TestAppender(t *testing.T) {
	var r recorder
	db := open(t, script.Start(t, r.handler("ms")))
	ctx := context.Background()
	err := withAppender(db, driver.AppendOptions{Table: "cpu", BatchRows: 3}, func(a driver.Appender) error {
		return errors.Join(
			a.Append(ctx, instant, 1.5),
			a.AppendTo(ctx, "mem", nil, instant, uint8(7)),
			a.Append(ctx, "2023-11-14 22:13:21", 2.5),
			a.AppendColumns(ctx, driver.ColumnOf(times(2)), driver.ColumnOf([]int32{1, 2})),
			a.AppendTable(ctx, driver.BindTable{Name: "disk", Columns: []driver.Column{driver.ColumnOf([]int64{5, 6}), driver.ColumnOf([]any{"a", []byte("b")})}}),
			func() error {
				if a.Written() != 6 {
					t.Errorf("%d written before Close", a.Written())
				}
				return nil
			}(),
			a.Close(ctx), a.Close(ctx),
			func() error {
				if a.Written() != 7 {
					t.Errorf("%d written", a.Written())
				}
				if err := a.Append(ctx, instant, 1); !errors.Is(err, driver.ErrInterface) {
					t.Errorf("after Close: %v", err)
				}
				return nil
			}(),
		)
	})
	want := []string{
		"cpu: 1700000000123=float64 1.5 1700000001000=float64 2.5; mem: 1700000000123=int64 7; ",
		"cpu: 1700000000123=int64 1 1700000001123=int64 2; disk: 5=string a; ",
		"disk: 6=string b; ",
	}
	if got := r.points(); err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%v, sent %q", err, got)
	}
	err = withAppender(db, driver.AppendOptions{Columns: []string{"value", "TIME", "series"}}, func(a driver.Appender) error {
		return errors.Join(a.Append(ctx, 1, 2, "x"), a.AppendTo(ctx, "y", nil, 3, 4),
			a.AppendColumns(ctx, driver.ColumnOf([]float64{9}), driver.ColumnOf([]time.Time{instant}), driver.ColumnOf([]string{"z"})), a.Close(ctx))
	})
	if got := r.points(); err != nil || fmt.Sprint(got) != "[x: 2=int64 1; y: 4=int64 3; z: 1700000000123=float64 9; ]" {
		t.Errorf("%v, sent %q", err, got)
	}
	err = withAppender(db, driver.AppendOptions{Table: "a", Interval: time.Nanosecond}, func(a driver.Appender) error {
		return errors.Join(a.Append(ctx, 1, 1), a.Append(ctx, 2, 2))
	})
	if got := r.points(); err != nil || len(got) != 2 {
		t.Errorf("by interval: %v, sent %q", err, got)
	}
	err = withAppender(db, driver.AppendOptions{Table: "a", BatchBytes: 100}, func(a driver.Appender) error {
		for i := range 100 {
			if err := a.Append(ctx, instant, i); err != nil {
				return err
			}
		}
		return a.Close(ctx)
	})
	if got := r.points(); err != nil || len(got) < 10 || len(got) > 40 {
		t.Errorf("by bytes: %v, sent %d packages", err, len(got))
	}
	for name, o := range map[string]driver.AppendOptions{
		"tags": {Tags: []string{"x"}}, "unknown column": {Columns: []string{"ts", "value"}, Table: "a"}, "column twice": {Columns: []string{"time", "time"}, Table: "a"},
		"no value": {Columns: []string{"time"}, Table: "a"}, "series twice": {Columns: []string{"series", "time", "value"}, Table: "a"},
		"no series": {Columns: []string{"time", "value"}}, "negative": {BatchRows: -1},
	} {
		if err := withAppender(db, o, func(driver.Appender) error { return nil }); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	err = withAppender(db, driver.AppendOptions{Table: "a"}, func(a driver.Appender) error {
		for name, err := range map[string]error{
			"too few":  a.Append(ctx, 1),
			"NULL":     a.Append(ctx, 1, nil),
			"tags":     a.AppendTo(ctx, "x", []any{1}, 1, 2),
			"lengths":  a.AppendColumns(ctx, driver.ColumnOf([]int64{1}), driver.ColumnOf([]int64{1, 2})),
			"columns":  a.AppendColumns(ctx, driver.ColumnOf([]int64{1})),
			"states":   a.AppendColumns(ctx, driver.ColumnOf([]int64{1}), driver.NullColumnOf([]sql.Null[int64]{{}})),
			"no table": a.AppendTable(ctx, driver.BindTable{Name: "x"}),
		} {
			if err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		return a.Close(ctx)
	})
	if got := r.points(); err != nil || len(got) != 0 {
		t.Errorf("%v, sent %q", err, got)
	}
}

func TestAppenderTellsWhichRowsAreIn(t *testing.T) {
	var inserts atomic.Int32
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			switch inserts.Add(1) {
			case 2:
				c.Fail(p, wire.ErrInsert, "no")
				return
			case 4:
				c.Close()
				return
			}
		}
		script.Answer(c, p)
	})
	ctx := context.Background()
	var failures []string
	err := withAppender(open(t, s), driver.AppendOptions{Table: "a", BatchRows: 10}, func(a driver.Appender) error {
		for i := range 45 {
			var e *driver.AppendError
			if err := a.Append(ctx, i, i); errors.As(err, &e) {
				failures = append(failures, fmt.Sprint(i, e.Written, e.First, e.Last, e.Unknown))
			} else if err != nil {
				return err
			}
		}
		err := a.Close(ctx)
		if a.Written() != 25 {
			t.Errorf("%d written", a.Written())
		}
		return err
	})
	if err != nil || fmt.Sprint(failures) != "[19 10 10 19 false 39 20 30 39 true]" {
		t.Errorf("%v, %q", err, failures)
	}
}

// The memory of a package is used again once it is sent, not before: one that was
// given up while it was written arrives as it was made.
func TestPackagesKeepTheirMemoryUntilSent(t *testing.T) {
	const points = 100_000 // several chunks
	arrived := make(chan string, 3)
	s := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type == wire.Insert {
			arrived <- mixture(p.Data)
		}
		script.Answer(c, p)
	})
	writing, gate := make(chan struct{}), make(chan struct{})
	var stuck atomic.Bool
	config := NewConfig()
	config.Hosts, config.User, config.Password, config.Database = []Host{{Addr: s.Addr}}, "iris", "siri", "dbtest"
	config.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &gatedConn{Conn: c, gated: &stuck, writing: writing, gate: gate}, err
	}
	connector, err := NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	at, values := times(points), make([]int64, points)
	insert := func(ctx context.Context, n int64) error {
		for i := range values {
			values[i] = n
		}
		return driver.WithDB(context.Background(), db, func(i driver.SeriesInserter) error {
			_, err := i.InsertSeries(ctx, driver.Series{Name: fmt.Sprint(n), Times: at, Values: driver.ColumnOf(values)})
			return err
		})
	}
	const first, given, last = 1 << 33, 2 << 33, 3 << 33
	if err := insert(context.Background(), first); err != nil {
		t.Fatal(err)
	}
	stuck.Store(true)
	ctx, cancel := context.WithCancel(context.Background())
	go func(cancel func()) { <-writing; cancel() }(cancel)
	if err := insert(ctx, given); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	// The last one is packed, as a rule, before the one that was given up goes on.
	time.AfterFunc(300*time.Millisecond, func() { close(gate) })
	ctx, cancel = context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := insert(ctx, last); err != nil {
		t.Error(err)
	}
	for _, n := range []int64{first, given, last} {
		want := fmt.Sprintf("%d: %d points, 0 of another", n, points)
		select {
		case got := <-arrived:
			if got != want {
				t.Errorf("%s, want %s", got, want)
			}
		case <-ctx.Done():
			t.Fatalf("nothing, want %s", want)
		}
	}
}

// mixture tells how many points of an insert's only series have a value other than
// its name.
func mixture(data []byte) string {
	v, err := qpack.Decode(data)
	if err != nil {
		return err.Error()
	}
	series := v.(qpack.Pairs)[0]
	own, _ := strconv.ParseInt(fmt.Sprint(series.Key), 10, 64)
	list, mixed := series.Value.([]any), 0
	for _, point := range list {
		if point.([]any)[1] != own {
			mixed++
		}
	}
	return fmt.Sprintf("%s: %d points, %d of another", series.Key, len(list), mixed)
}

// gatedConn holds a long write up once, while gated is set.
type gatedConn struct {
	net.Conn
	gated         *atomic.Bool
	writing, gate chan struct{}
}

func (c *gatedConn) Write(b []byte) (int, error) {
	if len(b) > 1000 && c.gated.CompareAndSwap(true, false) {
		close(c.writing)
		<-c.gate
	}
	return c.Conn.Write(b)
}
