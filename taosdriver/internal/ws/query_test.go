package ws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

var background = context.Background()

// query runs a statement that must be answered.
func query(t *testing.T, c *Conn, id uint64, sql string) *transport.Reply {
	t.Helper()
	reply, err := c.Query(background, id, sql)
	if err != nil {
		t.Fatal(err)
	}
	return reply
}

// values reads the first column to the end.
func values(t *testing.T, r transport.Result) (all []int64) {
	t.Helper()
	for {
		b, err := r.Next(background)
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Rows {
			all = append(all, b.Columns[0].Value(i).(int64))
		}
	}
}

func TestUpdate(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		m := p.expect("binary_query")
		if m.sql != "insert" || m.reqID != 77 {
			t.Errorf("got %+v", m)
		}
		p.update(m, 3)
		<-p.gone
	})
	c := s.connect(t)
	reply := query(t, c, 77, "insert")
	if !reply.Update || reply.Affected != 3 || reply.Result != nil {
		t.Errorf("%+v", reply)
	}
	if !c.Alive() {
		t.Error("not alive")
	}
}

func TestRowsComeWithOneFetchUnderWay(t *testing.T) {
	read := make(chan struct{})
	s := script(t, func(p *peer) {
		p.login()
		p.rows(p.expect("binary_query"), 5)
		p.block(p.expect("fetch_raw_block"), 1, 2)
		second := p.expect("fetch_raw_block") // before the first block is read
		close(read)
		p.quiet()
		p.block(second)
		p.block(p.expect("fetch_raw_block"), 3)
		p.finish(p.expect("fetch_raw_block"))
		<-p.gone
		p.quiet() // nothing is freed that the server has freed
	})
	c := s.connect(t)
	reply := query(t, c, 1, "select")
	if len(reply.Fields) != 1 || reply.Fields[0].Name != "v" || reply.Fields[0].Bytes != 4 {
		t.Errorf("%+v", reply.Fields)
	}
	b, err := reply.Result.Next(background)
	if err != nil || b.Rows != 2 {
		t.Fatal(b, err)
	}
	<-read
	if c.spare.Load() == nil {
		t.Error("no memory is kept for the block to come")
	}
	if got := values(t, reply.Result); !slices.Equal(got, []int64{3}) {
		t.Error(got)
	}
	if c.spare.Load() != nil {
		t.Error("the memory of the last block is kept")
	}
	if _, err := reply.Result.Next(background); err != io.EOF {
		t.Error(err)
	}
	reply.Result.Close()
}

func TestEarlyCloseFreesTheResultAfterItsFetch(t *testing.T) {
	for _, finished := range []bool{false, true} {
		t.Run(fmt.Sprint("finished ", finished), func(t *testing.T) {
			closed, freed := make(chan struct{}), make(chan struct{})
			s := script(t, func(p *peer) {
				p.login()
				p.rows(p.expect("binary_query"), 5)
				p.block(p.expect("fetch_raw_block"), 1)
				fetch := p.expect("fetch_raw_block")
				<-closed
				p.quiet() // while the server works on the fetch
				if finished {
					p.finish(fetch)
				} else {
					p.block(fetch, 2)
					if m := p.expect("free_result"); m.id != 5 {
						t.Errorf("freed %d", m.id)
					}
				}
				close(freed)
				p.update(p.expect("binary_query"), 0)
				<-p.gone
			})
			c := s.connect(t)
			reply := query(t, c, 1, "select")
			if _, err := reply.Result.Next(background); err != nil {
				t.Fatal(err)
			}
			reply.Result.Close()
			reply.Result.Close()
			if _, err := reply.Result.Next(background); err != io.EOF {
				t.Error(err)
			}
			close(closed)
			<-freed
			until(t, "the late block is dealt with", func() bool {
				c.mu.Lock()
				defer c.mu.Unlock()
				return len(c.pending) == 0 && c.spare.Load() == nil
			})
			query(t, c, 2, "next")
		})
	}
}

