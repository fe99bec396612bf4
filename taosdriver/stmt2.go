package taosdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// stmt2Preparer makes statements for columnar binding on the connection.
type stmt2Preparer struct {
	c *conn
	t transport.Stmt2Conn
}

var (
	_ driver.Stmt2Preparer = stmt2Preparer{}
	_ driver.Stmt2         = (*stmt2)(nil)
)

// PrepareStmt2 implements [driver.Stmt2Preparer]. An INSERT is one of
//
//	INSERT INTO t|? [(columns)] [USING stable [(tags)] TAGS (...)] [(columns)] VALUES (...)
//	INSERT INTO stable (tbname, tags and columns) VALUES (...)
//
// with one row of values, which may be literals in part. The statement ends with
// the use of the connection at the latest.
func (p stmt2Preparer) PrepareStmt2(ctx context.Context, query string, options driver.Stmt2Options) (driver.Stmt2, error) {
	if p.c.closed {
		return nil, p.c.closedError("prepare")
	}
	made := options.RequestID
	if made == 0 {
		made, _ = driver.RequestIDFrom(ctx)
	}
	id := made
	if id == 0 {
		id = driver.NewRequestID()
	}
	b, err := p.c.newBinding(p.t, id, query, transport.Stmt2Options{
		SingleSuperTable: options.SingleSuperTable, BindTableOnce: options.BindTableOnce,
	})
	if err != nil {
		return nil, err
	}
	if err := b.make(ctx, id, made); err != nil {
		return nil, gate(err)
	}
	return &stmt2{binding: b}, nil
}

// stmt2 implements [driver.Stmt2]. After an error of the server what was bound is
// lost, and the next Bind prepares the statement again.
type stmt2 struct {
	*binding
	// names that were bound since the last execution, if each may be only once.
	names map[string]struct{}
	// columns of tables before, for use again.
	pool []bind2.Table
}

// IsInsert implements [driver.Stmt2].
func (s *stmt2) IsInsert() bool { return s.insert }

// Fields implements [driver.Stmt2]. Those of an INSERT INTO ? without a super table
// are known once a table was bound; before there is only the table's name.
func (s *stmt2) Fields() []driver.Stmt2Field {
	if !s.insert {
		fields := make([]driver.Stmt2Field, s.inputs)
		for i := range fields {
			fields[i].Role = driver.Stmt2Query
		}
		return fields
	}
	fields := make([]driver.Stmt2Field, 0, s.inputs)
	if s.into.Table == "" {
		const longest = 192 + 2
		fields = append(fields, driver.Stmt2Field{
			Name: "tbname", Role: driver.Stmt2TableName, DatabaseType: block.VarChar.String(), Length: longest,
		})
	}
	for _, p := range s.params {
		f := driver.Stmt2Field{
			Name: p.Name, Role: driver.Stmt2Role(p.Role), DatabaseType: p.Type.String(), Length: int(p.Bytes),
			Precision: int(p.Digits), Scale: int(p.Scale),
		}
		if p.Type == block.Timestamp {
			f.Precision = p.Precision.Digits()
		}
		fields = append(fields, f)
	}
	return fields
}

// BindArrays implements [driver.Stmt2].
func (s *stmt2) BindArrays(ctx context.Context, names []string, tags [][]any, columns [][]driver.Column) error {
	n := max(len(names), len(tags), len(columns))
	if names != nil && len(names) != n || tags != nil && len(tags) != n || columns != nil && len(columns) != n {
		return s.refuse(driver.ErrStatement, driver.RequestID(ctx),
			fmt.Sprintf("%d names, %d lists of tags and %d of columns; all that are given are of one length", len(names), len(tags), len(columns)))
	}
	tables := make([]driver.BindTable, n)
	for i := range tables {
		if names != nil {
			tables[i].Name = names[i]
		}
		if tags != nil {
			tables[i].Tags = tags[i]
		}
		if columns != nil {
			tables[i].Columns = columns[i]
		}
	}
	return s.Bind(ctx, tables...)
}

