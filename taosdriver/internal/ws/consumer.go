package ws

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	consumerEndpoint = "/rest/tmq"
	// closePatience bounds how long Close waits for the end of a subscription,
	// which usually takes the server up to 2 s.
	closePatience = 5 * time.Second

	// codeNoCommitted stands for an offset that was never stored.
	codeNoCommitted = 0x4011
	// notLoggedIn is all that the server says of a refused login.
	notLoggedIn = "init tscObj failed"
)

var (
	needFetchMessage = version{3, 3, 3}
	needConfig       = version{3, 3, 6}
	needConsumeToken = version{3, 4, 1}
)

// Consumer is a connection to /rest/tmq. The server keeps one consumer a socket;
// it ends when the socket does.
//
// What needs the consumer waits for a running poll, and a poll is dropped without
// an answer when a third comes: here a request is only sent when the last one has
// been answered, but for Close.
type Consumer struct {
	dialer   *Dialer
	settings *transport.ConsumerSettings
	c        *Conn

	// messageID is that of the last message received.
	messageID uint64
	// open is the poll under way that a context has left.
	open *poll
	// decoder is used by the reader.
	decoder    tmq.Decoder
	subscribed bool
	closed     bool
}

var (
	_ transport.ConsumerDialer = (*Dialer)(nil)
	_ transport.Consumer       = (*Consumer)(nil)
)

// Consume implements transport.ConsumerDialer. The login is part of Subscribe.
func (d *Dialer) Consume(ctx context.Context, host string, settings *transport.ConsumerSettings) (transport.Consumer, error) {
	c, err := d.open(ctx, host, consumerEndpoint, func(c *Conn, ctx context.Context) error { return c.greet(ctx, settings) })
	if err != nil {
		return nil, err
	}
	return &Consumer{dialer: d, settings: settings, c: c}, nil
}

// greet asks for the server's version and checks it.
func (c *Conn) greet(ctx context.Context, settings *transport.ConsumerSettings) error {
	r, err := c.text(ctx, newCall("connect", driver.NewRequestID()), actionVersion, func(id uint64) any { return plainArgs{id} }, nil)
	if err != nil {
		return err
	}
	c.version = r.Version
	if err := c.subscribes(needFetchMessage, "a subscription"); err != nil {
		return err
	}
	_, others := named(settings.Properties)
	for key := range others {
		if err := c.subscribes(needConfig, "the property "+key); err != nil {
			return err
		}
	}
	if c.settings.BearerToken != "" {
		return c.subscribes(needConsumeToken, "a subscription with bearer_token")
	}
	return nil
}

// subscribes returns an error if the server is older than what needs.
func (c *Conn) subscribes(need version, what string) error {
	if c.supports(need) {
		return nil
	}
	return c.origin.Error(driver.ErrNotSupported, "connect", 0,
		fmt.Sprintf("%s needs TDengine %v or newer, the server is %q", what, need, c.version), nil)
}

// request makes a call of a text action.
func (c *Consumer) request(ctx context.Context, action string, args func(id uint64) any) (*reply, error) {
	if c.open != nil {
		return nil, c.c.origin.Error(driver.ErrInterface, action, 0, "a poll is under way", nil)
	}
	return c.c.text(ctx, newCall(action, driver.NewRequestID()), action, args, nil)
}

// Subscribe implements transport.Consumer.
func (c *Consumer) Subscribe(ctx context.Context, topics []string) error {
	s := c.c.settings
	own, others := named(c.settings.Properties)
	subscribe := subscribeArgs{
		User: s.User, Password: s.Password, DB: s.Database,
		Group: c.settings.Group, Client: c.settings.Client,
		OffsetRest: c.settings.OffsetReset, OffsetReset: c.settings.OffsetReset,
		Topics: topics, AutoCommit: "false",
		Snapshot: own["experimental.snapshot.enable"], TableName: own["msg.with.table.name"],
		BatchMeta: own["msg.enable.batchmeta"], Excluded: own["msg.consume.excluded"],
		SessionTimeout: own["session.timeout.ms"], MaxPollInterval: own["max.poll.interval.ms"],
		TZ: s.Timezone, App: s.App, Connector: connector, Config: others,
	}
	if s.BearerToken != "" {
		subscribe.User, subscribe.Password = "", ""
		subscribe.Config = map[string]string{"td.connect.token": s.BearerToken}
		for k, v := range others {
			subscribe.Config[k] = v
		}
	}
	_, err := c.request(ctx, actionSubscribe, func(id uint64) any {
		subscribe.ReqID = id
		return subscribe
	})
	if err != nil {
		return c.subscribeError(ctx, err)
	}
	c.subscribed = true
	return nil
}

// subscribeError says more of what a subscribe was refused for than the server
// does: that of 3.3.7.5 has no words for a property that it does not know or take,
// and does not tell consumers why their login was refused.
func (c *Consumer) subscribeError(ctx context.Context, err error) error {
	var e *driver.Error
	switch {
	case !errors.As(err, &e):
		return err
	case e.Code == 0xfffe:
		e.Kind, e.Message = driver.ErrInterface, "the server does not know a property"
		e.Hint = "is it one of this server's version? " + strings.Join(c.passedOn(), ", ")
		return err
	case e.Code == 0xffff && e.Message == "fail":
		e.Kind, e.Message = driver.ErrInterface, "the server does not take the value of a property"
		return err
	case e.Code != 0xffff || e.Message != notLoggedIn:
		return err
	}
	t, loginErr := c.dialer.Connect(ctx, c.c.origin.Host)
	if loginErr == nil {
		t.Close()
		return err
	}
	var l *driver.Error
	if errors.As(loginErr, &l) && (l.Code != 0 || ctx.Err() != nil) {
		l.Op = e.Op
		return l
	}
	return err
}

