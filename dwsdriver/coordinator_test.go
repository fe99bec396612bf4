package dwsdriver_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

func start(t testing.TB, servers int, opts ...dwstest.Option) *dwstest.Cluster {
	t.Helper()
	c, err := dwstest.StartCluster(servers, append([]dwstest.Option{dwstest.WithIterations(100)}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func open(t testing.TB, dsn string) *sql.DB {
	t.Helper()
	db, err := sql.Open("dws", dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

func logins(c *dwstest.Cluster) (n int) {
	for _, s := range c.Servers() {
		n += s.Logins()
	}
	return n
}

func TestARefusalOfOneCoordinatorIsThatOfAllThree(t *testing.T) {
	for _, tt := range []struct {
		name string
		dsn  func(string) string
		kind error
	}{
		{"wrong password", func(s string) string { return strings.Replace(s, "Gauss%40123", "hunter2", 1) }, dwsdriver.ErrPassword},
		{"unknown user", func(s string) string { return strings.Replace(s, "dbadmin", "nobody", 1) }, dwsdriver.ErrPassword},
		{"unknown database", func(s string) string { return strings.Replace(s, "/gaussdb", "/nosuch", 1) }, dwsdriver.ErrUnknownDatabase},
	} {
		c := start(t, 3)
		dsn := tt.dsn(c.DSN(""))
		if dsn == c.DSN("") {
			t.Fatalf("%s: nothing to change in %s", tt.name, dsn)
		}
		err := open(t, dsn).Ping()
		if !errors.Is(err, tt.kind) || logins(c) != 1 {
			t.Errorf("%s: %v, %d logins", tt.name, err, logins(c))
		}
	}
	c := start(t, 3)
	c.Fault(dwstest.On{Action: "login"}, dwstest.RefuseLogin("28000"))
	if err := open(t, c.DSN("")).Ping(); !errors.Is(err, dwsdriver.ErrLocked) || logins(c) != 1 {
		t.Errorf("locked: %v, %d logins", err, logins(c))
	}
}

func TestEveryStorageOfPasswordsIsLoggedInto(t *testing.T) {
	for _, auth := range []dwstest.Auth{dwstest.AuthMD5, dwstest.AuthSHA256, dwstest.AuthSHA256MD5, dwstest.AuthTrust} {
		options := []dwstest.Option{dwstest.WithAuth(auth)}
		if auth == dwstest.AuthMD5 || auth == dwstest.AuthSHA256MD5 {
			options = append(options, dwstest.WithStorage(dwstest.StoreMD5))
		}
		c := start(t, 1, options...)
		if err := open(t, c.DSN("")).Ping(); err != nil {
			t.Errorf("%s: %v", auth, err)
		}
	}
	for _, auth := range []dwstest.Auth{dwstest.AuthSM3, dwstest.AuthIAM, dwstest.AuthUnknown} {
		c := start(t, 2, dwstest.WithAuth(auth))
		if err := open(t, c.DSN("")).Ping(); !errors.Is(err, driver.ErrNotSupported) || logins(c) != 1 {
			t.Errorf("%s: %v, %d logins", auth, err, logins(c))
		}
	}
}

func TestASlowLoginEndsWithItsContext(t *testing.T) {
	c := start(t, 1)
	c.Fault(dwstest.On{Action: "login"}, dwstest.Delay(time.Minute))
	db := open(t, c.DSN(""))
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	err := db.PingContext(ctx)
	end, _ := ctx.Deadline()
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(end) > time.Second {
		t.Errorf("%v, %v late", err, time.Since(end))
	}
}

func TestACancelCostsNoLogin(t *testing.T) {
	for _, options := range [][]dwstest.Option{nil, {dwstest.WithTLSOnly()}} {
		c := start(t, 1, options...)
		db := open(t, c.DSN(""))
		if err := db.Ping(); err != nil {
			t.Fatal(err)
		}
		c.Fault(dwstest.On{Action: "query", SQL: "slow", Times: 1}, dwstest.Delay(time.Minute))
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		_, err := db.ExecContext(ctx, "SELECT 'slow'")
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		if err := db.Ping(); err != nil {
			t.Error(err)
		}
		if n := c.Server(0).Cancels(); n != 1 {
			t.Errorf("%d cancels", n)
		}
		if n := logins(c); n > 2 {
			t.Errorf("%d logins", n)
		}
	}
}

// What psycopg2's table marks N.
func TestWhatDWSRefusesIsNotSupportedWithTheReason(t *testing.T) {
	c := start(t, 1)
	db := open(t, c.DSN(""))
	ctx := context.Background()
	for text, reason := range map[string]string{
		"DISCARD ALL":                               "restores the settings",
		"LISTEN x":                                  "Config.OnNotice",
		"SET default_transaction_read_only = on":    "sql.TxOptions{ReadOnly: true}",
		"SELECT lo_create(0)":                       "no large objects",
		"DECLARE c SCROLL CURSOR FOR SELECT 1":      "no SCROLL cursors",
		"DECLARE c CURSOR WITH HOLD FOR SELECT 1":   "WITH HOLD",
		"/* a comment */ PREPARE TRANSACTION 'gid'": "prepare transactions",
	} {
		tx, err := db.BeginTx(ctx, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = tx.ExecContext(ctx, text)
		if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), reason) {
			t.Errorf("%s: %v", text, err)
		}
		_ = tx.Rollback()
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	err = driver.With(conn, func(tp driver.TwoPhase) error {
		if err := tp.BeginTwoPhase(ctx, driver.TransactionID{Global: "g"}); err != nil {
			return err
		}
		if err := tp.Prepare(ctx); !errors.Is(err, driver.ErrNotSupported) {
			t.Errorf("prepare: %v", err)
		}
		return tp.RollbackTwoPhase(ctx)
	})
	if err != nil {
		t.Error(err)
	}
	if _, err := conn.ExecContext(ctx, "SELECT * FROM nosuch"); errors.Is(err, driver.ErrNotSupported) {
		t.Errorf("an ordinary error is said to be unsupported: %v", err)
	}
}

func TestCopyAppendAndCursorOnACoordinator(t *testing.T) {
	c := start(t, 1)
	db := open(t, c.DSN(""))
	ctx := context.Background()
	if _, err := db.Exec("CREATE TABLE t (id int, name text)"); err != nil {
		t.Fatal(err)
	}
	err := driver.WithDB(ctx, db, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "t"})
		if err != nil {
			return err
		}
		for i := range 1000 {
			if err := a.Append(ctx, i, fmt.Sprintf("row\t%d", i)); err != nil {
				return err
			}
		}
		return a.Close(ctx)
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Executed("COPY"); n != 1 {
		t.Errorf("%d COPYs", n)
	}
	var out bytes.Buffer
	err = driver.WithDB(ctx, db, func(cp driver.Copier) error {
		n, err := cp.CopyTo(ctx, dwsdriver.CopyToStdout("t", dwsdriver.CopyOptions{}), &out)
		if n != 1000 {
			t.Errorf("%d rows out", n)
		}
		if err != nil {
			return err
		}
		n, err = cp.CopyFrom(ctx, dwsdriver.CopyFromStdin("t", dwsdriver.CopyOptions{}), &out)
		if n != 1000 {
			t.Errorf("%d rows in", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback()
	cursor, err := dwsdriver.DeclareCursor(ctx, tx, dwsdriver.CursorOptions{Size: 300}, "SELECT id, name FROM t")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range cursor.Rows(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		var id int
		var name string
		if err := row.Scan(&id, &name); err != nil || name != fmt.Sprintf("row\t%d", id) {
			t.Fatalf("%d %q %v", id, name, err)
		}
		n++
	}
	if n != 2000 {
		t.Errorf("%d rows", n)
	}
}

func TestTheSessionIsDescribed(t *testing.T) {
	c := start(t, 1, dwstest.WithTLS(nil))
	err := driver.WithDB(context.Background(), open(t, c.DSN("")), func(s dwsdriver.SessionInformer) error {
		i := s.SessionInfo()
		if i.BackendPID == 0 || i.ServerVersion != 90204 || i.ProtocolVersion != 3 || i.Status != dwsdriver.TransactionIdle || i.Method != "sha256" || i.TLS == nil {
			t.Errorf("%+v", i)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
