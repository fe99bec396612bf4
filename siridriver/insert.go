package siridriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/query"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// InsertError is an insert of which a part is in. The server stores an insert
// package as a whole or not at all; an insert beyond Config.MaxInsert is sent as
// several, and this is what is known when one that is not the first fails.
type InsertError struct {
	// Points confirmed: the first so many, in the order in which they were given.
	Points int64
	// Failed is how many points the package that failed had. None of them is in,
	// unless Unknown; nothing behind them was sent.
	Failed int64
	// Unknown is true if the package that failed may be in.
	Unknown bool
	// Err is why it failed.
	Err error
}

// Error tells how many points are in, and the cause.
func (e *InsertError) Error() string {
	state := "are not in"
	if e.Unknown {
		state = "may be in"
	}
	return fmt.Sprintf("the first %d points are in, the next %d %s, what follows was not sent: %v", e.Points, e.Failed, state, e.Err)
}

// Unwrap returns the cause.
func (e *InsertError) Unwrap() error { return e.Err }

// sendPackage sends one insert package. What it stores it stores as a whole.
func (c *conn) sendPackage(ctx context.Context, op string, id uint64, unit Precision, p wire.Package) error {
	_, err := c.do(ctx, cluster.Request{
		Op: op, Type: wire.Insert, Package: p.Data, Release: packages.put, ID: id, Timeout: c.config.InsertTimeout, Precision: string(unit),
	}, wire.InsertResult)
	return err
}

// sendPackages sends packages one after the other.
func (c *conn) sendPackages(ctx context.Context, op string, id uint64, unit Precision, list []wire.Package) (int64, error) {
	written := int64(0)
	for _, p := range list {
		if err := c.sendPackage(ctx, op, id, unit, p); err != nil {
			return written, partly(written, int64(p.Points), err)
		}
		written += int64(p.Points)
	}
	return written, nil
}

// partly says what is in, if anything is.
func partly(written, failed int64, err error) error {
	if written == 0 {
		return err
	}
	return &InsertError{Points: written, Failed: failed, Unknown: outcomeUnknown(err), Err: err}
}

func outcomeUnknown(err error) bool {
	var e *driver.Error
	return errors.As(err, &e) && e.OutcomeUnknown
}

// insert runs the driver's own INSERT. All rows are checked before anything is
// sent.
func (c *conn) insert(ctx context.Context, op string, id uint64, s *query.Statement, args []sqldriver.NamedValue) (int64, error) {
	if len(args) != s.Args {
		return 0, wrong(driver.ErrProgramming, op, id, fmt.Sprintf("got %d arguments for %d placeholders", len(args), s.Args))
	}
	b, err := c.newBatch(ctx, op, id)
	if err != nil {
		return 0, err
	}
	var packages []wire.Package
	for i := range s.Insert.Rows {
		row := &s.Insert.Rows[i]
		err := b.point(operand(row.Series, args), operand(row.Time, args), operand(row.Value, args))
		if err == errFull {
			packages = append(packages, b.groups.Package())
			err = b.point(operand(row.Series, args), operand(row.Time, args), operand(row.Value, args))
		}
		if err != nil {
			return 0, refusal(op, id, fmt.Errorf("row %d: %w", i+1, err))
		}
	}
	packages = append(packages, b.groups.Package())
	if err := c.checkTypes(ctx, op, id, b.types); err != nil {
		return 0, err
	}
	return c.sendPackages(ctx, op, id, b.unit, packages)
}

// now is the argument that the keyword now stands for.
type now struct{}

// operand is the value of an operand as arguments are.
func operand(o query.Operand, args []sqldriver.NamedValue) any {
	switch o.Kind {
	case query.Arg:
		return args[o.Arg].Value
	case query.Int:
		return o.Int
	case query.Float:
		return o.Float
	case query.Now:
		return now{}
	}
	return o.Text
}

// batch collects points that come as loose values.
type batch struct {
	config   *Config
	unit     Precision // of the database
	integers Precision // of integers that stand for times
	limit    int       // of a package's data
	groups   wire.Groups
	types    seriesTypes // nil unless they are to be checked
	clock    time.Time   // what now means, once asked for
}

func (c *conn) newBatch(ctx context.Context, op string, id uint64) (*batch, error) {
	unit, err := c.unit(ctx, op, id)
	if err != nil {
		return nil, err
	}
	b := &batch{config: c.config, unit: unit, integers: c.config.precision(ctx), limit: c.config.MaxInsert, groups: wire.Groups{Buffer: packages.get}}
	if b.integers == "" {
		b.integers = unit
	}
	if c.config.CheckTypes {
		b.types = make(seriesTypes)
	}
	return b, nil
}

