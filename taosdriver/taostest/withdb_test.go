package taostest

import (
	"database/sql"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/DATA-DOG/go-sqlmock"
)

// mocked is a server in front of go-sqlmock.
func mocked(t *testing.T) (*Server, sqlmock.Sqlmock) {
	t.Helper()
	db, mock, err := sqlmock.New()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return start(t, WithDB(db)), mock
}

type coded struct{}

func (coded) Error() string { return "Table does not exist" }
func (coded) Code() int     { return 0x2603 }

func TestScriptedAnswers(t *testing.T) {
	srv, mock := mocked(t)
	mock.ExpectQuery("SELECT ts").WillReturnRows(sqlmock.NewRows([]string{"ts", "v", "f", "s", "b", "n"}).
		AddRow(time.Unix(1700000000, 5).UTC(), int64(7), 1.5, "text", []byte{1}, nil).
		AddRow(nil, nil, nil, nil, nil, "late"))
	mock.ExpectExec("INSERT").WillReturnResult(sqlmock.NewResult(0, 3))
	mock.ExpectQuery("SELECT none").WillReturnError(coded{})
	mock.ExpectExec("DROP").WillReturnError(errors.New("no such luck"))
	c := connect(t, srv, "power")

	r := c.must("SELECT ts, v FROM t")
	if want := []int{9, 5, 7, 8, 16, 8}; !slices.Equal(r.Types, want) || r.Precision != 2 {
		t.Errorf("types %v precision %d, want %v and 2", r.Types, r.Precision, want)
	}
	want := []string{"2023-11-14 22:13:20.000000005 +0000 UTC 7 1.5 text [1] <nil>", "<nil> <nil> <nil> <nil> <nil> late"}
	if got := c.rows(r); !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
	if r := c.must("INSERT INTO t VALUES (1)"); !r.Update || r.Rows != 3 {
		t.Errorf("insert: %+v", r)
	}
	if r := c.query("SELECT none"); r.Code != 0x2603 || r.Message != "Table does not exist" {
		t.Errorf("an error with a code: %+v", r)
	}
	if r := c.query("DROP TABLE t"); r.Code != 0xffff || r.Message != "no such luck" {
		t.Errorf("an error without: %+v", r)
	}
	if err := mock.ExpectationsWereMet(); err != nil {
		t.Error(err)
	}
}

func TestDatabaseWithoutSessionsNeverSeesUse(t *testing.T) {
	srv, mock := mocked(t)
	c := connect(t, srv, "power")
	c.must("USE `other`")
	if got := c.ask("get_current_db", "").DB; got != "other" {
		t.Errorf("database %q, want other", got)
	}
	if err := mock.ExpectationsWereMet(); err != nil {
		t.Error(err)
	}
}

func TestTypesByName(t *testing.T) {
	srv, mock := mocked(t)
	column := func(name, kind string, sample any) *sqlmock.Column {
		return sqlmock.NewColumn(name).OfType(kind, sample)
	}
	mock.ExpectQuery("SELECT").WillReturnRows(sqlmock.NewRowsWithColumnDefinition(
		column("i", "INT", int64(0)), column("u", "BIGINT UNSIGNED", int64(0)), column("d", "DECIMAL", "").WithPrecisionAndScale(20, 4),
		column("v", "VARCHAR", "").WithLength(12), column("j", "JSON", ""), column("x", "INTEGER", int64(0)), column("t", "TIMESTAMP", time.Time{}),
		column("c", "NUMERIC", ""),
	).AddRow(int64(1), int64(2), "12.5000", "v", `{"a":1}`, "34", "2023-11-14 22:13:20", "2.5"))
	c := connect(t, srv, "")
	r := c.must("SELECT everything")
	if want := []int{4, 14, 17, 8, 15, 5, 9, 7}; !slices.Equal(r.Types, want) {
		t.Errorf("types %v, want %v", r.Types, want)
	}
	want := []string{`1 2 12.5000 v [123 34 97 34 58 49 125] 34 2023-11-14 22:13:20 +0000 UTC 2.5`}
	if got := c.rows(r); !slices.Equal(got, want) {
		t.Errorf("rows %q, want %q", got, want)
	}
}

func TestValueThatDoesNotFitFailsTheFetch(t *testing.T) {
	srv, mock := mocked(t)
	mock.ExpectQuery("SELECT").WillReturnRows(sqlmock.NewRows([]string{"v"}).AddRow(int64(1)).AddRow("not a number"))
	c := connect(t, srv, "")
	r := c.must("SELECT v")
	f, err := c.fetch(r.ID)
	if err != nil || f.Code != 0xffff || !f.Finished {
		t.Fatalf("%+v %v", f, err)
	}
	if want := `taostest: row 2: `; len(f.Message) < len(want) || f.Message[:len(want)] != want {
		t.Errorf("message %q", f.Message)
	}
}

func TestPreparedStatementsReachAnyDatabase(t *testing.T) {
	srv, mock := mocked(t)
	mock.ExpectQuery("SELECT v FROM t WHERE v > ").WithArgs(int64(5)).
		WillReturnRows(sqlmock.NewRows([]string{"v"}).AddRow(int64(6)))
	c := connect(t, srv, "")
	st := c.ask("stmt2_init", "").StmtID
	if r := c.ask("stmt2_prepare", `"stmt_id":1,"sql":"SELECT v FROM t WHERE v > ?","get_fields":true`); r.Code != 0 || r.Fields != 1 {
		t.Fatalf("prepare: %+v", r)
	}
	c.bind(st, bigInt(t, 5))
	if r := c.ask("stmt2_exec", `"stmt_id":1`); r.Code != 0 {
		t.Fatalf("exec: %+v", r)
	}
	if got := c.rows(c.ask("stmt2_result", `"stmt_id":1`)); !slices.Equal(got, []string{"6"}) {
		t.Errorf("rows %v", got)
	}
	if srv.OpenStatements() != 1 {
		t.Errorf("%d open statements, want 1", srv.OpenStatements())
	}
	c.ask("stmt2_close", `"stmt_id":1`)
	if srv.OpenStatements() != 0 || srv.OpenResults() != 0 {
		t.Errorf("%d statements and %d results are open", srv.OpenStatements(), srv.OpenResults())
	}
}

func TestSQLiteBehind(t *testing.T) {
	db, err := sql.Open("sqlite", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	srv := start(t, WithDB(db))
	c := connect(t, srv, "")
	c.must("CREATE TABLE t (a INTEGER, b TEXT, c REAL)")
	if r := c.must("INSERT INTO t VALUES (1, 'x', 0.5), (2, NULL, NULL)"); r.Rows != 2 {
		t.Errorf("%d rows affected, want 2", r.Rows)
	}
	if got := c.rows(c.must("SELECT * FROM t ORDER BY a")); !slices.Equal(got, []string{"1 x 0.5", "2 <nil> <nil>"}) {
		t.Errorf("rows %q", got)
	}
}
