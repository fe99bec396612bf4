package taostest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// bind binds values to a statement of stmt2 and waits for the reply.
func (c *client) bind(id uint64, columns ...*bind2.Column) reply {
	c.t.Helper()
	return c.bindTables(id, bind2.Table{Columns: columns})
}

func (c *client) bindTables(id uint64, tables ...bind2.Table) reply {
	c.t.Helper()
	c.last++
	data, err := bind2.AppendTo(frame.AppendBind(nil, c.last, id, frame.AllColumns), tables)
	if err != nil {
		c.t.Fatal(err)
	}
	if err := c.ws.WriteMessage(websocket.BinaryMessage, data); err != nil {
		c.t.Fatal(err)
	}
	return c.hear()
}

func bigInt(t *testing.T, values ...int64) *bind2.Column { return integers(t, block.BigInt, values...) }

func integers(t *testing.T, kind block.Type, values ...int64) *bind2.Column {
	t.Helper()
	c := bind2.NewColumn(kind, block.Milli)
	for _, v := range values {
		if err := c.AppendInt64(v); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// prepare makes a statement of stmt2.
func (c *client) prepare(sql string) uint64 {
	c.t.Helper()
	id := c.ask("stmt2_init", "").StmtID
	if r := c.ask("stmt2_prepare", fmt.Sprintf(`"stmt_id":%d,"sql":%q,"get_fields":true`, id, sql)); r.Code != 0 || r.err != nil {
		c.t.Fatalf("%s: %+v", sql, r)
	}
	return id
}

// exec executes a statement and returns the number of rows affected.
func (c *client) exec(id uint64) int64 {
	c.t.Helper()
	r := c.ask("stmt2_exec", fmt.Sprintf(`"stmt_id":%d`, id))
	if r.Code != 0 || r.err != nil {
		c.t.Fatalf("exec: %+v", r)
	}
	return r.Affected
}

func TestNoneKeepsTheStoredValue(t *testing.T) {
	c := connect(t, power(t), "d")
	c.must("CREATE TABLE two (ts TIMESTAMP, a INT, b INT)")
	id := c.prepare("INSERT INTO two VALUES (?, ?, ?)")
	a, b := integers(t, block.Int, 1, 2), integers(t, block.Int, 3, 4)
	c.bind(id, integers(t, block.Timestamp, 1700000000000, 1700000000001), a, b)
	if n := c.exec(id); n != 2 {
		t.Errorf("%d rows affected, want 2", n)
	}
	a, b = bind2.NewColumn(block.Int, 0), bind2.NewColumn(block.Int, 0)
	a.AppendNone()
	a.AppendNull()
	b.AppendNull()
	b.AppendNone()
	c.bind(id, integers(t, block.Timestamp, 1700000000000, 1700000000001), a, b)
	c.exec(id)
	if got := c.rows(c.must("SELECT a, b FROM two ORDER BY ts")); !slices.Equal(got, []string{"1 <nil>", "<nil> 4"}) {
		t.Errorf("rows %q", got)
	}
}

func TestUnscaledDecimal(t *testing.T) {
	c := connect(t, power(t), "d")
	c.must("CREATE TABLE dec (ts TIMESTAMP, s DECIMAL(10,4), l DECIMAL(30,8))")
	id := c.prepare("INSERT INTO dec VALUES (?, ?, ?)")
	s, l := bind2.NewUnscaled(block.Decimal64, 4), bind2.NewUnscaled(block.Decimal128, 8)
	for _, text := range []string{"-123.4567"} {
		if err := errors.Join(s.AppendString(text), l.AppendString("12345678901234567890.12345678")); err != nil {
			t.Fatal(err)
		}
	}
	c.bind(id, integers(t, block.Timestamp, 1700000000000), s, l)
	c.exec(id)
	if got := c.rows(c.must("SELECT s, l FROM dec")); !slices.Equal(got, []string{"-123.4567 12345678901234567890.12345678"}) {
		t.Errorf("rows %q", got)
	}
}

func TestInsertThatOmitsABlobCrashes(t *testing.T) {
	tests := map[string]struct {
		sql     string
		crashes bool
	}{
		"left out":           {"INSERT INTO b (ts, v) VALUES (?, ?)", true},
		"quoted, left out":   {"INSERT INTO d.`b` (`ts`, v) VALUES (?, ?)", true},
		"listed":             {"INSERT INTO b (ts, B) VALUES (?, ?)", false},
		"child of the table": {"INSERT INTO c USING st TAGS (1) (ts, v) VALUES (?, ?)", true},
		"without a list":     {"INSERT INTO two VALUES (?, ?)", false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := power(t)
			c := connect(t, srv, "d")
			c.must("CREATE TABLE b (ts TIMESTAMP, v INT, b BLOB)")
			c.must("CREATE TABLE two (ts TIMESTAMP, v INT)")
			c.must("CREATE STABLE st (ts TIMESTAMP, v INT, b BLOB) TAGS (g INT)")
			id := c.prepare(test.sql)
			second := integers(t, block.Int, 1)
			if name == "listed" {
				second = bind2.NewColumn(block.Blob, 0)
				second.AppendNull()
			}
			if r := c.bind(id, integers(t, block.Timestamp, 1700000000000), second); r.Code != 0 {
				t.Fatalf("bind: %+v", r)
			}
			r := c.ask("stmt2_exec", fmt.Sprintf(`"stmt_id":%d`, id))
			if crashed := r.err != nil; crashed != test.crashes {
				t.Errorf("got %+v, crash wanted: %v", r, test.crashes)
			}
		})
	}
}

func TestResultOfAClosedStatementIsNotAnswered(t *testing.T) {
	srv := power(t, WithBlockRows(2))
	c := connect(t, srv, "d")
	id := c.prepare("SELECT v FROM many WHERE v > ?")
	c.bind(id, bigInt(t, 0))
	c.exec(id)
	r := c.ask("stmt2_result", fmt.Sprintf(`"stmt_id":%d`, id))
	if f, err := c.fetch(r.ID); err != nil || f.Finished {
		t.Fatalf("%+v %v", f, err)
	}
	c.ask("stmt2_close", fmt.Sprintf(`"stmt_id":%d`, id))
	c.sendFetch(r.ID)
	version := c.tell("version", "")
	if got := c.hear(); got.ReqID != version {
		t.Errorf("got %+v, want nothing but the version", got)
	}
	if n := srv.OpenResults(); n != 1 {
		t.Errorf("%d open results, want the one that was never freed", n)
	}
}

func TestStatementKeepsItsDatabase(t *testing.T) {
	c := connect(t, power(t), "d")
	c.must("CREATE DATABASE other")
	c.must("CREATE TABLE other.t (ts TIMESTAMP, v INT)")
	id := c.prepare("INSERT INTO t VALUES (?, ?)")
	c.must("USE other")
	c.bind(id, integers(t, block.Timestamp, 1700000000000), integers(t, block.Int, 1))
	c.exec(id)
	for table, want := range map[string]string{"d.t": "1", "other.t": "0"} {
		if got := c.rows(c.must("SELECT COUNT(*) FROM " + table)); !slices.Equal(got, []string{want}) {
			t.Errorf("%s has %v rows, want %s", table, got, want)
		}
	}
	if db := c.ask("get_current_db", "").DB; db != "other" {
		t.Errorf("database %q, want other", db)
	}
}
