//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

func contextWithTimeout(t testing.TB, d time.Duration) (context.Context, context.CancelFunc) {
	return context.WithTimeout(t.Context(), d)
}

var twoFields = []block.Field{{Name: "ts", Type: block.Timestamp, Bytes: 8}, {Name: "v", Type: block.VarChar, Bytes: 20}}

// rowsOf reads a result to its end.
func rowsOf(t testing.TB, r *transport.Reply) (rows []string) {
	t.Helper()
	for {
		b, err := r.Result.Next(t.Context())
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Rows {
			var values []string
			for k := range b.Columns {
				values = append(values, fmt.Sprint(b.Columns[k].Value(i)))
			}
			rows = append(rows, strings.Join(values, " "))
		}
	}
}

func TestUpdate(t *testing.T) {
	s := newStub(t)
	s.writes("insert", 7)
	c := s.connect()
	r, err := c.Query(t.Context(), 42, "insert")
	if err != nil || !r.Update || r.Affected != 7 || r.Result != nil {
		t.Fatalf("got %+v, %v", r, err)
	}
	if got := s.log(logSQL); got != "42 insert;" {
		t.Errorf("the library got %q", got)
	}
	if !c.Alive() {
		t.Error("the connection is not alive")
	}
}

func TestRowsInBlocks(t *testing.T) {
	s := newStub(t)
	at := time.UnixMicro(1_700_000_000_000_001).UTC()
	s.returns("select", twoFields, block.Micro,
		[][]any{{at, "a"}, {nil, "日本"}}, [][]any{}, [][]any{{at.Add(time.Microsecond), nil}})
	c := s.connect()
	r, err := c.Query(t.Context(), 1, "select")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(r.Fields, twoFields) || r.Precision != block.Micro {
		t.Errorf("fields %+v in %v", r.Fields, r.Precision)
	}
	// A block of no rows is the end.
	if got, want := rowsOf(t, r), []string{"2023-11-14 22:13:20.000001 +0000 UTC a", "<nil> 日本"}; !reflect.DeepEqual(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if _, err := r.Result.Next(t.Context()); err != io.EOF {
		t.Errorf("after the end: %v", err)
	}
	if err := errors.Join(r.Result.Close(), r.Result.Close()); err != nil {
		t.Errorf("closing a result twice: %v", err)
	}
}

func TestSeveralResultsAtOnce(t *testing.T) {
	s := newStub(t)
	for i := range 3 {
		s.returns(fmt.Sprint("select ", i), twoFields, block.Milli, [][]any{{nil, fmt.Sprint(i)}}, [][]any{{nil, "end"}})
	}
	c := s.connect()
	var replies []*transport.Reply
	for i := range 3 {
		r, err := c.Query(t.Context(), uint64(i+1), fmt.Sprint("select ", i))
		if err != nil {
			t.Fatal(err)
		}
		replies = append(replies, r)
	}
	for i, r := range replies {
		if got, want := rowsOf(t, r), []string{fmt.Sprint("<nil> ", i), "<nil> end"}; !reflect.DeepEqual(got, want) {
			t.Errorf("rows %q, want %q", got, want)
		}
	}
}

func TestQueryErrors(t *testing.T) {
	s := newStub(t)
	s.fails("bad", 0x80002603, "Table does not exist.")
	s.fails("gone", 0x80000215, "Connection killed")
	s.fails("away", 0x8000000b, "Unable to establish connection")
	c := s.connect()
	_, err := c.Query(t.Context(), 9, "bad")
	e := wantError(t, err, driver.ErrProgramming, 0x2603, "Table does not exist", "request 0x9")
	if e.OutcomeUnknown || !c.Alive() {
		t.Error("an error of the statement is one of the connection")
	}
	_, err = c.Query(t.Context(), 9, "away") // what it was tried before the library gave up
	if e := wantError(t, err, driver.ErrConnection, 0xb); !e.OutcomeUnknown {
		t.Error("the outcome is not unknown")
	}
	if _, err = c.Query(t.Context(), 1, "select \x00"); err == nil {
		t.Fatal("a NUL is taken")
	}
	wantError(t, err, driver.ErrProgramming, 0, "NUL")

	_, err = c.Query(t.Context(), 1, "gone")
	if _, marked := transport.WasNotSent(err); !marked || c.Alive() {
		t.Errorf("a session that is gone: %v, alive %v", err, c.Alive())
	}
	c = s.connect()
	_, err = c.Query(t.Context(), 1, "null")
	wantError(t, err, driver.ErrConnection, 0x213, "Disconnected")
	if _, marked := transport.WasNotSent(err); !marked || c.Alive() {
		t.Errorf("without a result: %v, alive %v", err, c.Alive())
	}
}

func TestClosedConnection(t *testing.T) {
	s := newStub(t)
	c := s.connect()
	if err := errors.Join(c.Close(), c.Close()); err != nil || c.Alive() {
		t.Errorf("not closed: %v", err)
	}
	_, err := c.Query(t.Context(), 1, "insert")
	wantError(t, err, driver.ErrConnection, 0, "closed")
	if _, marked := transport.WasNotSent(err); !marked {
		t.Error("not marked")
	}
}

func TestErrorBetweenBlocks(t *testing.T) {
	s := newStub(t)
	s.returns("select", twoFields, block.Milli, [][]any{{nil, "a"}}, [][]any{{nil, "b"}})
	s.delay(0, 0, -0x7ffffffe+0x2503)
	c := s.connect()
	r, err := c.Query(t.Context(), 5, "select")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Result.Next(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err = r.Result.Next(t.Context())
	wantError(t, err, driver.ErrOperational, 0x2505, "request 0x5")
	if _, again := r.Result.Next(t.Context()); again != err {
		t.Errorf("after the error: %v", again)
	}
}

// Whatever the library hands out, it is an error and no more.
func TestMalformedResults(t *testing.T) {
	good := columnsOf(twoFields)
	column := func(change func(*columnField)) []columnField {
		columns := columnsOf(twoFields)
		change(&columns[1])
		return columns
	}
	header := func(length, rows, columns uint32) []byte {
		b := make([]byte, 64)
		b[0] = 1
		for i, v := range []uint32{length, rows, columns} {
			b[4+4*i], b[5+4*i], b[6+4*i], b[7+4*i] = byte(v), byte(v>>8), byte(v>>16), byte(v>>24)
		}
		return b
	}
	for _, test := range []struct {
		name      string
		columns   []columnField
		precision int32
		block     []byte
	}{
		{"unknown type", column(func(f *columnField) { f.typ = 99 }), 0, nil},
		{"decimal of too many digits", column(func(f *columnField) { f.typ, f.precision = uint8(block.Decimal64), 200 }), 0, nil},
		{"unknown precision", good, 3, nil},
		{"rows without a block", good, 0, nil},
		{"short", good, 0, header(20, 1, 2)},
		{"negative length", good, 0, header(0xffffffff, 1, 2)},
		{"longer than allowed", good, 0, header(1<<21, 1, 2)},
		{"columns that do not fit", good, 0, header(64, 1, 9)},
		{"rows that do not fit", good, 0, header(64, 100, 2)},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStub(t)
			s.answer("select", 0, "", 0, test.precision, int32(len(test.columns)), &test.columns[0])
			var data *byte
			if test.block != nil {
				data = &test.block[0]
			}
			s.block(data, int32(len(test.block)), 1)
			c := s.connect()
			r, err := c.Query(t.Context(), 1, "select")
			if err == nil {
				_, err = r.Result.Next(t.Context())
			}
			wantError(t, err, driver.ErrInternal, 0, "no sense")
		})
	}
}

