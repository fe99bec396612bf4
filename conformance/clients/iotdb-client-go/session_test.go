package iotdbclientgo

import (
	"fmt"
	"net"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/apache/iotdb-client-go/v2/client"

	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

func start(t *testing.T, opts ...iotdbtest.Option) (*iotdbtest.Server, *client.Config) {
	t.Helper()
	srv := iotdbtest.NewServer(append([]iotdbtest.Option{iotdbtest.WithDatabase("db1")}, opts...)...)
	t.Cleanup(srv.Close)
	host, port, err := net.SplitHostPort(srv.Addr())
	if err != nil {
		t.Fatal(err)
	}
	return srv, &client.Config{Host: host, Port: port, UserName: "root", Password: "root", Database: "db1", TimeZone: "UTC", FetchSize: 100}
}

func session(t *testing.T, config *client.Config, compression bool) client.ITableSession {
	t.Helper()
	s, err := client.NewTableSession(config, compression, 5000)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func run(t *testing.T, s client.ITableSession, sql string) {
	t.Helper()
	if err := s.ExecuteNonQueryStatement(sql); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// rows reads a result as texts.
func rows(t *testing.T, s client.ITableSession, sql string) []string {
	t.Helper()
	timeout := int64(5000)
	set, err := s.ExecuteQueryStatement(sql, &timeout)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	defer set.Close()
	list := []string{}
	for {
		more, err := set.Next()
		if err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		if !more {
			return list
		}
		var texts []string
		for _, name := range set.GetColumnNames() {
			null, err := set.IsNull(name)
			if err != nil {
				t.Fatal(err)
			}
			text := "NULL"
			if !null {
				if text, err = set.GetString(name); err != nil {
					t.Fatal(err)
				}
			}
			texts = append(texts, text)
		}
		list = append(list, strings.Join(texts, "|"))
	}
}

func same(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// TestTypes: tablets and results of every type, in both protocols.
func TestTypes(t *testing.T) {
	for _, compression := range []bool{false, true} {
		t.Run(fmt.Sprint(compression), func(t *testing.T) {
			var opts []iotdbtest.Option
			if compression {
				opts = append(opts, iotdbtest.WithCompression())
			}
			_, config := start(t, opts...)
			s := session(t, config, compression)
			run(t, s, "create table every (tg string tag, at string attribute, b boolean, i int32, l int64, f float, d double, x text, ts timestamp, dt date, bl blob)")
			schema := func(name string, typ client.TSDataType) *client.MeasurementSchema {
				return &client.MeasurementSchema{Measurement: name, DataType: typ}
			}
			tablet, err := client.NewRelationalTablet("every", []*client.MeasurementSchema{
				schema("tg", client.STRING), schema("at", client.STRING), schema("b", client.BOOLEAN), schema("i", client.INT32), schema("l", client.INT64),
				schema("f", client.FLOAT), schema("d", client.DOUBLE), schema("x", client.TEXT), schema("ts", client.TIMESTAMP), schema("dt", client.DATE), schema("bl", client.BLOB),
			}, []client.ColumnCategory{
				client.TAG, client.ATTRIBUTE, client.FIELD, client.FIELD, client.FIELD, client.FIELD, client.FIELD, client.FIELD, client.FIELD, client.FIELD, client.FIELD,
			}, 16)
			if err != nil {
				t.Fatal(err)
			}
			values := []any{"a", "attr", true, int32(-7), int64(1) << 40, float32(0.5), 0.1, "it's 日本", int64(1700000000123), time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC), []byte{0, 255}}
			for row := range 9 {
				tablet.SetTimestamp(int64(row), row)
				for i, v := range values {
					if row == 8 && i >= 2 {
						v = nil
					}
					if err := tablet.SetValueAt(v, i, row); err != nil {
						t.Fatal(err)
					}
				}
				tablet.RowSize++
			}
			if err := s.Insert(tablet); err != nil {
				t.Fatal(err)
			}
			got := rows(t, s, "select tg, at, b, i, l, f, d, x, bl from every order by time")
			if len(got) != 9 {
				t.Fatalf("%q", got)
			}
			same(t, got[7:], "a|attr|true|-7|1099511627776|0.5|0.1|it's 日本|0x00ff", "a|attr|NULL|NULL|NULL|NULL|NULL|NULL|NULL")
			same(t, rows(t, s, "select count(*), count(i), max(l) from every"), "9|8|1099511627776")
			same(t, rows(t, s, "select i, i, tg from every where time = 1"), "-7|-7|a")
			same(t, rows(t, s, "select tg from every where tg = 'none'"))
			same(t, rows(t, s, "desc every")[:3], "time|TIMESTAMP|TIME", "tg|STRING|TAG", "at|STRING|ATTRIBUTE")
		})
	}
}

// TestPages: many rows come in pages.
func TestPages(t *testing.T) {
	srv, config := start(t, iotdbtest.WithBlockRows(70))
	s := session(t, config, false)
	tablet, err := client.NewRelationalTablet("many", []*client.MeasurementSchema{{Measurement: "i", DataType: client.INT32}}, []client.ColumnCategory{client.FIELD}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for row := range 1000 {
		tablet.SetTimestamp(int64(row), row)
		if err := tablet.SetValueAt(int32(row), 0, row); err != nil {
			t.Fatal(err)
		}
		tablet.RowSize++
	}
	if err := s.Insert(tablet); err != nil { // makes the table
		t.Fatal(err)
	}
	if got := rows(t, s, "select i from many order by time"); len(got) != 1000 || got[999] != "999" {
		t.Errorf("%d rows", len(got))
	}
	if n := srv.OpenResults(); n != 0 {
		t.Errorf("%d results are open", n)
	}
}

func TestErrors(t *testing.T) {
	_, config := start(t)
	s := session(t, config, false)
	for sql, code := range map[string]string{
		"selekt": "700", "create database db1": "501", "use nosuch": "500", "insert into nosuch(time, a) values (1, 2)": "550",
	} {
		if err := s.ExecuteNonQueryStatement(sql); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%s: %v, want %s", sql, err, code)
		}
	}
	run(t, s, "create table t (i int32)")
	if err := s.ExecuteNonQueryStatement("insert into t(time, i) values (1, 'x')"); err == nil || !strings.Contains(err.Error(), "507") {
		t.Errorf("%v", err)
	}
}

func TestPool(t *testing.T) {
	_, config := start(t)
	pool := client.NewTableSessionPool(&client.PoolConfig{
		Host: config.Host, Port: config.Port, UserName: "root", Password: "root", Database: "db1", TimeZone: "UTC", FetchSize: 100,
	}, 3, 5000, 5000, false)
	defer pool.Close()
	done := make(chan error)
	for i := range 6 {
		go func() {
			s, err := pool.GetSession()
			if err == nil {
				err = s.ExecuteNonQueryStatement(fmt.Sprintf("create table t%d (i int32)", i))
				_ = s.Close()
			}
			done <- err
		}()
	}
	for range 6 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	s, err := pool.GetSession()
	if err != nil {
		t.Fatal(err)
	}
	if got := rows(t, s, "show tables"); len(got) != 6 {
		t.Errorf("%q", got)
	}
	_ = s.Close()
}

// TestExamples runs the client's own examples, which want port 6667, as they are. That
// of the pool creates a database a second time in its last part, which ends it on
// every server.
func TestExamples(t *testing.T) {
	for _, example := range []struct {
		name, database string
		fails          string
		check, want    string
	}{
		{"example/table", "test_session", "", "select count(*), count(tag1) from test_db.t1", ""},
		{"example/session_pool/table", "test_db", "code: 501", "select count(*) from information_schema.tables where table_name like 't_' and database = 'test_db'", "10"},
	} {
		t.Run(example.name, func(t *testing.T) {
			srv, err := iotdbtest.Start(iotdbtest.WithDatabase(example.database), iotdbtest.WithAddress("127.0.0.1:6667"))
			if err != nil {
				t.Fatalf("the examples want port 6667: %v", err)
			}
			defer srv.Close()
			out, err := exec.Command("go", "run", "github.com/apache/iotdb-client-go/v2/"+example.name).CombinedOutput()
			if (err != nil) != (example.fails != "") || !strings.Contains(string(out), example.fails) {
				t.Fatalf("%v\n%s", err, out)
			}
			s := session(t, &client.Config{Host: "127.0.0.1", Port: "6667", UserName: "root", Password: "root"}, false)
			got := rows(t, s, example.check)
			if example.want == "" {
				// One tag in four of the second half is NULL, at random.
				var all, tagged int
				if _, err := fmt.Sscanf(got[0], "%d|%d", &all, &tagged); err != nil || all != 32 || tagged < 16 || tagged > 32 {
					t.Errorf("%q, %v", got, err)
				}
			} else {
				same(t, got, example.want)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}
