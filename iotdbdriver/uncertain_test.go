package iotdbdriver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

var instants = []time.Time{time.UnixMilli(1), time.UnixMilli(2)}

// executing are the calls that execute something, each with what makes it.
var executing = map[string]struct {
	dialect Dialect
	run     func(context.Context, *sql.DB) error
}{
	rpc.ExecuteStatement: {Table, func(ctx context.Context, db *sql.DB) error {
		_, err := db.ExecContext(ctx, "INSERT INTO t (time, i) VALUES (?, 1)", 1)
		return err
	}},
	rpc.ExecutePrepared: {Table, func(ctx context.Context, db *sql.DB) error {
		stmt, err := db.PrepareContext(ctx, "DELETE FROM t WHERE time < ?")
		if err != nil {
			return err
		}
		defer stmt.Close()
		_, err = stmt.ExecContext(ctx, 1)
		return err
	}},
	rpc.InsertTablet: {Table, func(ctx context.Context, db *sql.DB) error {
		return raw(db, func(c *conn) error { return c.InsertTablet(ctx, rowOf("t")) })
	}},
	rpc.InsertTablets: {Tree, func(ctx context.Context, db *sql.DB) error {
		return raw(db, func(c *conn) error { return c.InsertTablets(ctx, rowOf("root.a.b"), rowOf("root.a.c")) })
	}},
	rpc.InsertRecord: {Table, func(ctx context.Context, db *sql.DB) error {
		return raw(db, func(c *conn) error {
			return c.InsertRecord(ctx, Record{Table: "t", Time: instants[0], Values: []RecordValue{{Name: "i", Value: 1}}})
		})
	}},
	rpc.InsertRecords: {Tree, func(ctx context.Context, db *sql.DB) error {
		return raw(db, func(c *conn) error {
			r := Record{Table: "root.a.b", Time: instants[0], Values: []RecordValue{{Name: "i", Value: 1}}}
			return c.InsertRecords(ctx, r, r)
		})
	}},
}

// A server that fails in a call may have done what it was asked for: the error says so,
// and nothing is sent again. One that does not know a call has done nothing.
func TestServerFailsInACall(t *testing.T) {
	for method, call := range executing {
		for code, unknown := range map[int32]bool{
			rpc.CodeInternalError: true, rpc.CodeMissingResult: true, 0: true, 99: true,
			rpc.CodeUnknownMethod: false, rpc.CodeWrongName: false, rpc.CodeProtocolError: false, rpc.CodeInvalidMessage: false,
		} {
			t.Run(fmt.Sprintf("%s/%d", method, code), func(t *testing.T) {
				s := newScript(t)
				s.on(method, &rpc.ApplicationError{Message: "Internal error processing " + method, Code: code})
				err := call.run(context.Background(), s.db(t, func(c *Config) { c.Dialect = call.dialect }))
				var e *driver.Error
				if !errors.As(err, &e) || e.OutcomeUnknown != unknown || errors.Is(err, sqldriver.ErrBadConn) || e.Host != s.addr {
					t.Errorf("%v", err)
				}
				if n := s.count(method); n != 1 {
					t.Errorf("sent %d times", n)
				}
				if n := s.count(rpc.OpenSession); n != 1 {
					t.Errorf("%d connections", n)
				}
			})
		}
	}
}

// So does a node that a tablet was redirected to, and the error names that node.
func TestRedirectedServerFails(t *testing.T) {
	for name, answer := range map[string]rpc.Struct{
		"exception": &rpc.ApplicationError{Message: "Internal error processing insertTablet", Code: rpc.CodeInternalError},
		"status":    &rpc.Status{Code: CodeWriteRejected, Message: "no"},
	} {
		t.Run(name, func(t *testing.T) {
			first, second := newScript(t), newScript(t)
			second.on(rpc.InsertTablet, answer)
			host, port, _ := net.SplitHostPort(second.addr)
			node := &rpc.Endpoint{IP: host}
			fmt.Sscan(port, &node.Port)
			first.on(rpc.InsertTablet, &rpc.Status{Code: codeSuccess, RedirectNode: node})
			db := first.db(t, func(c *Config) { c.Redirection = true })
			insert := func() error {
				return raw(db, func(c *conn) error { return c.InsertTablet(context.Background(), rowOf("t")) })
			}
			if err := insert(); err != nil {
				t.Fatal(err)
			}
			err := insert()
			var e *driver.Error
			if !errors.As(err, &e) || e.OutcomeUnknown != (name == "exception") || e.Host != second.addr {
				t.Errorf("%v", err)
			}
			if n, m := first.count(rpc.InsertTablet), second.count(rpc.InsertTablet); n != 1 || m != 1 {
				t.Errorf("%d and %d tablets", n, m)
			}
		})
	}
}

