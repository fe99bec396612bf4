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

func TestAContextThatEndsLateIsNotThatOfTheNextBatch(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	stopped := make(chan error, 1)
	a := &appender{stop: func(err error) { stopped <- err }}
	must(t, a.heed(ctx, func() error {
		a.stop = nil // the batch is over before ctx is heard
		return nil
	}))
	select {
	case err := <-stopped:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("stopped by %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("not stopped")
	}
}

// one answers with a row of a 1.
func one(types ...wire.OID) script.Answer {
	a := script.Answer{Rows: [][][]byte{nil}}
	for _, typ := range types {
		a.Columns = append(a.Columns, wire.Column{Name: "c", Type: typ})
		a.Rows[0] = append(a.Rows[0], []byte("1"))
	}
	if types == nil {
		a.Columns = []wire.Column{}
	}
	return a
}

func TestATransactionBeginsWhileRowsOfAServerNotMetAreOpen(t *testing.T) {
	_, db := telling(t, func(text string) script.Answer {
		if text == "BEGIN ISOLATION LEVEL SERIALIZABLE" {
			return script.Answer{Tag: "BEGIN", Status: wire.InTransaction}
		}
		return one(wire.Int8)
	})
	ctx := context.Background()
	c, err := db.Conn(ctx)
	must(t, err)
	defer c.Close()
	rows, err := c.QueryContext(ctx, "select $1", "1")
	must(t, err)
	defer rows.Close()
	if _, err := c.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable}); !errors.Is(err, driver.ErrNotSupported) {
		t.Errorf("the error is %v", err)
	}
}

func TestAResultBehindThatOfAFetchIsHandedOut(t *testing.T) {
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = func(c *script.Client) {
			for {
				typ, _ := c.Message()
				if typ != wire.Query {
					return
				}
				out := wire.AppendRowDescription(nil, []wire.Column{{Name: "c", Type: wire.Int8}})
				out = wire.Append(out, wire.DataRow, []byte("\x00\x01\x00\x00\x00\x011"))
				out = wire.Append(out, wire.CommandComplete, []byte("FETCH 1\x00"))
				out = wire.AppendRowDescription(out, []wire.Column{{Name: "c", Type: wire.Int8}})
				out = wire.Append(out, wire.DataRow, []byte("\x00\x01\x00\x00\x00\x012"))
				out = wire.Append(out, wire.CommandComplete, []byte("SELECT 1\x00"))
				c.Write(wire.Append(out, wire.ReadyForQuery, []byte{'I'}))
			}
		}
	})
	connector, err := NewConnector(configOf(srv))
	must(t, err)
	db := sql.OpenDB(connector)
	defer db.Close()
	rows, err := db.Query("FETCH 1 FROM c; SELECT 2")
	must(t, err)
	defer rows.Close()
	var got []int
	for again := true; again; again = rows.NextResultSet() {
		for rows.Next() {
			var n int
			must(t, rows.Scan(&n))
			got = append(got, n)
		}
	}
	must(t, rows.Err())
	if len(got) != 2 || got[0] != 1 || got[1] != 2 {
		t.Errorf("got %v", got)
	}
}

func TestARowOfACursorThatCannotBeReadLeavesTheTransactionUsable(t *testing.T) {
	_, db := telling(t, func(text string) script.Answer {
		switch {
		case text == "BEGIN":
			return script.Answer{Tag: "BEGIN", Status: wire.InTransaction}
		case text == "COMMIT":
			return script.Answer{Tag: "COMMIT", Status: wire.Idle}
		}
		a := one(wire.Int8)
		a.Rows[0][0] = []byte("x")
		return a
	})
	tx, err := db.Begin()
	must(t, err)
	if _, err := tx.Query("FETCH 1 FROM c"); !errors.Is(err, driver.ErrResult) {
		t.Errorf("the error is %v", err)
	}
	must(t, tx.Commit())
}

func TestACatalogueOfOtherColumnsIsAnError(t *testing.T) {
	for _, types := range [][]wire.OID{nil, {wire.Int8}, {wire.Int8, wire.Int8, wire.Int8, wire.Int8, wire.Int8}} {
		srv := script.New(t, func(srv *script.Server) {
			srv.Session = script.Statements(func(text string) script.Answer {
				switch {
				case strings.HasPrefix(text, "SELECT version()"):
					return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
				case text == "select c":
					a := one(wire.Int8)
					a.Columns[0].Table, a.Columns[0].Attribute = 7, 1
					return a
				}
				return one(types...)
			})
		})
		config := configOf(srv)
		config.HostRefresh = time.Hour
		connector, err := NewConnector(config)
		must(t, err)
		cn, err := connectBy(t, connector)
		must(t, err)
		defer cn.Close()
		if len(types) != 1 {
			if ids, err := (twoPhaser{cn}).Recover(context.Background()); err == nil {
				t.Errorf("%d columns: %v", len(types), ids)
			}
		}
		r, err := cn.query(context.Background(), 0, "select c", nil)
		must(t, err)
		if _, ok := r.(*rows).ColumnTypeNullable(0); ok {
			t.Errorf("%d columns tell what is nullable", len(types))
		}
		must(t, r.Close())
	}
}

func TestAConnectionThatEndsBeforeItsFirstStatementIsNoErrBadConn(t *testing.T) {
	e := wrong(driver.ErrConnection, opConnect, 0, "gone")
	if err := plain(gate(unsent{e})); err != error(e) {
		t.Errorf("got %T", err)
	}
}

func TestACopyThatWasRefusedHalfwayEndsWithItsContext(t *testing.T) {
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = func(c *script.Client) {
			c.Message() // COPY
			c.Write(wire.Append(nil, wire.CopyInResponse, []byte{0, 0, 0}))
			c.Message()
			f := wire.Fields{Severity: "ERROR", Code: "22P02", Message: "no"}
			c.Write(wire.Append(nil, wire.ErrorResponse, f.Append(nil)))
			for { // and is never ready again
				if typ, _ := c.Message(); typ == 0 {
					return
				}
			}
		}
	})
	cn, err := connect(t, configOf(srv))
	must(t, err)
	defer cn.Close()
	a := &appender{c: cn, table: "t", types: []wire.OID{wire.TextType}, names: []string{"a"}, options: driver.AppendOptions{Table: "t", BatchBytes: 1 << 30}}
	a.format(false)
	ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
	defer cancel()
	row := strings.Repeat("x", 100<<10)
	over := make(chan error, 1)
	go func() {
		for {
			if err := a.Append(ctx, row); err != nil {
				over <- err
				return
			}
		}
	}()
	select {
	case err := <-over:
		if !errors.As(err, new(*driver.AppendError)) {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the call does not end with its context")
		srv.Stop()
		<-over
	}
}
