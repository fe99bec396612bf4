package iotdbdriver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

const opInsert = "insert"

var _ driver.TabletInserter = (*conn)(nil)

// InsertTablet implements [driver.TabletInserter]. The tablet is checked before
// anything is sent, its columns are encoded straight from their slices.
//
// Without a DatabaseType the type of a column is that of its slice: BOOLEAN of []bool,
// INT32 of []int32, INT64 of []int64, FLOAT of []float32, DOUBLE of []float64,
// TIMESTAMP of []time.Time, DATE of []Date, STRING of []string (TEXT in the tree model), BLOB of
// [][]byte. Without a Category a column is a FIELD. TAG and ATTRIBUTE are of type
// STRING.
//
// A row with the tags and the time of one that is there writes over it, column by
// column; NULL and Unchanged leave what is stored.
//
// Table is a name in the connection's database, not "db.table", which the server would
// take for a name with a dot in it. A table, device or column that does not exist is
// made by the server (enable_auto_create_schema), a misspelt one too: see
// Config.CheckTables.
//
// The server refuses columns one by one. If a column of the table is of another type,
// the rows are written without it and the error is a [*PartialWriteError].
func (c *conn) InsertTablet(ctx context.Context, t driver.Tablet) error {
	return c.insertTablet(ctx, driver.RequestID(ctx), t)
}

func (c *conn) insertTablet(ctx context.Context, id uint64, t driver.Tablet) error {
	if c.closed {
		return c.closedError(opInsert)
	}
	f, err := c.frame(opInsert, id, t)
	if err != nil || f.rows() == 0 {
		return err
	}
	if err := c.checkTable(ctx, opInsert, id, f); err != nil {
		return err
	}
	return c.sendTablet(ctx, opInsert, id, f)
}

// InsertTablets implements [driver.TabletInserter]. All are checked before anything is
// sent. In the table model they go one after the other; the error of one is a
// [*TabletsError] that tells which. In the tree model they go as one request.
func (c *conn) InsertTablets(ctx context.Context, tablets ...driver.Tablet) error {
	if c.closed {
		return c.closedError(opInsert)
	}
	id := driver.RequestID(ctx)
	var frames []*frame
	var places []int
	for i, t := range tablets {
		f, err := c.frame(opInsert, id, t)
		if err != nil {
			return &TabletsError{Failed: i, Err: err}
		}
		if f.rows() == 0 {
			continue
		}
		if err := c.checkTable(ctx, opInsert, id, f); err != nil {
			return &TabletsError{Failed: i, Err: err}
		}
		frames, places = append(frames, f), append(places, i)
	}
	if c.connector.config.Dialect == Tree && len(frames) > 1 && sameAligned(frames) {
		return c.sendTablets(ctx, opInsert, id, frames)
	}
	for i, f := range frames {
		if err := c.sendTablet(ctx, opInsert, id, f); err != nil {
			return &TabletsError{Written: i, Failed: places[i], Unknown: outcomeUnknown(err), Err: err}
		}
	}
	return nil
}

func sameAligned(frames []*frame) bool {
	return !slices.ContainsFunc(frames, func(f *frame) bool { return f.aligned != frames[0].aligned })
}

// frame is a tablet that is checked and encoded.
type frame struct {
	table   string
	columns []*tablet.Column
	times   []byte
	aligned bool

	// Set by encode, in the order in which rows are sent.
	values    []byte
	sentTimes []byte
	devices   []uint64 // a number for each row's, nil without tags
	sorter    tablet.Sorter
}

func (f *frame) rows() int { return len(f.times) / 8 }

// frame checks a tablet and encodes its columns.
func (c *conn) frame(op string, id uint64, t driver.Tablet) (*frame, error) {
	f := &frame{table: t.Table, aligned: t.Aligned}
	if err := c.checkName(t.Table); err != nil {
		return nil, c.refusal(op, id, err)
	}
	for i := range t.Columns {
		col, err := c.column(&t.Columns[i], len(t.Times))
		if err == nil {
			err = distinct(f.columns, col, c.connector.config.Dialect == Tree)
		}
		if err != nil {
			return nil, c.refusal(op, id, fmt.Errorf("column %d, %.64q: %w", i+1, t.Columns[i].Name, err))
		}
		f.columns = append(f.columns, col)
	}
	if len(f.columns) == 0 {
		return nil, c.refusal(op, id, errors.New("a tablet without columns"))
	}
	var err error
	if f.times, err = tablet.AppendInstants(make([]byte, 0, 8*len(t.Times)), t.Times, c.session.units); err != nil {
		return nil, c.refusal(op, id, fmt.Errorf("times: %w", err))
	}
	return f, nil
}

