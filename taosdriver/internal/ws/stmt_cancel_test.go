package ws

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

func TestCancelOfAnExecution(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	freed := make(chan struct{})
	listed := make(chan uint64, 1)
	s := script(t, func(p *peer) {
		p.login()
		init := p.expect("stmt2_init")
		listed <- init.reqID
		p.answer(init, fields{"stmt_id": 3})
		p.answer(p.expect("stmt2_prepare"), fields{"stmt_id": 3, "is_insert": true, "fields": []fields{timestampField, intField}})
		p.step("stmt2_bind", 3, nil)
		late := p.expect("stmt2_exec")
		cancel()
		// The next use does not wait, on a statement of its own.
		p.prepareInsert(4, timestampField, intField)
		bind := p.expect("stmt2_bind") // and no close while the server is at it
		p.answer(late, fields{"affected": 1})
		p.answer(bind, nil)
		p.expectBoth("stmt2_close", "stmt2_exec")
		close(freed)
		<-p.gone
	})
	abandoned := make(chan transport.Abandoned, 1)
	st := prepared(t, s.connect(t, func(s *transport.Settings) { s.Abandoned = func(a transport.Abandoned) { abandoned <- a } }), insertSQL)
	args := []sqldriver.Value{int64(1), int64(2)}
	_, err := st.Exec(ctx, 42, args)
	canceled(t, err, 42, true)
	if a := <-abandoned; a.RequestID != 42 || a.ListedID != <-listed {
		t.Errorf("%+v, want the id that the server lists it by", a)
	}
	if _, err := st.Exec(background, 43, args); err != nil {
		t.Error(err)
	}
	<-freed
}

// expectBoth answers two requests in the order in which they come.
func (p *peer) expectBoth(actions ...string) {
	p.t.Helper()
	for range actions {
		m, ok := <-p.in
		if !ok || !slices.Contains(actions, m.action) {
			p.t.Errorf("got %s, want one of %v", m.action, actions)
		}
		p.answer(m, nil)
	}
}

func TestConnectionLostWithinAnExecution(t *testing.T) {
	for _, c := range []struct {
		step    string
		unknown bool
	}{{"stmt2_bind", false}, {"stmt2_exec", true}} {
		t.Run(c.step, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.login()
				p.prepareInsert(3, timestampField, intField)
				if c.step == "stmt2_exec" {
					p.step("stmt2_bind", 3, nil)
				}
				p.expect(c.step)
				p.drop()
				<-p.gone
			})
			conn := s.connect(t)
			_, err := prepared(t, conn, insertSQL).Exec(background, 42, []sqldriver.Value{int64(1), int64(2)})
			var e *driver.Error
			if !errors.As(err, &e) || !errors.Is(err, driver.ErrConnection) || e.OutcomeUnknown != c.unknown || conn.Alive() {
				t.Errorf("%+v", err)
			}
			if _, marked := transport.WasNotSent(err); marked {
				t.Error("marked as not sent")
			}
		})
	}
	t.Run("before it", func(t *testing.T) {
		s := script(t, func(p *peer) { p.login(); p.prepareInsert(3, timestampField, intField) })
		conn := s.connect(t)
		st := prepared(t, conn, insertSQL)
		<-conn.dead
		_, err := st.Exec(background, 42, []sqldriver.Value{int64(1), int64(2)})
		if _, marked := transport.WasNotSent(err); !marked {
			t.Errorf("%+v", err)
		}
		st.Close()
	})
}

func TestCancelOfPrepare(t *testing.T) {
	for _, step := range []string{"stmt2_init", "stmt2_prepare"} {
		t.Run(step, func(t *testing.T) {
			ctx, cancel := context.WithCancel(background)
			freed := make(chan struct{})
			s := script(t, func(p *peer) {
				p.login()
				m := p.expect("stmt2_init")
				if step == "stmt2_prepare" {
					p.answer(m, fields{"stmt_id": 3})
					m = p.expect("stmt2_prepare")
				}
				cancel()
				p.update(p.expect("binary_query"), 0)
				p.answer(m, fields{"stmt_id": 3, "is_insert": true, "fields": []fields{timestampField, intField}})
				p.step("stmt2_close", 3, nil)
				close(freed)
				<-p.gone
			})
			c := s.connect(t)
			_, err := c.Prepare(ctx, 42, insertSQL)
			canceled(t, err, 42, false)
			query(t, c, 1, "next")
			<-freed
		})
	}
}

// TestContextThatEndsBetweenTwoSteps: the next step is not sent, and what the
// steps before have made on the server is closed.
func TestContextThatEndsBetweenTwoSteps(t *testing.T) {
	for _, c := range []struct {
		before string
		sql    string
	}{
		{"stmt2_prepare", insertSQL},
		{"stmt2_exec", insertSQL},
		{"stmt2_result", "select v from d where v = ?"},
	} {
		t.Run(c.before, func(t *testing.T) {
			ctx, cancel := context.WithCancel(background)
			freed := make(chan struct{})
			s := script(t, func(p *peer) {
				p.login()
				for {
					m := <-p.in
					switch m.action {
					case "stmt2_init":
						p.answer(m, fields{"stmt_id": 3})
					case "stmt2_prepare":
						p.answer(m, fields{"stmt_id": 3, "is_insert": c.sql == insertSQL, "fields_count": 1, "fields": []fields{timestampField, intField}})
					case "stmt2_bind", "stmt2_exec":
						p.answer(m, nil)
					case "stmt2_close":
						close(freed)
						<-p.gone
						return
					default:
						t.Errorf("unexpected %q", m.action)
						close(freed)
						return
					}
				}
			})
			conn := s.connect(t)
			conn.beforeSend = func(message []byte) {
				if strings.Contains(string(message), c.before) {
					cancel()
				}
			}
			st, err := conn.Prepare(ctx, 42, c.sql)
			if err == nil {
				args := []sqldriver.Value{int64(1), int64(2)}
				_, err = st.Query(ctx, 42, args[:st.NumInput()])
			}
			canceled(t, err, 42, false)
			<-freed
			if !conn.Alive() {
				t.Error("not alive")
			}
		})
	}
}
