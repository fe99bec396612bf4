package driver

import (
	"context"
	"io"
)

// SchemalessInserter writes without a schema (TDengine): super tables, child
// tables and columns are made as the lines need them.
type SchemalessInserter interface {
	// InsertSchemaless writes the lines into the current database. A malformed
	// line is an error of kind ErrSchemaless that names the line where the
	// server does; the lines of a batch are accepted or refused together.
	InsertSchemaless(ctx context.Context, request SchemalessRequest) (SchemalessResult, error)
}

// SchemalessRequest is a schemaless write. The lines are those of Lines followed
// by those of Reader.
type SchemalessRequest struct {
	// Protocol that the lines are written in.
	Protocol SchemalessProtocol
	// Precision of the timestamps of the line protocol; telnet and JSON tell it
	// by the number of digits.
	Precision SchemalessPrecision
	// Lines, each one point without a line break, or one JSON document.
	Lines []string
	// Reader is read to its end and sent in batches of at most BatchBytes, cut
	// at line breaks. A JSON document is one batch.
	Reader io.Reader
	// BatchBytes bounds a batch. Default 1 MiB.
	BatchBytes int
	// TTL is the life of the tables that the write creates, in days; 0 is for ever.
	TTL int
	// TableNameKey is the tag whose value names the child table. Empty leaves the
	// name to the server.
	TableNameKey string
	// RequestID of the first batch; 0 asks for generated ones.
	RequestID uint64
}

// SchemalessResult counts what a schemaless write did.
type SchemalessResult struct {
	// AffectedRows is the number of points written.
	AffectedRows int64
	// TotalRows is the number of lines that the server counted.
	TotalRows int64
}

// SchemalessProtocol is the form of the lines.
type SchemalessProtocol int

// The protocols, with TDengine's numbers.
const (
	SchemalessLine   SchemalessProtocol = 1 // InfluxDB line protocol
	SchemalessTelnet SchemalessProtocol = 2 // OpenTSDB telnet
	SchemalessJSON   SchemalessProtocol = 3 // OpenTSDB JSON
)

// SchemalessPrecision is the unit of the timestamps.
type SchemalessPrecision int

// The precisions, with TDengine's numbers. SchemalessDefault means nanoseconds
// for the line protocol.
const (
	SchemalessDefault SchemalessPrecision = iota
	SchemalessHours
	SchemalessMinutes
	SchemalessSeconds
	SchemalessMilliseconds
	SchemalessMicroseconds
	SchemalessNanoseconds
)