// checkName refuses names of tables and devices that the server would misread.
func (c *conn) checkName(table string) error {
	switch {
	case table == "":
		return errors.New("the tablet names no table")
	case c.connector.config.Dialect == Tree:
		if !strings.HasPrefix(table, "root.") {
			return fmt.Errorf("%.64q is no path of a device, which begins with root", table)
		}
	case strings.Contains(table, "."):
		return fmt.Errorf("%.64q has a dot: a tablet goes to a table of the connection's database, and the server would make one of that name", table)
	}
	return nil
}

// column checks a column and encodes its values.
func (c *conn) column(in *driver.TabletColumn, rows int) (*tablet.Column, error) {
	col := &tablet.Column{Name: in.Name, Category: tablet.Field, Units: c.session.units}
	if in.Name == "" {
		return nil, errors.New("it has no name")
	}
	if err := in.Column.Check(); err != nil {
		return nil, err
	}
	if n := in.Column.Len(); n != rows {
		return nil, fmt.Errorf("%d values for %d times", n, rows)
	}
	tree := c.connector.config.Dialect == Tree
	var ok bool
	if col.Type, ok = typeOfColumn(in, tree); !ok {
		if in.DatabaseType == "" {
			return nil, fmt.Errorf("a %T needs a DatabaseType", in.Column.Values)
		}
		return nil, fmt.Errorf("%.64q is no type of a column", in.DatabaseType)
	}
	if !tree {
		if col.Category, ok = categoryOf(in.Category); !ok {
			return nil, fmt.Errorf("%.64q is none of TAG, ATTRIBUTE and FIELD", in.Category)
		}
		switch {
		case strings.EqualFold(in.Name, "time"):
			return nil, errors.New("the time of rows is Tablet.Times")
		case col.Category != tablet.Field && col.Type != datatype.String:
			return nil, fmt.Errorf("a %s is of type STRING, not %s", col.Category, col.Type)
		}
	}
	return col, appendColumn(col, &in.Column)
}

// appendColumn appends a column's values.
func appendColumn(col *tablet.Column, in *driver.Column) error {
	values, null := in.Values, nullsOf(in)
	if days, ok := values.([]Date); ok {
		list := make([]any, len(days))
		for i, d := range days {
			list[i] = d
		}
		values = list
	}
	if list, ok := values.([]any); ok {
		plain := make([]any, len(list))
		for i, v := range list {
			var err error
			if null != nil && null(i) {
				continue
			}
			if plain[i], err = day(v); err != nil {
				return fmt.Errorf("row %d: %w", i, err)
			}
		}
		values = plain
	}
	return col.AppendSlice(values, null)
}

// day makes a Date what a column takes, and leaves other values alone.
func day(v any) (any, error) {
	d, ok := v.(Date)
	if !ok {
		return v, nil
	}
	if !d.Valid() {
		return nil, &tablet.Misfit{Type: datatype.Date, Text: d.String() + " is no day that a DATE can hold"}
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC), nil
}

// nullsOf tells which rows have no value.
func nullsOf(c *driver.Column) func(int) bool {
	if c.States == nil {
		return nil
	}
	return func(i int) bool { return c.States[i] != driver.Given }
}

// typeOfColumn is the type that a column names, or that its slice stands for.
func typeOfColumn(in *driver.TabletColumn, tree bool) (datatype.Type, bool) {
	if in.DatabaseType != "" {
		t, ok := datatype.Of(in.DatabaseType)
		return t, ok && t.Column()
	}
	switch in.Column.Values.(type) {
	case []bool:
		return datatype.Boolean, true
	case []int32:
		return datatype.Int32, true
	case []int64:
		return datatype.Int64, true
	case []float32:
		return datatype.Float, true
	case []float64:
		return datatype.Double, true
	case []time.Time:
		return datatype.Timestamp, true
	case []Date:
		return datatype.Date, true
	case [][]byte:
		return datatype.Blob, true
	case []string:
		if tree {
			return datatype.Text, true
		}
		return datatype.String, true
	}
	return datatype.Unknown, false
}

func categoryOf(name string) (tablet.Category, bool) {
	switch strings.ToUpper(name) {
	case "TAG":
		return tablet.Tag, true
	case "ATTRIBUTE":
		return tablet.Attribute, true
	case "FIELD", "":
		return tablet.Field, true
	}
	return 0, false
}

// distinct refuses a name twice. Unless names are exact, as the tree model's are,
// letter case does not tell columns apart.
func distinct(columns []*tablet.Column, col *tablet.Column, exact bool) error {
	for _, other := range columns {
		if other.Name == col.Name || !exact && strings.EqualFold(other.Name, col.Name) {
			return errors.New("the name is there twice")
		}
	}
	return nil
}

