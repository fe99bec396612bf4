package iotdbdriver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// RecordInserter writes rows that need not have the same columns. It is found with
// [driver.With]. Rows that do have are better off in a tablet.
type RecordInserter interface {
	// InsertRecord writes one row.
	InsertRecord(ctx context.Context, record Record) error
	// InsertRecords writes several: in the tree model as one request, in the table
	// model, which has no request for them, one after the other. An error of one is a
	// [*TabletsError] that counts records.
	InsertRecords(ctx context.Context, records ...Record) error
}

// Record is a row.
type Record struct {
	// Table is the table's name, or the device's path in the tree model.
	Table string
	// Time of the row.
	Time time.Time
	// Values of the row. What is not among them is NULL, or stays as it is.
	Values []RecordValue
	// Aligned writes to an aligned device (tree model).
	Aligned bool
}

// RecordValue is a value of a record.
type RecordValue struct {
	// Name of the column, or measurement.
	Name string
	// Category is "TAG", "ATTRIBUTE" or "FIELD", the default; ignored by the tree model.
	Category string
	// DatabaseType is the type's name. Default: INT32 for int32, INT64 for int64 and int,
	// FLOAT for float32, DOUBLE for float64, BOOLEAN for bool, STRING for string (TEXT in
	// the tree model), BLOB for []byte, TIMESTAMP for time.Time, DATE
	// for Date.
	DatabaseType string
	// Value to write; nil leaves the column out.
	Value any
}

var _ RecordInserter = (*conn)(nil)

// InsertRecord implements [RecordInserter].
func (c *conn) InsertRecord(ctx context.Context, r Record) error {
	if c.closed {
		return c.closedError(opInsert)
	}
	id := driver.RequestID(ctx)
	f, err := c.recordFrame(&r)
	if err != nil {
		return c.refusal(opInsert, id, err)
	}
	if err := c.checkTable(ctx, opInsert, id, f); err != nil {
		return err
	}
	return c.sendRecord(ctx, opInsert, id, f)
}

// InsertRecords implements [RecordInserter]. All are checked before anything is sent.
func (c *conn) InsertRecords(ctx context.Context, records ...Record) error {
	if c.closed {
		return c.closedError(opInsert)
	}
	id := driver.RequestID(ctx)
	frames := make([]*frame, len(records))
	for i := range records {
		f, err := c.recordFrame(&records[i])
		if err != nil {
			return &TabletsError{Failed: i, Err: c.refusal(opInsert, id, err)}
		}
		if err := c.checkTable(ctx, opInsert, id, f); err != nil {
			return &TabletsError{Failed: i, Err: err}
		}
		frames[i] = f
	}
	if c.connector.config.Dialect == Tree && len(frames) > 1 && sameAligned(frames) {
		return c.sendRecords(ctx, opInsert, id, frames)
	}
	for i, f := range frames {
		if err := c.sendRecord(ctx, opInsert, id, f); err != nil {
			return &TabletsError{Written: i, Failed: i, Unknown: outcomeUnknown(err), Err: err}
		}
	}
	return nil
}

// recordFrame checks a record. It is a tablet of one row.
func (c *conn) recordFrame(r *Record) (*frame, error) {
	if err := c.checkName(r.Table); err != nil {
		return nil, err
	}
	f := &frame{table: r.Table, aligned: r.Aligned}
	for i := range r.Values {
		v := &r.Values[i]
		if v.Value == nil {
			continue
		}
		in := driver.TabletColumn{Name: v.Name, Category: v.Category, DatabaseType: v.DatabaseType, Column: driver.ColumnOf([]any{v.Value})}
		if in.DatabaseType == "" {
			t, ok := typeOfValue(v.Value, c.connector.config.Dialect == Tree)
			if !ok {
				return nil, fmt.Errorf("value %.64q: a %T needs a DatabaseType", v.Name, v.Value)
			}
			in.DatabaseType = t.String()
		}
		col, err := c.column(&in, 1)
		if err == nil {
			err = distinct(f.columns, col, c.connector.config.Dialect == Tree)
		}
		if err != nil {
			return nil, fmt.Errorf("value %.64q: %w", v.Name, err)
		}
		f.columns = append(f.columns, col)
	}
	if len(f.columns) == 0 {
		return nil, errors.New("a record without values")
	}
	var err error
	f.times, err = tablet.AppendInstants(nil, []time.Time{r.Time}, c.session.units)
	return f, err
}

// typeOfValue is the type that a value stands for.
func typeOfValue(v any, tree bool) (datatype.Type, bool) {
	switch v.(type) {
	case bool:
		return datatype.Boolean, true
	case int32:
		return datatype.Int32, true
	case int64, int:
		return datatype.Int64, true
	case float32:
		return datatype.Float, true
	case float64:
		return datatype.Double, true
	case time.Time:
		return datatype.Timestamp, true
	case Date:
		return datatype.Date, true
	case []byte:
		return datatype.Blob, true
	case string:
		if tree {
			return datatype.Text, true
		}
		return datatype.String, true
	}
	return datatype.Unknown, false
}

// timestamp is the time of a frame's first row.
func (f *frame) timestamp() int64 {
	times, _ := tablet.DecodeTimes(f.times[:8])
	return times[0]
}

// sendRecord sends one record.
func (c *conn) sendRecord(ctx context.Context, op string, id uint64, f *frame) error {
	request := &rpc.RecordRequest{
		SessionID: c.session.id, PrefixPath: f.table, Measurements: f.names(), Values: tablet.Records(f.columns)[0],
		Timestamp: f.timestamp(), Aligned: &f.aligned,
	}
	if err := c.session.fits(ctx, op, id, len(request.Values)+f.around()); err != nil {
		return plain(err)
	}
	if c.connector.config.Dialect == Table {
		yes := true
		request.WriteToTable = &yes
		for _, col := range f.columns {
			request.Categories = append(request.Categories, int8(col.Category))
		}
	}
	var status rpc.Status
	if err := c.write(ctx, op, id, rpc.InsertRecord, request, &status); err != nil {
		return err
	}
	return c.partly(f, c.session.check(op, id, &status))
}

// sendRecords sends records of the tree model as one request.
func (c *conn) sendRecords(ctx context.Context, op string, id uint64, frames []*frame) error {
	request := &rpc.RecordsRequest{SessionID: c.session.id, Aligned: &frames[0].aligned}
	size := 0
	for _, f := range frames {
		values := tablet.Records(f.columns)[0]
		size += len(values) + f.around()
		request.PrefixPaths = append(request.PrefixPaths, f.table)
		request.Measurements = append(request.Measurements, f.names())
		request.Values = append(request.Values, values)
		request.Timestamps = append(request.Timestamps, f.timestamp())
	}
	if err := c.session.fits(ctx, op, id, size); err != nil {
		return plain(err)
	}
	var status rpc.Status
	if err := c.write(ctx, op, id, rpc.InsertRecords, request, &status); err != nil {
		return err
	}
	return plain(c.session.check(op, id, &status))
}