// errFull is a point that does not fit into the package any more.
var errFull = errors.New("package is full")

// point adds a point, or returns errFull and adds nothing.
func (b *batch) point(series, at, value any) error {
	name, err := seriesName(series)
	if err != nil {
		return err
	}
	ts, err := b.timestamp(at)
	if err != nil {
		return err
	}
	length := 0
	switch v := value.(type) {
	case string:
		length = len(v)
	case []byte:
		length = len(v)
	}
	if b.groups.Points() > 0 && b.groups.Size()+b.groups.Cost(name, length) > b.limit || !b.groups.Takes(name, length) {
		return errFull
	}
	switch v := value.(type) {
	case int64:
		if err := b.types.add(name, result.Integer, exact(v)); err != nil {
			return err
		}
		b.groups.Int(name, ts, v)
	case float64:
		if err := b.types.add(name, result.Float, false); err != nil {
			return err
		}
		b.groups.Float(name, ts, v)
	case []byte:
		if v == nil {
			return dataError(driver.ErrData, "NULL cannot be the value of a point")
		}
		return b.text(name, ts, string(v))
	case string:
		return b.text(name, ts, v)
	case nil:
		return dataError(driver.ErrData, "NULL cannot be the value of a point")
	default:
		return dataError(driver.ErrData, "a value is an integer, a float or a string, not %T", value)
	}
	return nil
}

func (b *batch) text(name string, ts int64, text string) error {
	if err := checkString(text); err != nil {
		return err
	}
	if err := b.types.add(name, result.String, false); err != nil {
		return err
	}
	b.groups.String(name, ts, text)
	return nil
}

// seriesName checks the name of a series.
func seriesName(v any) (string, error) {
	name, ok := v.(string)
	if raw, isBytes := v.([]byte); isBytes {
		name, ok = string(raw), true
	}
	switch {
	case !ok:
		return "", dataError(driver.ErrData, "the name of a series is a string, not %T", v)
	case name == "":
		return "", dataError(driver.ErrData, "the name of a series is empty")
	case len(name) > wire.MaxName:
		return "", dataError(driver.ErrData, "the name of a series has %d bytes; the server takes %d", len(name), wire.MaxName)
	case strings.IndexByte(name, 0) >= 0:
		return "", dataError(driver.ErrData, "the name of a series has a NUL byte, where the server would cut it")
	}
	return name, nil
}

func checkString(s string) error {
	switch {
	case len(s) > wire.MaxString:
		return dataError(driver.ErrData, "a string of %d bytes; more than %d endanger the server", len(s), wire.MaxString)
	case wire.HasNUL(s):
		return dataError(driver.ErrData, "a string with a NUL byte, where the server would cut it")
	}
	return nil
}

// timestamp turns what stands for a time into units of the database.
func (b *batch) timestamp(v any) (int64, error) {
	switch t := v.(type) {
	case time.Time:
		return b.instant(t)
	case now:
		if b.clock.IsZero() {
			b.clock = time.Now()
		}
		return b.instant(b.clock)
	case int64:
		ts, ok := b.integers.convert(t, b.unit)
		if !ok || ts < 0 || ts > b.unit.maxTime() {
			return 0, dataError(driver.ErrOverflow, "a time that a database in %s cannot hold", b.unit)
		}
		return ts, nil
	case string:
		at, err := parseTime(t, b.config.Location)
		if err != nil {
			return 0, err
		}
		return b.instant(at)
	case nil:
		return 0, dataError(driver.ErrData, "NULL cannot be the time of a point")
	}
	return 0, dataError(driver.ErrData, "a time is a time.Time, an integer or a text, not %T", v)
}

func (b *batch) instant(t time.Time) (int64, error) {
	ts, ok := b.unit.Timestamp(t)
	if !ok {
		return 0, dataError(driver.ErrOverflow, "a time that a database in %s cannot hold", b.unit)
	}
	return ts, nil
}

// The forms of times as text, a subset of ISO 8601. Those without a zone are in
// Config.Location.
var timeLayouts = []string{
	time.RFC3339Nano, "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

func parseTime(text string, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	for _, layout := range timeLayouts {
		if t, err := time.ParseInLocation(layout, text, loc); err == nil {
			return t, nil
		}
	}
	return time.Time{}, dataError(driver.ErrData, "a time as text is written 2006-01-02 15:04:05, with fraction and zone as needed")
}
