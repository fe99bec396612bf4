package store

import (
	"context"
	"database/sql"
	"errors"
	"maps"
	"time"
)

// transaction is that of a BEGIN, or of one request. It reads on a connection of its
// own until it writes; then it has the writer, of which there is one.
type transaction struct {
	explicit bool
	failed   bool
	readOnly bool
	snapshot bool // what it reads stays as it was
	began    time.Time
	saved    map[string]string // settings at its begin
	local    map[string]string // settings that end with it, as they were
	reader   *sql.Conn
	writer   *sql.Conn
	release  []func()
}

// lockWait is how long a statement waits for another transaction to end.
const lockWait = 10 * time.Second

// open begins a transaction if there is none.
func (s *session) open() *transaction {
	if s.tx == nil {
		s.tx = &transaction{
			began: time.Now(), saved: maps.Clone(s.settings.values), local: map[string]string{},
			snapshot: s.settings.values["default_transaction_isolation"] == "repeatable read",
		}
	}
	return s.tx
}

// conn is where the transaction reads.
func (s *session) conn(ctx context.Context) (*sql.Conn, error) {
	tx := s.open()
	if tx.writer != nil {
		return tx.writer, nil
	}
	if tx.reader != nil {
		return tx.reader, nil
	}
	conn, err := s.store.db.Reader().Conn(ctx)
	if err != nil {
		return nil, err
	}
	if tx.explicit && tx.snapshot {
		if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
			_ = conn.Close()
			return nil, err
		}
		tx.release = append(tx.release, func() { _, _ = conn.ExecContext(context.Background(), "ROLLBACK") })
	}
	tx.reader = conn
	tx.release = append(tx.release, func() { _ = conn.Close() })
	return conn, nil
}

// write is where the transaction writes.
func (s *session) write(ctx context.Context) (*sql.Conn, error) {
	tx := s.open()
	if tx.readOnly {
		return nil, failf("25006", "cannot execute this statement in a read-only transaction")
	}
	if tx.writer != nil {
		return tx.writer, nil
	}
	limited, cancel := context.WithTimeout(ctx, lockWait)
	defer cancel()
	conn, err := s.store.db.Writer().Conn(limited)
	if err != nil {
		if ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded) {
			return nil, failf("55P03", "another transaction has been writing for %v", lockWait)
		}
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		_ = conn.Close()
		return nil, err
	}
	tx.writer = conn
	return conn, nil
}

// finish ends the transaction.
func (s *session) finish(commit bool) (err error) {
	tx := s.tx
	if tx == nil {
		return nil
	}
	s.tx = nil
	for _, c := range s.cursors {
		c.result.close()
	}
	s.cursors = map[string]*cursor{}
	for _, p := range s.portals {
		if p.result != nil {
			p.result.close()
		}
	}
	s.portals = map[string]*portal{}
	if tx.writer != nil {
		end := "ROLLBACK"
		if commit {
			end = "COMMIT"
		}
		// Whether it was cancelled or not, it ends.
		ctx, cancel := context.WithTimeout(context.Background(), lockWait)
		_, err = tx.writer.ExecContext(ctx, end)
		if err != nil && commit {
			_, _ = tx.writer.ExecContext(ctx, "ROLLBACK")
		}
		cancel()
		_ = tx.writer.Close()
		if !commit {
			err = nil // SQLite may have ended it with the statement that failed
		}
	}
	for _, release := range tx.release {
		release()
	}
	if commit && err == nil {
		for name, value := range tx.local {
			_ = s.settings.set(name, value)
			s.report(name)
		}
		return nil
	}
	before := s.settings.values
	s.settings.restore(tx.saved)
	for _, name := range reported {
		if before[name] != s.settings.values[name] {
			s.report(name)
		}
	}
	return err
}

// savepoint makes, releases or goes back to a savepoint.
func (s *session) savepoint(ctx context.Context, statement string) error {
	tx := s.tx
	if tx == nil || !tx.explicit {
		return failf("25P01", "this statement can only be used in transaction blocks")
	}
	// Savepoints are the writer's: what was not written need not be undone.
	conn, err := s.write(ctx)
	if tx.readOnly {
		return nil
	}
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, statement)
	return err
}
