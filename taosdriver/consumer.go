package taosdriver

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// OpenConsumer returns a consumer of the server that a DSN names. Parameters with
// a dot in their names are properties of the consumer, completed by those given,
// which come first:
//
//	taos+ws://root:taosdata@h1:6041,h2:6041/?group.id=g1&auto.offset.reset=earliest
//
// "tmq", "tmq+ws" and "tmq+wss" are taken as schemes too. See [NewConsumer].
func OpenConsumer(ctx context.Context, name string, properties map[string]string) (driver.Consumer, error) {
	config, given, err := consumerDSN(name)
	if err != nil {
		return nil, err
	}
	for key, value := range properties {
		given[key] = value
	}
	return NewConsumer(ctx, config, given)
}

// NewConsumer returns a consumer of the server that config names, of which it
// keeps a clone. The properties are TDengine's, docs/tdengine.md has the list:
// "group.id" is required; "td.connect.ip", "td.connect.port", "td.connect.user",
// "td.connect.pass", "td.connect.token" (also "host", "port", ...) come before
// those of config; what is not known but has a dot is passed on to the server.
// Mistakes are errors of kind driver.ErrInterface that name the property.
//
// It connects to the first host that can be reached; user and password are checked
// by the server with the first Subscribe. If the connection is lost later, the
// consumer subscribes again there or at another host and goes on behind the
// committed offsets: messages that were handed out and not committed come again,
// none is left out. What is committed, also by enable.auto.commit, has been handed
// out before.
//
// The methods may be called by several goroutines, one after another; Close ends
// the one that is running.
func NewConsumer(ctx context.Context, config *Config, properties map[string]string) (driver.Consumer, error) {
	c, err := newConsumer(config, properties)
	if err != nil {
		return nil, err
	}
	if err := c.connect(ctx); err != nil {
		return nil, c.failed("connect", err)
	}
	return c, nil
}

// closePatience bounds what Close waits for, whatever its context allows: the server
// takes up to 2 s for the end of a subscription.
const closePatience = 5 * time.Second

// consumer is a subscription that outlives its connections.
type consumer struct {
	config   *Config
	own      *consumerConfig
	settings *transport.ConsumerSettings
	dialer   transport.ConsumerDialer
	hosts    *hosts.Set
	log      *slog.Logger

	// turn has one element while a method runs.
	turn chan struct{}
	// life ends with Close.
	life   context.Context
	end    context.CancelFunc
	closed atomic.Bool

	// What follows belongs to the method that runs.

	t      transport.Consumer // nil: lost
	on     transport.Consumer // the t that has the subscription
	host   hosts.Host
	topics []string
	// left tells that a context left a poll, which must be recovered first.
	left bool
	// held is a message that the server takes for handed out, for the next Poll.
	held       *transport.Message
	partitions map[place]*partition
	// behind tells that the positions of the server are not those of partitions:
	// the subscription was taken up again.
	behind   bool
	resumed  time.Time // when a lost subscription was last taken up again
	restored time.Time // when places away were last tried
	// uncommitted tells that a message was handed out since the last commit of all.
	uncommitted bool
	committed   time.Time
	failures    int // in a row, to connect
	names       columnNames
}

// place is a vgroup of a topic.
type place struct {
	topic  string
	vgroup int32
}

// partition is what is known of a place. -1 is nothing.
type partition struct {
	// next is the offset behind the last message handed out or sought.
	next int64
	// sought is the offset of the last Seek, until a message is handed out.
	sought int64
	// begin is where to begin again if there is no committed offset.
	begin int64
	// away tells that the place was another consumer's when the subscription was
	// taken up again, and is to be restored before a message of it is handed out.
	away bool
}

var _ driver.Consumer = (*consumer)(nil)

// newConsumer returns a consumer without a connection.
func newConsumer(config *Config, given map[string]string) (*consumer, error) {
	config = config.Clone()
	own, err := readProperties(config, given)
	if err != nil {
		return nil, err
	}
	if config, err = config.complete(); err != nil {
		return nil, err
	}
	client, err := config.tlsClient()
	if err != nil {
		return nil, err
	}
	c := &consumer{
		config: config, own: own, settings: own.settings(), log: config.Logger,
		turn: make(chan struct{}, 1), partitions: make(map[place]*partition),
	}
	if c.hosts, err = config.hostSet(final); err != nil {
		return nil, err
	}
	dialer, err := config.dialer(config.settings(client))
	if err != nil {
		return nil, err
	}
	consumers, ok := dialer.(transport.ConsumerDialer)
	if !ok {
		return nil, driver.NotSupported(transport.Engine, string(config.Transport), "a consumer")
	}
	c.dialer = consumers
	c.life, c.end = context.WithCancel(context.Background())
	return c, nil
}

// begin waits for the turn of a method and returns its context, which Close ends
// too, and what gives the turn back.
func (c *consumer) begin(ctx context.Context, op string) (context.Context, func(), error) {
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, c.failed(op, c.nowhere().Canceled(ctx, op, 0, false))
	case <-c.life.Done():
		return nil, nil, c.closedError(op)
	}
	if c.closed.Load() {
		<-c.turn
		return nil, nil, c.closedError(op)
	}
	own, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.life, cancel)
	return own, func() {
		stop()
		cancel()
		<-c.turn
	}, nil
}

