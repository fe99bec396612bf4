package taosdriver

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/placeholder"
	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/prepare"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const opBind = "bind"

// binding is a statement that columns are bound to, and keeps the order of steps
// that the server survives: an INSERT is executed only after a bind and its result
// never asked for, one that leaves out a BLOB is not prepared, and a statement that
// has failed is made again.
type binding struct {
	c       *conn
	t       transport.Stmt2Conn
	query   string
	options transport.Stmt2Options
	inputs  int
	insert  bool
	into    prepare.Insert // of an INSERT
	limits  []int          // of a query: the placeholders that take integers alone

	// tags and columns are the placeholders of an INSERT but for the table's name,
	// and params all of them; nil until they are known.
	params, tags, columns []bind2.Param
	// primary is the column of the primary timestamp, -1 if it is not bound.
	primary int
	// seen are the tables bound to that were looked at, where they have to be.
	seen map[string]struct{}
	// databases are those of tables bound to whose precision is known to be the same.
	databases map[string]struct{}

	made transport.Stmt2 // nil if it has to be made
	// bound tells that there is something to execute.
	bound bool
	// open are the rows of the last query.
	open *rows
	// database is the connection's count of changes of the session that the
	// statement was made in.
	database int
	// generation is the use of the connection that the statement belongs to.
	generation int
	closed     bool
}

// newBinding looks at the statement's text.
func (c *conn) newBinding(t transport.Stmt2Conn, id uint64, query string, options transport.Stmt2Options) (*binding, error) {
	if err := c.single("prepare", id, query); err != nil {
		return nil, err
	}
	_, inputs, err := placeholder.TDengine.Marks(query)
	if err != nil {
		return nil, c.argumentError("prepare", id, err)
	}
	b := &binding{c: c, t: t, query: query, options: options, inputs: inputs, primary: -1, insert: isInsert(query), generation: c.generation}
	b.options.Fields = true
	refuse := func(kind error, message, hint string) error {
		e := c.origin.Error(kind, "prepare", id, message, nil)
		e.Hint = hint
		return e
	}
	switch {
	case inputs == 0:
		return nil, refuse(driver.ErrProgramming, "the statement has no placeholder to bind to", "ExecContext and QueryContext run it")
	case b.insert:
		ok := false
		if b.into, ok = prepare.ParseInsert(query); !ok {
			return nil, refuse(driver.ErrProgramming, "columns are bound to an INSERT of one row of placeholders into one table",
				"INSERT INTO ? USING stable TAGS (?) VALUES (?, ?)")
		}
		b.options.Fields = b.into.Table != ""
	case begins(query, "select"):
		var negated bool
		if negated, b.limits = prepare.Misreads(query); negated {
			return nil, refuse(driver.ErrNotSupported, "the server forgets the minus sign in front of a bound value", "bind the negative number")
		}
	default:
		return nil, refuse(driver.ErrProgramming, "columns are bound to INSERT and SELECT alone", "")
	}
	return b, nil
}

// make prepares the statement on the server, unless it is. made is the request id
// of stmt2_init, 0 for one of the transport's.
func (b *binding) make(ctx context.Context, id, made uint64) error {
	if b.made != nil {
		return nil
	}
	if b.seen != nil && b.database != b.c.changes {
		return b.refuse(driver.ErrStatement, id, "the session's database was changed; prepare the statement again")
	}
	var table []tableColumn
	var err error
	if b.lists() && b.into.Table != "" {
		if table, err = b.c.describe(ctx, id, b.into.Table); err != nil {
			return err
		}
		if err := b.checkBlob(id, b.into.Table, table); err != nil {
			return err
		}
	}
	st, err := b.t.Stmt2(ctx, made, b.query, b.options)
	if err != nil {
		return err
	}
	if b.options.Fields {
		if err = b.take(ctx, id, st, b.inputs, b.into.Table, table); err != nil {
			st.Close()
			return err
		}
	}
	if b.seen == nil {
		b.seen, b.databases = make(map[string]struct{}), make(map[string]struct{})
	}
	b.made, b.bound, b.database = st, false, b.c.changes
	b.c.own(b)
	return nil
}

