package dwsdriver

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func appending(t testing.TB, db *sql.DB, options driver.AppendOptions, f func(context.Context, driver.Appender)) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, options)
		if err != nil {
			return err
		}
		f(ctx, a)
		return a.Close(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAnAppenderWritesOneCopy(t *testing.T) {
	s, db := storing(t)
	appending(t, db, driver.AppendOptions{Table: "public.t", Columns: []string{"a", "b"}}, func(ctx context.Context, a driver.Appender) {
		must(t, a.Append(ctx, 1, "one\ttab"))
		must(t, a.Append(ctx, nil, nil))
		must(t, a.AppendColumns(ctx, driver.ColumnOf([]int64{2, 3}), driver.ColumnOf([]string{"two", "three"}).WithStates([]driver.State{driver.Given, driver.Null})))
		must(t, a.AppendTable(ctx, driver.BindTable{Columns: []driver.Column{driver.ColumnOf([]int32{4}), driver.ColumnOf([]any{"four"})}}))
		if len(s.copies) != 0 || a.Written() != 0 {
			t.Error("sent before Flush")
		}
		must(t, a.Flush(ctx))
		must(t, a.Flush(ctx))
		if a.Written() != 5 {
			t.Errorf("written %d", a.Written())
		}
	})
	if want := "1\tone\\ttab\n\\N\t\\N\n2\ttwo\n3\t\\N\n4\tfour\n"; len(s.copies) != 1 || s.copies[0] != want {
		t.Errorf("copied %q", s.copies)
	}
	if s.statements[0] != `COPY "public"."t" ("a", "b") FROM STDIN` {
		t.Errorf("statements %q", s.statements)
	}
}

func TestBatchesHaveTheirBounds(t *testing.T) {
	long := strings.Repeat("x", 1000)
	for name, tt := range map[string]struct {
		options driver.AppendOptions
		rows    int
		want    int
	}{
		"rows":     {driver.AppendOptions{BatchRows: 10}, 25, 3},
		"bytes":    {driver.AppendOptions{BatchBytes: 100 << 10}, 500, 5},
		"interval": {driver.AppendOptions{Interval: time.Nanosecond}, 3, 3},
		"none":     {driver.AppendOptions{}, 500, 1},
	} {
		s, db := storing(t)
		tt.options.Table = "t"
		appending(t, db, tt.options, func(ctx context.Context, a driver.Appender) {
			for i := range tt.rows {
				must(t, a.Append(ctx, i, long))
			}
		})
		rows := strings.Count(strings.Join(s.copies, ""), "\n")
		if len(s.copies) != tt.want || rows != tt.rows {
			t.Errorf("%s: %d copies of %d rows, want %d of %d", name, len(s.copies), rows, tt.want, tt.rows)
		}
	}
}

func TestTablesTakeTurns(t *testing.T) {
	s, db := storing(t)
	appending(t, db, driver.AppendOptions{}, func(ctx context.Context, a driver.Appender) {
		if err := a.Append(ctx, 1, "x"); !errors.Is(err, driver.ErrProgramming) {
			t.Errorf("no table: %v", err)
		}
		must(t, a.AppendTo(ctx, "t", nil, 1, "x"))
		must(t, a.AppendTo(ctx, "u", nil, 2, "y"))
		if err := a.AppendTo(ctx, "u", []any{1}, 2, "y"); !errors.Is(err, driver.ErrNotSupported) {
			t.Errorf("tags: %v", err)
		}
	})
	if len(s.copies) != 2 || s.copies[0] != "1\tx\n" || s.copies[1] != "2\ty\n" {
		t.Errorf("copied %q", s.copies)
	}
}

func TestARowThatCannotBeWrittenIsLeftOut(t *testing.T) {
	s, db := storing(t)
	appending(t, db, driver.AppendOptions{Table: "t"}, func(ctx context.Context, a driver.Appender) {
		must(t, a.Append(ctx, 1, "x"))
		if err := a.Append(ctx, 2); !errors.Is(err, driver.ErrProgramming) || !strings.Contains(err.Error(), "1 values for 2 columns") {
			t.Error(err)
		}
		if err := a.Append(ctx, 2, make(chan int)); !errors.Is(err, driver.ErrData) || !strings.Contains(err.Error(), `column "b"`) {
			t.Error(err)
		}
		if err := a.AppendColumns(ctx, driver.ColumnOf([]int64{1}), driver.ColumnOf([]string{"a", "b"})); !errors.Is(err, driver.ErrInterface) {
			t.Error(err)
		}
		must(t, a.Append(ctx, 3, "z"))
	})
	if len(s.copies) != 1 || s.copies[0] != "1\tx\n3\tz\n" {
		t.Errorf("copied %q", s.copies)
	}
}

func TestARefusedBatchIsNamedAndTheNextGoesIn(t *testing.T) {
	s, db := storing(t)
	appending(t, db, driver.AppendOptions{Table: "t", BatchRows: 2}, func(ctx context.Context, a driver.Appender) {
		must(t, a.Append(ctx, 1, "x"))
		must(t, a.Append(ctx, 2, "x"))
		s.mu.Lock()
		s.refuse = &wire.Fields{Severity: "ERROR", Code: "23505", Message: "duplicate key"}
		s.mu.Unlock()
		must(t, a.Append(ctx, 3, "x"))
		err := a.Append(ctx, 4, "x")
		var failed *driver.AppendError
		if !errors.As(err, &failed) || failed.First != 2 || failed.Last != 3 || failed.Written != 2 || failed.Unknown || !errors.Is(err, driver.ErrIntegrity) {
			t.Errorf("%+v", err)
		}
		s.mu.Lock()
		s.refuse = nil
		s.mu.Unlock()
		must(t, a.Append(ctx, 5, "y"))
		must(t, a.Flush(ctx))
		if a.Written() != 3 {
			t.Errorf("written %d", a.Written())
		}
	})
	if got := strings.Join(s.copies, ""); got != "1\tx\n2\tx\n5\ty\n" {
		t.Errorf("copied %q", got)
	}
}

// The context of each call is heeded, and the COPY outlives it.
func TestAnAppendersCallsHaveContextsOfTheirOwn(t *testing.T) {
	s, db := storing(t)
	long := strings.Repeat("x", 1000)
	appending(t, db, driver.AppendOptions{Table: "t"}, func(ctx context.Context, a driver.Appender) {
		for i := range 500 {
			call, cancel := context.WithCancel(ctx)
			must(t, a.Append(call, i, long))
			cancel()
		}
		over, cancel := context.WithCancel(ctx)
		cancel()
		if err := a.Append(over, 1, "x"); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	if len(s.copies) != 1 || strings.Count(s.copies[0], "\n") != 500 {
		t.Errorf("%d copies", len(s.copies))
	}
}

func TestAnAppenderWhoseServerTakesNothingEndsWithItsContext(t *testing.T) {
	s := &store{columns: []wire.Column{{Name: "a", Type: wire.Int8}, {Name: "b", Type: wire.TextType}}}
	stop := make(chan struct{})
	defer close(stop)
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = script.Statements(func(sql string) script.Answer {
			a := s.answer(sql)
			if a.CopyIn {
				a.Stall = stop
			}
			return a
		})
	})
	c, err := NewConnector(configOf(srv))
	must(t, err)
	db := sql.OpenDB(c)
	defer db.Close()
	err = driver.WithDB(context.Background(), db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(context.Background(), driver.AppendOptions{Table: "t"})
		must(t, err)
		long := strings.Repeat("x", 10000)
		var end time.Time
		var failed *driver.AppendError
		for tries := 0; tries < 200 && failed == nil; tries++ {
			ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
			end, _ = ctx.Deadline()
			for err = nil; err == nil; {
				err = a.Append(ctx, 1, long)
			}
			cancel()
			if !errors.As(err, &failed) && !errors.Is(err, context.DeadlineExceeded) {
				break // it may have ended between two rows, and nothing is lost
			}
		}
		if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &failed) || time.Since(end) > 10*time.Second {
			t.Errorf("%v, %v late", err, time.Since(end))
		}
		return a.Close(context.Background())
	})
	if err != nil {
		t.Errorf("close: %v", err)
	}
}

