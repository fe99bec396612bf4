package taosdriver

import (
	"context"
	sqldriver "database/sql/driver"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Statement is the older interface to prepared statements that TDengine's
// connectors have: a table's name and tags are set, columns bound and added to a
// batch, and the batch executed. It is a thin layer over [driver.Stmt2], for
// programs that are written that way; new ones use Stmt2 or an Appender.
//
//	err := driver.With(conn, func(p driver.Stmt2Preparer) error {
//		st := taosdriver.NewStatement(p)
//		defer st.Close()
//		st.Prepare(ctx, "INSERT INTO ? USING meters TAGS (?, ?) VALUES (?, ?)")
//		st.SetTableName("d1")
//		st.SetTags(2, "Berlin")
//		st.BindParam(driver.ColumnOf(times), driver.ColumnOf(currents))
//		st.AddBatch()
//		n, err := st.Execute(ctx)
//	...
//
// Each method but Prepare needs what the one before it gives: a call out of order is
// an error of kind ErrStatement, and nothing is sent before Execute or Query. A
// Statement is used by one goroutine at a time and ends with the use of its
// connection.
type Statement struct {
	preparer driver.Stmt2Preparer
	st       driver.Stmt2

	table    driver.BindTable // being put together
	bound    bool             // columns of table
	batch    []driver.BindTable
	affected int64
}

// NewStatement returns a statement on the connection of the preparer.
func NewStatement(p driver.Stmt2Preparer) *Statement { return &Statement{preparer: p} }

// Prepare prepares an INSERT or a SELECT with at least one "?", and ends the
// statement that was prepared before.
func (s *Statement) Prepare(ctx context.Context, query string) error {
	if err := s.Close(); err != nil {
		return err
	}
	st, err := s.preparer.PrepareStmt2(ctx, query, driver.Stmt2Options{})
	if err != nil {
		return err
	}
	s.st, s.affected = st, 0
	return nil
}

// SetTableName sets the table that is bound next, "table" or "database.table". The
// tags set before are forgotten.
func (s *Statement) SetTableName(name string) error {
	if err := s.prepared(); err != nil {
		return err
	}
	s.table, s.bound = driver.BindTable{Name: name}, false
	return nil
}

// SetTags sets the tags of the table, one value a placeholder.
func (s *Statement) SetTags(tags ...any) error {
	if err := s.prepared(); err != nil {
		return err
	}
	s.table.Tags = tags
	return nil
}

// BindParam binds columns to the placeholders, for the next AddBatch. They are not
// copied.
func (s *Statement) BindParam(columns ...driver.Column) error {
	if err := s.prepared(); err != nil {
		return err
	}
	s.table.Columns, s.bound = columns, true
	return nil
}

// AddBatch adds what is bound to the batch. The table's name and tags stay for
// further columns.
func (s *Statement) AddBatch() error {
	if err := s.prepared(); err != nil {
		return err
	}
	if !s.bound {
		return statementError("nothing is bound; AddBatch follows BindParam")
	}
	s.batch = append(s.batch, s.table)
	s.table.Columns, s.bound = nil, false
	return nil
}

// Execute writes the batch and returns the number of rows written. The batch is
// empty then, also after an error.
func (s *Statement) Execute(ctx context.Context) (int64, error) {
	if err := s.send(ctx); err != nil {
		return 0, err
	}
	n, err := s.st.Exec(ctx)
	s.affected += n
	return n, err
}

// Query runs a SELECT with the batch, which is one row of values.
func (s *Statement) Query(ctx context.Context) (sqldriver.Rows, error) {
	if err := s.send(ctx); err != nil {
		return nil, err
	}
	return s.st.Query(ctx)
}

// AffectedRows is the number of rows written since Prepare.
func (s *Statement) AffectedRows() int64 { return s.affected }

// Close ends the statement. It may be called twice, and Prepare after it.
func (s *Statement) Close() error {
	st := s.st
	s.st, s.table, s.bound, s.batch = nil, driver.BindTable{}, false, nil
	if st == nil {
		return nil
	}
	return st.Close()
}

// send binds the batch.
func (s *Statement) send(ctx context.Context) error {
	if err := s.prepared(); err != nil {
		return err
	}
	if len(s.batch) == 0 {
		return statementError("the batch is empty; AddBatch comes first")
	}
	batch := s.batch
	s.batch = nil
	return s.st.Bind(ctx, batch...)
}

func (s *Statement) prepared() error {
	if s.st == nil {
		return statementError("no statement is prepared")
	}
	return nil
}

func statementError(message string) error {
	return &driver.Error{Kind: driver.ErrStatement, Engine: transport.Engine, Op: "statement", Message: message}
}
