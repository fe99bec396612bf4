package measure

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/bench/replay"
	gauge "github.com/gaugesql/gaugesql/driver"
	"github.com/taosdata/driver-go/v3/common"
	"github.com/taosdata/driver-go/v3/common/param"
	"github.com/taosdata/driver-go/v3/ws/stmt"
)

// Load is what is written: rows of the columns of [replay.Row] into tables of the
// super table meters with the tag g.
type Load struct {
	Addr, Database string
	Rows, Tables   int
	// Portion is how many rows of a table are written at a time.
	Portion int

	times     []time.Time
	currents  []int32
	voltages  []float64
	locations []string
}

// Loader is a way to write that is measured.
type Loader struct {
	Name string
	load func(l *Load) error
}

// Loaders are all of them, by the names that the tables use.
var Loaders = []Loader{
	{"gaugesql Appender, rows", loadRows},
	{"gaugesql Appender, columns", loadColumns},
	{"gaugesql Appender, values", loadValues},
	{"driver-go ws/stmt", loadOfficial},
	{"driver-go ws, INSERT of 1,000 rows", loadText("taosWS", "root:taosdata@ws(%s)/%s")},
	{"gaugesql ws, INSERT of 1,000 rows", loadText("taos", "taos+ws://root:taosdata@%s/%s")},
}

// FindLoader returns the loader of a name.
func FindLoader(name string) (Loader, error) {
	for _, l := range Loaders {
		if l.Name == name {
			return l, nil
		}
	}
	return Loader{}, fmt.Errorf("there is no loader %q", name)
}

// Write writes the load and counts what it costs. What is written is made before.
func (l Loader) Write(load Load) (Figures, error) {
	load.fill()
	return Count(load.Rows, func() error { return l.load(&load) })
}

// fill makes the rows, the same for each table.
func (l *Load) fill() {
	n := l.Rows / l.Tables
	l.times, l.currents = make([]time.Time, n), make([]int32, n)
	l.voltages, l.locations = make([]float64, n), make([]string, n)
	for i := range n {
		ts, current, voltage, location := replay.Row(i)
		l.times[i], l.currents[i], l.voltages[i], l.locations[i] = ts, int32(current), voltage, location
	}
}

func (l *Load) name(table int) string { return "d" + strconv.Itoa(table) }

// appender runs f with an appender into the super table.
func (l *Load) appender(f func(context.Context, gauge.Appender) error) error {
	db, err := sql.Open("taos", fmt.Sprintf("taos+ws://root:taosdata@%s/%s", l.Addr, l.Database))
	if err != nil {
		return err
	}
	defer db.Close()
	ctx := context.Background()
	return gauge.WithDB(ctx, db, func(o gauge.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, gauge.AppendOptions{Table: "meters"})
		if err != nil {
			return err
		}
		if err := f(ctx, a); err != nil {
			return err
		}
		if err := a.Close(ctx); err != nil {
			return err
		}
		if a.Written() != int64(l.Rows) {
			return fmt.Errorf("%d rows written, want %d", a.Written(), l.Rows)
		}
		return nil
	})
}

