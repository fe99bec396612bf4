package conformance_test

import (
	"bytes"
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/conformance/internal/reference"
	"github.com/gaugesql/gaugesql/conformance/internal/sabotage"
)

type next = func([]sqldriver.Value) error

func onNext(f func(r *sabotage.Rows, dest []sqldriver.Value, next next) error) func() *sabotage.Hooks {
	return hooks(sabotage.Hooks{Next: f})
}

// onValue changes the values of results.
func onValue(f func(r *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value) func() *sabotage.Hooks {
	return onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		err := next(dest)
		if err == nil {
			for i, v := range dest {
				dest[i] = f(r, r.Inner.(sqldriver.RowsColumnTypeDatabaseTypeName).ColumnTypeDatabaseTypeName(i), v)
			}
		}
		return err
	})
}

// onArgument changes the values of arguments.
func onArgument(f func(v any) any) func() *sabotage.Hooks {
	return hooks(sabotage.Hooks{Check: func(_ *sabotage.Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error {
		v.Value = f(v.Value)
		return next(v)
	}})
}

func onMetadata(f func(m *sabotage.Metadata)) func() *sabotage.Hooks {
	return hooks(sabotage.Hooks{Metadata: func(_ *sabotage.Rows, m *sabotage.Metadata) { f(m) }})
}

func isLarge(r *sabotage.Rows) bool { return strings.Contains(r.Call.Query, "printf") }

var spoiledResults = []spoiled{
	{name: "the eighth row is lost", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		if r.Read == 7 && !isLarge(r) && strings.HasPrefix(r.Call.Query, "SELECT v ") && len(r.Call.Args) == 0 {
			if err := next(dest); err != nil {
				return err
			}
		}
		return next(dest)
	})},
	{name: "a row of a large result is lost", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		if r.Read == 2048 && isLarge(r) {
			if err := next(dest); err != nil {
				return err
			}
		}
		return next(dest)
	})},
	{name: "a large result ends after five rows", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		if r.Read == 5 && isLarge(r) {
			return io.EOF
		}
		return next(dest)
	})},
	{name: "a row comes twice", hooks: func() *sabotage.Hooks {
		return &sabotage.Hooks{Next: func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
			if r.Read == 8 && r.State == nil && r.Inner.Columns()[0] == "v" {
				r.State = "twice"
				return nil // what is in dest is the row before
			}
			return next(dest)
		}}
	}},
	{name: "columns change places", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		err := next(dest)
		if len(dest) == 4 && len(r.Inner.Columns()[0]) == 1 && r.Inner.Columns()[0] == "d" {
			dest[0], dest[3] = dest[3], dest[0]
		}
		return err
	})},
	{name: "values of columns with the same name are mixed up", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		err := next(dest)
		if c := r.Inner.Columns(); len(c) == 2 && c[0] == c[1] {
			dest[1] = dest[0]
		}
		return err
	})},
	{name: "column names are in capitals", hooks: hooks(sabotage.Hooks{Columns: func(names []string) []string {
		list := make([]string, len(names))
		for i, name := range names {
			list[i] = strings.ToUpper(name)
		}
		return list
	}})},
	{name: "a result without rows has no columns", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		rows, err := next(ctx, call)
		if err != nil || call.Prepared != nil || !strings.HasPrefix(call.Query, "SELECT a, b") {
			return rows, err
		}
		ahead := &oneAhead{Rows: rows.(*sabotage.Rows), row: make([]sqldriver.Value, len(rows.Columns()))}
		ahead.err = rows.Next(ahead.row)
		return ahead, nil
	})},
	{name: "an empty result has a row", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		err := next(dest)
		if err == io.EOF && r.Read == 0 && r.Inner.Columns()[0] == "v" && len(r.Call.Args) == 0 {
			r.Read = 1
			return nil
		}
		return err
	})},
	{name: "conditions are ignored", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if strings.Contains(call.Query, "v > ?") {
			call.Query, call.Args = strings.Replace(call.Query, "v > ?", "1 = 1", 1), nil
		}
		return next(ctx, call)
	})},
	{name: "rows closed early keep the connection busy", hooks: hooks(sabotage.Hooks{
		CloseRows: func(r *sabotage.Rows, next func() error) error {
			if r.State == nil && r.Read > 0 && r.Read < 5 && !isLarge(r) && r.Call.Prepared == nil {
				r.Call.Conn.State = "busy"
			}
			return next()
		},
		Next: func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
			err := next(dest)
			if err != nil {
				r.State = "at the end"
			}
			return err
		},
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if call.Conn.State != nil {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "a large result closed early keeps the connection busy", hooks: hooks(sabotage.Hooks{
		CloseRows: func(r *sabotage.Rows, next func() error) error {
			if r.Read == 10 && isLarge(r) {
				r.Call.Conn.State = "busy"
			}
			return next()
		},
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			if call.Conn.State != nil {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "closing rows early is an error", hooks: hooks(sabotage.Hooks{
		CloseRows: func(r *sabotage.Rows, next func() error) error {
			next()
			if r.Read == 0 && r.Call.Prepared == nil && strings.HasPrefix(r.Call.Query, "SELECT v") {
				return errBusy
			}
			return nil
		},
	})},
	{name: "text becomes a number when asked", hooks: onValue(func(r *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if s, ok := v.(string); ok && s == "abc" && strings.Contains(r.Call.Query, "SELECT a, b") {
			return "0"
		}
		return v
	})},
	{name: "one result at a time", hooks: func() *sabotage.Hooks {
		var mu sync.Mutex
		open := make(map[*sabotage.Rows]bool)
		return &sabotage.Hooks{
			Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
				rows, err := next(ctx, call)
				if err != nil || call.Prepared != nil || !strings.HasPrefix(call.Query, "SELECT v FROM") {
					return rows, err
				}
				mu.Lock()
				busy := len(open) > 0
				if !busy {
					open[rows.(*sabotage.Rows)] = true
				}
				mu.Unlock()
				if busy {
					rows.Close()
					return nil, errBusy
				}
				return rows, nil
			},
			CloseRows: func(r *sabotage.Rows, next func() error) error {
				mu.Lock()
				delete(open, r)
				mu.Unlock()
				return next()
			},
		}
	}},
	{name: "there is always another result set", hooks: hooks(sabotage.Hooks{
		NextResult: func(r *sabotage.Rows) bool { return true },
	})},
	{name: "a result cut off ends as if it were whole", hooks: onNext(func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
		err := next(dest)
		if err != nil && !errors.Is(err, context.Canceled) && r.Read > 0 {
			return io.EOF
		}
		return err
	})},
	{name: "results stay open on the server", hooks: hooks(sabotage.Hooks{
		CloseRows: func(r *sabotage.Rows, next func() error) error {
			if r.Read == 1 && isLarge(r) {
				time.AfterFunc(4*time.Second, func() { next() })
				return nil
			}
			return next()
		},
	})},
	{name: "results share a buffer", hooks: func() *sabotage.Hooks {
		var mu sync.Mutex
		buffer := make([]byte, 8)
		return &sabotage.Hooks{Next: func(r *sabotage.Rows, dest []sqldriver.Value, next next) error {
			err := next(dest)
			if err == nil {
				if b, ok := dest[0].([]byte); ok && len(b) == 8 {
					mu.Lock()
					copy(buffer, b)
					mu.Unlock()
					dest[0] = buffer
				}
			}
			return err
		}}
	}},

	{name: "type names are wrong", hooks: onMetadata(func(m *sabotage.Metadata) {
		if m.DatabaseType == "BOOL" {
			m.DatabaseType = "BOOLEAN"
		}
	})},
	{name: "lengths are wrong", hooks: onMetadata(func(m *sabotage.Metadata) {
		if m.HasLength {
			m.Length += 2
		}
	})},
	{name: "there are no lengths", hooks: onMetadata(func(m *sabotage.Metadata) { m.HasLength = false })},
	{name: "precision and scale are swapped", hooks: onMetadata(func(m *sabotage.Metadata) { m.Precision, m.Scale = m.Scale, m.Precision })},
	{name: "nothing can be NULL", hooks: onMetadata(func(m *sabotage.Metadata) { m.Nullable = false })},
	{name: "scan types are wrong", hooks: onMetadata(func(m *sabotage.Metadata) {
		if m.DatabaseType == "FLOAT" {
			m.Scan = reflect.TypeFor[float64]()
		}
	})},
	{name: "scan types are too narrow", hooks: onMetadata(func(m *sabotage.Metadata) {
		if m.DatabaseType == "BIGINT" {
			m.Scan = reflect.TypeFor[int32]()
		}
	})},
	{name: "metadata is that of the first row", hooks: hooks(sabotage.Hooks{Metadata: func(r *sabotage.Rows, m *sabotage.Metadata) {
		if strings.HasPrefix(r.Call.Query, "SELECT a, b") && m.DatabaseType == "VARCHAR" {
			if r.Call.Conn.State == nil {
				r.Call.Conn.State = r
			}
			if r.Call.Conn.State == r {
				m.DatabaseType = "UNKNOWN"
			}
		}
	}})},
	{name: "nullable columns cannot be scanned into pointers of their scan type", hooks: onMetadata(func(m *sabotage.Metadata) {
		if m.Name == "b" && m.DatabaseType == "VARCHAR" {
			m.Scan = reflect.TypeFor[int64]()
		}
	})},
}

// oneAhead has read the first row of a result.
type oneAhead struct {
	*sabotage.Rows
	row []sqldriver.Value
	err error
}

func (r *oneAhead) Columns() []string {
	if r.err == io.EOF {
		return nil
	}
	return r.Rows.Columns()
}

func (r *oneAhead) Next(dest []sqldriver.Value) error {
	if r.row != nil {
		copy(dest, r.row)
		r.row = nil
		return r.err
	}
	return r.Rows.Next(dest)
}

var spoiledValues = []spoiled{
	{name: "NULL becomes zero", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if v == nil && typ == "SMALLINT" {
			return int64(0)
		}
		return v
	})},
	{name: "an empty text becomes NULL", hooks: onArgument(func(v any) any {
		if v == "" {
			return nil
		}
		return v
	})},
	{name: "empty bytes become NULL", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if b, ok := v.([]byte); ok && len(b) == 0 {
			return nil
		}
		return v
	})},
	{name: "integers pass through floating point", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if n, ok := v.(int64); ok && n == 1<<53+1 {
			return n - 1
		}
		return v
	})},
	{name: "unsigned numbers are signed", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if n, ok := v.(uint64); ok {
			return int64(n)
		}
		return v
	})},
	{name: "floats are printed with six digits", hooks: onArgument(func(v any) any {
		if f, ok := v.(float64); ok && math.Abs(f) < 1e9 {
			return math.Round(f*1e6) / 1e6
		}
		return v
	})},
	{name: "floats of 32 bits are widened by way of text", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if f, ok := v.(float32); ok && f == 16777216 {
			return float32(16777217 + 1)
		}
		return v
	})},
	{name: "NaN becomes NULL", hooks: onArgument(func(v any) any {
		if f, ok := v.(float64); ok && f != f {
			return nil
		}
		return v
	})},
	{name: "booleans are all true", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if v == false {
			return true
		}
		return v
	})},
	{name: "decimals pass through floating point", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if v != nil && typ == "DECIMAL" {
			return "12345678901234567000"
		}
		return v
	})},
	{name: "bytes end at the first zero", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if b, ok := v.([]byte); ok && typ == "BLOB" {
			b, _, _ = bytes.Cut(b, []byte{0})
			return b
		}
		return v
	})},
	{name: "a text ends at the first zero byte", hooks: onArgument(func(v any) any {
		if s, ok := v.(string); ok {
			s, _, _ = strings.Cut(s, "\x00")
			return s
		}
		return v
	})},
	{name: "JSON loses its nulls", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if b, ok := v.([]byte); ok && typ == "JSON" {
			return bytes.ReplaceAll(b, []byte("null"), []byte("0"))
		}
		return v
	})},
	{name: "text is of three bytes a letter", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if s, ok := v.(string); ok {
			return strings.Map(func(r rune) rune {
				if r > 0xffff {
					return '?'
				}
				return r
			}, s)
		}
		return v
	})},
	{name: "long texts are cut", hooks: onArgument(func(v any) any {
		if s, ok := v.(string); ok && len(s) > 65535 {
			return s[:65535]
		}
		return v
	})},
	{name: "values too long or large are cut", hooks: onArgument(func(v any) any {
		switch x := v.(type) {
		case string:
			if len(x) == 201 {
				return x[:200]
			}
		case int:
			if x == 32768 {
				return -32768
			}
		case uint64:
			if x == math.MaxUint64 {
				return int64(-1)
			}
		}
		return v
	})},
	{name: "literals of texts lose their last letter", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Prepared == nil && strings.HasSuffix(call.Query, "日本')") {
			call.Query = strings.TrimSuffix(call.Query, "本')") + "')"
		}
		return next(ctx, call)
	})},
	{name: "bytes passed are changed", hooks: onArgument(func(v any) any {
		if b, ok := v.([]byte); ok && len(b) == 8 {
			b[0]++
		}
		return v
	})},
	{name: "bytes as text are refused", hooks: hooks(sabotage.Hooks{
		Check: func(_ *sabotage.Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error {
			if b, ok := v.Value.([]byte); ok && string(b) == "by'tes" {
				return errBusy
			}
			return next(v)
		},
	})},
	{name: "nil pointers become zero", hooks: onArgument(func(v any) any {
		if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() && rv.Type().Elem().Kind() == reflect.Int16 {
			return int64(0)
		}
		return v
	})},
	{name: "fractions of a second beyond milliseconds are dropped", hooks: onArgument(func(v any) any {
		if t, ok := v.(time.Time); ok {
			return t.Truncate(time.Millisecond)
		}
		return v
	})},
	{name: "the zone of an argument is ignored", hooks: onArgument(func(v any) any {
		if t, ok := v.(time.Time); ok {
			y, m, d := t.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
		}
		return v
	})},
	{name: "the hour that comes twice comes once", hooks: onArgument(func(v any) any {
		if t, ok := v.(time.Time); ok {
			y, m, d := t.Date()
			return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), t.Location())
		}
		return v
	})},
	{name: "time begins in 1970", hooks: onArgument(func(v any) any {
		if t, ok := v.(time.Time); ok && t.Year() < 1970 {
			return time.Unix(0, 0)
		}
		return v
	})},
	{name: "times come out in the zone of this machine's neighbour", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if t, ok := v.(time.Time); ok {
			return t.In(time.FixedZone("", 8*3600))
		}
		return v
	})},
	{name: "times come out eight hours off", hooks: onValue(func(_ *sabotage.Rows, typ string, v sqldriver.Value) sqldriver.Value {
		if t, ok := v.(time.Time); ok && t.Location() != time.UTC {
			return t.Add(8 * time.Hour)
		}
		return v
	})},
	{name: "times written under a location are shifted", target: func(t *conformance.Target) {
		t.Open = func(dsn string) (sqldriver.Connector, error) {
			c, err := reference.Driver{}.OpenConnector(dsn)
			if err != nil || !strings.Contains(dsn, "Shanghai") {
				return c, err
			}
			return sabotage.Wrap(c, onArgument(func(v any) any {
				if t, ok := v.(time.Time); ok {
					return t.Add(8 * time.Hour)
				}
				return v
			})()), nil
		}
	}},
}