// encode makes the bytes of the values, rows of a device next to each other: the server
// takes a tablet apart into runs of one device. sent are the times and devices in that
// order.
func (f *frame) encode(buf []byte) (err error) {
	f.sentTimes, f.devices = f.times, nil
	var order []int32
	if slices.ContainsFunc(f.columns, func(col *tablet.Column) bool { return col.Category == tablet.Tag }) {
		f.devices = f.sorter.Devices(f.columns, f.rows(), deviceSeed)
		if order = f.sorter.Order(f.devices); order != nil {
			f.sentTimes = f.sorter.SortTimes(f.times, order)
			f.devices = f.sorter.SortDevices(f.devices, order)
		}
	}
	f.values, err = f.sorter.AppendValues(buf[:0], f.columns, order)
	return err
}

// around is more than the bytes that stand around the values and times in a request.
func (f *frame) around() int {
	n := 64 + len(f.table)
	for _, col := range f.columns {
		n += 16 + len(col.Name)
	}
	return n
}

func (f *frame) names() []string {
	names := make([]string, len(f.columns))
	for i, col := range f.columns {
		names[i] = col.Name
	}
	return names
}

func (f *frame) types() []int32 {
	types := make([]int32, len(f.columns))
	for i, col := range f.columns {
		types[i] = int32(col.Type)
	}
	return types
}

// sendTablet sends a tablet and explains what the server says of it.
func (c *conn) sendTablet(ctx context.Context, op string, id uint64, f *frame) error {
	if err := f.encode(nil); err != nil {
		return c.refusal(op, id, err)
	}
	return c.sendEncoded(ctx, op, id, f)
}

// sendEncoded sends a tablet whose values were encoded.
func (c *conn) sendEncoded(ctx context.Context, op string, id uint64, f *frame) error {
	if err := c.session.fits(ctx, op, id, len(f.values)+len(f.times)+f.around()); err != nil {
		return plain(err)
	}
	request := &rpc.TabletRequest{
		SessionID: c.session.id, PrefixPath: f.table, Measurements: f.names(), Values: f.values, Timestamps: f.sentTimes,
		Types: f.types(), Size: int32(f.rows()), Aligned: &f.aligned,
	}
	if c.connector.config.Dialect == Table {
		yes := true
		request.WriteToTable = &yes
		for _, col := range f.columns {
			request.Categories = append(request.Categories, int8(col.Category))
		}
	}
	var status rpc.Status
	var devices []uint64
	if c.connector.config.Redirection && c.changed&databaseEffect == 0 { // all nodes are in the Config's database
		devices = f.deviceNumbers()
		sent, err := c.route(ctx, op, id, f, devices, request, &status)
		if sent {
			c.advised(devices, &status)
			return c.partly(f, err)
		}
	}
	if err := c.write(ctx, op, id, rpc.InsertTablet, request, &status); err != nil {
		return err
	}
	c.advised(devices, &status)
	return c.partly(f, c.session.check(op, id, &status))
}

// write makes a call that writes, on the connection's own session.
func (c *conn) write(ctx context.Context, op string, id uint64, method string, request rpc.Struct, status *rpc.Status) error {
	return plain(c.session.write(ctx, op, id, method, request, status))
}

// sendTablets sends tablets of the tree model as one request.
func (c *conn) sendTablets(ctx context.Context, op string, id uint64, frames []*frame) error {
	request := &rpc.TabletsRequest{SessionID: c.session.id, Aligned: &frames[0].aligned}
	size := 0
	for _, f := range frames {
		if err := f.encode(nil); err != nil {
			return c.refusal(op, id, err)
		}
		size += len(f.values) + len(f.times) + f.around()
		request.PrefixPaths = append(request.PrefixPaths, f.table)
		request.Measurements = append(request.Measurements, f.names())
		request.Values = append(request.Values, f.values)
		request.Timestamps = append(request.Timestamps, f.sentTimes)
		request.Types = append(request.Types, f.types())
		request.Sizes = append(request.Sizes, int32(f.rows()))
	}
	if err := c.session.fits(ctx, op, id, size); err != nil {
		return plain(err)
	}
	var status rpc.Status
	if err := c.write(ctx, op, id, rpc.InsertTablets, request, &status); err != nil {
		return err
	}
	return plain(c.session.check(op, id, &status))
}

// refusal is the error of something that was not sent.
func (c *conn) refusal(op string, id uint64, err error) error {
	kind := driver.ErrInterface
	var misfit *tablet.Misfit
	var inner *driver.Error
	switch {
	case errors.As(err, &misfit) && misfit.Range:
		kind = driver.ErrOverflow
	case errors.As(err, &misfit):
		kind = driver.ErrData
	case errors.As(err, &inner):
		kind = inner.Kind
	}
	return c.session.link.Error(kind, op, id, err.Error(), nil)
}
