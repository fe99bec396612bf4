package dwsdriver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// tx is a transaction of database/sql.
type tx struct {
	c *conn
	// ctx is that of BeginTx: database/sql hands none to Commit and Rollback.
	ctx  context.Context
	id   uint64
	done bool
}

var _ sqldriver.Tx = (*tx)(nil)

// BeginTx implements [sqldriver.ConnBeginTx]. DWS has the levels read committed and
// repeatable read. It takes read uncommitted and serializable as well and runs
// them as the former and the latter without a word: they are refused with an
// error of kind ErrNotSupported, unless Config.AllowIsolation is set or the
// server is PostgreSQL.
func (c *conn) BeginTx(ctx context.Context, options sqldriver.TxOptions) (sqldriver.Tx, error) {
	id, _ := driver.RequestIDFrom(ctx)
	if c.session.Status() != wire.Idle && c.session.Alive() {
		return nil, wrong(driver.ErrProgramming, opBegin, id, "a transaction has begun on this connection and not ended")
	}
	text, err := c.begin(ctx, sql.IsolationLevel(options.Isolation), options.ReadOnly)
	if err != nil {
		return nil, gate(c.fail(opBegin, id, ctx, err))
	}
	if _, err := c.session.Simple(ctx, text); err != nil {
		return nil, gate(c.fail(opBegin, id, ctx, err))
	}
	return &tx{c: c, ctx: ctx, id: id}, nil
}

// begin is the statement that begins a transaction.
func (c *conn) begin(ctx context.Context, level sql.IsolationLevel, readOnly bool) (string, error) {
	text := "BEGIN"
	switch level {
	case sql.LevelDefault:
	case sql.LevelReadCommitted:
		text += " ISOLATION LEVEL READ COMMITTED"
	case sql.LevelRepeatableRead:
		text += " ISOLATION LEVEL REPEATABLE READ"
	case sql.LevelReadUncommitted, sql.LevelSerializable:
		taken := map[sql.IsolationLevel]string{
			sql.LevelReadUncommitted: "READ UNCOMMITTED", sql.LevelSerializable: "SERIALIZABLE",
		}[level]
		if err := c.meet(ctx); err != nil {
			return "", err
		}
		if c.isGauss() && !c.connector.config.AllowIsolation {
			run := map[sql.IsolationLevel]string{
				sql.LevelReadUncommitted: "READ COMMITTED", sql.LevelSerializable: "REPEATABLE READ",
			}[level]
			e := unsupported(opBegin, fmt.Sprintf("DWS takes a transaction of the level %s and runs it as %s without a word", taken, run))
			e.Hint = "ask for that level, or set allow_isolation"
			return "", e
		}
		text += " ISOLATION LEVEL " + taken
	default:
		e := unsupported(opBegin, fmt.Sprintf("the server has no isolation level %q", level.String()))
		e.Hint = "it has READ COMMITTED and REPEATABLE READ"
		return "", e
	}
	if readOnly {
		text += " READ ONLY"
	}
	return text, nil
}

// Begin implements [sqldriver.Conn].
func (c *conn) Begin() (sqldriver.Tx, error) {
	return c.BeginTx(context.Background(), sqldriver.TxOptions{})
}

// Commit implements [sqldriver.Tx]. A transaction in which a statement has failed
// is rolled back by the server, which is an error here. If it was ended by a
// statement of its own (COMMIT, PREPARE TRANSACTION), there is nothing to do.
func (t *tx) Commit() error {
	if err := t.end(opCommit); err != nil {
		return err
	}
	if t.c.session.Alive() && t.c.session.Status() == wire.Idle {
		if t.c.session.RolledBack() {
			return t.rolledBack("the transaction was rolled back before: by a statement in it")
		}
		return nil
	}
	out, err := t.c.session.Simple(t.ctx, "COMMIT")
	if err != nil {
		return plain(explained(t.c.fail(opCommit, t.id, t.ctx, err)))
	}
	if out.Tag == "ROLLBACK" {
		return t.rolledBack("the transaction was rolled back: a statement in it had failed")
	}
	return nil
}

func (t *tx) rolledBack(message string) error {
	return &driver.Error{
		Kind: driver.ErrOperational, Engine: engine, Op: opCommit, Host: t.c.host.Addr, RequestID: t.id, SQLState: "25P02", Message: message,
	}
}

// rollbackTimeout bounds a rollback: the end of the session rolls back too.
const rollbackTimeout = 5 * time.Second

// Rollback implements [sqldriver.Tx]. After the end of its context, or if the
// server does not answer in time, the session is ended, which rolls back as well.
func (t *tx) Rollback() error {
	if err := t.end(opRollback); err != nil {
		return err
	}
	if !t.c.session.Alive() || t.c.session.Status() == wire.Idle {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), rollbackTimeout)
	defer cancel()
	if _, err := t.c.session.Simple(ctx, "ROLLBACK"); err != nil {
		return plain(t.c.fail(opRollback, t.id, ctx, err))
	}
	return nil
}

// end notes that the transaction is at its end.
func (t *tx) end(op string) error {
	if t.done {
		return wrong(driver.ErrInterface, op, t.id, "the transaction has ended")
	}
	t.done = true
	return nil
}
