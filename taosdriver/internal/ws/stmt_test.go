package ws

import (
	sqldriver "database/sql/driver"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Placeholders as stmt2_prepare describes them.
var (
	timestampField = fields{"name": "ts", "field_type": 9, "precision": 0, "scale": 0, "bytes": 8, "bind_type": 1}
	intField       = fields{"name": "v", "field_type": 4, "precision": 0, "scale": 0, "bytes": 4, "bind_type": 1}
	decimalField   = fields{"name": "d", "field_type": 21, "precision": 0, "scale": 0, "bytes": 8, "bind_type": 1}
	tagField       = fields{"name": "g", "field_type": 8, "precision": 0, "scale": 0, "bytes": 22, "bind_type": 2}
	tbnameField    = fields{"name": "tbname", "field_type": 8, "precision": 0, "scale": 0, "bytes": 271, "bind_type": 4}
)

const insertSQL = "insert into d values (?, ?)"

// prepareInsert answers init and prepare of an INSERT.
func (p *peer) prepareInsert(id uint64, params ...fields) {
	p.answer(p.expect("stmt2_init"), fields{"stmt_id": id})
	p.answer(p.expect("stmt2_prepare"), fields{"stmt_id": id, "is_insert": true, "fields": params})
}

// prepareQuery answers init and prepare of a SELECT.
func (p *peer) prepareQuery(id uint64, count int) {
	p.answer(p.expect("stmt2_init"), fields{"stmt_id": id})
	p.answer(p.expect("stmt2_prepare"), fields{"stmt_id": id, "is_insert": false, "fields": nil, "fields_count": count})
}

// step answers a step of the statement.
func (p *peer) step(action string, id uint64, more fields) message {
	p.t.Helper()
	m := p.expect(action)
	if m.id != id {
		p.t.Errorf("%s of statement %d, want %d", action, m.id, id)
	}
	p.answer(m, more)
	return m
}

func prepared(t *testing.T, c *Conn, sql string) transport.Stmt {
	t.Helper()
	s, err := c.Prepare(background, 7, sql)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestInsertIsBoundBeforeEachExecution(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.prepareInsert(3, timestampField, intField)
		for n := range 2 {
			p.step("stmt2_bind", 3, nil)
			if m := p.step("stmt2_exec", 3, fields{"affected": n + 1}); m.reqID != 40+uint64(n) {
				t.Errorf("request id %d", m.reqID)
			}
		}
		p.step("stmt2_close", 3, nil)
		<-p.gone
		p.quiet()
	})
	st := prepared(t, s.connect(t), insertSQL)
	if st.NumInput() != 2 {
		t.Error(st.NumInput())
	}
	for n := range 2 {
		affected, err := st.Exec(background, 40+uint64(n), []sqldriver.Value{int64(1), int64(2)})
		if err != nil || affected != int64(n)+1 {
			t.Error(affected, err)
		}
	}
	st.Close()
	st.Close()
	if _, err := st.Exec(background, 1, []sqldriver.Value{int64(1), int64(2)}); !errors.Is(err, driver.ErrStatement) {
		t.Error(err)
	}
}

func TestValuesThatDoNotFitAreNotSent(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.prepareInsert(3, timestampField, intField)
		<-p.gone
		p.quiet()
	})
	st := prepared(t, s.connect(t), insertSQL)
	_, err := st.Exec(background, 9, []sqldriver.Value{int64(1), "x"})
	var e *driver.Error
	if !errors.As(err, &e) || !errors.Is(err, driver.ErrData) || e.RequestID != 9 ||
		!strings.Contains(err.Error(), `argument 2, column "v" of type INT: "x"`) {
		t.Error(err)
	}
	if _, err := st.Exec(background, 9, []sqldriver.Value{int64(1)}); !errors.Is(err, driver.ErrProgramming) {
		t.Error(err)
	}
}

func TestStatementIsMadeAgainAfterAnError(t *testing.T) {
	for _, step := range []string{"stmt2_bind", "stmt2_exec"} {
		t.Run(step, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.login()
				p.prepareInsert(3, timestampField, intField)
				if step == "stmt2_exec" {
					p.step("stmt2_bind", 3, nil)
				}
				p.step(step, 3, fields{"code": 9851, "message": "Primary key column should not be null"})
				p.step("stmt2_close", 3, nil)
				p.prepareInsert(4, timestampField, intField)
				p.step("stmt2_bind", 4, nil)
				p.step("stmt2_exec", 4, fields{"affected": 1})
				<-p.gone
				p.quiet()
			})
			st := prepared(t, s.connect(t), insertSQL)
			_, err := st.Exec(background, 1, []sqldriver.Value{nil, int64(2)})
			if !errors.Is(err, driver.ErrIntegrity) {
				t.Error(err)
			}
			if n, err := st.Exec(background, 2, []sqldriver.Value{int64(1), int64(2)}); n != 1 || err != nil {
				t.Error(n, err)
			}
		})
	}
}

