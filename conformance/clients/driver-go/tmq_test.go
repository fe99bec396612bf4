package drivergo

import (
	"fmt"
	"testing"

	"github.com/taosdata/driver-go/v3/common"
	tmqcommon "github.com/taosdata/driver-go/v3/common/tmq"
	"github.com/taosdata/driver-go/v3/ws/tmq"

	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// consumer returns one of the group that reads from the beginning.
func consumer(t *testing.T, srv *taostest.Server, group string) *tmq.Consumer {
	t.Helper()
	c, err := tmq.NewConsumer(&tmqcommon.ConfigMap{
		"ws.url":                "ws://" + srv.Addr(),
		"ws.message.channelLen": uint(0),
		"ws.message.timeout":    common.DefaultMessageTimeout,
		"ws.message.writeWait":  common.DefaultWriteWait,
		"td.connect.user":       "root",
		"td.connect.pass":       "taosdata",
		"group.id":              group,
		"client.id":             "client",
		"auto.offset.reset":     "earliest",
		"enable.auto.commit":    "false",
		"session.timeout.ms":    "12000",
		"max.poll.interval.ms":  "300000",
		"msg.with.table.name":   "true",
	})
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func TestConsumer(t *testing.T) {
	srv := taostest.NewServer()
	defer srv.Close()
	db := open(t, srv, "taosWS", "")
	for _, text := range []string{
		"CREATE DATABASE d VGROUPS 2",
		"CREATE STABLE d.st (ts TIMESTAMP, b BOOL, i INT, u BIGINT UNSIGNED, f DOUBLE, v VARCHAR(20), n NCHAR(20)) TAGS (t INT)",
		"CREATE TOPIC st AS STABLE d.st",
		"CREATE TOPIC q AS SELECT ts, i, tbname FROM d.st WHERE i > 1",
		"CREATE TOPIC meta WITH META AS DATABASE d",
		"INSERT INTO d.a USING d.st TAGS(1) VALUES(1700000000000, true, 1, 18446744073709551615, 1.5, 'text', '中文')(1700000000001, null, 2, null, null, null, null)",
		"INSERT INTO d.b USING d.st TAGS(2) VALUES(1700000000002, false, 3, 7, 2.5, 'x', 'y')",
	} {
		if _, err := db.Exec(text); err != nil {
			t.Fatal(text, err)
		}
	}
	c := consumer(t, srv, "g")
	must(t, c.Subscribe("st", nil))
	rows := map[string]int{}
	var last tmqcommon.TopicPartition
	for range 20 {
		switch e := c.Poll(100).(type) {
		case *tmqcommon.DataMessage:
			if e.Topic() != "st" || e.DBName() != "d" {
				t.Errorf("message of %s in %s", e.Topic(), e.DBName())
			}
			for _, data := range e.Value().([]*tmqcommon.Data) {
				rows[data.TableName] += len(data.Data)
				for _, row := range data.Data {
					if len(row) != 7 {
						t.Errorf("row %v", row)
					}
					if fmt.Sprint(row[2]) == "1" && fmt.Sprint(row[1:]) != "[true 1 18446744073709551615 1.5 text 中文]" {
						t.Errorf("row %v", row)
					}
				}
			}
			last = e.TopicPartition
			_, err := c.Commit()
			must(t, err)
		case tmqcommon.Error:
			t.Fatal(e)
		}
	}
	if rows["a"] != 2 || rows["b"] != 1 {
		t.Errorf("got %v", rows)
	}
	assigned, err := c.Assignment()
	must(t, err)
	if len(assigned) != 2 {
		t.Errorf("assigned %v", assigned)
	}
	at, err := c.Position(assigned)
	must(t, err)
	committed, err := c.Committed(assigned, 0)
	must(t, err)
	for i := range at {
		if at[i].Offset != committed[i].Offset {
			t.Errorf("at %v, committed %v", at[i], committed[i])
		}
	}
	must(t, c.Seek(last, 0))
	if _, ok := c.Poll(1000).(*tmqcommon.DataMessage); !ok {
		t.Error("nothing after a seek")
	}
	_, err = c.CommitOffsets([]tmqcommon.TopicPartition{last})
	must(t, err)
	must(t, c.Unsubscribe())

	must(t, c.Subscribe("q", nil))
	n := 0
	for range 10 {
		if e, ok := c.Poll(50).(*tmqcommon.DataMessage); ok {
			for _, data := range e.Value().([]*tmqcommon.Data) {
				n += len(data.Data)
			}
		}
	}
	if n != 2 {
		t.Errorf("%d rows of the query", n)
	}

	c = consumer(t, srv, "m")
	must(t, c.Subscribe("meta", nil))
	kinds := map[string]int{}
	for range 20 {
		switch e := c.Poll(50).(type) {
		case *tmqcommon.DataMessage:
			kinds["data"]++
		case *tmqcommon.MetaMessage:
			kinds["meta"]++
			if m := e.Value().(*tmqcommon.Meta); m.Type != "create" || m.TableName != "st" || m.TableType != "super" || len(m.Columns) != 7 {
				t.Errorf("got %+v", m)
			}
		case *tmqcommon.MetaDataMessage:
			kinds["both"]++
		case tmqcommon.Error:
			t.Fatal(e)
		}
	}
	if kinds["meta"] != 2 || kinds["both"] != 2 {
		t.Errorf("got %v", kinds)
	}
}