// loadRows appends row by row, one table after the other, from behind pointers.
func loadRows(l *Load) error {
	return l.appender(func(ctx context.Context, a gauge.Appender) error {
		names, tags := make([]string, l.Tables), make([][]any, l.Tables)
		for t := range names {
			names[t], tags[t] = l.name(t), []any{t}
		}
		row := make([]any, 4)
		for i := range l.Rows / l.Tables {
			row[0], row[1], row[2], row[3] = &l.times[i], &l.currents[i], &l.voltages[i], &l.locations[i]
			for t, name := range names {
				if err := a.AppendTo(ctx, name, tags[t], row...); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// loadValues is loadRows with values in place of pointers.
func loadValues(l *Load) error {
	return l.appender(func(ctx context.Context, a gauge.Appender) error {
		names, tags := make([]string, l.Tables), make([][]any, l.Tables)
		for t := range names {
			names[t], tags[t] = l.name(t), []any{t}
		}
		for i := range l.Rows / l.Tables {
			for t, name := range names {
				if err := a.AppendTo(ctx, name, tags[t], l.times[i], l.currents[i], l.voltages[i], l.locations[i]); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// loadColumns appends portions of columns.
func loadColumns(l *Load) error {
	return l.appender(func(ctx context.Context, a gauge.Appender) error {
		n := l.Rows / l.Tables
		for from := 0; from < n; from += l.Portion {
			to := min(from+l.Portion, n)
			columns := []gauge.Column{
				gauge.ColumnOf(l.times[from:to]), gauge.ColumnOf(l.currents[from:to]),
				gauge.ColumnOf(l.voltages[from:to]), gauge.ColumnOf(l.locations[from:to]),
			}
			for t := range l.Tables {
				if err := a.AppendTable(ctx, gauge.BindTable{Name: l.name(t), Tags: []any{t}, Columns: columns}); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// loadOfficial binds portions of the tables and executes once for all of them.
func loadOfficial(l *Load) error {
	config := stmt.NewConfig("ws://"+l.Addr+"/ws", 0)
	for _, err := range []error{
		config.SetConnectUser("root"), config.SetConnectPass("taosdata"), config.SetConnectDB(l.Database),
		config.SetMessageTimeout(common.DefaultMessageTimeout), config.SetWriteWait(common.DefaultWriteWait),
	} {
		if err != nil {
			return err
		}
	}
	connector, err := stmt.NewConnector(config)
	if err != nil {
		return err
	}
	defer connector.Close()
	st, err := connector.Init()
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.Prepare("INSERT INTO ? USING meters TAGS (?) VALUES (?, ?, ?, ?)"); err != nil {
		return err
	}
	written := 0
	n := l.Rows / l.Tables
	types := param.NewColumnType(4).AddTimestamp().AddInt().AddDouble().AddBinary(16)
	tagTypes := param.NewColumnType(1).AddInt()
	for from := 0; from < n; from += l.Portion {
		to := min(from+l.Portion, n)
		for t := range l.Tables {
			if err := st.SetTableName(l.name(t)); err != nil {
				return err
			}
			if err := st.SetTags(param.NewParam(1).AddInt(t), tagTypes); err != nil {
				return err
			}
			times, currents, voltages, locations := param.NewParam(to-from), param.NewParam(to-from), param.NewParam(to-from), param.NewParam(to-from)
			for i := from; i < to; i++ {
				times.AddTimestamp(l.times[i], common.PrecisionMilliSecond)
				currents.AddInt(int(l.currents[i]))
				voltages.AddDouble(l.voltages[i])
				locations.AddBinary([]byte(l.locations[i]))
			}
			if err := st.BindParam([]*param.Param{times, currents, voltages, locations}, types); err != nil {
				return err
			}
			if err := st.AddBatch(); err != nil {
				return err
			}
		}
		if err := st.Exec(); err != nil {
			return err
		}
		written += st.GetAffectedRows()
	}
	if written != l.Rows {
		return fmt.Errorf("%d rows written, want %d", written, l.Rows)
	}
	return nil
}

// loadText writes INSERTs of 1000 rows each.
func loadText(driver, dsn string) func(*Load) error {
	return func(l *Load) error {
		db, err := sql.Open(driver, fmt.Sprintf(dsn, l.Addr, l.Database))
		if err != nil {
			return err
		}
		defer db.Close()
		db.SetMaxOpenConns(1)
		const portion = 1000
		n := l.Rows / l.Tables
		var text []byte
		for from := 0; from < n; from += portion {
			to := min(from+portion, n)
			for t := range l.Tables {
				text = append(text[:0], "INSERT INTO "...)
				text = append(text, l.name(t)...)
				text = append(text, " USING meters TAGS ("...)
				text = strconv.AppendInt(text, int64(t), 10)
				text = append(text, ") VALUES"...)
				for i := from; i < to; i++ {
					text = append(text, " ("...)
					text = strconv.AppendInt(text, l.times[i].UnixMilli(), 10)
					text = append(text, ',')
					text = strconv.AppendInt(text, int64(l.currents[i]), 10)
					text = append(text, ',')
					text = strconv.AppendFloat(text, l.voltages[i], 'g', -1, 64)
					text = append(text, ",'"...)
					text = append(text, l.locations[i]...)
					text = append(text, "')"...)
				}
				if _, err := db.Exec(string(text)); err != nil {
					return err
				}
			}
		}
		return nil
	}
}

// Growth writes the load and returns by how much the heap at its highest was above
// the start, garbage included.
func (l Loader) Growth(load Load) (bytes int64, err error) {
	load.fill()
	return peak(func() error { return l.load(&load) })
}

// StatementsGrowth prepares, binds, executes and closes n statements on one
// connection, and returns by how much the heap was above the start, garbage included.
func StatementsGrowth(addr string, n int) (bytes int64, err error) {
	db, err := sql.Open("taos", "taos+ws://root:taosdata@"+addr+"/d")
	if err != nil {
		return 0, err
	}
	defer db.Close()
	ctx := context.Background()
	ts, current, voltage, location := replay.Row(0)
	columns := []gauge.Column{
		gauge.ColumnOf([]time.Time{ts}), gauge.ColumnOf([]int64{current}), gauge.ColumnOf([]float64{voltage}), gauge.ColumnOf([]string{location}),
	}
	err = gauge.WithDB(ctx, db, func(p gauge.Stmt2Preparer) (err error) {
		bytes, err = peak(func() error {
			for range n {
				st, err := p.PrepareStmt2(ctx, "INSERT INTO ? USING meters TAGS (?) VALUES (?, ?, ?, ?)", gauge.Stmt2Options{})
				if err != nil {
					return err
				}
				if err := st.Bind(ctx, gauge.BindTable{Name: "d0", Tags: []any{1}, Columns: columns}); err != nil {
					return err
				}
				if _, err := st.Exec(ctx); err != nil {
					return err
				}
				if err := st.Close(); err != nil {
					return err
				}
			}
			return nil
		})
		return err
	})
	return bytes, err
}
