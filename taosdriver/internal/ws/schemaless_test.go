package ws

import (
	"errors"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// TestLinesAreTheRecordedRequests byte for byte, but for the order in which the
// official client has the members.
func TestLinesAreTheRecordedRequests(t *testing.T) {
	cases := []struct {
		lines transport.Lines
		want  string
	}{
		{
			transport.Lines{Protocol: driver.SchemalessLine, Precision: driver.SchemalessMilliseconds, Data: []byte(`m_types,t1=a,t2=中\ 文 b=true,s="str \"q\"",n=L"宽字符",g=G"POINT(1 2)" 1700000000000`)},
			`{"action":"insert","args":{"req_id":2,"protocol":1,"precision":"ms","ttl":0,"data":"m_types,t1=a,t2=中\\ 文 b=true,s=\"str \\\"q\\\"\",n=L\"宽字符\",g=G\"POINT(1 2)\" 1700000000000"}}`,
		},
		{
			transport.Lines{Protocol: driver.SchemalessLine, Precision: driver.SchemalessMicroseconds, Data: []byte("m_prec,p=u v=1i 1700000003000000")},
			`{"action":"insert","args":{"req_id":3,"protocol":1,"precision":"u","ttl":0,"data":"m_prec,p=u v=1i 1700000003000000"}}`,
		},
		{
			transport.Lines{Protocol: driver.SchemalessLine, Precision: driver.SchemalessMilliseconds, TTL: 1000, Data: []byte("m_ttl,h=a v=1 1700000000000")},
			`{"action":"insert","args":{"req_id":4,"protocol":1,"precision":"ms","ttl":1000,"data":"m_ttl,h=a v=1 1700000000000"}}`,
		},
		{
			transport.Lines{Protocol: driver.SchemalessLine, Precision: driver.SchemalessMilliseconds, TableNameKey: "tn", Data: []byte("m_name,tn=my_table,h=a v=1 1700000000000")},
			`{"action":"insert","args":{"req_id":5,"protocol":1,"precision":"ms","ttl":0,"data":"m_name,tn=my_table,h=a v=1 1700000000000","table_name_key":"tn"}}`,
		},
		{
			transport.Lines{Protocol: driver.SchemalessTelnet, Data: []byte("tel.one 1700000000 4 host=web01 region=cn")},
			`{"action":"insert","args":{"req_id":6,"protocol":2,"precision":"","ttl":0,"data":"tel.one 1700000000 4 host=web01 region=cn"}}`,
		},
		{
			transport.Lines{Protocol: driver.SchemalessJSON, Data: []byte(`{"metric": "js.cpu", "timestamp": 1700000000, "value": 18, "tags": {"host": "web01", "dc": "lga"}}`)},
			`{"action":"insert","args":{"req_id":7,"protocol":3,"precision":"","ttl":0,"data":"{\"metric\": \"js.cpu\", \"timestamp\": 1700000000, \"value\": 18, \"tags\": {\"host\": \"web01\", \"dc\": \"lga\"}}"}}`,
		},
		{
			transport.Lines{Protocol: driver.SchemalessLine, Precision: driver.SchemalessHours, Data: []byte("a<b>&c v=1 472223")},
			`{"action":"insert","args":{"req_id":8,"protocol":1,"precision":"h","ttl":0,"data":"a<b>&c v=1 472223"}}`,
		},
	}
	s := script(t, func(p *peer) {
		p.login()
		for range cases {
			p.answer(p.expect("insert"), fields{"affected_rows": 2, "total_rows": 1})
		}
		<-p.gone
		p.quiet()
	})
	c := s.connect(t)
	var sent []byte
	c.beforeSend = func(message []byte) { sent = append([]byte(nil), message...) }
	for i, k := range cases {
		r, err := c.WriteLines(background, uint64(i)+2, k.lines)
		if err != nil || r.AffectedRows != 2 || r.TotalRows != 1 {
			t.Errorf("%+v, %v", r, err)
		}
		if string(sent) != k.want {
			t.Errorf("sent\n%s\nwant\n%s", sent, k.want)
		}
	}
}

func TestLinesNeedAServerThatKnowsTheTag(t *testing.T) {
	s := script(t, func(p *peer) {
		p.answer(p.expect("version"), fields{"version": "3.3.4.9"})
		p.answer(p.expect("conn"), nil)
		<-p.gone
		p.quiet()
	})
	_, err := s.connect(t).WriteLines(background, 5, transport.Lines{Protocol: driver.SchemalessLine, TableNameKey: "tn", Data: []byte("m,tn=a v=1")})
	var e *driver.Error
	if !errors.As(err, &e) || !errors.Is(err, driver.ErrNotSupported) || e.Op != "schemaless" {
		t.Error(err)
	}
}

// TestLostLinesMayBeIn: the connection ends after they were sent.
func TestLostLinesMayBeIn(t *testing.T) {
	s := script(t, func(p *peer) {
		p.login()
		p.expect("insert")
		p.drop()
	})
	c := s.connect(t)
	_, err := c.WriteLines(background, 5, transport.Lines{Protocol: driver.SchemalessLine, Data: []byte("m v=1")})
	var e *driver.Error
	if !errors.As(err, &e) || !e.OutcomeUnknown || !errors.Is(err, driver.ErrConnection) || c.Alive() {
		t.Error(err)
	}
	_, err = c.WriteLines(background, 6, transport.Lines{Protocol: driver.SchemalessLine, Data: []byte("m v=1")})
	if _, ok := transport.WasNotSent(err); !ok {
		t.Error(err)
	}
}