func TestBlockOfOtherColumns(t *testing.T) {
	s := newStub(t)
	s.returns("other", []block.Field{{Name: "a", Type: block.Int}}, block.Milli, [][]any{{int64(1)}})
	b := block.NewBuilder(twoFields, block.Milli, nil)
	b.Column(0).AppendNull()
	b.Column(1).AppendNull()
	raw, err := b.AppendTo(nil)
	if err != nil {
		t.Fatal(err)
	}
	s.describes("select", block.Milli, columnsOf([]block.Field{{Name: "a", Type: block.Int}, {Name: "b", Type: block.Int}})...)
	s.block(&raw[0], int32(len(raw)), 1)
	c := s.connect()
	r, err := c.Query(t.Context(), 1, "select")
	if err != nil {
		t.Fatal(err)
	}
	_, err = r.Result.Next(t.Context())
	wantError(t, err, driver.ErrInternal, 0, "TIMESTAMP in a column of INT")
}

func TestPingRestoreInfo(t *testing.T) {
	s := newStub(t)
	s.returns(transport.PingSQL, []block.Field{{Name: "x", Type: block.Int}}, block.Milli, [][]any{{int64(1)}})
	c := s.connect(func(o *transport.Settings) { o.Database, o.Timezone = "db", "Asia/Tokyo" })
	s.log(logSession)
	if err := c.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.log(logSession); got != "use=db;1=Asia/Tokyo;" {
		t.Errorf("restored by %q", got)
	}
	info, err := c.Info(t.Context())
	if err != nil || info.Database != "db" || info.Version != "3.3.7.5" || info.Parameters["library"] != s.path {
		t.Errorf("info %+v, %v", info, err)
	}

	c = s.connect()
	s.log(logSession)
	if err := c.Restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := s.log(logSession); got != "use=;" {
		t.Errorf("back to no database by %q", got)
	}
	c = s.connect(func(o *transport.Settings) { o.Database = "none" })
	wantError(t, c.Restore(t.Context()), driver.ErrProgramming, 0x388, "Database not exist")

	s.fails(transport.PingSQL, 0x8000000b, "Unable to establish connection")
	wantError(t, c.Ping(t.Context()), driver.ErrConnection, 0xb)
}

func TestOutcomeOfErrors(t *testing.T) {
	var e *driver.Error
	s := newStub(t)
	c := s.connect()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := c.Query(ctx, 1, "insert")
	if !errors.As(err, &e) || e.OutcomeUnknown || !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled before it was sent: %v", err)
	}
	if s.log(logSQL) != "" || !c.Alive() {
		t.Error("it was sent")
	}
}

// The library waits for a server that is away, which a ping must not.
func TestPingOfAServerThatIsAway(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := newStub(t)
	s.returns(transport.PingSQL, []block.Field{{Name: "x", Type: block.Int}}, block.Milli)
	s.delay(20000, 0, 0)
	conn, err := NewDialer(s.settings()).Connect(t.Context(), listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	listener.Close()
	began := time.Now()
	err = conn.Ping(t.Context())
	if took := time.Since(began); took > pingPatience+5*time.Second {
		t.Errorf("took %v", took)
	}
	wantError(t, err, driver.ErrConnection, 0, "ping", "refused")
	if _, marked := transport.WasNotSent(err); !marked || conn.Alive() {
		t.Error("the connection stays in the pool")
	}
}
