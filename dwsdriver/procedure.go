package dwsdriver

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// Queryer is a sql.DB, sql.Conn or sql.Tx.
type Queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

var (
	_ Queryer = (*sql.DB)(nil)
	_ Queryer = (*sql.Conn)(nil)
	_ Queryer = (*sql.Tx)(nil)
)

// CallProc runs a function and returns what it returns as rows: psycopg2's callproc,
// SELECT * FROM name($1, ...). A sql.Named argument goes to the parameter of that
// name. The function's name may have its schema in front; names are taken as they
// are.
func CallProc(ctx context.Context, q Queryer, name string, args ...any) (*sql.Rows, error) {
	call, values := procedure(name, args)
	return q.QueryContext(ctx, "SELECT * FROM "+call, values...)
}

// Call runs a procedure by CALL name($1, ...), as [CallProc] does a function. Output
// parameters have an argument too, nil, and are returned as a row.
func Call(ctx context.Context, q Queryer, name string, args ...any) (*sql.Rows, error) {
	call, values := procedure(name, args)
	return q.QueryContext(ctx, "CALL "+call, values...)
}

// procedure writes a call, and takes the names out of its arguments.
func procedure(name string, args []any) (string, []any) {
	args = slices.Clone(args)
	list := make([]string, len(args))
	for i, arg := range args {
		list[i] = fmt.Sprintf("$%d", i+1)
		if named, ok := arg.(sql.NamedArg); ok {
			args[i] = named.Value
			list[i] = pq.QuoteIdentifier(named.Name) + " := " + list[i]
		}
	}
	return quoteTable(name) + "(" + strings.Join(list, ", ") + ")", args
}
