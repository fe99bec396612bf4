package iotdbdriver_test

import (
	"context"
	"database/sql"
	"errors"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver"
)

func insertRecords(db *sql.DB, records ...iotdbdriver.Record) error {
	return driver.WithDB(context.Background(), db, func(i iotdbdriver.RecordInserter) error {
		if len(records) == 1 {
			return i.InsertRecord(context.Background(), records[0])
		}
		return i.InsertRecords(context.Background(), records...)
	})
}

func TestRecords(t *testing.T) {
	onServers(t, func(t *testing.T, config *iotdbdriver.Config, db *sql.DB) {
		tag := func(v string) iotdbdriver.RecordValue {
			return iotdbdriver.RecordValue{Name: "tg", Category: "TAG", Value: v}
		}
		value := func(name string, v any) iotdbdriver.RecordValue { return iotdbdriver.RecordValue{Name: name, Value: v} }
		record := func(second int, values ...iotdbdriver.RecordValue) iotdbdriver.Record {
			return iotdbdriver.Record{Table: "r", Time: epoch.Add(time.Duration(second) * time.Second), Values: values}
		}
		if err := insertRecords(db, record(0, tag("a"), value("i", int32(1)), value("d", 1.5), value("x", "it's"), value("b", true),
			value("bl", []byte{0, 255}), value("ts", epoch), value("l", 7), value("f", float32(0.5)), value("none", nil))); err != nil {
			t.Fatal(err)
		}
		if err := insertRecords(db, record(1, tag("b"), value("i", int32(2))), record(2, tag("c"), value("d", 2.5))); err != nil {
			t.Fatal(err)
		}
		same(t, read(t, db, "select tg, i, d, x, b, bl, ts, l, f from r order by time"),
			"a|1|1.5|it's|true|00ff|2024-05-01T12:00:00Z|7|0.5", "b|2|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>", "c|<nil>|2.5|<nil>|<nil>|<nil>|<nil>|<nil>|<nil>")

		err := insertRecords(db, record(3, tag("d"), value("i", int32(3))), record(4, tag("d"), value("i", "text"), value("d", 3.5)), record(5, tag("d")))
		var several *iotdbdriver.TabletsError
		var partial *iotdbdriver.PartialWriteError
		if !errors.As(err, &several) || several.Written != 1 || several.Failed != 1 || !errors.As(err, &partial) || len(partial.Columns) != 1 {
			t.Errorf("%v", err)
		}
		same(t, read(t, db, "select i, d from r where tg = 'd' order by time"), "3|<nil>", "<nil>|3.5")
		for name, bad := range map[string]iotdbdriver.Record{
			"no table": {Values: []iotdbdriver.RecordValue{value("i", 1)}}, "no values": record(0, value("i", nil)),
			"untyped": record(0, value("i", uint8(1))), "twice": record(0, value("i", 1), value("I", 2)),
			"misfit":   record(0, iotdbdriver.RecordValue{Name: "i", DatabaseType: "INT32", Value: "x"}),
			"too late": {Table: "r", Time: time.Unix(1<<60, 0), Values: []iotdbdriver.RecordValue{value("i", 1)}},
		} {
			if err := insertRecords(db, bad); !errors.Is(err, driver.ErrInterface) && !errors.Is(err, driver.ErrData) {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