// Bind implements [driver.Stmt2]. More rows of a table than the server takes at
// once are sent in several messages.
func (s *stmt2) Bind(ctx context.Context, tables ...driver.BindTable) error {
	id := driver.RequestID(ctx)
	if err := s.idle(opBind, id); err != nil {
		return err
	}
	if len(tables) == 0 {
		return s.refuse(driver.ErrStatement, id, "there is no table to bind")
	}
	if err := ctx.Err(); err != nil {
		return s.c.origin.Canceled(ctx, opBind, id, false)
	}
	if s.made == nil {
		s.names, s.pool = nil, nil
		if err := s.make(ctx, id, 0); err != nil {
			return plain(err)
		}
	}
	if !s.insert {
		return s.bindQuery(ctx, id, tables)
	}
	for i := range tables {
		if err := s.check(ctx, id, &tables[i]); err != nil {
			return err
		}
	}
	names, err := s.once(id, tables)
	if err != nil {
		return err
	}
	for from := 0; ; from += bind2.MaxRows {
		batch, err := s.batch(id, tables, from)
		if err != nil {
			// What went before is as good as lost: nobody knows its end.
			if from > 0 {
				s.lose()
			}
			return err
		}
		if len(batch) == 0 {
			break
		}
		if err := s.bind(ctx, id, batch); err != nil {
			return err
		}
	}
	if s.names == nil {
		s.names = names
		return nil
	}
	maps.Copy(s.names, names)
	return nil
}

// check looks at the shape of what is bound to a table.
func (s *stmt2) check(ctx context.Context, id uint64, t *driver.BindTable) error {
	refuse := func(format string, args ...any) error {
		return s.refuse(driver.ErrStatement, id, ofTable(t.Name)+fmt.Sprintf(format, args...))
	}
	switch {
	case s.into.Bound && t.Name == "":
		return refuse("the statement has a placeholder for the table's name, and no name is bound to it")
	case !s.into.Bound && t.Name != "":
		return refuse("the statement has no placeholder for the table's name")
	}
	if s.into.Bound {
		if err := s.learn(ctx, id, t.Name); err != nil {
			return plain(err)
		}
	}
	if len(t.Tags) != len(s.tags) {
		return refuse("%d tags for %d placeholders", len(t.Tags), len(s.tags))
	}
	if len(t.Columns) != len(s.columns) {
		return refuse("%d columns for %d placeholders", len(t.Columns), len(s.columns))
	}
	rows := t.Columns[0].Len()
	for i, c := range t.Columns {
		if err := c.Check(); err != nil {
			return refuse("column %q: %s", s.columns[i].Name, asError(err).Message)
		}
		if c.Len() != rows {
			return refuse("column %q has %d rows, %q has %d", s.columns[i].Name, c.Len(), s.columns[0].Name, rows)
		}
	}
	if rows == 0 {
		return refuse("there are no rows")
	}
	return nil
}

// once keeps what BindTableOnce promises to the server, and returns the names of the
// tables if that matters.
func (s *stmt2) once(id uint64, tables []driver.BindTable) (map[string]struct{}, error) {
	if !s.options.BindTableOnce {
		return nil, nil
	}
	names := make(map[string]struct{}, len(tables))
	for i := range tables {
		t := &tables[i]
		_, before := s.names[t.Name]
		if _, now := names[t.Name]; before || now || t.Columns[0].Len() > bind2.MaxRows {
			return nil, s.refuse(driver.ErrStatement, id,
				ofTable(t.Name)+fmt.Sprintf("BindTableOnce promises one bind of at most %d rows before Exec", bind2.MaxRows))
		}
		names[t.Name] = struct{}{}
	}
	return names, nil
}

// batch returns the rows of the tables from one on that one message takes.
func (s *stmt2) batch(id uint64, tables []driver.BindTable, from int) ([]bind2.Table, error) {
	used := 0
	for i := range tables {
		t := &tables[i]
		until := min(from+bind2.MaxRows, t.Columns[0].Len())
		if from >= until {
			continue
		}
		if used == len(s.pool) {
			s.pool = append(s.pool, newTable(s.tags, s.columns))
		}
		to := &s.pool[used]
		used++
		to.Name = t.Name
		for k, c := range to.Tags {
			c.Reset()
			if err := appendCell(c, &s.tags[k], t.Tags[k]); err != nil {
				return nil, s.misfit(id, t.Name, &s.tags[k], err)
			}
		}
		for k, c := range to.Columns {
			c.Reset()
			if err := appendColumn(c, &s.columns[k], t.Columns[k], from, until); err != nil {
				return nil, s.misfit(id, t.Name, &s.columns[k], err)
			}
			if k == s.primary && c.Skipped() >= 0 {
				return nil, s.misfit(id, t.Name, &s.columns[k], &bind2.RowError{Row: from + c.Skipped(), Err: errPrimary})
			}
		}
	}
	return s.pool[:used], nil
}

