package conformance

import (
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
)

var errorChecks = []Check{
	{Group: "errors", Name: "a mistake in a statement is a programming error", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		mistakes := d.mistakes(table, e.Name())
		mistakes["syntax"] = d.syntaxError()
		for name, query := range mistakes {
			err := e.runs(e.DB(), query)
			if err == nil {
				e.Errorf("%s: there is no error", name)
			}
			e.kind(err, driver.ErrProgramming)
		}
	}},
	{Group: "errors", Name: "an object that exists already is an integrity or programming error", Needs: needs(hasDuplicates), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Name()
		e.Exec(e.DB(), d.create(table, e.Columns(Integer)))
		e.dropLater(table)
		_, err := e.DB().ExecContext(e.ctx, d.create(table, e.Columns(Integer)))
		if err == nil {
			e.Errorf("there is no error")
		} else if e.Target.has(ErrorKinds) && !errors.Is(err, driver.ErrIntegrity) && !errors.Is(err, driver.ErrProgramming) {
			e.Errorf("the error is %v", err)
		}
	}},
	{Group: "errors", Name: "an error tells engine, kind and code", Needs: needs(ErrorKinds), Run: func(e *Env) {
		err := e.runs(e.DB(), e.Dialect().syntaxError())
		var de *driver.Error
		if !errors.As(err, &de) {
			e.Fatalf("a %T: %v", err, err)
		}
		if de.Engine != e.Target.Engine || de.Kind == nil || de.Message == "" {
			e.Errorf("engine %q, kind %v, message %q", de.Engine, de.Kind, de.Message)
		}
		if de.Code == 0 && de.SQLState == "" {
			e.Errorf("neither code nor SQLSTATE: %v", err)
		}
		if strings.HasSuffix(err.Error(), ".") || strings.Contains(err.Error(), "\n") {
			e.Errorf("the text is not one line without a period: %q", err)
		}
	}},
	{Group: "errors", Name: "an error is of its kind, of the kinds above, and of no other", Needs: needs(ErrorKinds), Run: func(e *Env) {
		err := e.runs(e.DB(), e.Dialect().syntaxError())
		for _, kind := range []error{driver.ErrProgramming, driver.ErrDatabase} {
			if !errors.Is(err, kind) {
				e.Errorf("not a %v: %v", kind, err)
			}
		}
		for _, kind := range []error{driver.ErrInterface, driver.ErrOperational, driver.ErrConnection, driver.ErrData,
			driver.ErrIntegrity, driver.ErrInternal, driver.ErrNotSupported, driver.ErrTimeout} {
			if errors.Is(err, kind) {
				e.Errorf("also a %v: %v", kind, err)
			}
		}
	}},
	{Group: "errors", Name: "a value that does not fit is a data error", Needs: needs(ErrorKinds, hasRefusals), Run: func(e *Env) {
		for _, typ := range e.Dialect().Types {
			for _, v := range typ.Refuses {
				_, err := e.DB().ExecContext(e.ctx, e.putting(e.typed(typ), 1), e.Dialect().Key.Value(1), v)
				if err == nil {
					e.Errorf("%s takes %s", typ.DDL, show(v))
				} else if !errors.Is(err, driver.ErrData) && !errors.Is(err, driver.ErrProgramming) {
					e.Errorf("%s: %v", typ.DDL, err)
				}
			}
		}
	}},
	{Group: "errors", Name: "a connection works after a statement that failed", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Text)
		conn := e.Conn(e.Single())
		n := 0
		for _, query := range slices.AppendSeq([]string{d.syntaxError(), ""}, maps.Values(d.mistakes(table, e.Name()))) {
			if err := e.runs(conn, query); err == nil && query != "" {
				e.Errorf("no error for %q", query)
			}
			e.Works(conn, table, n)
			n++
		}
	}},
	{Group: "errors", Name: "no error shows a secret", Needs: needs(hasSecret), Run: func(e *Env) {
		n, secret := e.Target.DSNs, e.Target.DSNs.Secret
		dsns := append([]string{e.Target.DSN, n.WrongPassword, n.UnknownDatabase, n.UnknownParameter, n.Untrusted}, n.Malformed...)
		if n.At != nil {
			dsns = append(dsns, n.At(closedPort(e)))
		}
		for _, dsn := range dsns {
			if dsn == "" {
				continue
			}
			c, err := e.Target.connector(dsn)
			if err == nil {
				db := sql.OpenDB(c)
				if err = db.PingContext(e.ctx); err == nil {
					err = e.runs(db, e.Dialect().syntaxError())
				}
				db.Close()
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				e.Errorf("the secret is in: %v", err)
			}
		}
	}},
	{Group: "errors", Name: "the errors of a prepared statement are those of a plain one", Needs: needs(ErrorKinds), Run: func(e *Env) {
		for _, query := range slices.AppendSeq([]string{e.Dialect().syntaxError()}, maps.Values(e.Dialect().mistakes(e.Of(Text), e.Name()))) {
			stmt, err := e.DB().PrepareContext(e.ctx, query)
			if err == nil {
				rows, qerr := stmt.QueryContext(e.ctx)
				if err = qerr; err == nil {
					err = finish(rows)
				}
				stmt.Close()
			}
			if err == nil {
				e.Errorf("no error for %q", query)
			}
			e.kind(err, driver.ErrProgramming)
		}
	}},
}

// runs runs a query to its end and returns the error from wherever it came.
func (e *Env) runs(r Runner, query string) error {
	rows, err := r.QueryContext(e.ctx, query)
	if err != nil {
		return err
	}
	return finish(rows)
}
