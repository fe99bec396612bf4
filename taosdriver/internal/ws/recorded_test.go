package ws

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// exchange is a statement and what taosAdapter 3.3.7.5 answered, recorded. Rows
// are those of another decoder.
type exchange struct {
	Source  string
	SQL     string
	Reply   string
	Fetches []string
	Rows    [][]any
}

func exchanges(t *testing.T) []exchange {
	t.Helper()
	packed, err := os.ReadFile("testdata/exchanges.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(z)
	d.UseNumber()
	var all []exchange
	if err := d.Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 70 {
		t.Fatalf("only %d exchanges", len(all))
	}
	return all
}

// replay answers the requests of one exchange as they were.
func (p *peer) replay(e exchange) {
	m := p.expect("binary_query")
	if m.sql != e.SQL {
		p.t.Errorf("got %s, want %s", m.sql, e.SQL)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(e.Reply), &members); err != nil {
		p.t.Error(err)
		return
	}
	members["req_id"] = json.RawMessage(strconv.FormatUint(m.reqID, 10))
	text, err := json.Marshal(members)
	if err != nil {
		p.t.Error(err)
	}
	p.write(websocket.TextMessage, text)
	for _, f := range e.Fetches {
		data, err := hex.DecodeString(f)
		if err != nil {
			p.t.Error(err)
		}
		binary.LittleEndian.PutUint64(data[26:], p.expect("fetch_raw_block").reqID)
		p.write(websocket.BinaryMessage, data)
	}
}

func TestRecordedExchanges(t *testing.T) {
	all := exchanges(t)
	s := script(t, func(p *peer) {
		p.login()
		for _, e := range all {
			p.replay(e)
		}
		<-p.gone
	})
	c := s.connect(t)
	for i, e := range all {
		t.Run(fmt.Sprintf("%s %d", e.Source, i), func(t *testing.T) { checkExchange(t, c, e) })
	}
}

func checkExchange(t *testing.T, c *Conn, e exchange) {
	var want struct {
		Code     int      `json:"code"`
		Message  string   `json:"message"`
		Update   bool     `json:"is_update"`
		Affected int64    `json:"affected_rows"`
		Names    []string `json:"fields_names"`
		Types    []int    `json:"fields_types"`
	}
	if err := json.Unmarshal([]byte(e.Reply), &want); err != nil {
		t.Fatal(err)
	}
	reply, err := c.Query(background, 1, e.SQL)
	if want.Code != 0 {
		var d *driver.Error
		if !errors.As(err, &d) || d.Code != want.Code || d.Kind == nil || d.Message == "" {
			t.Errorf("got %v, want code %d", err, want.Code)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if reply.Update != want.Update || reply.Affected != want.Affected || len(reply.Fields) != len(want.Names) {
		t.Errorf("got %+v, want %+v", reply, want)
	}
	for i, f := range reply.Fields {
		if f.Name != want.Names[i] || int(f.Type) != want.Types[i] {
			t.Errorf("column %d: %+v", i, f)
		}
	}
	if reply.Update {
		return
	}
	row := 0
	for {
		b, err := reply.Result.Next(background)
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		for i := range b.Rows {
			if row == len(e.Rows) {
				t.Fatal("more rows than recorded")
			}
			for k := range b.Columns {
				got := plainText(b.Columns[k].Value(i), reply.Fields[k].Type, reply.Precision)
				if want := wantText(e.Rows[row][k], reply.Fields[k].Type); got != want {
					t.Errorf("row %d column %s: %s, want %s", row, reply.Fields[k].Name, got, want)
				}
			}
			row++
		}
	}
	if row != len(e.Rows) {
		t.Errorf("%d rows, want %d", row, len(e.Rows))
	}
}

// plainText writes a value as the recorder does.
func plainText(v any, typ block.Type, p block.Precision) string {
	switch v := v.(type) {
	case time.Time:
		unix, err := p.Unix(v)
		if err != nil {
			return err.Error()
		}
		return strconv.FormatInt(unix, 10)
	case float32:
		return floatText(float64(v), 32)
	case float64:
		return floatText(v, 64)
	case []byte:
		if typ != block.JSON {
			return "hex " + hex.EncodeToString(v)
		}
		return string(v)
	}
	return fmt.Sprint(v)
}

func floatText(v float64, bits int) string {
	switch {
	case math.IsNaN(v):
		return "NaN"
	case math.IsInf(v, 0):
		return map[bool]string{true: "Infinity", false: "-Infinity"}[v > 0]
	}
	return strconv.FormatFloat(v, 'g', -1, bits)
}

func wantText(v any, typ block.Type) string {
	switch v := v.(type) {
	case map[string]any:
		return fmt.Sprint("hex ", v["hex"])
	case json.Number:
		if typ == block.Float || typ == block.Double {
			bits := map[block.Type]int{block.Float: 32, block.Double: 64}[typ]
			f, err := strconv.ParseFloat(v.String(), bits)
			if err != nil {
				return err.Error()
			}
			return floatText(f, bits)
		}
		return v.String()
	}
	return fmt.Sprint(v)
}
