package iotdbtest

import (
	"database/sql"
	"testing"

	"github.com/DATA-DOG/go-sqlmock"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// TestWithDB: statements and tablets reach the database, answers and errors come back.
func TestWithDB(t *testing.T) {
	db, mock, err := sqlmock.New()
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	// All is expected before anything runs: the server works on other goroutines.
	mock.ExpectQuery("SELECT a").WillReturnRows(sqlmock.NewRowsWithColumnDefinition(
		sqlmock.NewColumn("a").OfType("BIGINT", int64(0)), sqlmock.NewColumn("b").OfType("STRING", ""), sqlmock.NewColumn("c")).
		AddRow(int64(7), "text", 1.5).AddRow(nil, nil, nil))
	mock.ExpectExec("DELETE").WillReturnResult(sqlmock.NewResult(0, 0))
	mock.ExpectQuery("SELECT b").WillReturnError(&Error{Code: 550, Message: "no table"})
	mock.ExpectExec("INSERT").WillReturnError(sql.ErrConnDone)
	mock.ExpectExec(`INSERT INTO t \(time, "i"\)`).WithArgs(int64(5), int32(7)).WillReturnResult(sqlmock.NewResult(0, 1))
	srv, c := start(t, WithDB(db))

	if rows := c.must(t, "SELECT a, b, c FROM t"); len(rows) != 2 || rows[0][0] != int64(7) || rows[0][1] != "text" || rows[0][2] != 1.5 || rows[1][0] != nil {
		t.Errorf("%v", rows)
	}
	c.must(t, "DELETE FROM t")
	if reply, _, err := c.query("SELECT b FROM t"); err != nil || reply.Status.Code != 550 || reply.Status.Message != "no table" {
		t.Errorf("%v, %v", reply.Status, err)
	}
	if reply, _, err := c.query("INSERT INTO t VALUES (1)"); err != nil || reply.Status.Code != 301 {
		t.Errorf("%v, %v", reply.Status, err)
	}
	column := &tablet.Column{Name: "i", Type: datatype.Int32, Category: tablet.Field}
	if err := column.Append(7); err != nil {
		t.Fatal(err)
	}
	values, err := tablet.AppendValues(nil, []*tablet.Column{column})
	if err != nil {
		t.Fatal(err)
	}
	table, status := true, rpc.Status{}
	err = c.call(rpc.InsertTablet, rpc.Arguments(&rpc.TabletRequest{
		PrefixPath: "t", Measurements: []string{"i"}, Types: []int32{1}, Size: 1, Values: values, Timestamps: tablet.AppendTimes(nil, []int64{5}),
		WriteToTable: &table, Categories: []int8{1},
	}), rpc.Result(&status))
	if err != nil || status.Code != codeSuccess {
		t.Errorf("%v, %v", status, err)
	}
	// What drivers ask by themselves never gets there.
	c.must(t, `USE "anything"`)
	c.must(t, "SHOW VERSION")
	c.must(t, "SELECT query_id FROM information_schema.queries")
	if rows := c.must(t, "SHOW CURRENT_DATABASE"); rows[0][0] != "anything" {
		t.Errorf("%v", rows)
	}
	srv.Close()
	if err := mock.ExpectationsWereMet(); err != nil {
		t.Error(err)
	}
}

// FuzzFrame: whatever a client sends, the server answers or hangs up, and serves the
// next one.
func FuzzFrame(f *testing.F) {
	frame := func(protocol rpc.Protocol, method string, s rpc.Struct) []byte {
		parts, err := rpc.Encode(protocol, method, rpc.Call, 1, s)
		if err != nil {
			f.Fatal(err)
		}
		var b []byte
		for _, p := range parts {
			b = append(b, p...)
		}
		return b[rpc.LengthSize:]
	}
	timeout, table := int64(1), true
	f.Add(frame(rpc.Binary, rpc.OpenSession, rpc.Arguments(&rpc.OpenSessionRequest{ClientProtocol: 2, ZoneID: "UTC", Username: "root", Password: "root"})))
	f.Add(frame(rpc.Binary, rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{Statement: "select * from t", StatementID: 1, Timeout: &timeout})))
	f.Add(frame(rpc.Binary, rpc.InsertTablet, rpc.Arguments(&rpc.TabletRequest{
		PrefixPath: "t", Measurements: []string{"tg", "i"}, Types: []int32{11, 1}, Size: 1, Values: []byte("\x00\x00\x00\x01a\x00\x00\x00\x01\x00\x00"),
		Timestamps: make([]byte, 8), WriteToTable: &table, Categories: []int8{0, 1},
	})))
	f.Add(frame(rpc.Binary, rpc.InsertRecord, rpc.Arguments(&rpc.RecordRequest{PrefixPath: "t", Measurements: []string{"i"}, Values: []byte("\x01\x00\x00\x00\x01"), WriteToTable: &table, Categories: []int8{1}})))
	f.Add(frame(rpc.Binary, rpc.CloseOperation, rpc.Arguments(&rpc.CloseOperationRequest{StatementID: &timeout})))
	f.Add(frame(rpc.Binary, "noSuchMethod", &rpc.NoArguments{}))
	srv := NewServer(WithDatabase("db1"), WithPreparedStatements())
	f.Cleanup(srv.Close)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := &conn{life: srv.lives.Current(), nc: silence{}, frames: make(chan []byte)}
		c.session = newSession(c)
		defer c.session.close()
		c.session.login(&rpc.OpenSessionRequest{ClientProtocol: rpc.ProtocolV3, ZoneID: "UTC", Username: "root", Password: "root",
			Configuration: map[string]string{"sql_dialect": "table", "db": "db1"}})
		c.session.statements[1] = true
		c.answer(data)
	})
}
