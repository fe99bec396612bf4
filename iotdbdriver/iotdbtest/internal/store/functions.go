package store

import (
	"cmp"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"

	"modernc.org/sqlite"
)

// Names of the functions that SQLite gets for the store's queries.
const (
	sqlFirst = "gaugesql_iotdb_first" // of value, by time
	sqlLast  = "gaugesql_iotdb_last"
	sqlDiv   = "gaugesql_iotdb_div" // of integers
	sqlMod   = "gaugesql_iotdb_mod"
	sqlLike  = "gaugesql_iotdb_like" // (text, pattern, escape), letter case counts
)

// zeroDivision is what the server says of it.
const zeroDivision = "Division by zero"

// register makes the functions known to SQLite, once for the process.
var register = sync.OnceValue(func() error {
	for name, last := range map[string]bool{sqlFirst: false, sqlLast: true} {
		err := sqlite.RegisterFunction(name, &sqlite.FunctionImpl{
			NArgs: 2, Deterministic: true,
			MakeAggregate: func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) { return &extremum{last: last}, nil },
		})
		if err != nil {
			return err
		}
	}
	for name, f := range map[string]func(a, b int64) int64{
		sqlDiv: func(a, b int64) int64 { return a / b }, sqlMod: func(a, b int64) int64 { return a % b },
	} {
		err := sqlite.RegisterDeterministicScalarFunction(name, 2, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
			a, ok := args[0].(int64)
			b, ok2 := args[1].(int64)
			if !ok || !ok2 {
				return nil, nil
			}
			if b == 0 {
				return nil, errors.New("iotdbtest: " + zeroDivision)
			}
			return f(a, b), nil
		})
		if err != nil {
			return err
		}
	}
	return sqlite.RegisterDeterministicScalarFunction(sqlLike, 3, func(_ *sqlite.FunctionContext, args []driver.Value) (driver.Value, error) {
		s, ok := args[0].(string)
		pattern, ok2 := args[1].(string)
		escape, _ := args[2].(string)
		if !ok || !ok2 {
			return nil, nil
		}
		return matches([]rune(s), []rune(pattern), []rune(escape)), nil
	})
})

// extremum keeps the value with the smallest or largest second argument.
type extremum struct {
	last      bool
	value, by driver.Value
}

func (e *extremum) Step(_ *sqlite.FunctionContext, args []driver.Value) error {
	if args[0] == nil || args[1] == nil {
		return nil
	}
	if e.by != nil {
		c := compareValues(args[1], e.by)
		if c == 0 || e.last != (c > 0) {
			return nil
		}
	}
	e.value, e.by = args[0], args[1]
	return nil
}

func (e *extremum) WindowInverse(*sqlite.FunctionContext, []driver.Value) error {
	return fmt.Errorf("first and last have no windows")
}
func (e *extremum) WindowValue(*sqlite.FunctionContext) (driver.Value, error) { return e.value, nil }
func (e *extremum) Final(*sqlite.FunctionContext)                             {}

func compareValues(a, b driver.Value) int {
	switch x := a.(type) {
	case int64:
		if y, ok := b.(int64); ok {
			return cmp.Compare(x, y)
		}
	case float64:
		if y, ok := b.(float64); ok {
			return cmp.Compare(x, y)
		}
	}
	return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b))
}

// matches is LIKE: % is any text, _ any letter.
func matches(s, pattern, escape []rune) bool {
	for len(pattern) > 0 {
		c := pattern[0]
		switch {
		case len(escape) > 0 && c == escape[0] && len(pattern) > 1:
			pattern = pattern[1:]
			if len(s) == 0 || s[0] != pattern[0] {
				return false
			}
		case c == '%':
			for len(pattern) > 0 && pattern[0] == '%' {
				pattern = pattern[1:]
			}
			if len(pattern) == 0 {
				return true
			}
			for i := range len(s) + 1 {
				if matches(s[i:], pattern, escape) {
					return true
				}
			}
			return false
		case len(s) == 0 || c != '_' && s[0] != c:
			return false
		}
		s, pattern = s[1:], pattern[1:]
	}
	return len(s) == 0
}
