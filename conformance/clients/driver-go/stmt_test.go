package drivergo

import (
	"database/sql/driver"
	"io"
	"testing"
	"time"

	"github.com/taosdata/driver-go/v3/common/param"
	"github.com/taosdata/driver-go/v3/ws/stmt"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func TestStatementOfItsOwnAPI(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	db := open(t, srv, "taosWS", "")
	for _, text := range []string{"CREATE DATABASE d", "CREATE STABLE d.st (ts TIMESTAMP, i INT, v VARCHAR(20)) TAGS (t1 INT, t2 NCHAR(20))"} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(err)
		}
	}
	config := stmt.NewConfig("ws://"+srv.Addr()+"/ws", 0)
	must(t, config.SetConnectUser("root"))
	must(t, config.SetConnectPass("taosdata"))
	must(t, config.SetConnectDB("d"))
	connector, err := stmt.NewConnector(config)
	must(t, err)
	defer func() { must(t, connector.Close()) }()
	st, err := connector.Init()
	must(t, err)
	must(t, st.Prepare("INSERT INTO ? USING st TAGS(?,?) VALUES(?,?,?)"))
	must(t, st.SetTableName("a"))
	must(t, st.SetTags(param.NewParam(2).AddInt(7).AddNchar("标签"), param.NewColumnType(2).AddInt().AddNchar(20)))
	at := time.UnixMilli(1700000000000)
	must(t, st.BindParam(
		[]*param.Param{
			param.NewParam(2).AddTimestamp(at, 0).AddTimestamp(at.Add(time.Millisecond), 0),
			param.NewParam(2).AddInt(1).AddNull(),
			param.NewParam(2).AddBinary([]byte("x")).AddNull(),
		}, param.NewColumnType(3).AddTimestamp().AddInt().AddBinary(20)))
	must(t, st.AddBatch())
	must(t, st.Exec())
	if n := st.GetAffectedRows(); n != 2 {
		t.Errorf("%d rows affected, want 2", n)
	}
	must(t, st.Prepare("SELECT i, v, t1, t2 FROM st WHERE i = ?"))
	must(t, st.BindParam([]*param.Param{param.NewParam(1).AddInt(1)}, param.NewColumnType(1).AddInt()))
	must(t, st.AddBatch())
	must(t, st.Exec())
	rows, err := st.UseResult()
	must(t, err)
	row := make([]driver.Value, 4)
	must(t, rows.Next(row))
	if row[0] != int32(1) || row[1] != "x" || row[2] != int32(7) || row[3] != "标签" {
		t.Errorf("row %v", row)
	}
	if err := rows.Next(row); err != io.EOF {
		t.Errorf("after the only row: %v", err)
	}
	must(t, rows.Close())
	must(t, st.Close())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
