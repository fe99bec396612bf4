package store

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// ExecMany runs an INSERT once for each set of arguments, all or none: what a server does with the rows bound to a stmt2. An argument may be Unset.
// The number is that of all rows.
func (c *conn) ExecMany(ctx context.Context, query string, argSets [][]any) (int64, error) {
	st, err := parse.Parse(query)
	if err != nil {
		return 0, err
	}
	ins, ok := st.(*parse.Insert)
	if !ok {
		return 0, sqlerr.Unsupported("many sets of arguments for a statement that is no insert")
	}
	for _, args := range argSets {
		if len(args) != ins.Params {
			return 0, sqlerr.Newf(sqlerr.Usage, "%d parameters in the statement, %d arguments", ins.Params, len(args))
		}
		for i := range args {
			if args[i], err = checked(args[i]); err != nil {
				return 0, err
			}
		}
	}
	ctx, end, err := c.store.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer end()
	n, err := c.insert(ctx, ins, argSets)
	return n, fault(err)
}

// insert runs an INSERT for each set of arguments. All values are looked at before the first is written.
func (c *conn) insert(ctx context.Context, st *parse.Insert, argSets [][]any) (int64, error) {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	in := &inserter{conn: c, st: st, batch: batch{}, now: c.store.Now()}
	for _, args := range argSets {
		in.args = args
		for i := range st.Clauses {
			if err := in.clause(&st.Clauses[i]); err != nil {
				return 0, err
			}
			if err := ctx.Err(); err != nil {
				return 0, err
			}
		}
		if st.Tail != nil {
			return 0, st.Tail
		}
	}
	if err := in.batch.write(ctx, c.store); err != nil {
		return 0, err
	}
	if len(in.batch.children) > 0 {
		c.store.change(func() {
			for _, t := range in.batch.children {
				c.store.catalog.Add(t)
			}
		})
	}
	return in.affected, nil
}

// inserter turns the clauses of an INSERT into rows of a batch.
type inserter struct {
	conn     *conn
	st       *parse.Insert
	args     []any
	now      time.Time
	batch    batch
	affected int64
}

// target is where the rows of a clause go.
type target struct {
	table    *catalog.Table // a child or normal table; nil: each row names its child of shape
	shape    *catalog.Table
	columns  []int // of the shape, a value each; -1 the table's name, -2-i tag i
	env      literal.Env
	from, to int64 // the times that KEEP allows
}

const nameColumn = -1

func (in *inserter) clause(c *parse.InsertClause) error {
	name, err := in.tableName(c)
	if err != nil {
		return err
	}
	t, err := in.find(name, c)
	if err != nil {
		return insertError(err)
	}
	if err := in.bind(t, c.Columns); err != nil {
		return err
	}
	d := t.shape.Database
	t.env = literal.Env{Precision: d.Precision, Location: in.conn.zone, Now: in.now}
	t.from, t.to = keepRange(d, in.now)
	for i := range c.Rows {
		if err := in.row(t, &c.Rows[i]); err != nil {
			return err
		}
		in.affected++
	}
	return nil
}

// insertError gives a missing database the words it has in an INSERT.
func insertError(err error) error {
	if errors.Is(err, sqlerr.ErrNoDatabase) {
		return sqlerr.ErrInsertNoDatabase
	}
	return err
}

// tableName is the written name or the bound one: "t", "db.t", with or without back-quotes.
func (in *inserter) tableName(c *parse.InsertClause) (parse.Name, error) {
	if c.Param < 0 {
		return c.Table, nil
	}
	var s string
	switch v := in.args[c.Param].(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	}
	n, ok := splitName(s)
	if !ok {
		return n, sqlerr.Newf(sqlerr.StmtTable, "Invalid table name: %s", s)
	}
	return n, nil
}

func splitName(s string) (parse.Name, bool) {
	first, rest, ok := cutName(s)
	if !ok {
		return parse.Name{}, false
	}
	if rest == "" {
		return parse.Name{Table: first}, true
	}
	second, rest, ok := cutName(strings.TrimPrefix(rest, "."))
	return parse.Name{DB: first, Table: second}, ok && rest == ""
}

// cutName cuts a name off the front; what is left is empty or begins with a point.
func cutName(s string) (name, rest string, ok bool) {
	if strings.HasPrefix(s, "`") {
		name, rest, ok = strings.Cut(s[1:], "`")
	} else {
		n := strings.IndexByte(s, '.')
		if n < 0 {
			n = len(s)
		}
		name, rest, ok = s[:n], s[n:], true
	}
	return name, rest, ok && name != "" && (rest == "" || rest[0] == '.' && len(rest) > 1)
}

