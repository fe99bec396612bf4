package taosdriver_test

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// requestID returns the id that the server saw with the last statement that
// contains part.
func requestID(t *testing.T, srv *taostest.Server, part string) uint64 {
	t.Helper()
	all := srv.Statements()
	for i := len(all) - 1; i >= 0; i-- {
		if strings.Contains(all[i].SQL, part) {
			return all[i].ReqID
		}
	}
	t.Fatalf("no statement with %s", part)
	return 0
}

func TestRequestIDs(t *testing.T) {
	srv := serve(t)
	db := single(open(t, srv, "power", nil))
	ctx := driver.WithRequestID(background, 1<<63+5)
	if _, err := db.ExecContext(ctx, "insert into d values (now, 1, 'a')"); err != nil {
		t.Fatal(err)
	}
	if id := requestID(t, srv, "insert"); id != 1<<63+5 {
		t.Errorf("exec ran under %d", id)
	}
	_, err := db.QueryContext(ctx, "select * from nosuch")
	if e := isError(t, err, driver.ErrProgramming, "0x8000000000000005"); e.RequestID != 1<<63+5 || e.Code != taosdriver.CodeUnknownTable {
		t.Errorf("%+v", e)
	}
	insert, err := db.Prepare("insert into d values (?, ?, ?)")
	if err != nil {
		t.Fatal(err)
	}
	defer insert.Close()
	if _, err := insert.ExecContext(driver.WithRequestID(background, 77), moment(0), 1, "a"); err != nil {
		t.Fatal(err)
	}
	if id := requestID(t, srv, "insert"); id != 77 {
		t.Errorf("the prepared statement ran under %d", id)
	}
	exec(t, db, "insert into d values (now, 2, 'b')")
	first := requestID(t, srv, "'b'")
	exec(t, db, "insert into d values (now, 2, 'b')")
	if second := requestID(t, srv, "'b'"); first == 0 || first == second {
		t.Errorf("generated ids %d, %d", first, second)
	}
}

func TestExtensions(t *testing.T) {
	srv := serve(t)
	db := open(t, srv, "power", nil)
	err := driver.WithDB(background, db, func(c driver.RequestExecer) error {
		r, err := c.ExecRequest(background, 81, "insert into d values (?, ?, ?)", moment(0), 7, "x")
		if err == nil {
			if n, _ := r.RowsAffected(); n != 1 {
				t.Errorf("%d rows", n)
			}
		}
		return err
	})
	if err != nil || requestID(t, srv, "insert") != 81 {
		t.Error(err)
	}
	err = driver.WithDB(background, db, func(c driver.RequestQueryer) error {
		rows, err := c.QueryRequest(background, 82, "select v from d where v = ?", 7)
		if err != nil {
			return err
		}
		return rows.Close()
	})
	if err != nil || requestID(t, srv, "select v") != 82 {
		t.Error(err)
	}
	err = driver.WithDB(background, db, func(c driver.RequestExecer) error {
		if _, err := c.ExecRequest(background, 0, "insert into d values (now, ?, 'x')", make(chan int)); !errors.Is(err, driver.ErrInterface) {
			t.Error(err)
		}
		_, err := c.ExecRequest(background, 0, "insert into d values (now, ?, 'x')", sql.Named("v", 1))
		return err
	})
	if !errors.Is(err, driver.ErrNotSupported) {
		t.Error(err)
	}
	err = driver.WithDB(background, db, func(c driver.ServerInformer) error {
		info, err := c.ServerInfo(background)
		if info.Engine != "tdengine" || info.Version == "" || info.Database != "power" || info.Host != srv.Addr() || info.User != "root" {
			t.Errorf("%+v", info)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	err = driver.WithDB(background, db, func(driver.Copier) error { return nil })
	if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "tdengine over ws") {
		t.Error(err)
	}
}

func TestOpenByURLAndByName(t *testing.T) {
	srv := serve(t)
	url := srv.DSN("ws", "power")
	for _, open := range []func() (*sql.DB, error){
		func() (*sql.DB, error) { return sql.Open("taos", url) },
		func() (*sql.DB, error) { return dsn.Open(url) },
		func() (*sql.DB, error) { return dsn.Open(strings.TrimPrefix(url, "taos+")) },
		func() (*sql.DB, error) { return sql.Open("taos", "root:taosdata@ws("+srv.Addr()+")/power") },
	} {
		db, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if got := one[string](t, db, "select database()"); got != "power" {
			t.Error(got)
		}
		db.Close()
	}
	if _, err := sql.Open("taos", "taos+ws://h/?nosuch=1"); !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
	conn, err := taosdriver.Driver{}.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
}

func TestLogShowsConnectionsAndNoSecrets(t *testing.T) {
	srv := serve(t, taostest.WithUser("iris", "s3cret"))
	var text bytes.Buffer
	db := open(t, srv, "power", func(c *taosdriver.Config) {
		c.Logger = slog.New(slog.NewTextHandler(&text, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	if err := db.Ping(); err != nil {
		t.Fatal(err)
	}
	db.Close()
	for _, want := range []string{"connected", "engine=tdengine", "host=" + srv.Addr(), "conn=1", "closed"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("no %s in\n%s", want, &text)
		}
	}
	if strings.Contains(text.String(), "s3cret") {
		t.Error("the password is in the log")
	}
}

func TestCodes(t *testing.T) {
	if taosdriver.Code(nil) != 0 || taosdriver.Code(errors.New("x")) != 0 {
		t.Error("a code out of nothing")
	}
	if taosdriver.CodeName(taosdriver.CodeUnknownTable) != "table does not exist" {
		t.Error(taosdriver.CodeName(taosdriver.CodeUnknownTable))
	}
}

func TestConnectorAfterClose(t *testing.T) {
	srv := serve(t)
	config, err := taosdriver.ParseDSN(srv.DSN("ws", ""))
	if err != nil {
		t.Fatal(err)
	}
	c, err := taosdriver.NewConnector(config)
	if err != nil {
		t.Fatal(err)
	}
	config.Hosts = nil // changes nothing
	conn, err := c.Connect(background)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	c.Close()
	c.Close()
	if _, err := c.Connect(background); !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
}