func TestPreparedQuery(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.prepareQuery(3, 1)
		p.step("stmt2_bind", 3, nil)
		p.step("stmt2_exec", 3, nil)
		p.rows(p.expect("stmt2_result"), 5)
		p.block(p.expect("fetch_raw_block"), 1)
		p.finish(p.expect("fetch_raw_block"))
		// Another execution, ended early: its fetch is waited for, the result is
		// freed, and that has been seen by the server before it goes on.
		p.step("stmt2_bind", 3, nil)
		p.step("stmt2_exec", 3, nil)
		p.rows(p.expect("stmt2_result"), 6)
		p.block(p.expect("fetch_raw_block"), 1)
		p.block(p.expect("fetch_raw_block"), 2)
		if m := p.expect("free_result"); m.id != 6 {
			t.Errorf("freed %d", m.id)
		}
		p.answer(p.expect("get_current_db"), nil)
		p.step("stmt2_bind", 3, nil)
		p.step("stmt2_exec", 3, nil)
		p.rows(p.expect("stmt2_result"), 7)
		p.finish(p.expect("fetch_raw_block"))
		p.step("stmt2_close", 3, nil)
		<-p.gone
		p.quiet()
	})
	st := prepared(t, s.connect(t), "select v from d where v = ?")
	args := []sqldriver.Value{int64(1)}
	reply, err := st.Query(background, 1, args)
	if err != nil {
		t.Fatal(err)
	}
	if got := values(t, reply.Result); !slices.Equal(got, []int64{1}) {
		t.Error(got)
	}
	if reply, err = st.Query(background, 1, args); err != nil {
		t.Fatal(err)
	}
	if _, err := reply.Result.Next(background); err != nil {
		t.Fatal(err)
	}
	reply.Result.Close()
	if reply, err = st.Query(background, 1, args); err != nil {
		t.Fatal(err)
	}
	if got := values(t, reply.Result); len(got) != 0 {
		t.Error(got)
	}
	st.Close()
}

func TestQueryWhoseValuesTheServerRefuses(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.prepareQuery(3, 1)
		p.step("stmt2_bind", 3, fields{"code": 0x110, "message": "general error"})
		p.step("stmt2_close", 3, nil)
		<-p.gone
		p.quiet()
	})
	st := prepared(t, s.connect(t), "select v from d where v = ?")
	for range 2 {
		if _, err := st.Query(background, 1, []sqldriver.Value{int64(1)}); !errors.Is(err, transport.ErrText) {
			t.Error(err)
		}
	}
	st.Close()
}

// TestStatementsLeftToTheText: nothing is executed on the server, above all not
// what ends it.
func TestStatementsLeftToTheText(t *testing.T) {
	for _, c := range []struct {
		name   string
		sql    string
		script func(*peer)
	}{
		{"no placeholder", "insert into d values (1, 2)", func(p *peer) {}},
		{"placeholder in a string", "insert into d values (1, '?')", func(p *peer) {}},
		{"several rows", "insert into d values (?, 1) (?, 2)", func(p *peer) {}},
		{"placeholder for the table", "insert into ? values (1, 2)", func(p *peer) {}},
		{"other statements", "delete from d where ts = ?", func(p *peer) {}},
		{"decimal on a server that stores its text", insertSQL, func(p *peer) {
			p.prepareInsert(3, timestampField, decimalField)
			p.step("stmt2_close", 3, nil)
		}},
		{"a table name among the placeholders", insertSQL, func(p *peer) {
			p.prepareInsert(3, tbnameField, intField)
			p.step("stmt2_close", 3, nil)
		}},
		{"tags alone", "insert into d using m tags (?) values (now, 1)", func(p *peer) {
			p.describe(p.expect("binary_query"), "ts", "TIMESTAMP", "v", "INT")
			p.prepareInsert(3, tagField)
			p.step("stmt2_close", 3, nil)
		}},
		{"a BLOB left out of the columns", "insert into d (ts, v) values (?, ?)", func(p *peer) {
			m := p.expect("binary_query")
			if m.sql != "DESCRIBE d" {
				t.Error(m.sql)
			}
			p.describe(m, "ts", "TIMESTAMP", "v", "INT", "b", "BLOB")
		}},
		{"a BLOB that may be a literal", "insert into d values (?, NULL)", func(p *peer) {
			p.describe(p.expect("binary_query"), "ts", "TIMESTAMP", "b", "BLOB")
			p.prepareInsert(3, timestampField)
			p.step("stmt2_close", 3, nil)
		}},
		{"a query whose parameter the server would misread", "select v from d limit ?", func(p *peer) {}},
		{"a query that cannot be prepared", "select ?", func(p *peer) {
			p.answer(p.expect("stmt2_init"), fields{"stmt_id": 3})
			p.step("stmt2_prepare", 3, fields{"code": 0x2600, "message": "stmt only support 'SELECT' or 'INSERT'"})
			p.step("stmt2_close", 3, nil)
		}},
		{"a count that is not ours", insertSQL, func(p *peer) {
			p.prepareInsert(3, timestampField)
			p.step("stmt2_close", 3, nil)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.login()
				c.script(p)
				p.update(p.expect("binary_query"), 0) // the connection is fine
				<-p.gone
				p.quiet()
			})
			conn := s.connect(t)
			if _, err := conn.Prepare(background, 1, c.sql); !errors.Is(err, transport.ErrText) {
				t.Error(err)
			}
			query(t, conn, 2, "next")
		})
	}
}