// passedOn names the properties that are the server's to judge.
func (c *Consumer) passedOn() []string {
	_, others := named(c.settings.Properties)
	return slices.Sorted(maps.Keys(others))
}

// Unsubscribe implements transport.Consumer.
func (c *Consumer) Unsubscribe(ctx context.Context) error {
	_, err := c.request(ctx, actionUnsubscribe, func(id uint64) any { return plainArgs{id} })
	if err == nil {
		c.subscribed = false
	}
	return err
}

// Topics implements transport.Consumer.
func (c *Consumer) Topics(ctx context.Context) ([]string, error) {
	r, err := c.request(ctx, actionTopics, func(id uint64) any { return plainArgs{id} })
	if err != nil {
		return nil, err
	}
	return r.Topics, nil
}

// Commit implements transport.Consumer.
func (c *Consumer) Commit(ctx context.Context) error {
	_, err := c.request(ctx, actionCommit, func(id uint64) any { return messageArgs{ReqID: id} })
	return err
}

// CommitOffset implements transport.Consumer.
func (c *Consumer) CommitOffset(ctx context.Context, p transport.Position) error {
	return c.offset(ctx, actionCommitOffset, p)
}

// Seek implements transport.Consumer.
func (c *Consumer) Seek(ctx context.Context, p transport.Position) error {
	return c.offset(ctx, actionSeek, p)
}

func (c *Consumer) offset(ctx context.Context, action string, p transport.Position) error {
	_, err := c.request(ctx, action, func(id uint64) any { return offsetArgs{id, p.Topic, p.VGroup, p.Offset} })
	return err
}

// Assignment implements transport.Consumer.
func (c *Consumer) Assignment(ctx context.Context, topic string) ([]transport.Assignment, error) {
	r, err := c.request(ctx, actionAssignment, func(id uint64) any { return topicArgs{id, topic} })
	if err != nil {
		return nil, err
	}
	out := make([]transport.Assignment, len(r.Assignment))
	for i, a := range r.Assignment {
		out[i] = transport.Assignment{
			Position: transport.Position{Topic: topic, VGroup: a.VGroup, Offset: a.Offset},
			Begin:    a.Begin, End: a.End,
		}
	}
	return out, nil
}

// Committed implements transport.Consumer.
func (c *Consumer) Committed(ctx context.Context, of []transport.Position) ([]int64, error) {
	return c.offsets(ctx, actionCommitted, of, func(r *reply) []int64 { return r.Committed })
}

// Position implements transport.Consumer.
func (c *Consumer) Position(ctx context.Context, of []transport.Position) ([]int64, error) {
	return c.offsets(ctx, actionPosition, of, func(r *reply) []int64 { return r.Position })
}

func (c *Consumer) offsets(ctx context.Context, action string, of []transport.Position, result func(*reply) []int64) ([]int64, error) {
	vgroups := make([]vgroupOf, len(of))
	for i, p := range of {
		vgroups[i] = vgroupOf{p.Topic, p.VGroup}
	}
	r, err := c.request(ctx, action, func(id uint64) any { return vgroupsArgs{id, vgroups} })
	if err != nil {
		return nil, err
	}
	offsets := result(r)
	if len(offsets) != len(of) {
		return nil, c.c.protocol(action, r.ReqID, false, fmt.Errorf("%d offsets for %d vgroups", len(offsets), len(of)))
	}
	for i, o := range offsets {
		// An offset that cannot be told is an error code of the C library.
		switch {
		case o >= 0:
		case o&0xffff == codeNoCommitted || o == -1:
			offsets[i] = -1
		default:
			return nil, c.c.server(action, r.ReqID, o, "")
		}
	}
	return offsets, nil
}

// Alive implements transport.Consumer.
func (c *Consumer) Alive() bool { return !c.closed && c.c.Alive() }

// Close implements transport.Consumer. The server would end the subscription with
// the socket too; asked to, it tells when it has, so that another consumer of the
// group gets the vgroups at once.
func (c *Consumer) Close(ctx context.Context) error {
	if c.closed {
		return nil
	}
	c.closed = true
	var err error
	if c.subscribed && c.c.Alive() {
		ctx, cancel := context.WithTimeout(ctx, closePatience)
		k := newCall(actionUnsubscribe, driver.NewRequestID())
		_, err = c.c.text(ctx, k, actionUnsubscribe, func(id uint64) any { return plainArgs{id} }, nil)
		cancel()
	}
	c.c.Close()
	return err
}

// dispatchRaw hands a fetched message to the call that waits for it.
func (c *Conn) dispatchRaw(message []byte) error {
	r, err := frame.ParseRawReply(message)
	if err != nil {
		return err
	}
	k := c.take(r.ReqID)
	if k == nil {
		return nil
	}
	if k.raw == nil {
		return fmt.Errorf("a message in reply to %s", k.op)
	}
	c.complete(k, func() {
		if r.Code != 0 {
			k.err = c.server(k.op, k.requestID, int64(r.Code), r.Message)
			return
		}
		if err := k.raw(&r); err != nil {
			c.retire()
			k.err = c.protocol(k.op, k.requestID, false, err)
		}
	})
	return nil
}
