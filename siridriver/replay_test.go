package siridriver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/transcript"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// player answers requests as the recorded server did: whatever has the bytes of
// a recorded request gets the recorded answer.
type player struct {
	mu      sync.Mutex
	auth    *transcript.Packet
	answers map[string][]transcript.Packet // by type and data of the request
	strange []string
}

func newPlayer(e transcript.Exchange) *player {
	p := &player{answers: map[string][]transcript.Packet{}}
	requests := map[int]transcript.Packet{}
	for _, packet := range e.Packets {
		if packet.Illegal {
			continue
		}
		if !packet.FromServer() {
			requests[packet.PID] = packet
			continue
		}
		request := requests[packet.PID]
		if request.Type == int(wire.Auth) {
			p.auth = &packet
			continue
		}
		key := fmt.Sprint(request.Type, string(request.Data()))
		p.answers[key] = append(p.answers[key], packet)
	}
	return p
}

func (p *player) handle(precision string) script.Handler {
	return func(c *script.Conn, pkg script.Package) {
		p.mu.Lock()
		defer p.mu.Unlock()
		key := fmt.Sprint(int(pkg.Type), string(pkg.Data))
		list := p.answers[key]
		switch {
		case pkg.Type == wire.Auth:
			c.Reply(pkg.PID, wire.Type(p.auth.Type), p.auth.Data())
		case len(list) > 0:
			p.answers[key] = list[1:]
			c.Reply(pkg.PID, wire.Type(list[0].Type), list[0].Data())
		case pkg.Query == script.Login:
			script.AnswerIn(precision)(c, pkg)
		default:
			p.strange = append(p.strange, fmt.Sprintf("%d %.100q", pkg.Type, pkg.Data))
			c.Close()
		}
	}
}

// precisionOf is that of the recorded databases, which have it in their names.
func precisionOf(database string) Precision {
	_, suffix, _ := strings.Cut(database, "_")
	if p := Precision(suffix); p.known() {
		return p
	}
	return Milliseconds
}

// TestTranscripts does with the driver what the official Python client did on
// the record, and compares the bytes sent, the values received, and the errors.
func TestTranscripts(t *testing.T) {
	replayed, refused := 0, 0
	for _, e := range transcript.All() {
		if !strings.HasPrefix(e.Client, "siridb-connector") {
			continue
		}
		t.Run(e.Name, func(t *testing.T) {
			precision := precisionOf(e.Database)
			p := newPlayer(e)
			server := script.Start(t, p.handle(string(precision)))
			config := NewConfig()
			config.Hosts = []Host{{Addr: server.Addr}}
			config.User, config.Password, config.Database = e.User, e.Password, e.Database
			config.PoolWait = 0
			if config.User == "" {
				config.User, config.Password = "iris", "siri"
			}
			connector, err := NewConnector(config)
			if err != nil {
				t.Fatal(err)
			}
			db := sql.OpenDB(connector)
			defer db.Close()

			if p.auth.Type != int(wire.AuthOK) {
				err := db.Ping()
				wantError(t, err, p.auth.Type, "")
				replayed++
				return
			}
			answers := map[int]transcript.Packet{}
			for _, packet := range e.Packets {
				if packet.FromServer() {
					answers[packet.PID] = packet
				}
			}
			for _, packet := range e.Packets {
				if packet.FromServer() || packet.Type == int(wire.Auth) {
					continue
				}
				answer, answered := answers[packet.PID]
				if !answered {
					continue
				}
				ok := true
				switch wire.Type(packet.Type) {
				case wire.Query:
					ok = replayQuery(t, db, packet, answer, precision)
				case wire.Insert:
					ok = replayInsert(t, db, packet, answer, precision)
				case wire.Ping:
					if err := db.Ping(); err != nil {
						t.Errorf("ping: %v", err)
					}
				default:
					ok = false
				}
				if ok {
					replayed++
				} else {
					refused++
				}
			}
			if len(p.strange) > 0 {
				t.Errorf("sent what is not on the record: %q", p.strange)
			}
		})
	}
	if replayed < 190 || refused > 40 {
		t.Errorf("%d requests replayed, %d not sent", replayed, refused)
	}
}

// wantError checks the kind for a response's type, and the message.
func wantError(t *testing.T, err error, typ int, message string) {
	t.Helper()
	kind := map[int]error{
		65: ErrQuery, 66: ErrInsert, 67: ErrServer, 68: ErrPool, 69: ErrUserAuth, 72: ErrAuthentication, 73: ErrIndex,
	}[typ]
	if kind == nil || !errors.Is(err, kind) || Code(err) != typ {
		t.Errorf("type %d became %v", typ, err)
	}
	if err != nil && !strings.Contains(err.Error(), strings.TrimSuffix(message, ".")) {
		t.Errorf("%v does not say %q", err, message)
	}
}

