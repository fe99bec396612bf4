package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// define runs a statement that changes databases or tables. Whoever has the lock to write is alone
// in changing the catalogue and may read it freely; readers are locked out only for the change
// itself.
func (c *conn) define(ctx context.Context, st parse.Statement) error {
	unlock, err := c.store.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	switch st := st.(type) {
	case *parse.CreateDatabase:
		return c.createDatabase(st)
	case *parse.AlterDatabase:
		_, err := c.store.catalog.Database(st.Name)
		return err
	case *parse.DropDatabase:
		return c.dropDatabase(ctx, st)
	case *parse.CreateTable:
		return c.createTable(ctx, st)
	case *parse.CreateChildren:
		return c.createChildren(st)
	case *parse.DropTable:
		return c.dropTables(ctx, st)
	case *parse.AlterTable:
		return c.alterTable(ctx, st)
	case *parse.CreateTopic:
		return c.createTopic(ctx, st)
	case *parse.DropTopic:
		return c.store.topics.drop(st)
	case *parse.DropGroup:
		return c.store.topics.dropGroup(st)
	}
	return sqlerr.Unsupportedf("%T", st)
}

// change runs f while no query is being planned.
func (s *Store) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
}

// defaultKeep is TDengine's 3650 days.
const (
	day         = 24 * time.Hour
	defaultKeep = 3650 * day
	maxKeepDays = 106751 // what a time.Duration holds
)

func (c *conn) createDatabase(st *parse.CreateDatabase) error {
	if _, err := c.store.catalog.Database(st.Name); err == nil {
		if st.IfNotExists {
			return nil
		}
		return sqlerr.ErrDatabaseExists
	}
	d := &catalog.Database{Name: st.Name, Created: c.store.Now(), Keep: defaultKeep}
	switch st.Precision {
	case "us":
		d.Precision = block.Micro
	case "ns":
		d.Precision = block.Nano
	}
	if st.Keep != "" {
		keep, err := keepOf(st.Keep)
		if err != nil {
			return err
		}
		d.Keep = keep
	}
	n, err := vgroupsOf(st.VGroups)
	if err != nil {
		return err
	}
	d.VGroups = n
	c.store.change(func() { c.store.catalog.AddDatabase(d) })
	return nil
}

// keepOf reads KEEP: a number of days, or a duration of minutes, hours or days.
func keepOf(s string) (time.Duration, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return time.Duration(max(1, min(n, maxKeepDays))) * day, nil
	}
	d, ok := literal.ParseDuration(s)
	n, fits := d.Units(block.Nano)
	switch {
	case !ok || d.Unit != 'm' && d.Unit != 'h' && d.Unit != 'd' || d.N <= 0:
		return 0, sqlerr.Newf(sqlerr.DatabaseOption, "Invalid option keep: %s", s)
	case !fits:
		return maxKeepDays * day, nil
	}
	return time.Duration(n), nil
}

func (c *conn) dropDatabase(ctx context.Context, st *parse.DropDatabase) error {
	d, err := c.store.catalog.Database(st.Name)
	if err != nil {
		if st.IfExists {
			return nil
		}
		return err
	}
	if c.store.topics.uses(d) {
		return sqlerr.New(sqlerr.TopicMustBeDropped, "Topic must be dropped first")
	}
	c.store.change(func() { c.store.catalog.DropDatabase(st.Name) })
	c.store.logs.drop(d)
	if c.database == st.Name {
		c.database = ""
	}
	return c.store.write(ctx, func(tx *sql.Tx) error {
		for _, t := range d.Tables() {
			if t.Kind == catalog.Child {
				continue
			}
			if _, err := tx.ExecContext(ctx, "drop table "+storageName(t)); err != nil {
				return err
			}
		}
		return nil
	})
}

// write runs f in a transaction of SQLite.
func (s *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	tx, err := s.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fault(err)
	}
	if err := f(tx); err != nil {
		_ = tx.Rollback()
		if ctx.Err() != nil {
			return ctx.Err() // SQLite says "interrupted"
		}
		return fault(err)
	}
	return fault(tx.Commit())
}

func checkTableName(name string) error {
	if len(name) > catalog.MaxTableLen {
		return sqlerr.Newf(sqlerr.InvalidIdentifier, "Invalid identifier name: %s", name)
	}
	return nil
}

