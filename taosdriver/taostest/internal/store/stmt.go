package store

import (
	"context"
	"database/sql/driver"
	"fmt"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
)

// Unset is an argument of an INSERT that leaves the stored value of its column alone, as TDengine's
// stmt2 has it beside a value and NULL.
type Unset struct{}

// stmt is a parsed statement.
type stmt struct {
	conn   *conn
	parsed parse.Statement
}

var (
	_ driver.Stmt              = (*stmt)(nil)
	_ driver.StmtExecContext   = (*stmt)(nil)
	_ driver.StmtQueryContext  = (*stmt)(nil)
	_ driver.NamedValueChecker = (*stmt)(nil)
)

func (s *stmt) Close() error { return nil }

func (s *stmt) NumInput() int {
	p, _ := params(s.parsed)
	return p.Count
}

func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.conn.exec(context.Background(), s.parsed, plain(args))
}

func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.conn.query(context.Background(), s.parsed, plain(args))
}

func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.exec(ctx, s.parsed, values(args))
}

func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.query(ctx, s.parsed, values(args))
}

func (s *stmt) CheckNamedValue(v *driver.NamedValue) error { return s.conn.CheckNamedValue(v) }

// CheckNamedValue accepts what the default does, uint64 and float32 as they are, and Unset.
func (c *conn) CheckNamedValue(v *driver.NamedValue) error {
	if v.Name != "" {
		return fmt.Errorf("taostest: named argument %q", v.Name)
	}
	x, err := checked(v.Value)
	v.Value = x
	return err
}

func checked(v any) (any, error) {
	switch x := v.(type) {
	case nil, int64, uint64, float64, float32, bool, string, []byte, time.Time, Unset:
		return v, nil
	case driver.Valuer:
		v, err := x.Value()
		if err != nil {
			return nil, err
		}
		return checked(v)
	}
	switch r := reflect.ValueOf(v); r.Kind() {
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return r.Uint(), nil
	case reflect.Float32:
		return float32(r.Float()), nil
	}
	return driver.DefaultParameterConverter.ConvertValue(v)
}

func values(args []driver.NamedValue) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a.Value
	}
	return list
}

func plain(args []driver.Value) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a
	}
	return list
}