func replayQuery(t *testing.T, db *sql.DB, request, answer transcript.Packet, precision Precision) bool {
	t.Helper()
	text, asked, err := wire.ParseQuery(request.Data())
	if err != nil {
		t.Fatal(err)
	}
	if asked >= 0 || strings.HasSuffix(text, ";") {
		return false // times scaled by the server, wrongly; a semicolon that the driver cuts off
	}
	rows, err := db.Query(text)
	if answer.Type >= 64 {
		if len(text) > maxText {
			if !errors.Is(err, ErrQuery) {
				t.Errorf("%d bytes: %v", len(text), err)
			}
			return false // found without the server
		}
		wantError(t, err, answer.Type, wire.Message(answer.Data()))
		return true
	}
	if err != nil {
		t.Errorf("%q: %v", text, err)
		return true
	}
	defer rows.Close()
	want, err := qpack.Decode(answer.Data())
	if err != nil {
		t.Fatal(err)
	}
	columns, _ := rows.Columns()
	got := readAll(t, rows)
	expected := rowsOf(want.(qpack.Pairs), strings.Contains(text, "select "), columns, precision)
	if got != expected {
		t.Errorf("%q: got %.400s\nwant %.400s", text, got, expected)
	}
	return true
}

// readAll writes all rows of the current result set as text; NaN is NaN.
func readAll(t *testing.T, rows *sql.Rows) string {
	t.Helper()
	var b strings.Builder
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		cells := make([]any, len(columns))
		into := make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		for _, c := range cells {
			b.WriteString(cellText(c))
		}
		b.WriteString("\n")
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
	return b.String()
}

func cellText(v any) string {
	if at, ok := v.(time.Time); ok {
		v = at.UnixNano()
		return fmt.Sprintf("|time %d %d", at.Unix(), at.Nanosecond())
	}
	return fmt.Sprintf("|%T %v", v, v)
}

// rowsOf turns a decoded answer into the text that readAll makes.
func rowsOf(answer qpack.Pairs, isSelect bool, columns []string, precision Precision) string {
	var b strings.Builder
	row := func(cells ...any) {
		for _, c := range cells {
			b.WriteString(cellText(c))
		}
		b.WriteString("\n")
	}
	if isSelect {
		for _, series := range answer {
			if series.Key == "__timeit__" {
				continue
			}
			for _, point := range series.Value.([]any) {
				p := point.([]any)
				row(series.Key, precision.Time(p[0].(int64)), p[1])
			}
		}
		return b.String()
	}
	if list, ok := answer.Get("columns"); ok {
		table := answer[1]
		for _, cells := range table.Value.([]any) {
			r := append([]any{}, cells.([]any)...)
			for i, name := range list.([]any) {
				if ts, ok := r[i].(int64); ok && isTime(table.Key.(string), name.(string)) {
					r[i] = precision.Time(ts)
				}
			}
			row(r...)
		}
		return b.String()
	}
	if data, ok := answer.Get("data"); ok {
		for _, pair := range data.([]any) {
			p := pair.(qpack.Pairs)
			row(p[0].Value, p[1].Value)
		}
		return b.String()
	}
	row(answer[0].Value)
	return b.String()
}

// replayInsert reports whether the driver sent the insert at all; it does not
// send what the server would refuse or change.
func replayInsert(t *testing.T, db *sql.DB, request, answer transcript.Packet, precision Precision) bool {
	t.Helper()
	value, err := qpack.Decode(request.Data())
	if err != nil {
		t.Fatal(err)
	}
	series, ok := value.(qpack.Pairs)
	if !ok || len(series) == 0 {
		return false // the form of a list is not the driver's; nothing is no request
	}
	var list []driver.Series
	for _, s := range series {
		one := driver.Series{Name: s.Key.(string)}
		var values []any
		for _, point := range s.Value.([]any) {
			ts, ok := point.([]any)[0].(int64)
			if !ok {
				return false // not a time at all in Go
			}
			one.Times = append(one.Times, precision.Time(ts))
			values = append(values, point.([]any)[1])
		}
		one.Values = driver.ColumnOf(values)
		list = append(list, one)
	}
	var result driver.SeriesResult
	err = driver.WithDB(context.Background(), db, func(i driver.SeriesInserter) (err error) {
		result, err = i.InsertSeries(context.Background(), list...)
		return err
	})
	if answer.Type >= 64 {
		if len(list[0].Times) == 0 {
			return false // a series without points is left out
		}
		if Code(err) != 0 {
			wantError(t, err, answer.Type, wire.Message(answer.Data()))
			return true
		}
		if !errors.Is(err, driver.ErrData) {
			t.Errorf("%.80s: refused by the server, here %v", request.Decoded, err)
		}
		return false
	}
	if err != nil {
		t.Errorf("%.80s: %v", request.Decoded, err)
		return true
	}
	if want := wire.Affected(wire.Message(answer.Data())); result.Points != want || want == math.MaxInt64 {
		t.Errorf("%.80s: %d points, recorded %d", request.Decoded, result.Points, want)
	}
	return true
}