// A statement that is quoted in the server's words does not say that its session is
// gone, whatever it holds: it would be run again.
func TestSessionGone(t *testing.T) {
	const gone = "StatementId: 7 doesn't exist in this session 12-root:/127.0.0.1:5"
	const front = `[INTERNAL_SERVER_ERROR(305)] Exception occurred: "%s". executeStatement failed. %s`
	for message, want := range map[string]bool{
		gone:                                  true,
		fmt.Sprintf(front, "SELECT 1", gone):  true,
		fmt.Sprintf(front, gone, gone):        true,
		fmt.Sprintf(front, gone, "disk full"): false,
		fmt.Sprintf(front, `". executeStatement failed. `+gone, "null"): false,
		fmt.Sprintf(front, "SELECT 1", "cannot cast '"+gone+"'"):        false,
		"StatementId of something else, not in this session":            false,
	} {
		if got := sessionGone(&rpc.Status{Code: CodeInternal, Message: message}); got != want {
			t.Errorf("%s: %t", message, got)
		}
	}
	s := newScript(t)
	s.on(rpc.ExecuteStatement, &rpc.StatementReply{Status: rpc.Status{Code: CodeInternal, Message: fmt.Sprintf(front, gone, "disk full")}})
	if _, err := s.db(t, nil).Exec("INSERT INTO log (time, s) VALUES (1, ?)", gone); Code(err) != CodeInternal {
		t.Errorf("%v", err)
	}
	if n := s.count(rpc.ExecuteStatement); n != 1 {
		t.Errorf("sent %d times", n)
	}
}

// The server's word on a statement that is closed is not waited for long, and a
// connection on which it does not come leaves the pool.
func TestCloseWithoutAnAnswer(t *testing.T) {
	const soon = 2 * time.Second
	for method, run := range map[string]func(*testing.T, *sql.DB) (close func() error){
		rpc.DeallocateStatement: func(t *testing.T, db *sql.DB) func() error {
			stmt, err := db.Prepare("SELECT i FROM t WHERE time < ?")
			if err != nil {
				t.Fatal(err)
			}
			return stmt.Close
		},
		rpc.CloseOperation: func(t *testing.T, db *sql.DB) func() error {
			rows, err := db.Query("SELECT 1")
			if err != nil || !rows.Next() {
				t.Fatal(err)
			}
			return rows.Close
		},
		rpc.FetchResults: func(t *testing.T, db *sql.DB) func() error { // the page ahead
			rows, err := db.Query("SELECT 1")
			if err != nil || !rows.Next() || !rows.Next() {
				t.Fatal(err)
			}
			return rows.Close
		},
	} {
		t.Run(method, func(t *testing.T) {
			s := newScript(t)
			s.result(t, 3)
			s.on(method, nil)
			db := s.db(t, nil)
			closing := run(t, db)
			start := time.Now()
			err := closing()
			if took := time.Since(start); took > soon {
				t.Errorf("it took %v", took)
			}
			if err = errors.Join(err, db.Ping()); err != nil {
				t.Error(err)
			}
			if n := s.count(rpc.OpenSession); n != 2 {
				t.Errorf("%d connections", n)
			}
		})
	}
}

// Who closes a statement without a pool is told.
func TestCloseWithoutAnAnswerIsTold(t *testing.T) {
	s := newScript(t)
	s.on(rpc.DeallocateStatement, nil)
	err := raw(s.db(t, nil), func(c *conn) error {
		stmt, err := c.Prepare("SELECT i FROM t WHERE time < ?")
		if err != nil {
			t.Fatal(err)
		}
		err = stmt.Close()
		if !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) || c.IsValid() {
			t.Errorf("%v", err)
		}
		return c.Close()
	})
	if err != nil {
		t.Error(err)
	}
}

