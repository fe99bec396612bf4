package conformance

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Env is what a check works with: the target, a pool, tables of its own, and
// ways to report. Errorf, Logf and the methods of the pools may be used from any
// goroutine, the others from the check's own, since they may end it.
type Env struct {
	// Target under test. Not to be changed.
	Target *Target
	ctx    context.Context
	run    *run
	label  string

	mu       sync.Mutex
	failures []string
	notes    []string
	cleanups []func()
	pool     *sql.DB
}

// Context ends with the check's time.
func (e *Env) Context() context.Context { return e.ctx }

// Dialect of the target.
func (e *Env) Dialect() *Dialect { return &e.Target.Dialect }

// Errorf reports a failure; the check goes on.
func (e *Env) Errorf(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.failures = append(e.failures, fmt.Sprintf(format, args...))
}

// Fatalf reports a failure and ends the check.
func (e *Env) Fatalf(format string, args ...any) {
	e.Errorf(format, args...)
	runtime.Goexit()
}

// Logf adds a note to the result: something measured.
func (e *Env) Logf(format string, args ...any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.notes = append(e.notes, fmt.Sprintf(format, args...))
}

// Cleanup runs f when the check has ended, the last one first.
func (e *Env) Cleanup(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.cleanups = append(e.cleanups, f)
}

// Must ends the check if err is not nil.
func (e *Env) Must(err error) {
	if err != nil {
		e.Fatalf("%s: %v", caller(), err)
	}
}

// caller tells the line of a check that a failure belongs to.
func caller() string {
	pcs := make([]uintptr, 16)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(3, pcs)])
	for {
		f, more := frames.Next()
		file := f.File[strings.LastIndexByte(f.File, '/')+1:]
		if !more || file != "env.go" {
			return fmt.Sprintf("%s:%d", file, f.Line)
		}
	}
}

// Connector returns a new connector of the target's DSN. It is closed after the
// check.
func (e *Env) Connector() sqldriver.Connector {
	c, err := e.Target.connector(e.Target.DSN)
	if err != nil {
		e.Fatalf("connector: %v", err)
	}
	if closer, ok := c.(io.Closer); ok {
		e.Cleanup(func() { closer.Close() })
	}
	return c
}

// DB returns the check's pool, which is closed after it.
func (e *Env) DB() *sql.DB {
	e.mu.Lock()
	db := e.pool
	e.mu.Unlock()
	if db == nil {
		db = e.Open(e.Target.DSN)
		e.mu.Lock()
		e.pool = db
		e.mu.Unlock()
	}
	return db
}

// Open returns a pool of a DSN, which is closed after the check.
func (e *Env) Open(dsn string) *sql.DB {
	c, err := e.Target.connector(dsn)
	if err != nil {
		e.Fatalf("%s: open: %v", caller(), err)
	}
	db := sql.OpenDB(c)
	e.Cleanup(func() { db.Close() })
	return db
}

// Single returns a pool of one connection.
func (e *Env) Single() *sql.DB {
	db := e.Open(e.Target.DSN)
	db.SetMaxOpenConns(1)
	return db
}

// Conn takes a connection from the pool; it is given back after the check.
func (e *Env) Conn(db *sql.DB) *sql.Conn {
	c, err := db.Conn(e.ctx)
	e.Must(err)
	e.Cleanup(func() { c.Close() })
	return c
}

var nameSerial atomic.Int64

// Name returns a name that occurs nowhere else: for a table, as a marker.
func (e *Env) Name() string {
	return fmt.Sprintf("gc%x_%d", time.Now().UnixMicro()&0xffffffffff, nameSerial.Add(1))
}

// Table creates a table with the columns beside its key. It is dropped after
// the check.
func (e *Env) Table(columns ...Column) string {
	name := e.Name()
	e.create(name, columns)
	e.dropLater(name)
	return name
}

// create makes a table, unless its first row does.
func (e *Env) create(table string, columns []Column) {
	if statement := e.Dialect().create(table, columns); statement != "" {
		e.Exec(e.DB(), statement)
	}
}

func (e *Env) dropLater(table string) {
	e.Cleanup(func() {
		// The server of a check that stops it may not be back: what remains then
		// is a table with a name of its own.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(e.ctx), 5*time.Second)
		defer cancel()
		e.DB().ExecContext(ctx, e.Dialect().drop(table))
	})
}

// Type returns the first type of the sort; the check needs aType(sort).
func (e *Env) Type(s Sort) Type {
	t, ok := e.Dialect().typeOf(s)
	if !ok {
		e.Fatalf("the target has no type of sort %s", s)
	}
	return t
}