// lists reports whether an INSERT could leave a column out.
func (b *binding) lists() bool { return b.insert && (b.into.Columns != nil || b.into.Mixed) }

// take takes the placeholders that the server has described. table may be nil and
// is then asked for where it has to be known.
func (b *binding) take(ctx context.Context, id uint64, made transport.Stmt2, inputs int, name string, table []tableColumn) error {
	if made.IsInsert() != b.insert || made.Inputs() != inputs || b.insert && len(made.Params()) != inputs {
		return b.refuse(driver.ErrStatement, id, fmt.Sprintf("the server sees %d placeholders in place of %d", made.Inputs(), inputs))
	}
	params := slices.Clone(made.Params())
	b.params, b.tags, b.columns = params, nil, nil
	blob := false
	for i := range params {
		p := &params[i]
		if p.Type.IsDecimal() && !b.decimalText() {
			// The text would be stored as if it were the number.
			if table == nil {
				var err error
				if table, err = b.c.describe(ctx, id, name); err != nil {
					return err
				}
			}
			if err := b.unscale(id, p, table); err != nil {
				return err
			}
		}
		blob = blob || p.Type == block.Blob
		switch p.Role {
		case bind2.TagRole:
			b.tags = append(b.tags, *p)
		case bind2.ColumnRole:
			b.columns = append(b.columns, *p)
		}
	}
	switch {
	case !b.insert:
		return nil
	case len(b.columns) == 0:
		return b.refuse(driver.ErrStatement, id, "no column has a placeholder")
	case !blob && slices.ContainsFunc(table, tableColumn.isBlob):
		return b.refuse(driver.ErrNotSupported, id, "the server takes the value of a BLOB column only from a placeholder")
	}
	b.primary = 0
	if len(table) > 0 {
		b.primary = slices.IndexFunc(b.columns, func(p bind2.Param) bool { return p.Name == table[0].name })
	}
	return nil
}

// decimalText reports whether the server reads the text of a DECIMAL.
func (b *binding) decimalText() bool {
	return transport.AtLeast(b.t.Version(), transport.Version{3, 4})
}

func (b *binding) unscale(id uint64, p *bind2.Param, table []tableColumn) error {
	for _, column := range table {
		if column.name == p.Name && column.typ == p.Type {
			p.Unscaled, p.Digits, p.Scale = true, column.digits, column.scale
			return nil
		}
	}
	return b.refuse(driver.ErrStatement, id, fmt.Sprintf("the table tells no scale of its column %q", p.Name))
}

// checkBlob refuses an INSERT that would end the server.
func (b *binding) checkBlob(id uint64, name string, table []tableColumn) error {
	for _, column := range table {
		if column.isBlob() && b.into.Columns != nil &&
			!slices.Contains(b.into.Columns, strings.ToLower(column.name)) && !slices.Contains(b.into.Columns, column.name) {
			return b.refuse(driver.ErrNotSupported, id,
				fmt.Sprintf("the INSERT leaves out the BLOB column %q of %s, which the server does not survive", column.name, name))
		}
	}
	return nil
}

// learn looks at a table whose name is bound where the server could not tell of it
// when the statement was prepared.
func (b *binding) learn(ctx context.Context, id uint64, name string) error {
	if b.into.Table != "" {
		return nil
	}
	database := ""
	if parts := splitTable(name); len(parts) == 2 {
		database = parts[0]
	}
	// Tables of one database share the unit of their timestamps.
	_, known := b.databases[database]
	if known && !b.lists() {
		return nil
	}
	if _, ok := b.seen[name]; ok {
		return nil
	}
	table := quoteTable(name)
	var described []tableColumn
	var err error
	if b.lists() {
		if described, err = b.c.describe(ctx, id, table); err != nil {
			return err
		}
		if err := b.checkBlob(id, name, described); err != nil {
			return err
		}
	}
	if !known {
		if err := b.ask(ctx, id, name, table, described); err != nil {
			return err
		}
		b.databases[database] = struct{}{}
	}
	if !b.lists() {
		return nil
	}
	if err := b.compare(id, name, described); err != nil {
		return err
	}
	b.seen[name] = struct{}{}
	return nil
}

