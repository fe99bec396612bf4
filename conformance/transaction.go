package conformance

import (
	"context"
	"database/sql"
	"slices"

	"github.com/gaugesql/gaugesql/driver"
)

var transactionChecks = []Check{
	{Group: "transactions", Name: "a commit keeps what was written", Needs: needs(Transactions), Run: func(e *Env) {
		table := e.Of(Text)
		tx, err := e.DB().BeginTx(e.ctx, nil)
		e.Must(err)
		e.Put(tx, table, 1, "x")
		e.Must(tx.Commit())
		if got := All[string](e, e.DB(), e.column(table)); !slices.Equal(got, []string{"x"}) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "transactions", Name: "a rollback undoes it", Needs: needs(Transactions), Run: func(e *Env) {
		table := e.Of(Text)
		tx, err := e.DB().BeginTx(e.ctx, nil)
		e.Must(err)
		e.Put(tx, table, 1, "x")
		e.Must(tx.Rollback())
		if got := All[string](e, e.DB(), e.column(table)); len(got) > 0 {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "transactions", Name: "a transaction ends with its context, undone", Needs: needs(Transactions), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		ctx, cancel := context.WithCancel(e.ctx)
		tx, err := db.BeginTx(ctx, nil)
		e.Must(err)
		e.Put(tx, table, 1, "x")
		cancel()
		if got := All[string](e, db, e.column(table)); len(got) > 0 {
			e.Errorf("got %q", got)
		}
		e.Works(db, table, 2)
	}},
	{Group: "transactions", Name: "a transaction is refused where there are none", Without: needs(Transactions), Run: func(e *Env) {
		table := e.Of(Text)
		db := e.Single()
		for _, options := range []*sql.TxOptions{nil, {ReadOnly: true}, {Isolation: sql.LevelSerializable}} {
			tx, err := db.BeginTx(e.ctx, options)
			if err == nil {
				tx.Rollback()
				e.Errorf("one begins")
			}
			e.kind(err, driver.ErrNotSupported)
		}
		e.Works(db, table, 1)
	}},
}