// find looks a clause's table up and makes the child that USING describes if there is none.
func (in *inserter) find(n parse.Name, c *parse.InsertClause) (*target, error) {
	if c.Using == nil {
		t, err := in.conn.table(n)
		if err != nil {
			if d, dbErr := in.conn.databaseOf(n); dbErr == nil {
				if made := in.batch.child(d, n.Table); made != nil {
					return &target{table: made, shape: made.Shape()}, nil
				}
			}
			return nil, err
		}
		if t.Kind == catalog.Super {
			return &target{shape: t}, nil
		}
		return &target{table: t, shape: t.Shape()}, nil
	}
	stable, err := in.conn.superTable(c.Using.Stable)
	if err != nil {
		return nil, err
	}
	d, err := in.conn.databaseOf(n)
	if err != nil {
		return nil, err
	}
	if d != stable.Database {
		return nil, sqlerr.New(0x2618, "Corresponding super table not in this db")
	}
	t, err := in.child(stable, n.Table, func() ([]any, error) { return in.tagValues(stable, c.Using) })
	if err != nil {
		return nil, err
	}
	return &target{table: t, shape: stable}, nil
}

// child finds a child of a super table, or makes it with tags.
func (in *inserter) child(stable *catalog.Table, name string, tags func() ([]any, error)) (*catalog.Table, error) {
	t, err := stable.Database.Table(name)
	if err != nil {
		t = in.batch.child(stable.Database, name)
	}
	if t != nil {
		if t.Parent != stable {
			return nil, sqlerr.ErrTableExists
		}
		return t, nil
	}
	if err := checkTableName(name); err != nil {
		return nil, err
	}
	values, err := tags()
	if err != nil {
		return nil, err
	}
	t = in.conn.newChild(stable, name, values)
	in.batch.children = append(in.batch.children, t)
	return t, nil
}

// bind resolves the list of columns. Without one all are meant.
func (in *inserter) bind(t *target, names []string) error {
	if names == nil {
		if t.table == nil {
			return sqlerr.Unsupported("insert into a super table without a list of columns with tbname")
		}
		for i := range t.shape.Columns {
			t.columns = append(t.columns, i)
		}
		return nil
	}
	seen := map[string]bool{}
	for _, n := range names {
		place := t.shape.FindColumn(n)
		if place < 0 && t.table == nil {
			if tag := t.shape.FindTag(n); tag >= 0 {
				place = -2 - tag
			} else if n == "tbname" {
				place = nameColumn
			}
		}
		switch {
		case place == -1 && !(n == "tbname" && t.table == nil):
			return sqlerr.Column(n)
		case seen[n]:
			return sqlerr.InsertNear(n, "duplicated column name")
		}
		seen[n] = true
		t.columns = append(t.columns, place)
	}
	if !seen[t.shape.Columns[0].Name] {
		return sqlerr.New(sqlerr.Usage, "primary timestamp column can not be null")
	}
	if t.table == nil && !seen["tbname"] {
		return sqlerr.New(sqlerr.Usage, "tbname is expected in the columns of a super table")
	}
	return nil
}

// row reads one row of values into the batch.
func (in *inserter) row(t *target, r *parse.Row) error {
	if len(r.Values) > len(t.columns) || len(r.Values) == 0 && r.Close >= 0 {
		return sqlerr.New(sqlerr.ColumnCount, "Illegal number of columns")
	}
	table := t.table
	var name string
	var tags []any
	values := make([]any, len(t.shape.Columns))
	given := make([]byte, len(t.shape.Columns))
	for i := range r.Values {
		v := &r.Values[i]
		place := t.columns[i]
		switch {
		case place >= 0:
			x, set, err := in.value(t, &t.shape.Columns[place].Field, v)
			if err != nil {
				return err
			}
			if x == nil && place == 0 {
				return in.nullTime(v)
			}
			if set {
				values[place], given[place] = x, 1
			}
		case place == nameColumn:
			n, err := in.rowTable(t, v)
			if err != nil {
				return err
			}
			name = n
		default:
			x, _, err := in.value(t, &t.shape.Tags[-2-place].Field, v)
			if err != nil {
				return err
			}
			if tags == nil {
				tags = make([]any, len(t.shape.Tags))
			}
			tags[-2-place] = x
		}
	}
	if r.Close < 0 {
		return in.st.Tail
	}
	if rest := in.st.Source[r.Close:]; len(r.Values) < len(t.columns) {
		return sqlerr.InsertNear(rest, ", expected")
	} else if !strings.HasPrefix(rest, ")") {
		return sqlerr.InsertNear(rest, ") expected")
	}
	ts, ok := values[0].(int64)
	if !ok { // Unset
		return sqlerr.New(sqlerr.NullTimestamp, "Primary key column should not be null")
	}
	if ts < t.from || ts > t.to {
		return sqlerr.New(sqlerr.TimestampRange, "Timestamp data out of range")
	}
	if table == nil {
		var err error
		table, err = in.child(t.shape, name, func() ([]any, error) {
			if tags == nil {
				tags = make([]any, len(t.shape.Tags))
			}
			return tags, nil
		})
		if err != nil {
			return err
		}
	}
	in.batch.add(t.shape, table.ID, values, given)
	return nil
}