func TestOpenAppenderRefuses(t *testing.T) {
	_, db := storing(t)
	for _, tt := range []struct {
		options driver.AppendOptions
		kind    error
	}{
		{driver.AppendOptions{Table: "t", Tags: []string{"x"}}, driver.ErrNotSupported},
		{driver.AppendOptions{Table: "t", BatchRows: -1}, driver.ErrInterface},
	} {
		err := driver.WithDB(context.Background(), db, func(o driver.AppenderOpener) error {
			_, err := o.OpenAppender(context.Background(), tt.options)
			return err
		})
		if !errors.Is(err, tt.kind) {
			t.Errorf("%+v: %v", tt.options, err)
		}
	}
}

// A server takes a COPY back whose end it has not seen.
func TestAConnectionLostInTheMidstOfACopyLeavesNoRows(t *testing.T) {
	s := &store{columns: []wire.Column{{Name: "a", Type: wire.Int8}, {Name: "b", Type: wire.TextType}}}
	gone := make(chan struct{})
	close(gone)
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = script.Statements(func(sql string) script.Answer {
			a := s.answer(sql)
			if a.CopyIn {
				a.Stall = gone
			}
			return a
		})
	})
	c, err := NewConnector(configOf(srv))
	must(t, err)
	db := sql.OpenDB(c)
	defer db.Close()
	ctx, long := context.Background(), strings.Repeat("x", 10000)
	err = driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "t"})
		must(t, err)
		for err == nil {
			err = a.Append(ctx, 1, long)
		}
		return err
	})
	var failed *driver.AppendError
	var e *driver.Error
	if !errors.As(err, &failed) || failed.Unknown || !errors.As(err, &e) || e.OutcomeUnknown || !errors.Is(err, driver.ErrConnection) {
		t.Errorf("appender: %+v", err)
	}
	err = driver.WithDB(ctx, db, func(c driver.Copier) error {
		_, err := c.CopyFrom(ctx, "COPY t FROM STDIN", strings.NewReader(strings.Repeat(long+"\n", 10000)))
		return err
	})
	if !errors.As(err, &e) || e.OutcomeUnknown || !errors.Is(err, driver.ErrConnection) {
		t.Errorf("copier: %v", err)
	}
}
