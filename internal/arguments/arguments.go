// Package arguments converts the arguments of a statement that does not come
// through database/sql.
package arguments

import (
	"database/sql"
	"database/sql/driver"
)

// Named numbers the arguments, takes the names out of sql.NamedArg, and has each
// converted by check, the connection's CheckNamedValue, as database/sql does.
func Named(args []any, check func(*driver.NamedValue) error) ([]driver.NamedValue, error) {
	values := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		values[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
		if named, ok := arg.(sql.NamedArg); ok {
			values[i].Name, values[i].Value = named.Name, named.Value
		}
		if err := check(&values[i]); err != nil {
			return nil, err
		}
	}
	return values, nil
}
