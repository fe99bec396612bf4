package measure

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"time"

	"github.com/gaugesql/gaugesql/bench/replay"
	gauge "github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/taosdata/driver-go/v3/common"
	tmqcommon "github.com/taosdata/driver-go/v3/common/tmq"
	"github.com/taosdata/driver-go/v3/ws/tmq"
)

// Reader is a consumer that is measured.
type Reader struct {
	Name string
	// read consumes n rows and calls row with the values of each, and of a column
	// at once with the sum of its integers.
	read func(addr string, n int, row func([]driver.Value), sum *int64) error
}

// Readers are all consumers, by the names that the tables use.
var Readers = []Reader{
	{"gaugesql rows", readOwn(readRows)},
	{"gaugesql columns", readOwn(readColumns)},
	{"driver-go rows", readOfficial},
}

// FindReader returns the consumer of a name.
func FindReader(name string) (Reader, error) {
	for _, r := range Readers {
		if r.Name == name {
			return r, nil
		}
	}
	return Reader{}, fmt.Errorf("there is no consumer %q", name)
}

// Consume consumes n rows and counts what it costs.
func (r Reader) Consume(addr string, n int) (Figures, error) {
	return Count(n, func() error {
		rows, sum := 0, int64(0)
		return r.read(addr, n, func(values []driver.Value) {
			rows++
			sink = values[0]
		}, &sum)
	})
}

// sink keeps values from being optimized away.
var sink any

// HeapGrowth consumes n rows and returns by how much the heap at its highest was
// above the start, garbage included.
func (r Reader) HeapGrowth(addr string, n int) (bytes int64, err error) {
	return peak(func() error {
		var sum int64
		return r.read(addr, n, func([]driver.Value) {}, &sum)
	})
}

// Check consumes a few rows and compares them with what the server sends.
func (r Reader) Check(addr string) error {
	const n = replay.MessageRows
	tables, i := 8, 0 // each has a run of rows of its own
	var want int64
	for k := range n {
		_, current, _, _ := replay.Row(k % (n / tables))
		want += current
	}
	var sum int64
	var bad error
	err := r.read(addr, n, func(values []driver.Value) {
		ts, current, voltage, location := replay.Row(i % (n / tables))
		i++
		at, _ := values[0].(time.Time)
		var got int64
		switch v := values[1].(type) {
		case int64:
			got = v
		case int32:
			got = int64(v)
		}
		sum += got
		if bad == nil && (!at.Equal(ts) || got != current || values[2] != voltage || values[3] != location) {
			bad = fmt.Errorf("%s: row %d is %v", r.Name, i-1, values)
		}
	}, &sum)
	if err == nil && bad == nil && sum != want {
		bad = fmt.Errorf("%s: the integers add up to %d, want %d", r.Name, sum, want)
	}
	if err == nil {
		err = bad
	}
	return err
}

// readOwn reads with gaugesql's consumer.
func readOwn(message func(*gauge.Message, func([]driver.Value), *int64) int) func(string, int, func([]driver.Value), *int64) error {
	return func(addr string, n int, row func([]driver.Value), sum *int64) error {
		ctx := context.Background()
		c, err := taosdriver.OpenConsumer(ctx, "taos+ws://root:taosdata@"+addr, map[string]string{
			"group.id": "g", "auto.offset.reset": "earliest", "enable.auto.commit": "false",
		})
		if err != nil {
			return err
		}
		defer c.Close(ctx)
		if err := c.Subscribe(ctx, fmt.Sprint("meters_", n)); err != nil {
			return err
		}
		for got := 0; got < n; {
			m, err := c.Poll(ctx, time.Second)
			if err != nil {
				return err
			}
			if m == nil {
				return fmt.Errorf("gaugesql: %d rows, want %d", got, n)
			}
			got += message(m, row, sum)
			if err := c.Commit(ctx, m); err != nil {
				return err
			}
		}
		return nil
	}
}

func readRows(m *gauge.Message, row func([]driver.Value), _ *int64) (n int) {
	var dest [4]driver.Value
	for _, d := range m.Data {
		rows := d.Rows()
		for rows.Next(dest[:]) != io.EOF {
			row(dest[:])
			n++
		}
	}
	return n
}

func readColumns(m *gauge.Message, _ func([]driver.Value), sum *int64) (n int) {
	for _, d := range m.Data {
		for _, v := range d.Column(1).Values.([]int64) {
			*sum += v
		}
		n += d.Len
	}
	return n
}

// readOfficial reads with the official Go driver's consumer.
func readOfficial(addr string, n int, row func([]driver.Value), _ *int64) error {
	c, err := tmq.NewConsumer(&tmqcommon.ConfigMap{
		"ws.url": "ws://" + addr, "ws.message.channelLen": uint(0),
		"ws.message.timeout": common.DefaultMessageTimeout, "ws.message.writeWait": common.DefaultWriteWait,
		"td.connect.user": "root", "td.connect.pass": "taosdata",
		"group.id": "g", "client.id": "c", "auto.offset.reset": "earliest", "enable.auto.commit": "false",
	})
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.Subscribe(fmt.Sprint("meters_", n), nil); err != nil {
		return err
	}
	for got := 0; got < n; {
		switch e := c.Poll(1000).(type) {
		case *tmqcommon.DataMessage:
			for _, d := range e.Value().([]*tmqcommon.Data) {
				for _, values := range d.Data {
					row(values)
				}
				got += len(d.Data)
			}
			if _, err := c.CommitOffsets([]tmqcommon.TopicPartition{e.TopicPartition}); err != nil {
				return err
			}
		case tmqcommon.Error:
			return e
		case nil:
			return fmt.Errorf("driver-go: %d rows, want %d", got, n)
		}
	}
	return nil
}