var errPrimary = errors.New("the primary timestamp cannot be NULL")

// newTable returns a table with empty columns.
func newTable(tags, columns []bind2.Param) bind2.Table {
	make1 := func(params []bind2.Param) []*bind2.Column {
		list := make([]*bind2.Column, len(params))
		for i := range params {
			list[i] = params[i].Column()
		}
		return list
	}
	return bind2.Table{Tags: make1(tags), Columns: make1(columns)}
}

// misfit is the error of a value that the placeholder does not take.
func (b *binding) misfit(id uint64, table string, p *bind2.Param, err error) error {
	where := ofTable(table) + p.Of()[len(", "):]
	var row *bind2.RowError
	if errors.As(err, &row) {
		where, err = fmt.Sprintf("%s, row %d", where, row.Row), row.Err
	}
	return b.refuse(driver.ErrData, id, fmt.Sprintf("%s: %v", where, err))
}

func ofTable(name string) string {
	if name == "" {
		return ""
	}
	return fmt.Sprintf("table %q: ", name)
}

// bindQuery binds one value a placeholder.
func (s *stmt2) bindQuery(ctx context.Context, id uint64, tables []driver.BindTable) error {
	t := tables[0]
	switch {
	case len(tables) > 1 || t.Name != "" || len(t.Tags) > 0:
		return s.refuse(driver.ErrStatement, id, "a query takes one table without name and tags, of one row")
	case len(t.Columns) != s.inputs:
		return s.refuse(driver.ErrStatement, id, fmt.Sprintf("%d columns for %d placeholders", len(t.Columns), s.inputs))
	}
	columns := make([]*bind2.Column, s.inputs)
	for i := range columns {
		c, err := queryColumn(t.Columns[i])
		if err == nil && slices.Contains(s.limits, i) {
			if _, _, integer := c.Type().IntegerRange(); !integer {
				err = errors.New("LIMIT and OFFSET take integers")
			}
		}
		if err != nil {
			return s.refuse(driver.ErrData, id, fmt.Sprintf("parameter %d: %v", i, err))
		}
		columns[i] = c
	}
	return s.bind(ctx, id, []bind2.Table{{Columns: columns}})
}

// Exec implements [driver.Stmt2].
func (s *stmt2) Exec(ctx context.Context) (int64, error) {
	id := driver.RequestID(ctx)
	if err := s.idle("execute", id); err != nil {
		return 0, err
	}
	if !s.insert {
		return 0, s.refuse(driver.ErrStatement, id, "a SELECT is run by Query")
	}
	s.names = nil
	return s.exec(ctx, id)
}

// Query implements [driver.Stmt2].
func (s *stmt2) Query(ctx context.Context) (sqldriver.Rows, error) {
	id := driver.RequestID(ctx)
	if err := s.idle("query", id); err != nil {
		return nil, err
	}
	if s.insert {
		return nil, s.refuse(driver.ErrStatement, id, "an INSERT is run by Exec")
	}
	if _, err := s.exec(ctx, id); err != nil {
		return nil, err
	}
	reply, err := s.made.Result(ctx, id)
	if err != nil {
		s.lose()
		return nil, plain(err)
	}
	r := newRows(ctx, reply)
	s.open = r
	r.release = func() { s.open = nil }
	return r, nil
}

// idle returns an error if the statement cannot be used now.
func (s *stmt2) idle(op string, id uint64) error {
	if err := s.usable(op, id); err != nil {
		return err
	}
	if s.open != nil {
		return s.refuse(driver.ErrStatement, id, "the rows of the last query are still open")
	}
	return nil
}

// Close implements [driver.Stmt2]. Open rows stay readable.
func (s *stmt2) Close() error {
	s.close()
	s.pool = nil
	return nil
}