// Columns of the sorts, named v or, if there are several, a, b, c and so on.
func (e *Env) Columns(sorts ...Sort) []Column {
	columns := make([]Column, len(sorts))
	for i, s := range sorts {
		columns[i] = Column{string(rune('a' + i)), e.Type(s).DDL}
	}
	if len(columns) == 1 {
		columns[0].Name = "v"
	}
	return columns
}

// Of returns a new table with columns of the sorts, named as Columns does.
func (e *Env) Of(sorts ...Sort) string { return e.Table(e.Columns(sorts...)...) }

// Runner is a pool, a connection or a transaction.
type Runner interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Exec runs a statement that must succeed.
func (e *Env) Exec(r Runner, query string, args ...any) sql.Result {
	res, err := r.ExecContext(e.ctx, query, args...)
	if err != nil {
		e.Fatalf("%s: %s: %v", caller(), clip(query), err)
	}
	return res
}

// Put writes row n of the table, with arguments for its columns, which are
// named as Of names them.
func (e *Env) Put(r Runner, table string, n int, values ...any) sql.Result {
	return e.Exec(r, e.putting(table, len(values)), append([]any{e.Dialect().Key.Value(n)}, values...)...)
}

// putting is the statement of Put.
func (e *Env) putting(table string, columns int) string {
	return e.Dialect().insertArgs(table, names(columns)...)
}

// names are the columns of a table made by Of.
func names(n int) []string {
	if n == 1 {
		return []string{"v"}
	}
	list := make([]string, n)
	for i := range list {
		list[i] = string(rune('a' + i))
	}
	return list
}

// Query returns the rows of a query that must succeed. The caller closes them.
func (e *Env) Query(r Runner, query string, args ...any) *sql.Rows {
	rows, err := r.QueryContext(e.ctx, query, args...)
	if err != nil {
		e.Fatalf("%s: %s: %v", caller(), clip(query), err)
	}
	e.Cleanup(func() { rows.Close() })
	return rows
}

// Dest is what to scan a row of a Select into, so that the columns asked for go
// into dest.
func (e *Env) Dest(dest ...any) []any {
	all := make([]any, e.Dialect().Leading, e.Dialect().Leading+len(dest))
	for i := range all {
		all[i] = new(any)
	}
	return append(all, dest...)
}

// Get returns the only value of a query's only row.
func Get[T any](e *Env, r Runner, query string, args ...any) T {
	var v T
	if err := r.QueryRowContext(e.ctx, query, args...).Scan(e.Dest(&v)...); err != nil {
		e.Fatalf("%s: %s: %v", caller(), clip(query), err)
	}
	return v
}

// All returns the first column asked for of a query's rows.
func All[T any](e *Env, r Runner, query string, args ...any) []T {
	rows := e.Query(r, query, args...)
	defer rows.Close()
	list := []T{}
	for rows.Next() {
		var v T
		e.Must(rows.Scan(e.Dest(&v)...))
		list = append(list, v)
	}
	e.Must(rows.Err())
	return list
}

// Column reads column v of the table, by the key.
func (e *Env) column(table string) string { return e.Dialect().selects(table, []string{"v"}, "") }

// Works fails the check unless the pool can write and read.
func (e *Env) Works(r Runner, table string, n int) {
	text := e.Name()
	e.Put(r, table, n, text)
	if got := All[string](e, r, e.column(table)); !slices.Contains(got, text) {
		e.Errorf("%s: row %d is not in the table: %q", caller(), n, got)
	}
}

// Parallel runs f on n goroutines and reports their errors.
func (e *Env) Parallel(n int, f func(i int) error) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Add(1)
		go func() {
			defer wg.Done()
			defer e.recovered()
			if err := f(i); err != nil {
				e.Errorf("goroutine %d: %v", i, err)
			}
		}()
	}
	wg.Wait()
}

// Eventually waits until f holds, at most for the given time.
func (e *Env) Eventually(limit time.Duration, f func() bool) bool {
	deadline := time.Now().Add(limit)
	for !f() {
		if time.Now().After(deadline) {
			return false
		}
		select {
		case <-e.ctx.Done():
			return false
		case <-time.After(2 * time.Millisecond):
		}
	}
	return true
}

// Within runs f, which must be back in time; what f returns is returned. The
// check does not end before f has.
func (e *Env) Within(limit time.Duration, what string, f func() error) error {
	done := make(chan error, 1)
	go func() {
		defer close(done)
		defer e.recovered()
		done <- f()
	}()
	select {
	case err := <-done:
		return err
	case <-time.After(limit):
		e.Cleanup(func() {
			select {
			case <-done:
			case <-e.ctx.Done():
			}
		})
		e.Fatalf("%s is not back after %v", what, limit)
		return nil
	}
}

// recovered reports a panic; it is deferred by what runs a driver's code.
func (e *Env) recovered() {
	if p := recover(); p != nil {
		e.Errorf("panic: %v\n%s", p, debug.Stack())
	}
}
