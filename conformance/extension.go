package conformance

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
)

// extensions are the interfaces of package driver that a connection may offer.
var extensions = []struct {
	name string
	find func(conn any) error
}{
	{"AppenderOpener", finds[driver.AppenderOpener]},
	{"ConsumerOpener", finds[driver.ConsumerOpener]},
	{"Copier", finds[driver.Copier]},
	{"RequestExecer", finds[driver.RequestExecer]},
	{"RequestQueryer", finds[driver.RequestQueryer]},
	{"SchemalessInserter", finds[driver.SchemalessInserter]},
	{"SeriesInserter", finds[driver.SeriesInserter]},
	{"ServerInformer", finds[driver.ServerInformer]},
	{"Stmt2Preparer", finds[driver.Stmt2Preparer]},
	{"TabletInserter", finds[driver.TabletInserter]},
	{"TwoPhase", finds[driver.TwoPhase]},
}

func finds[T any](conn any) error {
	_, err := driver.As[T](conn)
	return err
}

func extension(name string) func(conn any) error {
	for _, x := range extensions {
		if x.name == name {
			return x.find
		}
	}
	return nil
}

// offers is the capability of offering an extension, by its interface's name.
func offers(name string) Capability { return Capability("the extension " + name) }

var extensionChecks = []Check{
	{Group: "extensions", Name: "every extension declared is found", Needs: needs(hasExtensions), Run: func(e *Env) {
		e.Must(e.Conn(e.DB()).Raw(func(conn any) error {
			for _, name := range e.Target.Extensions {
				if err := extension(name)(conn); err != nil {
					e.Errorf("%s: %v", name, err)
				}
			}
			return nil
		}))
	}},
	{Group: "extensions", Name: "every other extension is refused by the engine's name", Needs: needs(hasExtensions), Run: func(e *Env) {
		e.Must(e.Conn(e.DB()).Raw(func(conn any) error {
			for _, x := range extensions {
				if slices.Contains(e.Target.Extensions, x.name) {
					continue
				}
				err := x.find(conn)
				if err == nil {
					e.Errorf("%s is found and not declared", x.name)
				} else if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), e.Target.Engine) {
					e.Errorf("%s: %v", x.name, err)
				}
			}
			return nil
		}))
	}},
	{Group: "extensions", Name: "the server's information is true", Needs: needs(offers("ServerInformer")), Run: func(e *Env) {
		e.Must(driver.WithDB(e.ctx, e.DB(), func(s driver.ServerInformer) error {
			info, err := s.ServerInfo(e.ctx)
			if err != nil {
				return err
			}
			if info.Engine != e.Target.Engine || info.Version == "" {
				e.Errorf("engine %q, version %q", info.Engine, info.Version)
			}
			return nil
		}))
		for _, s := range e.Dialect().Sessions {
			if s.Name != "database" {
				continue
			}
			conn := e.Conn(e.DB())
			for _, statement := range s.Setup {
				e.Exec(conn, statement)
			}
			e.Exec(conn, s.Change)
			want := fmt.Sprint(Get[string](e, conn, s.Probe))
			e.Must(driver.With(conn, func(s driver.ServerInformer) error {
				info, err := s.ServerInfo(e.ctx)
				if err == nil && info.Database != want {
					e.Errorf("database %q, not %q", info.Database, want)
				}
				return err
			}))
		}
	}},
	{Group: "extensions", Name: "an appender loads rows", Needs: needs(offers("AppenderOpener"), hasColumns), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		const rows = 250
		e.append(table, func(a driver.Appender) error {
			for n := range rows {
				if err := a.Append(e.ctx, e.Dialect().Key.Value(n), n, fmt.Sprint("row ", n)); err != nil {
					return err
				}
			}
			if err := a.Flush(e.ctx); err != nil {
				return err
			}
			if a.Written() != rows {
				e.Errorf("%d rows written, Written says %d", rows, a.Written())
			}
			return a.Close(e.ctx)
		})
		if got := All[int](e, e.DB(), e.Dialect().selects(table, []string{"a"}, "")); len(got) != rows {
			e.Errorf("%d rows of %d", len(got), rows)
		}
	}},
	{Group: "extensions", Name: "closing an appender writes what it holds", Needs: needs(offers("AppenderOpener"), hasColumns, hasNull), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		e.append(table, func(a driver.Appender) error {
			if err := a.Append(e.ctx, e.Dialect().Key.Value(1), 1, nil); err != nil {
				return err
			}
			if err := a.Close(e.ctx); err != nil {
				return err
			}
			return a.Close(e.ctx)
		})
		if got := All[int](e, e.DB(), e.Dialect().selects(table, []string{"a"}, "")); !slices.Equal(got, []int{1}) {
			e.Errorf("got %v", got)
		}
	}},
	{Group: "extensions", Name: "an appender refuses a row of the wrong length", Needs: needs(offers("AppenderOpener"), hasColumns), Run: func(e *Env) {
		table := e.Of(Integer, Text)
		e.append(table, func(a driver.Appender) error {
			if err := a.Append(e.ctx, e.Dialect().Key.Value(1), 1); err == nil {
				if err = a.Flush(e.ctx); err == nil {
					e.Errorf("a row of two values is accepted for three columns")
				}
			}
			a.Close(e.ctx)
			return nil
		})
		if got := All[any](e, e.DB(), e.Dialect().selects(table, []string{"a"}, "")); len(got) > 0 {
			e.Errorf("the table holds %v", got)
		}
	}},
	{Group: "extensions", Name: "a connection works on after an extension was used", Needs: needs(hasExtensions), Run: func(e *Env) {
		table := e.Of(Text)
		conn := e.Conn(e.Single())
		for n, name := range e.Target.Extensions {
			e.Must(conn.Raw(func(c any) error { return extension(name)(c) }))
			e.Works(conn, table, n)
		}
		err := conn.Raw(func(any) error { return sql.ErrNoRows })
		if !errors.Is(err, sql.ErrNoRows) {
			e.Errorf("the function's error became %v", err)
		}
		e.Works(conn, table, 50)
	}},
}

// append opens an appender for a table with the columns a and b and uses it.
func (e *Env) append(table string, f func(driver.Appender) error) {
	conn := e.Conn(e.DB())
	e.Must(driver.With(conn, func(o driver.AppenderOpener) error {
		a, err := o.OpenAppender(e.ctx, driver.AppendOptions{Table: e.Dialect().path(table), Columns: []string{e.Dialect().key(), "a", "b"}})
		if err != nil {
			return err
		}
		return f(a)
	}))
}
