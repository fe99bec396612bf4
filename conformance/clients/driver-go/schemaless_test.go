package drivergo

import (
	"strings"
	"testing"
	"time"

	"github.com/taosdata/driver-go/v3/ws/schemaless"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func TestSchemalessOfItsOwnAPI(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	db := open(t, srv, "taosWS", "")
	if _, err := db.Exec("CREATE DATABASE d KEEP 36500"); err != nil {
		t.Fatal(err)
	}
	s, err := schemaless.NewSchemaless(schemaless.NewConfig("ws://"+srv.Addr(), 1,
		schemaless.SetUser("root"), schemaless.SetPassword("taosdata"), schemaless.SetDb("d"),
		schemaless.SetReadTimeout(time.Minute), schemaless.SetWriteTimeout(10*time.Second)))
	must(t, err)
	defer s.Close()
	for i, c := range []struct {
		lines     string
		protocol  int
		precision string
	}{
		{"line,h=a v=1,s=\"x\" 1700000000000\nline,h=b v=2 1700000000001", 1, "ms"},
		{"line,h=a v=3 1700000002", 1, "s"},
		{"line,h=a v=4 1700000003000000", 1, "u"},
		{"telnet.x 1700000000 4 web=web01", 2, "s"},
		{`{"metric":"js","timestamp":1700000000,"value":1.5,"tags":{"h":"a"}}`, 3, ""},
	} {
		if err := s.Insert(c.lines, c.protocol, c.precision, 10, int64(i)); err != nil {
			t.Errorf("%s: %v", c.lines, err)
		}
	}
	err = s.Insert("nonsense", 1, "ms", 0, 0)
	if err == nil || !strings.Contains(err.Error(), "[0x3002] SML line cols is empty") {
		t.Errorf("nonsense: %v", err)
	}
	var sum, n float64
	must(t, db.QueryRow("SELECT sum(v), count(*) FROM d.line").Scan(&sum, &n))
	if sum != 10 || n != 4 {
		t.Errorf("%v in %v rows", sum, n)
	}
	must(t, db.QueryRow("SELECT _value FROM d.telnet_x").Scan(&n))
	must(t, db.QueryRow("SELECT _value FROM d.js").Scan(&sum))
	if n != 4 || sum != 1.5 {
		t.Errorf("telnet %v, JSON %v", n, sum)
	}
}
