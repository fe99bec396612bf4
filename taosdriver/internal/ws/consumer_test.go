package ws

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// consumer returns a consumer of the script's, which has been greeted.
func (s *server) consumer(t testing.TB, with ...func(*transport.ConsumerSettings)) *Consumer {
	t.Helper()
	settings := &transport.ConsumerSettings{Group: "g", Client: "c", OffsetReset: "earliest"}
	for _, f := range with {
		f(settings)
	}
	c, err := NewDialer(testSettings()).Consume(background, s.host, settings)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(ended()) })
	return c.(*Consumer)
}

// ended is a context that has ended.
func ended() context.Context {
	ctx, cancel := context.WithCancel(background)
	cancel()
	return ctx
}

// greet answers version.
func (p *peer) greet() { p.answer(p.expect("version"), fields{"version": "3.3.7.5"}) }

// recordedMessage is a message as taosAdapter 3.3.7.5 told and sent it.
type recordedMessage struct {
	Source, Poll, Meta, Raw string
	Rows                    [][2]any
}

func loadMessages(t *testing.T) []recordedMessage {
	t.Helper()
	packed, err := os.ReadFile("testdata/messages.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(z)
	d.UseNumber()
	var all []recordedMessage
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 20 {
		t.Fatalf("only %d recorded messages", len(all))
	}
	return all
}

// again sends recorded text in reply to m.
func (p *peer) again(m message, text string) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &members); err != nil {
		p.t.Error(err)
		return
	}
	members["req_id"] = json.RawMessage(strconv.FormatUint(m.reqID, 10))
	data, err := json.Marshal(members)
	if err != nil {
		p.t.Error(err)
	}
	p.write(websocket.TextMessage, data)
}

func TestRecordedMessages(t *testing.T) {
	all := loadMessages(t)
	s := script(t, func(p *peer) {
		p.greet()
		for _, r := range all {
			p.again(p.expect("poll"), r.Poll)
			if r.Raw != "" && r.Rows != nil {
				data, err := hex.DecodeString(r.Raw)
				if err != nil {
					p.t.Error(err)
				}
				binary.LittleEndian.PutUint64(data[26:], p.expect("fetch_raw_data").reqID)
				p.write(websocket.BinaryMessage, data)
			}
			if r.Meta != "" {
				p.again(p.expect("fetch_json_meta"), r.Meta)
			}
		}
		<-p.gone
	})
	c := s.consumer(t)
	for i, r := range all {
		t.Run(fmt.Sprintf("%s %d", r.Source, i), func(t *testing.T) {
			m, err := c.Poll(background, time.Second)
			if err != nil {
				t.Fatal(err)
			}
			var told consumerReply
			if err := json.Unmarshal([]byte(r.Poll), &told); err != nil {
				t.Fatal(err)
			}
			if m.Topic != told.Topic || m.VGroup != told.VGroup || m.Offset != told.Offset || m.Database != told.Database {
				t.Errorf("got %+v, want %+v", m, told)
			}
			if (r.Rows == nil) != (m.Next == m.Offset) || m.Next < m.Offset {
				t.Errorf("from %d to %d", m.Offset, m.Next)
			}
			var meta struct{ Data json.RawMessage }
			if r.Meta != "" {
				if err := json.Unmarshal([]byte(r.Meta), &meta); err != nil {
					t.Fatal(err)
				}
			}
			if !sameJSON(t, m.Meta, meta.Data) {
				t.Errorf("got %s, want %s", m.Meta, meta.Data)
			}
			if len(m.Tables) != len(r.Rows) {
				t.Fatalf("%d tables, want %d", len(m.Tables), len(r.Rows))
			}
			for k, want := range r.Rows {
				table := m.Tables[k]
				rows := want[1].([]any)
				if table.Name != want[0] || table.Block.Rows != len(rows) {
					t.Errorf("%d rows of %q, want %d of %q", table.Block.Rows, table.Name, len(rows), want[0])
				}
				for row, values := range rows {
					for i, v := range values.([]any) {
						f := table.Fields[i]
						if got := plainText(table.Block.Columns[i].Value(row), f.Type, table.Precision); got != wantText(v, f.Type) {
							t.Errorf("%s of row %d: %s, want %v", f.Name, row, got, v)
						}
					}
				}
			}
		})
	}
}

func sameJSON(t *testing.T, a, b []byte) bool {
	t.Helper()
	if len(a) == 0 || len(b) == 0 {
		return len(a) == len(b)
	}
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	return x.String() == y.String()
}