// ask has the server describe the placeholders of the statement for one table.
// Those of the first are the statement's.
func (b *binding) ask(ctx context.Context, id uint64, name, table string, described []tableColumn) error {
	at := b.into.Placeholder
	st, err := b.t.Stmt2(ctx, 0, b.query[:at[0]]+table+b.query[at[1]:], transport.Stmt2Options{Fields: true})
	if err != nil {
		return err
	}
	defer st.Close() //nolint:errcheck // nothing depends on it
	if b.columns == nil {
		return b.take(ctx, id, st, b.inputs-1, table, described)
	}
	params := st.Params()
	if len(params) != len(b.params) {
		return b.refuse(driver.ErrStatement, id, fmt.Sprintf("table %s has other columns than the first table", name))
	}
	for i, p := range b.params {
		if params[i].Type != p.Type || params[i].Precision != p.Precision {
			return b.refuse(driver.ErrStatement, id,
				fmt.Sprintf("column %q of table %s has another type or precision than that of the first table", params[i].Name, name))
		}
	}
	return nil
}

// compare checks that a further table has the types of the first.
func (b *binding) compare(id uint64, name string, table []tableColumn) error {
	for _, p := range b.columns {
		for _, column := range table {
			if column.name == p.Name && (column.typ != p.Type || p.Unscaled && column.scale != p.Scale) {
				return b.refuse(driver.ErrStatement, id,
					fmt.Sprintf("column %q of table %s has another type than that of the first table", p.Name, name))
			}
		}
	}
	return nil
}

// bind sends values of tables that were checked.
func (b *binding) bind(ctx context.Context, id uint64, tables []bind2.Table) error {
	if err := b.made.Bind(ctx, id, tables); err != nil {
		b.lose()
		return plain(err)
	}
	b.bound = true
	return nil
}

// exec executes what was bound.
func (b *binding) exec(ctx context.Context, id uint64) (int64, error) {
	if b.made == nil || !b.bound {
		return 0, b.refuse(driver.ErrStatement, id, "nothing is bound since the last execution or error")
	}
	b.bound = false
	affected, err := b.made.Exec(ctx, id)
	if err != nil {
		b.lose()
		return 0, plain(err)
	}
	return affected, nil
}

// lose lets the statement be made again after an error, with nothing bound.
func (b *binding) lose() {
	b.made.Close()
	b.made, b.bound = nil, false
}

// usable returns an error if the statement is closed or not the caller's any more.
func (b *binding) usable(op string, id uint64) error {
	message := ""
	switch {
	case b.generation != b.c.generation:
		message = "the connection has gone back to the pool"
	case b.c.closed:
		return b.c.closedError(op)
	case b.closed:
		message = "the statement is closed"
	default:
		return nil
	}
	return b.c.origin.Error(driver.ErrInterface, op, id, message, nil)
}

// close frees the statement on the server.
func (b *binding) close() {
	b.closed, b.bound = true, false
	b.c.disown(b)
	if b.made != nil {
		b.made.Close()
		b.made = nil
	}
}

func (b *binding) refuse(kind error, id uint64, message string) error {
	return b.c.origin.Error(kind, opBind, id, message, nil)
}

// own remembers a statement that ends with the use of the connection.
func (c *conn) own(b *binding) {
	if c.owned == nil {
		c.owned = make(map[*binding]struct{})
	}
	c.owned[b] = struct{}{}
}

func (c *conn) disown(b *binding) { delete(c.owned, b) }

// orphan closes the statements that the last borrower left behind, and their rows.
func (c *conn) orphan() {
	c.generation++
	for b := range c.owned {
		if b.open != nil {
			b.open.Close() //nolint:errcheck // nobody reads them any more
		}
		b.close()
	}
}
