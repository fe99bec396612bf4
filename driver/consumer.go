package driver

import (
	"context"
	sqldriver "database/sql/driver"
	"encoding/json"
	"iter"
	"time"
)

// ConsumerOpener opens subscriptions (TDengine's TMQ).
type ConsumerOpener interface {
	// OpenConsumer returns a consumer with the properties: TDengine's names
	// ("group.id", "auto.offset.reset", "td.connect.user", ...). Server and login
	// are the connection's unless properties say otherwise. The consumer has a
	// connection of its own and outlives this one.
	OpenConsumer(ctx context.Context, properties map[string]string) (Consumer, error)
}

// Consumer receives the messages of topics. It is used by one goroutine at a
// time; errors are of kind ErrConsumer.
type Consumer interface {
	// Subscribe replaces the subscription by the topics.
	Subscribe(ctx context.Context, topics ...string) error
	// Subscription returns the topics subscribed to.
	Subscription(ctx context.Context) ([]string, error)
	// Unsubscribe ends the subscription; the consumer can subscribe again.
	Unsubscribe(ctx context.Context) error
	// Poll waits for a message at most timeout and returns nil, nil if none came.
	// The message stays valid after the next Poll.
	Poll(ctx context.Context, timeout time.Duration) (*Message, error)
	// Messages polls until ctx ends or the caller stops; the last error is
	// handed out once. An end by ctx is handed out as ctx's error.
	Messages(ctx context.Context) iter.Seq2[*Message, error]
	// Commit stores the positions behind the messages.
	Commit(ctx context.Context, messages ...*Message) error
	// CommitOffsets stores the positions given.
	CommitOffsets(ctx context.Context, offsets ...TopicOffset) error
	// CommitAll stores the positions of all partitions assigned.
	CommitAll(ctx context.Context) error
	// Assignment returns the partitions assigned for the topic.
	Assignment(ctx context.Context, topic string) ([]Assignment, error)
	// Seek sets the position of the next message.
	Seek(ctx context.Context, offset TopicOffset) error
	// Committed returns the committed positions in the order asked; a partition
	// without one has Offset -1.
	Committed(ctx context.Context, partitions ...TopicOffset) ([]TopicOffset, error)
	// Position returns the positions of the next messages in the order asked.
	Position(ctx context.Context, partitions ...TopicOffset) ([]TopicOffset, error)
	// Close ends subscription and connection. It may be called twice.
	Close(ctx context.Context) error
}

// TopicOffset is a position in a partition (vgroup) of a topic.
type TopicOffset struct {
	// Topic is the topic's name.
	Topic string
	// Partition is the vgroup's number.
	Partition int32
	// Offset is that of the message in the partition.
	Offset int64
}

// Assignment is a partition assigned to a consumer and the range it holds.
type Assignment struct {
	TopicOffset
	// Begin and End delimit what can be sought, Begin inclusive.
	Begin, End int64
}

// Message is one message of a topic.
type Message struct {
	TopicOffset
	// Next is the offset behind the message, which a commit of it stores. Offsets
	// have gaps: it is not always the next number. -1 in a snapshot, whose
	// positions are not numbers; 0, of a message not from a consumer, stands for
	// Offset+1.
	Next int64
	// Database that the message comes from.
	Database string
	// Data holds the rows by table; empty in a message of metadata alone.
	Data []MessageData
	// Meta holds the changes of the schema as the server describes them in JSON;
	// nil in a message of data alone.
	Meta json.RawMessage
}

// MessageData are rows of a message that share a schema and a table.
type MessageData struct {
	// Table that the rows were written to; empty if the topic does not tell.
	Table string
	// Columns are the names of the columns.
	Columns []string
	// Len is the number of rows.
	Len int
	// Rows returns the rows from the first; each call starts anew. They hold
	// column types as the rows of a query do.
	Rows func() sqldriver.Rows
	// Column returns column i as a slice of the type that its values have in Rows,
	// with the NULLs in States. The slice must not be written to.
	Column func(i int) Column
}