func (c *conn) createTable(ctx context.Context, st *parse.CreateTable) error {
	d, err := c.databaseOf(st.Name)
	if err != nil {
		return err
	}
	if err := checkTableName(st.Name.Table); err != nil {
		return err
	}
	t := &catalog.Table{Name: st.Name.Table, Database: d, Created: c.store.Now()}
	if t.Columns, t.Tags, err = catalog.Columns(st.Columns, st.Tags); err != nil {
		return err
	}
	if len(t.Columns) > maxColumns {
		return sqlerr.Unsupportedf("a table of more than %d columns", maxColumns)
	}
	if _, err := d.Table(t.Name); err == nil {
		if st.IfNotExists {
			return nil
		}
		return sqlerr.ErrTableExists
	}
	if st.Tags != nil {
		t.Kind = catalog.Super
		for _, col := range t.Columns {
			t.Summed = append(t.Summed, col.Name)
		}
	}
	t.ID = c.store.catalog.NewID()
	for i := range t.Columns {
		t.Columns[i].ID = i
	}
	if err := c.store.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, createStorage(t))
		return err
	}); err != nil {
		return err
	}
	c.store.change(func() { c.store.catalog.Add(t) })
	c.store.logs.record(t, createdJSON(t))
	return nil
}

func (c *conn) createChildren(st *parse.CreateChildren) error {
	var made []*catalog.Table
	in := &inserter{conn: c, st: &parse.Insert{Source: st.Source}, now: c.store.Now()}
	for i := range st.Children {
		child := &st.Children[i]
		d, err := c.databaseOf(child.Name)
		if err != nil {
			return err
		}
		if err := checkTableName(child.Name.Table); err != nil {
			return err
		}
		stable, err := c.superTable(child.Using.Stable)
		if err != nil {
			return err
		}
		if stable.Database != d {
			return sqlerr.ErrOtherDatabase
		}
		tags, err := in.tagValues(stable, &child.Using)
		if err != nil {
			return err
		}
		_, err = d.Table(child.Name.Table)
		for _, m := range made {
			if m.Database == d && m.Name == child.Name.Table {
				err = nil
			}
		}
		if err == nil {
			if child.IfNotExists {
				continue
			}
			return sqlerr.ErrTableExists
		}
		made = append(made, c.newChild(stable, child.Name.Table, tags))
	}
	c.store.change(func() {
		for _, t := range made {
			c.store.catalog.Add(t)
		}
	})
	for _, t := range made {
		c.store.logs.record(t, createdJSON(t))
	}
	return nil
}

func (c *conn) newChild(stable *catalog.Table, name string, tags []any) *catalog.Table {
	return &catalog.Table{
		ID: c.store.catalog.NewID(), Name: name, Database: stable.Database, Kind: catalog.Child, Parent: stable, Values: tags,
		Created: c.store.Now(),
	}
}

func (c *conn) superTable(n parse.Name) (*catalog.Table, error) {
	t, err := c.table(n)
	if err == nil && t.Kind != catalog.Super {
		err = sqlerr.ErrTableNotExist
	}
	return t, err
}

func (c *conn) dropTables(ctx context.Context, st *parse.DropTable) error {
	var tables []*catalog.Table
	for i, n := range st.Names {
		t, err := c.table(n)
		if err == nil && st.Super && t.Kind != catalog.Super {
			err = sqlerr.ErrTableNotExist
		}
		if err != nil {
			if st.IfExists[i] && errors.Is(err, sqlerr.ErrTableNotExist) {
				continue
			}
			return err
		}
		if t.Kind == catalog.Super && len(st.Names) > 1 {
			return sqlerr.ErrDropStableInBatch
		}
		tables = append(tables, t)
	}
	c.store.change(func() {
		for _, t := range tables {
			c.store.catalog.Remove(t)
		}
	})
	for _, t := range tables {
		c.store.logDropped(t)
	}
	return c.store.write(ctx, func(tx *sql.Tx) error {
		for _, t := range tables {
			var err error
			if t.Kind == catalog.Child {
				_, err = tx.ExecContext(ctx, "delete from "+storageName(t.Parent)+" where tid = ?", t.ID)
			} else {
				_, err = tx.ExecContext(ctx, "drop table "+storageName(t))
			}
			if err != nil {
				return fmt.Errorf("drop %s: %w", t.Name, err)
			}
		}
		return nil
	})
}
