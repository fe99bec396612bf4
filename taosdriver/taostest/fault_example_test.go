package taostest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// started is a server with a database power and a pool that is in it.
func started() (srv *taostest.Server, db *sql.DB, stop func()) {
	srv = taostest.NewServer()
	setup, err := sql.Open("taos", srv.DSN("ws", ""))
	if err != nil {
		log.Fatal(err)
	}
	defer setup.Close()
	for _, statement := range []string{
		"CREATE DATABASE power",
		"CREATE TABLE power.t (ts TIMESTAMP, v INT)",
	} {
		if _, err := setup.Exec(statement); err != nil {
			log.Fatal(err)
		}
	}
	if db, err = sql.Open("taos", srv.DSN("ws", "power")); err != nil {
		log.Fatal(err)
	}
	return srv, db, func() {
		db.Close()
		srv.Close()
	}
}

// The second query that mentions the table is refused with a code of the server.
func ExampleErrorCode() {
	srv, db, stop := started()
	defer stop()

	srv.Fault(taostest.On{Action: "query", SQL: "from t", After: 1, Times: 1}, taostest.ErrorCode(0x0512, "Vnode is syncing"))
	for range 3 {
		var n int
		err := db.QueryRow("SELECT COUNT(*) FROM t").Scan(&n)
		fmt.Printf("%#04x %v\n", taosdriver.Code(err), errors.Is(err, driver.ErrServer))
	}
	// Output:
	// 0x0000 false
	// 0x0512 true
	// 0x0000 false
}

// No login succeeds until the rule is removed.
func ExampleRefuseLogin() {
	srv, db, stop := started()
	defer stop()

	rule := srv.Fault(taostest.On{}, taostest.RefuseLogin(taosdriver.CodeAuthentication))
	fmt.Println(errors.Is(db.Ping(), driver.ErrAuthentication), rule.Hits())
	rule.Remove()
	fmt.Println(db.Ping())
	// Output:
	// true 1
	// <nil>
}

// A rule tells when its request has come, so that a test need not sleep: here the
// context ends exactly while the server has the statement.
func ExampleRule_Hit() {
	srv, db, stop := started()
	defer stop()

	rule := srv.Fault(taostest.On{SQL: "insert"}, taostest.DelayReply(time.Minute))
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-rule.Hit()
		cancel()
	}()
	_, err := db.ExecContext(ctx, "INSERT INTO t VALUES (NOW, 1)")
	fmt.Println(errors.Is(err, context.Canceled))
	// Output: true
}

// The pool recovers from a restart by itself; the data stays.
func ExampleServer_Restart() {
	srv, db, stop := started()
	defer stop()
	if _, err := db.Exec("INSERT INTO t VALUES (NOW, 1)"); err != nil {
		log.Fatal(err)
	}

	if err := srv.Restart(); err != nil {
		log.Fatal(err)
	}
	var n int
	fmt.Println(db.QueryRow("SELECT COUNT(*) FROM t").Scan(&n), n)
	// Output: <nil> 1
}
