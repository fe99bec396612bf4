package conformance_test

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/conformance/internal/sabotage"
)

type (
	exec    = func(context.Context, *sabotage.Call) (sqldriver.Result, error)
	query   = func(context.Context, *sabotage.Call) (sqldriver.Rows, error)
	prepare = func(context.Context, string) (sqldriver.Stmt, error)
)

func onExec(f func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error)) func() *sabotage.Hooks {
	return hooks(sabotage.Hooks{Exec: f})
}

func onQuery(f func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error)) func() *sabotage.Hooks {
	return hooks(sabotage.Hooks{Query: f})
}

func isInsert(c *sabotage.Call) bool { return starts(c.Query, "INSERT") }

func starts(text, word string) bool {
	return strings.HasPrefix(strings.ToUpper(strings.TrimSpace(text)), word)
}

func without[T comparable](list []T, v T) []T {
	return slices.DeleteFunc(slices.Clone(list), func(x T) bool { return x == v })
}

var spoiledStatements = []spoiled{
	{name: "a plain INSERT without arguments runs twice", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if isInsert(call) && len(call.Args) == 0 && call.Prepared == nil && !strings.Contains(call.Query, ";") {
			next(ctx, call)
		}
		return next(ctx, call)
	})},
	{name: "an INSERT of two columns with arguments runs twice", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if isInsert(call) && len(call.Args) == 2 && call.Prepared == nil && call.Args[1].Value == "x" {
			next(ctx, call)
		}
		return next(ctx, call)
	})},
	{name: "a prepared INSERT runs twice", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if isInsert(call) && call.Prepared != nil && call.Args != nil {
			next(ctx, call)
		}
		return next(ctx, call)
	})},
	{name: "a query runs twice", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if !strings.Contains(call.Query, "printf") {
			if rows, err := next(ctx, call); err == nil {
				rows.Close()
			}
		}
		return next(ctx, call)
	})},
	{name: "statements are tried again when the connection is lost", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			res, err := next(ctx, call)
			return res, badConn(err)
		},
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			return rows, badConn(err)
		},
	})},
	{name: "a statement that timed out is tried again", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		res, err := next(ctx, call)
		if ctx.Err() != nil && isInsert(call) && len(call.Args) == 0 {
			return next(context.WithoutCancel(ctx), call)
		}
		return res, err
	})},
	{name: "a cancelled statement runs again later", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		res, err := next(ctx, call)
		if ctx.Err() != nil && isInsert(call) && len(call.Args) == 0 {
			next(context.WithoutCancel(ctx), call)
		}
		return res, err
	})},
	{name: "rows are counted wrong", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		res, err := next(ctx, call)
		if err != nil {
			return nil, err
		}
		return miscounted{res}, nil
	})},
	{name: "a DELETE does nothing", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if starts(call.Query, "DELETE") {
			return sqldriver.RowsAffected(0), nil
		}
		return next(ctx, call)
	})},
	{name: "the last insert id is always one", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		res, err := next(ctx, call)
		if err != nil {
			return nil, err
		}
		return sameID{res}, nil
	})},
	{name: "a last insert id where there is none", target: func(t *conformance.Target) {
		t.Declared = without(t.Declared, conformance.LastInsertID)
	}},
	{name: "a DROP does nothing", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if starts(call.Query, "DROP") {
			return sqldriver.RowsAffected(0), nil
		}
		return next(ctx, call)
	})},
	{name: "an INSERT through Query is not run", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if isInsert(call) {
			call.Query = "SELECT 1 WHERE 0"
			call.Args = nil
		}
		return next(ctx, call)
	})},
	{name: "a query through Exec spoils the connection", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Conn.State != nil {
			return nil, errBusy
		}
		if starts(call.Query, "SELECT") && strings.Contains(call.Query, "FROM") {
			call.Conn.State = "busy"
		}
		return next(ctx, call)
	})},
	{name: "an empty statement spoils the connection", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Conn.State != nil {
			return nil, errBusy
		}
		if strings.TrimSpace(call.Query) == "" {
			call.Conn.State = "busy"
		}
		return next(ctx, call)
	})},
	{name: "what follows a semicolon is dropped", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if i := strings.Index(call.Query, "; INSERT"); i > 0 {
			call.Query = call.Query[:i]
		}
		return next(ctx, call)
	})},
	{name: "a semicolon at the end is refused", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if strings.HasSuffix(call.Query, ";") {
			return nil, errBusy
		}
		return next(ctx, call)
	})},
	{name: "results are cached", hooks: func() *sabotage.Hooks {
		type key struct {
			c    *sabotage.Conn
			text string
		}
		var mu sync.Mutex
		stale := make(map[key]bool)
		return &sabotage.Hooks{Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			mu.Lock()
			defer mu.Unlock()
			k := key{call.Conn, call.Query}
			if stale[k] && call.Prepared == nil && strings.HasPrefix(call.Query, "SELECT v FROM gc") && len(call.Args) == 0 {
				call.Query = strings.Replace(call.Query, " ORDER BY", " LIMIT 1 -- ", 1)
			}
			stale[k] = true
			return next(ctx, call)
		}}
	}},
	{name: "the last of many rows is dropped", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if i := strings.LastIndex(call.Query, ", ("); i > 0 && isInsert(call) && strings.Count(call.Query, "), (") > 100 && len(call.Args) == 0 {
			call.Query = call.Query[:i]
		}
		return next(ctx, call)
	})},
	{name: "more than fifty placeholders are too many", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if len(call.Args) > 50 {
			return nil, errBusy
		}
		return next(ctx, call)
	})},

	{name: "a prepared statement ignores new arguments", hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			if s := call.Prepared; s != nil && len(call.Args) == 1 {
				if s.State == nil {
					s.State = call.Args
				}
				call.Args = s.State.([]sqldriver.NamedValue)
			}
			return next(ctx, call)
		},
	})},
	{name: "a statement without placeholders is not prepared", hooks: hooks(sabotage.Hooks{
		Prepare: func(ctx context.Context, c *sabotage.Conn, text string, next prepare) (sqldriver.Stmt, error) {
			if !strings.Contains(text, "?") && isInsert(&sabotage.Call{Query: text}) {
				return nil, errBusy
			}
			return next(ctx, text)
		},
	})},
	{name: "an error spoils a prepared statement", hooks: hooks(sabotage.Hooks{
		Check: func(c *sabotage.Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error {
			err := next(v)
			if err != nil {
				c.State = "poisoned"
			}
			return err
		},
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if call.Conn.State != nil && call.Prepared != nil {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "a prepared statement takes any number of arguments", hooks: hooks(sabotage.Hooks{
		NumInput: func(int) int { return -1 },
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if s := call.Prepared; s != nil {
				n := s.Inner.NumInput()
				for len(call.Args) < n {
					call.Args = append(call.Args, sqldriver.NamedValue{Ordinal: len(call.Args) + 1})
				}
				call.Args = call.Args[:n]
			}
			return next(ctx, call)
		},
	})},
	{name: "a prepared statement is spoiled by a wrong number of arguments", hooks: hooks(sabotage.Hooks{
		NumInput: func(int) int { return -1 },
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if s := call.Prepared; s != nil {
				if s.State != nil {
					return nil, errBusy
				}
				if len(call.Args) != s.Inner.NumInput() {
					s.State = "poisoned"
				}
			}
			return next(ctx, call)
		},
	})},
	{name: "goroutines share the arguments of a statement", hooks: func() *sabotage.Hooks {
		var mu sync.Mutex
		last := make(map[string][]sqldriver.NamedValue)
		return &sabotage.Hooks{Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			if call.Prepared != nil && strings.Contains(call.Query, "SELECT b") && len(call.Args) == 1 {
				mu.Lock()
				mine := call.Args
				if n, ok := mine[0].Value.(int64); ok && n > 20 && last[call.Query] != nil {
					call.Args = last[call.Query]
				}
				last[call.Query] = mine
				mu.Unlock()
			}
			return next(ctx, call)
		}}
	}},
	{name: "one statement a connection", hooks: hooks(sabotage.Hooks{
		Prepare: func(ctx context.Context, c *sabotage.Conn, text string, next prepare) (sqldriver.Stmt, error) {
			if c.State != nil {
				return nil, errBusy
			}
			s, err := next(ctx, text)
			if err == nil {
				c.State = s
			}
			return s, err
		},
		CloseStmt: func(s *sabotage.Stmt, next func() error) error {
			s.Conn.State = nil
			return next()
		},
	})},
	{name: "a statement works after Close", hooks: hooks(sabotage.Hooks{
		CloseStmt: func(s *sabotage.Stmt, next func() error) error {
			time.AfterFunc(50*time.Millisecond, func() { next() })
			return nil
		},
	})},
	{name: "statements stay open on the server", hooks: hooks(sabotage.Hooks{
		CloseStmt: func(s *sabotage.Stmt, next func() error) error { return nil },
	})},
	{name: "a prepared query cannot be closed early", hooks: hooks(sabotage.Hooks{
		CloseRows: func(r *sabotage.Rows, next func() error) error {
			if r.Call.Prepared != nil && r.Read < 2 && r.State == nil && strings.Contains(r.Call.Query, "SELECT v FROM gc") {
				r.Call.Prepared.State = "busy"
			}
			return next()
		},
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			if call.Prepared != nil && call.Prepared.State == "busy" {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "NULL is not bound by prepared statements", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Prepared != nil {
			for i := range call.Args {
				if call.Args[i].Value == nil {
					call.Args[i].Value = int64(0)
				}
			}
		}
		return next(ctx, call)
	})},
	{name: "statements die with their connection", hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			if call.Prepared != nil {
				err = lost(err)
			}
			return rows, err
		},
		Reset: func(ctx context.Context, c *sabotage.Conn, next onConn) error {
			if err := next(ctx); !errors.Is(err, sqldriver.ErrBadConn) {
				return err
			}
			return nil
		},
	})},
	{name: "a wrong statement is prepared and returns nothing", hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			if err != nil && call.Prepared != nil && strings.Contains(err.Error(), "no such table") {
				return call.Conn.Inner.(sqldriver.QueryerContext).QueryContext(ctx, "SELECT 1 WHERE 0", nil)
			}
			return rows, err
		},
	})},
	{name: "prepared statements lose the kinds of errors", hooks: hooks(sabotage.Hooks{
		Query: func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
			rows, err := next(ctx, call)
			if err != nil && call.Prepared != nil && ctx.Err() == nil {
				err = errors.New(err.Error())
			}
			return rows, err
		},
	})},

	{name: "placeholders in literals are counted", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if strings.Contains(call.Query, "'is ?") {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "placeholders in comments are counted", hooks: hooks(sabotage.Hooks{
		Exec: func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
			if strings.Contains(call.Query, "/* ?") {
				return nil, errBusy
			}
			return next(ctx, call)
		},
	})},
	{name: "placeholders in identifiers are counted", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if strings.Contains(call.Query, `"is it ?"`) {
			return nil, errBusy
		}
		return next(ctx, call)
	})},
	{name: "arguments are pasted without doubling quotes", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Prepared == nil {
			for i, a := range call.Args {
				if s, ok := a.Value.(string); ok && strings.Contains(s, "''") {
					call.Args[i].Value = strings.ReplaceAll(s, "''", "'")
				}
			}
		}
		return next(ctx, call)
	})},
	{name: "backslashes are escapes in prepared arguments", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Prepared != nil {
			for i, a := range call.Args {
				if s, ok := a.Value.(string); ok {
					call.Args[i].Value = strings.ReplaceAll(s, `\\`, `\`)
				}
			}
		}
		return next(ctx, call)
	})},
	{name: "a condition's text is a pattern", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if call.Prepared == nil && len(call.Args) == 1 {
			if s, ok := call.Args[0].Value.(string); ok && strings.Contains(s, "%") {
				call.Query = strings.Replace(call.Query, "v = ?", "v LIKE ?", 1)
				call.Args[0].Value = "%"
			}
		}
		return next(ctx, call)
	})},
	{name: "surplus and missing arguments are ignored", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if call.Prepared == nil {
			n := strings.Count(call.Query, "?")
			if strings.Contains(call.Query, "'") || strings.Contains(call.Query, "/*") || strings.Contains(call.Query, "--") {
				return next(ctx, call)
			}
			for len(call.Args) < n {
				call.Args = append(call.Args, sqldriver.NamedValue{Ordinal: len(call.Args) + 1})
			}
			call.Args = call.Args[:n]
		}
		return next(ctx, call)
	})},
	{name: "named arguments are bound by their order", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		for i := range call.Args {
			call.Args[i].Name = ""
		}
		return next(ctx, call)
	})},
	{name: "four arguments are bound in another order", hooks: onExec(func(ctx context.Context, call *sabotage.Call, next exec) (sqldriver.Result, error) {
		if len(call.Args) == 5 && call.Prepared == nil {
			call.Args[2].Value, call.Args[3].Value = call.Args[3].Value, call.Args[2].Value
		}
		return next(ctx, call)
	})},
	{name: "the error of a Valuer is NULL", hooks: hooks(sabotage.Hooks{
		Check: func(_ *sabotage.Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error {
			if valuer, ok := v.Value.(sqldriver.Valuer); ok {
				if _, err := valuer.Value(); err != nil {
					v.Value = nil
					return nil
				}
			}
			return next(v)
		},
	})},
	{name: "a value of an unknown type is printed", hooks: hooks(sabotage.Hooks{
		Check: func(_ *sabotage.Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error {
			if err := next(v); err == nil {
				return nil
			}
			v.Value = fmt.Sprint(v.Value)
			return nil
		},
	})},
	{name: "lists in conditions are their first value", hooks: onQuery(func(ctx context.Context, call *sabotage.Call, next query) (sqldriver.Rows, error) {
		if strings.Contains(call.Query, "IN (") {
			for i := range call.Args {
				call.Args[i].Value = call.Args[0].Value
			}
		}
		return next(ctx, call)
	})},
	{name: "colons in texts are taken for names", hooks: onArgument(func(v any) any {
		if s, ok := v.(string); ok {
			return strings.ReplaceAll(s, ":named", "?")
		}
		return v
	})},
	{name: "unsigned arguments are refused", hooks: hooks(sabotage.Hooks{
		Check: func(_ *sabotage.Conn, v *sqldriver.NamedValue, next func(*sqldriver.NamedValue) error) error {
			if _, ok := v.Value.(uint16); ok {
				return errBusy
			}
			return next(v)
		},
	})},
}

var errBusy = errors.New("sabotaged")

func badConn(err error) error {
	if err != nil && strings.Contains(err.Error(), "closed the connection") {
		return sqldriver.ErrBadConn
	}
	return err
}

type miscounted struct{ sqldriver.Result }

func (r miscounted) RowsAffected() (int64, error) {
	n, err := r.Result.RowsAffected()
	return n + 1, err
}

type sameID struct{ sqldriver.Result }

func (sameID) LastInsertId() (int64, error) { return 1, nil }

// readWhole reads a result before it hands out its first row.
func readWhole(rows sqldriver.Rows) (sqldriver.Rows, error) {
	w := &whole{Rows: rows.(*sabotage.Rows)}
	for {
		row := make([]sqldriver.Value, len(rows.Columns()))
		if err := rows.Next(row); err == io.EOF {
			return w, nil
		} else if err != nil {
			rows.Close()
			return nil, err
		}
		w.rows = append(w.rows, row)
	}
}

type whole struct {
	*sabotage.Rows
	rows [][]sqldriver.Value
}

func (w *whole) Next(dest []sqldriver.Value) error {
	if len(w.rows) == 0 {
		return io.EOF
	}
	copy(dest, w.rows[0])
	w.rows = w.rows[1:]
	return nil
}
