package dwsdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

const opTwoPhase = "two-phase commit"

var _ driver.TwoPhase = twoPhaser{}

// twoPhaser is the extension. A connection cannot be it, as its Prepare is that of
// database/sql.
type twoPhaser struct{ c *conn }

// twoPhase is the state of a two-phase commit.
type twoPhase struct {
	id       string // as the server has it; empty without a transaction
	prepared bool
}

// UnparsedFormat is the FormatID of a transaction that was prepared by something
// else than this driver or psycopg2: Global is then its whole id.
const UnparsedFormat int32 = -1

// maxPart is the X/Open bound of each part of an id, in bytes.
const maxPart = 64

// gid is the id as the server has it, in psycopg2's form, so that either can end what
// the other began.
func gid(id driver.TransactionID) (string, error) {
	switch {
	case id.FormatID == UnparsedFormat && id.Qualifier == "" && id.Global != "" && len(id.Global) < 200 && !strings.ContainsRune(id.Global, 0):
		return id.Global, nil
	case id.FormatID < 0:
		return "", errors.New("the format of the transaction's id is negative")
	case id.Global == "" || len(id.Global) > maxPart || len(id.Qualifier) > maxPart:
		return "", fmt.Errorf("the parts of a transaction's id have at most %d bytes, and Global at least one", maxPart)
	}
	return fmt.Sprintf("%d_%s_%s", id.FormatID, base64.StdEncoding.EncodeToString([]byte(id.Global)), base64.StdEncoding.EncodeToString([]byte(id.Qualifier))), nil
}

// parseGID undoes gid.
func parseGID(s string) driver.TransactionID {
	unparsed := driver.TransactionID{FormatID: UnparsedFormat, Global: s}
	parts := strings.Split(s, "_")
	if len(parts) != 3 {
		return unparsed
	}
	format, err := strconv.ParseInt(parts[0], 10, 32)
	global, err1 := base64.StdEncoding.DecodeString(parts[1])
	qualifier, err2 := base64.StdEncoding.DecodeString(parts[2])
	id := driver.TransactionID{FormatID: int32(format), Global: string(global), Qualifier: string(qualifier)}
	if again, err3 := gid(id); err != nil || err1 != nil || err2 != nil || err3 != nil || again != s {
		return unparsed
	}
	return id
}

// BeginTwoPhase implements [driver.TwoPhase]: psycopg2's tpc_begin.
func (t twoPhaser) BeginTwoPhase(ctx context.Context, id driver.TransactionID) error {
	c := t.c
	name, err := gid(id)
	if err != nil {
		return wrong(driver.ErrInterface, opTwoPhase, 0, err.Error())
	}
	if c.session.Status() != wire.Idle || c.xa.id != "" {
		return wrong(driver.ErrProgramming, opTwoPhase, 0, "a transaction has begun on this connection and not ended")
	}
	if err := c.twoPhase(ctx, "BEGIN"); err != nil {
		return err
	}
	c.xa = twoPhase{id: name}
	return nil
}

// Prepare implements [driver.TwoPhase]: psycopg2's tpc_prepare. DWS does not let
// users prepare transactions; its refusal is of kind ErrNotSupported and leaves the
// transaction to be rolled back. Without Prepare, CommitTwoPhase commits in one
// phase.
func (t twoPhaser) Prepare(ctx context.Context) error {
	c := t.c
	switch {
	case c.xa.id == "":
		return wrong(driver.ErrProgramming, opTwoPhase, 0, "BeginTwoPhase was not called")
	case c.xa.prepared:
		return wrong(driver.ErrProgramming, opTwoPhase, 0, "the transaction is prepared already")
	}
	out, err := c.session.Simple(ctx, "PREPARE TRANSACTION "+pq.QuoteLiteral(c.xa.id))
	if err != nil {
		err = plain(c.fail(opTwoPhase, 0, ctx, err))
		var e *driver.Error
		if errors.As(err, &e) && refusesPrepare(e) {
			e.Kind = driver.ErrNotSupported
			e.Hint = "DWS does not let users prepare transactions; CommitTwoPhase without Prepare commits in one phase"
		}
		return err
	}
	if out.Tag == "ROLLBACK" {
		c.xa = twoPhase{}
		return &driver.Error{
			Kind: driver.ErrOperational, Engine: engine, Op: opTwoPhase, Host: c.host.Addr, SQLState: "25P02",
			Message: "the transaction was rolled back: a statement in it had failed",
		}
	}
	c.xa.prepared = true
	return nil
}

