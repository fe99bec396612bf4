package store

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// ExecMany runs an INSERT once for each set of arguments, all or none: what a server does with the
// rows bound to a stmt2. An argument may be Unset. The number is that of all rows.
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
		if err := checkArgs(st, args); err != nil {
			return 0, err
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

// insert runs an INSERT for each set of arguments. All values are looked at before the first is
// written.
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
	c.store.logs.write(&in.batch)
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
	if err := t.bind(c.Columns, in.st.Source[c.After:]); err != nil {
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

// keepRange is the range of timestamps that a database takes: not older than KEEP, not later than
// TDengine's own end of time.
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