// value reads one value. set is false if the stored one shall stay.
func (in *inserter) value(t *target, f *block.Field, v *parse.Value) (x any, set bool, err error) {
	if v.Kind != parse.ParamValue {
		x, err = t.env.Literal(f, v)
		return x, true, in.bad(err, v)
	}
	arg := in.args[v.Param]
	if _, unset := arg.(Unset); unset {
		return nil, false, nil
	}
	x, err = t.env.Bind(f, arg)
	return x, true, in.bad(err, v)
}

// bad words the error of a value: the server shows a text itself, of anything else the statement from there on.
func (in *inserter) bad(err error, v *parse.Value) error {
	switch v.Kind {
	case parse.ParamValue:
		return badValue(err, fmt.Sprint(in.args[v.Param]))
	case parse.StringValue:
		return badValue(err, v.Text)
	}
	return badValue(err, in.st.Source[v.Pos:])
}

func badValue(err error, source string) error {
	var b *literal.Bad
	if errors.As(err, &b) {
		return sqlerr.InsertNear(source, b.Info)
	}
	return err
}

func (in *inserter) nullTime(v *parse.Value) error {
	if v.Kind == parse.ParamValue {
		return sqlerr.New(sqlerr.NullTimestamp, "Primary key column should not be null")
	}
	return in.bad(&literal.Bad{Info: "primary timestamp should not be null"}, v)
}

// rowTable is the name of a row's table.
func (in *inserter) rowTable(t *target, v *parse.Value) (string, error) {
	f := block.Field{Name: "tbname", Type: block.VarChar, Bytes: catalog.MaxTableLen}
	x, _, err := in.value(t, &f, v)
	if err != nil {
		return "", err
	}
	name, _ := x.(string)
	if name == "" {
		return "", sqlerr.New(sqlerr.Usage, "tbname can not be null or empty")
	}
	return name, nil
}

// tagValues reads the values of a USING clause of an INSERT.
func (in *inserter) tagValues(stable *catalog.Table, u *parse.Using) ([]any, error) {
	places := make([]int, 0, len(stable.Tags))
	if u.TagNames == nil {
		for i := range stable.Tags {
			places = append(places, i)
		}
	}
	for _, n := range u.TagNames {
		place := stable.FindTag(n)
		if place < 0 {
			return nil, sqlerr.Tag(n)
		}
		places = append(places, place)
	}
	if len(places) != len(u.Tags) {
		return nil, sqlerr.ErrTagsNotMatched
	}
	t := &target{env: literal.Env{Precision: stable.Database.Precision, Location: in.conn.zone, Now: in.now}}
	tags := make([]any, len(stable.Tags))
	for i, place := range places {
		v := u.Tags[i]
		x, _, err := in.value(t, &stable.Tags[place].Field, &v)
		if err != nil {
			return nil, err
		}
		tags[place] = x
	}
	return tags, nil
}

// keepRange is the range of timestamps that a database takes: not older than KEEP, not later than TDengine's own end of time.
func keepRange(d *catalog.Database, now time.Time) (from, to int64) {
	to = map[block.Precision]int64{
		block.Milli: 31_556_995_200_000, block.Micro: 31_556_995_200_000_000, block.Nano: 9_214_646_400_000_000_000,
	}[d.Precision]
	from, err := d.Precision.Unix(now.Add(-d.Keep))
	if err != nil {
		from = math.MinInt64
	}
	return from, to
}