// refusesPrepare reports whether the server has no prepared transactions, or none
// for this user.
func refusesPrepare(e *driver.Error) bool {
	switch e.SQLState {
	case "0A000", "42501", "42601", "55000":
		return true
	}
	return false
}

// CommitTwoPhase implements [driver.TwoPhase]: psycopg2's tpc_commit. DWS commits
// prepared transactions in its maintenance mode alone.
func (t twoPhaser) CommitTwoPhase(ctx context.Context, id ...driver.TransactionID) error {
	return t.c.endTwoPhase(ctx, "COMMIT", id)
}

// RollbackTwoPhase implements [driver.TwoPhase]: psycopg2's tpc_rollback.
func (t twoPhaser) RollbackTwoPhase(ctx context.Context, id ...driver.TransactionID) error {
	return t.c.endTwoPhase(ctx, "ROLLBACK", id)
}

// endTwoPhase commits or rolls back.
func (c *conn) endTwoPhase(ctx context.Context, how string, id []driver.TransactionID) error {
	switch {
	case len(id) > 1:
		return wrong(driver.ErrInterface, opTwoPhase, 0, "more than one transaction; they end one by one")
	case len(id) == 1:
		name, err := gid(id[0])
		if err != nil {
			return wrong(driver.ErrInterface, opTwoPhase, 0, err.Error())
		}
		if c.session.Status() != wire.Idle {
			return wrong(driver.ErrProgramming, opTwoPhase, 0, "a transaction that was recovered ends outside of any other")
		}
		if err := c.twoPhase(ctx, how+" PREPARED "+pq.QuoteLiteral(name)); err != nil {
			return err
		}
		if name == c.xa.id {
			c.xa = twoPhase{}
		}
		return nil
	case c.xa.id == "":
		return wrong(driver.ErrProgramming, opTwoPhase, 0, "BeginTwoPhase was not called")
	}
	state := c.xa
	if state.prepared {
		if err := c.twoPhase(ctx, how+" PREPARED "+pq.QuoteLiteral(state.id)); err != nil {
			return err // it stays prepared
		}
		c.xa = twoPhase{}
		return nil
	}
	c.xa = twoPhase{}
	if c.session.Status() == wire.Idle {
		return wrong(driver.ErrProgramming, opTwoPhase, 0, "the transaction has been ended by a statement")
	}
	out, err := c.session.Simple(ctx, how)
	if err != nil {
		return plain(explained(c.fail(opTwoPhase, 0, ctx, err)))
	}
	if out.Tag != how {
		return &driver.Error{
			Kind: driver.ErrOperational, Engine: engine, Op: opTwoPhase, Host: c.host.Addr, SQLState: "25P02",
			Message: "the transaction was rolled back: a statement in it had failed",
		}
	}
	return nil
}

// twoPhase runs a statement.
func (c *conn) twoPhase(ctx context.Context, text string) error {
	_, err := c.session.Simple(ctx, text)
	return plain(c.fail(opTwoPhase, 0, ctx, err))
}

// Recover implements [driver.TwoPhase]: psycopg2's tpc_recover, for the transactions
// of the current database.
func (t twoPhaser) Recover(ctx context.Context) ([]driver.TransactionID, error) {
	r, err := t.c.query(ctx, 0, "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY prepared, gid", nil)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if err := t.c.expect(r, 1); err != nil {
		return nil, err
	}
	var ids []driver.TransactionID
	row := make([]sqldriver.Value, 1)
	for {
		if err := r.Next(row); err == io.EOF {
			return ids, nil
		} else if err != nil {
			return nil, err
		}
		name, _ := row[0].(string)
		ids = append(ids, parseGID(name))
	}
}