// Subscribe implements [driver.Consumer].
func (c *consumer) Subscribe(ctx context.Context, topics ...string) error {
	ctx, done, err := c.begin(ctx, "subscribe")
	if err != nil {
		return err
	}
	defer done()
	if err := checkTopics(topics); err != nil {
		return c.failed("subscribe", err)
	}
	if err := c.leave(ctx); err != nil {
		return c.failed("subscribe", err)
	}
	c.topics = append([]string(nil), topics...)
	if err := c.ensure(ctx); err != nil {
		c.topics = nil
		c.drop()
		return c.failed("subscribe", err)
	}
	return nil
}

func checkTopics(topics []string) error {
	if len(topics) == 0 {
		return configError("no topics to subscribe to")
	}
	seen := make(map[string]bool)
	for _, t := range topics {
		if t == "" || seen[t] {
			return configError("a topic is empty or named twice")
		}
		if strings.IndexByte(t, 0) >= 0 { // where libtaos would cut it
			return configError("the name of a topic holds a NUL")
		}
		seen[t] = true
	}
	return nil
}

// Subscription implements [driver.Consumer].
func (c *consumer) Subscription(ctx context.Context) ([]string, error) {
	ctx, done, err := c.begin(ctx, "subscription")
	if err != nil {
		return nil, err
	}
	defer done()
	if len(c.topics) == 0 {
		return nil, nil
	}
	var topics []string
	err = c.do(ctx, func(ctx context.Context) (err error) {
		topics, err = c.t.Topics(ctx)
		return err
	})
	return topics, c.failed("subscription", err)
}

// Unsubscribe implements [driver.Consumer].
func (c *consumer) Unsubscribe(ctx context.Context) error {
	ctx, done, err := c.begin(ctx, "unsubscribe")
	if err != nil {
		return err
	}
	defer done()
	return c.failed("unsubscribe", c.leave(ctx))
}

// leave ends the subscription, if there is one.
func (c *consumer) leave(ctx context.Context) error {
	if len(c.topics) == 0 {
		return nil
	}
	if err := c.settle(ctx); err != nil && ctx.Err() != nil {
		return err
	}
	if c.t != nil && c.own.autoCommit && c.uncommitted {
		if err := c.commitAll(ctx); err != nil && ctx.Err() != nil {
			return err
		}
	}
	var err error
	if c.t != nil {
		if err = c.t.Unsubscribe(ctx); err != nil {
			// It ends with the connection too.
			c.drop()
		}
	}
	c.on, c.topics, c.held, c.behind, c.uncommitted = nil, nil, nil, false, false
	clear(c.partitions)
	if ctx.Err() != nil {
		return err
	}
	return nil
}

// Close implements [driver.Consumer].
func (c *consumer) Close(ctx context.Context) error {
	if c.closed.Swap(true) {
		return nil
	}
	c.end()
	c.turn <- struct{}{} // whatever runs returns now
	defer func() { <-c.turn }()
	if c.t == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, closePatience)
	defer cancel()
	if c.own.autoCommit && c.uncommitted && c.settle(ctx) == nil && c.t != nil {
		if err := c.commitAll(ctx); err != nil {
			c.debug(ctx, "positions not committed", "error", err)
		}
	}
	if c.t == nil {
		return nil
	}
	err := c.t.Close(ctx)
	c.hosts.Closed(c.host)
	c.t = nil
	c.debug(ctx, "consumer closed", "host", c.host.Addr)
	if ctx.Err() != nil {
		return c.failed("close", err)
	}
	return nil // the connection is gone, and the subscription with it
}

// nowhere is the origin of errors that have nothing to do with a host.
func (c *consumer) nowhere() transport.Origin {
	return transport.Origin{Transport: string(c.config.Transport)}
}

// origin belongs to the method that runs.
func (c *consumer) origin() transport.Origin {
	return transport.Origin{Transport: string(c.config.Transport), Host: c.host.Addr}
}

func (c *consumer) closedError(op string) error {
	return c.failed(op, c.nowhere().Error(driver.ErrInterface, op, 0, "the consumer is closed", nil))
}

// failed makes err one of kind ErrConsumer, beside the kind that it has.
func (c *consumer) failed(op string, err error) error {
	if err == nil {
		return nil
	}
	err = plain(err)
	if c.closed.Load() && errors.Is(err, context.Canceled) {
		err = c.nowhere().Error(driver.ErrInterface, op, 0, "the consumer was closed", nil)
	}
	e := asError(err)
	if e == nil {
		e = c.nowhere().Error(driver.ErrConnection, op, 0, "", err)
	}
	if errors.Is(e.Kind, driver.ErrConsumer) {
		return e
	}
	own := *e
	own.Op, own.Kind = op, consumerKind{e.Kind}
	return &own
}

func (c *consumer) debug(ctx context.Context, message string, attributes ...any) {
	if c.log != nil {
		c.log.DebugContext(ctx, message, append([]any{"engine", transport.Engine, "group", c.own.group}, attributes...)...)
	}
}