// A statement that is closed while the page of another's rows is on its way does not
// cost these rows: the server is told later.
func TestCloseAStatementBesideRows(t *testing.T) {
	s := newScript(t)
	s.result(t, 3)
	db := s.db(t, nil)
	ctx := context.Background()
	c, err := db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	stmt, err := c.PrepareContext(ctx, "SELECT i FROM t WHERE time < ?")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.QueryContext(ctx, "SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		rows.Next()
	}
	if err := stmt.Close(); err != nil || s.count(rpc.DeallocateStatement) != 0 {
		t.Errorf("%v, told at once", err)
	}
	for range 28 {
		if !rows.Next() {
			t.Fatal(rows.Err())
		}
	}
	if err := errors.Join(rows.Close(), c.Close(), db.Ping()); err != nil {
		t.Error(err)
	}
	if n, m := s.count(rpc.DeallocateStatement), s.count(rpc.OpenSession); n != 1 || m != 1 {
		t.Errorf("told %d times, %d connections", n, m)
	}
}

// A page that the server has failed in leaves the result open there, and Close frees
// it: the connection goes on.
func TestFetchFails(t *testing.T) {
	s := newScript(t)
	s.result(t, 3)
	s.on(rpc.FetchResults, &rpc.ApplicationError{Message: "Internal error processing fetchResultsV2", Code: rpc.CodeInternalError})
	db := s.db(t, func(c *Config) { c.Kill = true })
	rows, err := db.Query("SELECT 1")
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
	}
	var e *driver.Error
	if err := rows.Err(); !errors.As(err, &e) || e.OutcomeUnknown || !strings.Contains(err.Error(), "Internal error") {
		t.Errorf("%v", err)
	}
	if n := s.count(rpc.CloseOperation); n != 1 {
		t.Errorf("freed %d times", n)
	}
	if err := errors.Join(rows.Close(), db.Ping()); err != nil {
		t.Error(err)
	}
	if n := s.count(rpc.OpenSession); n != 1 {
		t.Errorf("%d connections", n)
	}
}

// A server that tells of ever new nodes does not get a session at each for good.
func TestNodesAreBounded(t *testing.T) {
	s := newScript(t)
	connector, err := NewConnector(NewConfig())
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	ctx := context.Background()
	dial := connector.settings.Dial
	connector.settings.Dial = func(ctx context.Context, network, _ string) (net.Conn, error) { return dial(ctx, network, s.addr) }
	var n nodes
	for i := range maxNodes + 10 {
		if _, err := n.at(ctx, connector, fmt.Sprintf("node%d:6667", i)); err != nil {
			t.Fatal(err)
		}
	}
	if len(n.list) != maxNodes {
		t.Errorf("%d sessions", len(n.list))
	}
	n.close(ctx)
}

// Nodes that do not answer share the time of a goodbye.
func TestCloseBesideSilentNodes(t *testing.T) {
	s := newScript(t)
	s.on(rpc.CloseSession, nil)
	err := raw(s.db(t, nil), func(c *conn) error {
		for i := range 8 {
			link, err := connect(context.Background(), c.connector.config, c.connector.settings, s.addr)
			if err != nil {
				return err
			}
			if c.nodes.list == nil {
				c.nodes.list = map[string]*session{}
			}
			c.nodes.list[fmt.Sprint(i)] = link
		}
		start := time.Now()
		err := c.Close()
		if took := time.Since(start); took > 4*closeTimeout {
			t.Errorf("it took %v", took)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// What was found out about a table before it changed is not remembered.
func TestSchemasForget(t *testing.T) {
	var s schemas
	_, asked := s.get("t")
	s.put("T", &schema{}, asked)
	if found, _ := s.get("t"); found == nil {
		t.Error("nothing is remembered")
	}
	_, asked = s.get("u")
	s.forget("T")
	s.put("u", &schema{}, asked)
	for _, table := range []string{"t", "u"} {
		if found, _ := s.get(table); found != nil {
			t.Errorf("%s is remembered", table)
		}
	}
}