func TestPrepareErrors(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.answer(p.expect("stmt2_init"), fields{"stmt_id": 3})
		p.step("stmt2_prepare", 3, fields{"code": 555, "message": "Table does not exist"})
		p.step("stmt2_close", 3, nil)
		p.refuse(p.expect("binary_query"), 9731, "Table does not exist")
		<-p.gone
		p.quiet()
	})
	c := s.connect(t)
	var e *driver.Error
	if _, err := c.Prepare(background, 8, insertSQL); !errors.As(err, &e) || e.Code != 555 || e.RequestID != 8 {
		t.Error(err)
	}
	if _, err := c.Prepare(background, 8, "insert into d (ts) values (?)"); !errors.As(err, &e) || e.Code != 9731 || e.OutcomeUnknown {
		t.Error(err)
	}
}

// TestAnotherBlobIsSeenWhenTheStatementIsMadeAgain: the statement has become one
// that would end the server.
func TestAnotherBlobIsSeenWhenTheStatementIsMadeAgain(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.describe(p.expect("binary_query"), "ts", "TIMESTAMP", "v", "INT")
		p.prepareInsert(3, timestampField, intField)
		p.step("stmt2_bind", 3, fields{"code": 0x267b, "message": "null"})
		p.step("stmt2_close", 3, nil)
		p.describe(p.expect("binary_query"), "ts", "TIMESTAMP", "v", "INT", "b", "BLOB")
		<-p.gone
		p.quiet()
	})
	st := prepared(t, s.connect(t), "insert into d (ts, v) values (?, ?)")
	args := []sqldriver.Value{int64(1), int64(2)}
	if _, err := st.Exec(background, 1, args); err == nil || errors.Is(err, transport.ErrText) {
		t.Error(err)
	}
	if _, err := st.Exec(background, 2, args); !errors.Is(err, transport.ErrText) {
		t.Error(err)
	}
}

// TestOpenResultIsNotTakenAway: neither a further use of the statement nor its
// closing ends the rows that somebody still reads.
func TestOpenResultIsNotTakenAway(t *testing.T) {
	closed := make(chan struct{})
	s := script(t, func(p *peer) {
		p.login()
		p.prepareQuery(3, 1)
		p.step("stmt2_bind", 3, nil)
		p.step("stmt2_exec", 3, nil)
		p.rows(p.expect("stmt2_result"), 5)
		p.block(p.expect("fetch_raw_block"), 1)
		p.block(p.expect("fetch_raw_block"), 2)
		p.finish(p.expect("fetch_raw_block"))
		p.step("stmt2_close", 3, nil)
		close(closed)
		<-p.gone
		p.quiet()
	})
	st := prepared(t, s.connect(t), "select v from d where v = ?")
	args := []sqldriver.Value{int64(1)}
	reply, err := st.Query(background, 1, args)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := st.Query(background, 2, args); !errors.Is(err, transport.ErrText) {
		t.Error(err)
	}
	st.Close()
	if got := values(t, reply.Result); !slices.Equal(got, []int64{1, 2}) {
		t.Error(got)
	}
	<-closed
}
