package store

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// Session is what a login opens: a current database, a time zone, prepared
// statements.
type Session struct {
	// Database is the current one, empty for none.
	Database string
	// User is who has logged in.
	User string

	store    *Store
	zone     *time.Location
	tree     bool
	prepared map[string]Prepared
}

// Prepared is a prepared statement.
type Prepared struct {
	body       statement
	Parameters int
	SQL        string
}

// NewSession opens a session of the table model or the tree model.
func (s *Store) NewSession(user, database string, zone *time.Location, tree bool) *Session {
	return &Session{Database: strings.ToLower(database), User: user, store: s, zone: zone, tree: tree, prepared: map[string]Prepared{}}
}

// SetZone changes the time zone.
func (s *Session) SetZone(zone *time.Location) { s.zone = zone }

// Tree reports whether the session is of the tree model.
func (s *Session) Tree() bool { return s.tree }

// need returns the current database or panics with an *Error.
func (s *Session) need() string {
	if s.Database == "" {
		panic(fail(CodeSemantic, "Database must be specified when session database is not set"))
	}
	return s.Database
}

// qualified is the name with its database.
func (s *Session) qualified(n name) (name, error) {
	if n.database == "" {
		n.database = s.Database
	}
	if n.database == "" {
		return n, fail(CodeSemantic, "database is not specified")
	}
	return n, nil
}

// Prepare prepares a statement under a name, which may be taken.
func (s *Session) Prepare(name, sql string) (Prepared, error) {
	body, parameters, err := parse(sql)
	if err != nil {
		return Prepared{}, err
	}
	p := Prepared{body, parameters, sql}
	s.prepared[strings.ToLower(name)] = p
	return p, nil
}

// Prepared returns a prepared statement.
func (s *Session) Prepared(name string) (Prepared, bool) {
	p, ok := s.prepared[strings.ToLower(name)]
	return p, ok
}

// Deallocate forgets a prepared statement.
func (s *Session) Deallocate(name string) bool {
	_, ok := s.Prepared(name)
	delete(s.prepared, strings.ToLower(name))
	return ok
}

// Kill is a KILL QUERY that Execute hands back, for the server to do. All is true
// for KILL ALL QUERIES.
type Kill struct {
	ID  string
	All bool
}

func (*Kill) Error() string { return "kill query" }

// Execute runs a statement. args are for its question marks, of which only prepared
// statements have any. The error is an *Error, a *Kill, or one of the context.
func (s *Session) Execute(ctx context.Context, sql string) (*Result, error) {
	if s.tree {
		return s.executeTree(ctx, sql)
	}
	body, parameters, err := parse(sql)
	if err == nil && parameters > 0 {
		if _, ok := body.(prepare); !ok {
			err = fail(CodeSemantic, "Query takes no parameters")
		}
	}
	if err != nil {
		return nil, err
	}
	r, err := s.run(ctx, body, nil)
	if e, ok := err.(*Error); ok && e.Code == CodeInternal {
		err = fail(CodeInternal, "[INTERNAL_SERVER_ERROR(305)] Exception occurred: \"%s\". executeStatement failed. %s", sql, e.Message)
	}
	return r, err
}

// ExecutePrepared runs a prepared statement.
func (s *Session) ExecutePrepared(ctx context.Context, p Prepared, args []any) (*Result, error) {
	if len(args) != p.Parameters {
		return nil, fail(CodeSemantic, "Invalid number of parameters: expected %d, got %d", p.Parameters, len(args))
	}
	return s.run(ctx, p.body, args)
}