func TestSubscribeSaysWhatTheServerUnderstands(t *testing.T) {
	s := script(t, func(p *peer) {
		p.greet()
		m := p.expect("subscribe")
		want := map[string]any{
			"user": "root", "password": "taosdata", "group_id": "g", "client_id": "c", "auto_commit": "false",
			"offset_rest": "earliest", "offset_reset": "earliest", "session_timeout_ms": "12000", "with_table_name": "true", "connector": "gaugesql",
		}
		for key, value := range want {
			if m.args[key] != value {
				t.Errorf("%s is %v, want %v", key, m.args[key], value)
			}
		}
		if fmt.Sprint(m.args["config"]) != "map[fetch.max.wait.ms:100]" || fmt.Sprint(m.args["topics"]) != "[a b]" {
			t.Errorf("got %v", m.args)
		}
		p.answer(m, fields{"version": "3.3.7.5"})
		p.answer(p.expect("unsubscribe"), nil)
		<-p.gone
	})
	c := s.consumer(t, func(s *transport.ConsumerSettings) {
		s.Properties = map[string]string{"session.timeout.ms": "12000", "msg.with.table.name": "true", "fetch.max.wait.ms": "100"}
	})
	if err := c.Subscribe(background, []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Close(background); err != nil {
		t.Error(err)
	}
	if c.Alive() {
		t.Error("alive when closed")
	}
}

func TestAPollThatAContextLeftIsRecovered(t *testing.T) {
	release := make(chan struct{})
	s := script(t, func(p *peer) {
		p.greet()
		m := p.expect("poll")
		<-release
		p.told(m, 1)
		<-release
		p.sent(p.expect("fetch_raw_data"), 1, 7)
		p.answer(p.expect("commit"), nil)
		<-p.gone
	})
	c := s.consumer(t)
	leave := func(f func(context.Context) (*transport.Message, error)) {
		t.Helper()
		ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
		defer cancel()
		start := time.Now()
		if m, err := f(ctx); !errors.Is(err, context.DeadlineExceeded) || m != nil {
			t.Fatalf("got %+v, %v", m, err)
		}
		soon(t, start)
	}
	leave(func(ctx context.Context) (*transport.Message, error) { return c.Poll(ctx, time.Hour) })
	if err := c.Commit(background); !errors.Is(err, driver.ErrInterface) {
		t.Errorf("a commit while a poll is under way: %v", err)
	}
	leave(c.Recover)
	release <- struct{}{} // told of the message
	leave(c.Recover)
	close(release)
	m, err := c.Recover(background)
	if err != nil || m == nil || m.Tables[0].Block.Columns[0].Value(0) != int64(7) {
		t.Fatalf("got %+v, %v", m, err)
	}
	if m, err := c.Recover(background); m != nil || err != nil {
		t.Errorf("got %+v, %v", m, err)
	}
	if err := c.Commit(background); err != nil {
		t.Error(err)
	}
}

// told says that there is a message.
func (p *peer) told(m message, id uint64) {
	p.answer(m, fields{
		"have_message": true, "topic": "t", "database": "d", "vgroup_id": 2, "message_type": 1, "message_id": id, "offset": id,
	})
}

// sent sends a message of INT values of one table.
func (p *peer) sent(m message, id uint64, values ...int64) {
	r := frame.RawReply{MessageID: id, Kind: uint16(tmq.Data), Raw: rawMessage(int64(id), values...)}
	r.ReqID = m.reqID
	p.write(websocket.BinaryMessage, r.AppendTo(nil))
}

func rawMessage(offset int64, values ...int64) []byte {
	b := block.NewBuilder([]block.Field{{Name: "v", Type: block.Int}}, block.Milli, nil)
	for _, v := range values {
		b.Column(0).AppendInt64(v)
	}
	data, err := b.AppendTo(nil)
	if err != nil {
		panic(err)
	}
	raw, err := (&tmq.Raw{
		Kind: tmq.Data, Begin: tmq.Offset{Type: tmq.Log, Version: offset}, Next: tmq.Offset{Type: tmq.Log, Version: offset + 1},
		WithNames: true, WithSchemas: true,
		Tables: []tmq.RawTable{{
			Name: []byte("d0"), Schema: tmq.AppendSchema(nil, 0, []tmq.Column{{Type: block.Int, Flags: 1, Bytes: 4, ID: 1, Name: "v"}}),
			Rows: int64(len(values)), Block: data,
		}},
	}).AppendTo(nil)
	if err != nil {
		panic(err)
	}
	return raw
}

func TestSubscribedMessagesThatMakeNoSense(t *testing.T) {
	for name, answer := range map[string]func(*peer, message){
		"of another message": func(p *peer, m message) { p.sent(m, 2, 7) },
		"a text":             func(p *peer, m message) { p.answer(m, nil) },
		"a result's block":   func(p *peer, m message) { p.finish(m) },
		"malformed": func(p *peer, m message) {
			r := frame.RawReply{MessageID: 1, Kind: 2, Raw: []byte("nonsense")}
			r.ReqID = m.reqID
			p.write(websocket.BinaryMessage, r.AppendTo(nil))
		},
		"of a kind without rows": func(p *peer, m message) {
			r := frame.RawReply{MessageID: 1, Kind: 6, Raw: rawMessage(1, 7)}
			r.ReqID = m.reqID
			p.write(websocket.BinaryMessage, r.AppendTo(nil))
		},
		"a refusal": func(p *peer, m message) {
			r := frame.RawReply{MessageID: 1}
			r.ReqID, r.Code, r.Message = m.reqID, 0xffff, "message has been freed"
			p.write(websocket.BinaryMessage, r.AppendTo(nil))
		},
		"cut": func(p *peer, m message) { p.write(websocket.BinaryMessage, make([]byte, 20)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := script(t, func(p *peer) {
				p.greet()
				p.told(p.expect("poll"), 1)
				answer(p, p.expect("fetch_raw_data"))
				<-p.gone
			})
			c := s.consumer(t)
			m, err := c.Poll(background, time.Second)
			var e *driver.Error
			if m != nil || !errors.As(err, &e) {
				t.Fatalf("got %+v, %v", m, err)
			}
			if c.Alive() {
				t.Error("the next poll would leave the message out")
			}
		})
	}
}

func TestOffsetsThatCannotBeTold(t *testing.T) {
	s := script(t, func(p *peer) {
		p.greet()
		p.answer(p.expect("committed"), fields{"committed": []int64{-2147467247, 5}})
		p.answer(p.expect("committed"), fields{"committed": []int64{1}})
		p.answer(p.expect("position"), fields{"position": []int64{-2147467248, 5}})
		<-p.gone
	})
	c := s.consumer(t)
	of := []transport.Position{{Topic: "t", VGroup: 1}, {Topic: "t", VGroup: 2}}
	if got, err := c.Committed(background, of); err != nil || fmt.Sprint(got) != "[-1 5]" {
		t.Errorf("got %v, %v", got, err)
	}
	if got, err := c.Committed(background, of); !errors.Is(err, driver.ErrInternal) {
		t.Errorf("got %v, %v", got, err)
	}
	var e *driver.Error
	if got, err := c.Position(background, of); !errors.As(err, &e) || e.Code != 0x4010 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestASilentServerEndsAPoll(t *testing.T) {
	s := script(t, func(p *peer) {
		p.greet()
		<-p.gone
	})
	settings := testSettings(func(s *transport.Settings) { s.ReadTimeout = 30 * time.Millisecond })
	c, err := NewDialer(settings).Consume(background, s.host, &transport.ConsumerSettings{Group: "g"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(ended())
	if _, err := c.Poll(background, 10*time.Millisecond); !errors.Is(err, driver.ErrTimeout) || c.Alive() {
		t.Errorf("got %v, alive %v", err, c.Alive())
	}
}

func TestHeapStaysFlatOverAMillionRows(t *testing.T) {
	const perMessage, messages = 1000, 1000
	values := make([]int64, perMessage)
	s := script(t, func(p *peer) {
		p.greet()
		for id := uint64(1); id <= messages; id++ {
			p.told(p.expect("poll"), id)
			p.sent(p.expect("fetch_raw_data"), id, values...)
		}
		<-p.gone
	})
	c := s.consumer(t)
	var at [2]runtime.MemStats
	rows := 0
	for i := range messages {
		m, err := c.Poll(background, time.Second)
		if err != nil || m == nil {
			t.Fatal(m, err)
		}
		rows += m.Tables[0].Block.Rows
		if i == messages/10 {
			runtime.GC()
			runtime.ReadMemStats(&at[0])
		}
	}
	runtime.GC()
	runtime.ReadMemStats(&at[1])
	if grown := int64(at[1].HeapAlloc) - int64(at[0].HeapAlloc); grown > 1<<20 {
		t.Errorf("the heap grew by %d bytes over %d rows", grown, rows)
	}
	if rows != perMessage*messages {
		t.Errorf("%d rows", rows)
	}
}
