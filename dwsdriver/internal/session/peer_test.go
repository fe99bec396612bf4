package session

import (
	"bufio"
	"context"
	"database/sql/driver"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is one that a client has sent.
type message struct {
	typ  wire.Type
	body string
}

// peer is a server that does what a test tells it.
type peer struct {
	net.Conn
	in *bufio.Reader
}

// start makes a session whose server is play. The server's end is waited for.
func start(t testing.TB, options Options, play func(*peer)) *Session {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer server.Close()
		play(&peer{server, bufio.NewReader(server)})
	}()
	s := New(client, client, nil, map[string]string{"TimeZone": "UTC"}, options)
	t.Cleanup(func() {
		s.Close()
		<-done
	})
	return s
}

// batch reads messages up to a Sync, a Query or the end of the connection, and
// returns them and the letters of their types.
func (p *peer) batch() (letters string, messages []message) {
	for {
		var head [wire.HeaderSize]byte
		if _, err := io.ReadFull(p.in, head[:]); err != nil {
			return letters, messages
		}
		t, n, err := wire.Header(head[:])
		if err != nil {
			panic(err)
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(p.in, body); err != nil {
			return letters, messages
		}
		letters += string(t)
		messages = append(messages, message{t, string(body)})
		switch t {
		case wire.Sync, wire.Query, wire.Terminate, wire.CopyDone, wire.CopyFail:
			return letters, messages
		}
	}
}

// say writes messages at once.
func (p *peer) say(messages ...[]byte) {
	var all []byte
	for _, m := range messages {
		all = append(all, m...)
	}
	_, _ = p.Write(all)
}

func msg(t wire.Type, body string) []byte { return wire.Append(nil, t, []byte(body)) }

func ready(status wire.Status) []byte { return msg(wire.ReadyForQuery, string(status)) }
func tag(s string) []byte             { return msg(wire.CommandComplete, s+"\x00") }

func refusal(severity, code, text string) []byte {
	f := wire.Fields{Severity: severity, Code: code, Message: text}
	return wire.Append(nil, wire.ErrorResponse, f.Append(nil))
}

func params(types ...wire.OID) []byte {
	b, mark := wire.Begin(nil, wire.ParameterDescription)
	b = binary.BigEndian.AppendUint16(b, uint16(len(types)))
	for _, t := range types {
		b = binary.BigEndian.AppendUint32(b, uint32(t))
	}
	return wire.End(b, mark)
}

func columns(types ...wire.OID) []byte {
	list := make([]wire.Column, len(types))
	for i, t := range types {
		list[i] = wire.Column{Name: "c", Type: t, Modifier: -1}
	}
	return wire.AppendRowDescription(nil, list)
}

func dataRow(cells ...string) []byte {
	b, mark := wire.Begin(nil, wire.DataRow)
	b = binary.BigEndian.AppendUint16(b, uint16(len(cells)))
	for _, c := range cells {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(c))), c...)
	}
	return wire.End(b, mark)
}

// answer is a server that answers as one does, to statements that select one
// bigint. It notes the letters of the batches, and how often something was
// executed.
type answer struct {
	batches  chan string
	texts    chan string
	executed atomic.Int32
	types    []wire.OID
	// before answers a batch in place of the rest, if it returns true.
	before func(p *peer, letters string, messages []message) bool
	status wire.Status
}

func newAnswer() *answer {
	return &answer{batches: make(chan string, 1000), texts: make(chan string, 1000), status: wire.Idle}
}

func (a *answer) play(p *peer) {
	binaryNow := false
	for {
		letters, messages := p.batch()
		if letters == "" || letters == "X" {
			return
		}
		a.batches <- letters
		if a.before != nil && a.before(p, letters, messages) {
			continue
		}
		var out []byte
		for _, m := range messages {
			switch m.typ {
			case wire.Query:
				a.texts <- strings.TrimRight(m.body, "\x00")
				a.executed.Add(1)
				out = append(out, tag(commandOf(m.body))...)
			case wire.Parse:
				_, rest, _ := strings.Cut(m.body, "\x00")
				text, _, _ := strings.Cut(rest, "\x00")
				a.texts <- text
				out = append(out, msg(wire.ParseComplete, "")...)
			case wire.Describe:
				out = append(append(out, params(a.types...)...), columns(wire.Int8)...)
			case wire.Bind:
				binaryNow = strings.HasSuffix(m.body, "\x00\x01\x00\x01")
				out = append(out, msg(wire.BindComplete, "")...)
			case wire.Execute:
				a.executed.Add(1)
				cell := "7"
				if binaryNow {
					cell = "\x00\x00\x00\x00\x00\x00\x00\x07"
				}
				out = append(append(out, dataRow(cell)...), tag("SELECT 1")...)
			case wire.Close:
				out = append(out, msg(wire.CloseComplete, "")...)
			}
		}
		p.say(out, ready(a.status))
	}
}

func commandOf(body string) string {
	word, _, _ := strings.Cut(strings.TrimRight(body, "\x00"), " ")
	return strings.ToUpper(word)
}

func (a *answer) letters(t testing.TB, want ...string) {
	t.Helper()
	for _, w := range want {
		select {
		case got := <-a.batches:
			if got != w {
				t.Errorf("the batch is %s, want %s", got, w)
			}
		default:
			t.Errorf("there is no batch, want %s", w)
		}
	}
	select {
	case got := <-a.batches:
		t.Errorf("one batch more: %s", got)
	default:
	}
}

func args(values ...any) []driver.NamedValue {
	list := make([]driver.NamedValue, len(values))
	for i, v := range values {
		list[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	return list
}

// seven runs a query that returns 7.
func seven(t testing.TB, s *Session, text string, list ...any) error {
	t.Helper()
	q, err := s.Query(context.Background(), Text{SQL: text}, args(list...))
	if err != nil {
		return err
	}
	defer q.Close()
	block, err := q.Next()
	if err != nil {
		return err
	}
	if v := block.Columns[0].At(0); v != int64(7) {
		t.Errorf("got %v", v)
	}
	if _, err := q.Next(); err != io.EOF {
		return err
	}
	return nil
}