func (s *Session) run(ctx context.Context, body statement, args []any) (r *Result, err error) {
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(*Error)
			if !ok {
				panic(p)
			}
			r, err = nil, e
		}
	}()
	switch b := body.(type) {
	case *selection:
		return s.query(ctx, b, args)
	case insert:
		return done(s.insert(ctx, b, args))
	case createDatabase:
		return done(s.createDatabase(b))
	case dropDatabase:
		return done(s.dropDatabase(b))
	case use:
		if b.name != "information_schema" && !s.store.HasDatabase(b.name) {
			return nil, fail(CodeNoDatabase, "Unknown database %s", b.name)
		}
		s.Database = b.name
		return &Result{Database: b.name}, nil
	case createTable:
		return done(s.createTable(b))
	case dropTable:
		return done(s.dropTable(b))
	case addColumn:
		return done(s.addColumn(b))
	case dropColumn:
		return done(s.dropColumn(b))
	case setTTL:
		return done(s.setTTL(b))
	case describe:
		return s.describe(b)
	case remove:
		return done(s.remove(ctx, b, args))
	case update:
		return done(s.update(ctx, b, args))
	case show:
		return s.show(ctx, b, args)
	case kill:
		if b.id == nil {
			return nil, &Kill{All: true}
		}
		c := &compiler{session: s, args: args}
		x := c.expression(b.id, nil)
		id, ok := "", false
		if len(x.args) == 1 {
			id, ok = x.args[0].(string)
		}
		if !ok {
			return nil, fail(CodeSemantic, "KILL QUERY takes the id as a text")
		}
		return nil, &Kill{ID: id}
	case nothing:
		return &Result{}, nil
	case explain:
		if _, err := s.query(ctx, &selection{items: b.items, from: b.from, where: b.where, limit: constant{datatype.Int32, int32(0), "0"}}, args); err != nil {
			return nil, err
		}
		return table1("distribution plan", []string{"(the embedded store has none)"}), nil
	case prepare:
		s.prepared[b.name] = Prepared{b.body, parametersOf(b.sql), b.sql}
		return &Result{}, nil
	case executeName:
		p, ok := s.prepared[b.name]
		if !ok {
			return nil, fail(CodeSemantic, "Prepared statement '%s' does not exist", b.name)
		}
		var values []any
		c := &compiler{session: s}
		for _, a := range b.args {
			k, ok := a.(constant)
			if !ok {
				return nil, fail(CodeSemantic, "EXECUTE takes literals")
			}
			x := c.expression(k, nil)
			if k.typ == datatype.Timestamp {
				var ts int64
				fmt.Sscan(x.sql, &ts)
				k.value = ts
			}
			values = append(values, k.value)
		}
		return s.ExecutePrepared(ctx, p, values)
	case deallocate:
		if !s.Deallocate(b.name) {
			return nil, fail(CodeSemantic, "Prepared statement '%s' does not exist", b.name)
		}
		return &Result{}, nil
	}
	return nil, unsupported(fmt.Sprintf("%T", body))
}

func parametersOf(sql string) int {
	_, n, _ := parse(sql)
	return n
}

func done(err error) (*Result, error) {
	if err != nil {
		return nil, err
	}
	return &Result{}, nil
}

// query runs a SELECT.
func (s *Session) query(ctx context.Context, sel *selection, args []any) (*Result, error) {
	c := &compiler{session: s, args: args, now: time.Now()}
	var q compiled
	func() {
		s.store.mu.RLock()
		defer s.store.mu.RUnlock()
		q = c.selection(sel)
	}()
	if c.sleep > 0 {
		if err := sleep(ctx, c.sleep); err != nil {
			return nil, err
		}
	}
	blocks, index := layout(q.columns)
	r := &Result{Index: index, Names: true}
	for _, o := range q.columns {
		r.Columns = append(r.Columns, Column{o.name, o.typ})
	}
	// The query is wrapped, so that SQLite gives each block column once.
	text := "SELECT "
	for i, b := range blocks {
		if b.typ == datatype.Unknown {
			return nil, fail(CodeExecute, "class org.apache.tsfile.read.common.block.column.NullColumn cannot be serialized")
		}
		if i > 0 {
			text += ", "
		}
		for n, at := range index {
			if at == int32(i) {
				text += fmt.Sprintf("o%d", n)
				break
			}
		}
		r.Blocks = append(r.Blocks, b.typ)
	}
	rows, err := s.store.db.Reader().QueryContext(ctx, text+" FROM ("+q.sql+")", q.args...)
	if err != nil {
		return nil, broken(ctx, err)
	}
	r.rows = rows
	return r, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// broken is an error of SQLite, or why it was interrupted.
func broken(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if e, ok := err.(*Error); ok {
		return e
	}
	if strings.Contains(err.Error(), zeroDivision) {
		return fail(CodeZeroDivision, zeroDivision)
	}
	return fail(CodeExecute, "%v", err)
}

// Current is the current database, empty for none.
func (s *Session) Current() string { return s.Database }
