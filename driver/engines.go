package driver

import (
	"context"
	"io"
	"time"
)

// TabletInserter writes tablets (IoTDB): many rows of one device or table,
// column by column.
type TabletInserter interface {
	// InsertTablet writes one tablet. The server refuses columns rather than tablets:
	// an error of which iotdbdriver.PartialWriteError is a part tells which are missing
	// in rows that are in. Other errors mean that nothing is in, unless they are
	// marked as of unknown outcome.
	InsertTablet(ctx context.Context, tablet Tablet) error
	// InsertTablets writes several, one after the other.
	InsertTablets(ctx context.Context, tablets ...Tablet) error
}

// Tablet is a batch of rows of one table (table model) or device (tree model).
type Tablet struct {
	// Table is the table's name, or the device's path in the tree model.
	Table string
	// Times are the rows' timestamps; they need not be sorted.
	Times []time.Time
	// Columns in order, each as long as Times.
	Columns []TabletColumn
	// Aligned writes an aligned device (tree model).
	Aligned bool
}

// TabletColumn is one column of a tablet.
type TabletColumn struct {
	// Name of the column, or measurement.
	Name string
	// Category is "TAG", "ATTRIBUTE" or "FIELD"; ignored by the tree model.
	Category string
	// DatabaseType is the type's name: "INT32", "STRING", "BLOB".
	DatabaseType string
	// Column holds the values.
	Column Column
}

// SeriesInserter writes points by series (SiriDB).
type SeriesInserter interface {
	// InsertSeries writes the points, all or none of them as long as they fit into
	// one package of the server. The driver splits what does not; the error then
	// says how many points are in.
	InsertSeries(ctx context.Context, series ...Series) (SeriesResult, error)
}

// Series are points of one series: times and values of the same length.
type Series struct {
	// Name of the series.
	Name string
	// Times of the points.
	Times []time.Time
	// Values is a column of integers, floats or strings, none of them NULL.
	Values Column
}

// SeriesResult counts the points written.
type SeriesResult struct {
	// Points that the server confirmed.
	Points int64
}

// Copier streams COPY (DWS).
type Copier interface {
	// CopyFrom sends the reader's bytes to a COPY ... FROM STDIN statement and
	// returns the number of rows that the server took.
	CopyFrom(ctx context.Context, statement string, r io.Reader) (int64, error)
	// CopyTo writes the bytes of a COPY ... TO STDOUT statement and returns the
	// number of rows.
	CopyTo(ctx context.Context, statement string, w io.Writer) (int64, error)
}

// TwoPhase is two-phase commit (DWS), after PEP 249's tpc methods.
type TwoPhase interface {
	// BeginTwoPhase starts a transaction under the id.
	BeginTwoPhase(ctx context.Context, id TransactionID) error
	// Prepare ends the first phase.
	Prepare(ctx context.Context) error
	// CommitTwoPhase commits the current or, given an id, a recovered one.
	CommitTwoPhase(ctx context.Context, id ...TransactionID) error
	// RollbackTwoPhase rolls back the current or a recovered one.
	RollbackTwoPhase(ctx context.Context, id ...TransactionID) error
	// Recover lists the transactions prepared and not ended.
	Recover(ctx context.Context) ([]TransactionID, error)
}

// TransactionID identifies a global transaction, after the X/Open XA standard.
type TransactionID struct {
	FormatID  int32  // says who chose the format of the rest
	Global    string // the transaction, at most 64 bytes
	Qualifier string // the branch, at most 64 bytes
}