func TestErrorOfAFetch(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.rows(p.expect("binary_query"), 5)
		m := p.expect("fetch_raw_block")
		p.refuse(m, 0x2504, "query timeout") // as text, like before the login
		p.update(p.expect("binary_query"), 0)
		<-p.gone
	})
	c := s.connect(t)
	reply := query(t, c, 9, "select")
	_, err := reply.Result.Next(background)
	var e *driver.Error
	if !errors.As(err, &e) || e.Code != 0x2504 || !errors.Is(err, driver.ErrTimeout) || e.RequestID != 9 {
		t.Errorf("%+v", err)
	}
	if _, again := reply.Result.Next(background); again != err {
		t.Error(again)
	}
	query(t, c, 10, "next")
}

func TestServerErrorLeavesTheConnectionUsable(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.refuse(p.expect("binary_query"), 9731, "Table does not exist")
		p.update(p.expect("binary_query"), 0)
		<-p.gone
	})
	c := s.connect(t)
	_, err := c.Query(background, 42, "select")
	var e *driver.Error
	if !errors.As(err, &e) || e.Code != 0x2603 || e.RequestID != 42 || e.Host != s.host || e.OutcomeUnknown ||
		!errors.Is(err, driver.ErrProgramming) {
		t.Errorf("%+v", err)
	}
	if !c.Alive() {
		t.Error("not alive")
	}
	query(t, c, 1, "next")
}

func TestPingMakesARoundTrip(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.rows(p.expect("binary_query"), 1)
		if m := p.expect("free_result"); m.id != 1 {
			t.Errorf("freed %d", m.id)
		}
		p.refuse(p.expect("binary_query"), 0x0b, "Unable to establish connection")
		<-p.gone
	})
	c := s.connect(t)
	if err := c.Ping(background); err != nil {
		t.Fatal(err)
	}
	if err := c.Ping(background); !errors.Is(err, driver.ErrConnection) {
		t.Error(err)
	}
}

func TestRestoreSelectsDatabaseAndZone(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		if m := p.expect("binary_query"); m.sql != "USE `po``wer`" {
			t.Error(m.sql)
		} else {
			p.update(m, 0)
		}
		m := p.expect("options_connection")
		options := m.args["options"].([]any)
		if len(options) != 1 || fmt.Sprint(options[0]) != "map[option:1 value:Asia/Shanghai]" {
			t.Error(options)
		}
		p.answer(m, nil)
		p.refuse(p.expect("binary_query"), 0x388, "Database not exist")
		<-p.gone
	})
	c := s.connect(t, func(s *transport.Settings) { s.Database, s.Timezone = "po`wer", "Asia/Shanghai" })
	if err := c.Restore(background); err != nil {
		t.Fatal(err)
	}
	if err := c.Restore(background); !errors.Is(err, driver.ErrProgramming) {
		t.Error(err)
	}
	none := script(t, func(p *peer) { p.login(); <-p.gone }).connect(t)
	if err := none.Restore(background); err == nil {
		t.Error("no error without a database to go back to")
	}
}

func TestInfo(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.answer(p.expect("get_current_db"), fields{"db": "power"})
		p.answer(p.expect("get_server_info"), fields{"info": "ver:3.3.7.5\nbuild:Linux-x64 2026"})
		<-p.gone
	})
	info, err := s.connect(t).Info(background)
	if err != nil || info.Version != "3.3.7.5" || info.Database != "power" || info.Parameters["build"] != "Linux-x64 2026" {
		t.Errorf("%+v, %v", info, err)
	}
}

func TestCompression(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.rows(p.expect("binary_query"), 1)
		p.block(p.expect("fetch_raw_block"), make([]int64, 4096)...)
		p.finish(p.expect("fetch_raw_block"))
		<-p.gone
	})
	c := s.connect(t, func(s *transport.Settings) { s.Compression = true })
	if got := values(t, query(t, c, 1, "select").Result); len(got) != 4096 {
		t.Errorf("%d values", len(got))
	}
}

func TestPingsAreAnsweredWhileNothingRuns(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.write(websocket.PingMessage, []byte("there?"))
		if got := <-p.pong; got != "there?" {
			t.Error(got)
		}
		p.answer(p.expect("get_current_db"), nil)
		p.answer(p.expect("get_server_info"), nil)
		<-p.gone
	})
	if _, err := s.connect(t).Info(background); err != nil {
		t.Error(err)
	}
}
