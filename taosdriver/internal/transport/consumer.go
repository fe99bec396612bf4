package transport

import (
	"context"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
)

// ConsumerDialer is implemented by dialers of transports that have subscriptions.
type ConsumerDialer interface {
	// Consume opens a connection at host for one consumer, subscribed to nothing,
	// under the contract of Dialer.Connect. The properties are those of
	// ConsumerSettings.
	Consume(ctx context.Context, host string, settings *ConsumerSettings) (Consumer, error)
}

// ConsumerSettings are what a consumer needs beside the Settings of its dialer,
// which have server, login and time zone. They are checked and do not change.
type ConsumerSettings struct {
	// Group is group.id, never empty. Client is client.id.
	Group, Client string
	// OffsetReset is auto.offset.reset: "earliest", "latest" or "none".
	OffsetReset string
	// Properties are further ones by the server's names ("session.timeout.ms"), to
	// be passed on as they are. They hold neither those above nor td.connect.*, nor
	// enable.auto.commit and auto.commit.interval.ms: the server shall never commit
	// by itself, see Consumer.
	Properties map[string]string
}

// Consumer is a subscription of a group's member. It is used by one goroutine at
// a time, apart from Alive.
//
// It commits nothing by itself: committing at intervals, taking up a subscription
// elsewhere after its connection was lost, and keeping account of what was handed
// out are for those above it.
//
// Errors are those of a Conn. The server's codes 0x4000 and above are of kind
// ErrConsumer by themselves.
type Consumer interface {
	// Subscribe begins a subscription. The server takes one at a time.
	Subscribe(ctx context.Context, topics []string) error
	// Unsubscribe ends the subscription, after which Subscribe may be called.
	Unsubscribe(ctx context.Context) error
	// Topics are those subscribed to.
	Topics(ctx context.Context) ([]string, error)

	// Poll waits at most timeout, cut to milliseconds, for a message and returns it
	// with its content, or nil if none came.
	//
	// If ctx ends meanwhile, the poll goes on at the server, which takes what it
	// brings for handed out. Recover must then be called before anything but Alive
	// and Close.
	Poll(ctx context.Context, timeout time.Duration) (*Message, error)
	// Recover waits for the poll that a context left, and returns the message that
	// it brought or nil. It returns nil at once if there is none. If ctx ends, it is
	// to be called again.
	Recover(ctx context.Context) (*Message, error)

	// Commit stores the positions of all vgroups assigned, wherever the server has
	// them: behind the messages polled.
	Commit(ctx context.Context) error
	// CommitOffset stores a position.
	CommitOffset(ctx context.Context, p Position) error
	// Assignment returns the vgroups assigned for the topic.
	Assignment(ctx context.Context, topic string) ([]Assignment, error)
	// Seek sets the position of the next message.
	Seek(ctx context.Context, p Position) error
	// Committed returns the stored offsets of the vgroups in the order asked; -1 if
	// there is none.
	Committed(ctx context.Context, of []Position) ([]int64, error)
	// Position returns the offsets of the next messages in the order asked; -1 if
	// there is none yet.
	Position(ctx context.Context, of []Position) ([]int64, error)

	// Alive reports whether the consumer can be used again. It costs no round trip.
	// Once false it stays false.
	Alive() bool
	// Close ends the subscription and the connection. It may be called twice. An end
	// of ctx cuts it short; the server then ends the subscription when it notices.
	Close(ctx context.Context) error
}

// Position is an offset in a vgroup of a topic.
type Position struct {
	Topic  string
	VGroup int32
	Offset int64
}

// Assignment is a vgroup assigned to a consumer, with the offset of its next
// message and the range that can be sought, Begin inclusive.
type Assignment struct {
	Position
	Begin, End int64
}

// Message is a message of a subscription.
type Message struct {
	// Position of the message, as tmq_get_vgroup_offset tells.
	Position
	// Next is the offset behind the message: what a commit of it stores.
	Next     int64
	Database string
	// Tables hold the rows; none in a message of metadata alone.
	Tables []tmq.Table
	// Meta describes changes of the schema in JSON, as tmq_get_json_meta does; nil
	// in a message of data alone.
	Meta []byte
}
