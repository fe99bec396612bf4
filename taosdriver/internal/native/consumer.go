//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"fmt"
	"maps"
	"math"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// closePatience bounds how long Close waits for the end of a subscription, which
// usually takes the server up to 2 s.
const closePatience = 5 * time.Second

// Consumer is a tmq_t, which keeps a session and connections of its own. The
// library is told never to commit by itself.
type Consumer struct {
	lib      *library
	settings *transport.Settings
	origin   transport.Origin

	tmq     handle
	decoder tmq.Decoder // used by the poll
	// poll is the one under way that a context has left.
	poll *polling

	mu     sync.Mutex
	closed bool
	// retired tells that a call which a context has left has the tmq_t, or that its
	// session is gone.
	retired bool
	// busy is the last call of the library, which Close lets end first.
	busy *flight
}

var (
	_ transport.ConsumerDialer = (*Dialer)(nil)
	_ transport.Consumer       = (*Consumer)(nil)
)

// Consume implements transport.ConsumerDialer. The library logs in here.
func (d *Dialer) Consume(ctx context.Context, host string, settings *transport.ConsumerSettings) (transport.Consumer, error) {
	c := &Consumer{settings: &d.settings, origin: transport.Origin{Transport: Name, Host: host}}
	if ctx.Err() != nil {
		return nil, c.origin.Canceled(ctx, "connect", 0, false)
	}
	var err error
	f := fly(func() { err = c.open(ctx, settings) }, c.free, func() {})
	if l, _ := f.wait(ctx, 0, nil); l != returned {
		return nil, c.origin.Canceled(ctx, "connect", 0, false)
	}
	if err != nil {
		go c.free() // which may wait for the server
		return nil, err
	}
	return c, nil
}

// open loads the library and makes the consumer.
func (c *Consumer) open(ctx context.Context, settings *transport.ConsumerSettings) (err error) {
	s := c.settings
	if c.lib, err = load(c.origin, s.LibraryPath, s.ConfigDir); err != nil {
		return err
	}
	if err := c.lib.require(c.origin, "connect", "tmq", "a subscription"); err != nil {
		return err
	}
	if err := knock(ctx, c.origin); err != nil {
		return err
	}
	conf := c.lib.ConfNew()
	if conf == nil {
		return c.origin.Error(driver.ErrInternal, "connect", 0, "libtaos makes no configuration of a consumer", nil)
	}
	defer c.lib.ConfDestroy(conf)
	if err := c.configure(conf, settings); err != nil {
		return err
	}
	message := make([]byte, 256)
	c.tmq = c.lib.ConsumerNew(conf, &message[0], int32(len(message)))
	if c.tmq == nil {
		code, said := c.lib.Errno(nil), text(message)
		if said == "" {
			said = c.lib.Errstr(nil)
		}
		if code == 0 {
			return c.origin.Error(driver.ErrConsumer, "connect", 0, said, nil)
		}
		return plain(c.server("connect", code, said))
	}
	return c.setTimezone()
}

// configure sets the properties in the order of their names.
func (c *Consumer) configure(conf handle, settings *transport.ConsumerSettings) error {
	s := c.settings
	properties := map[string]string{
		"group.id": settings.Group, "auto.offset.reset": settings.OffsetReset, "enable.auto.commit": "false",
	}
	if settings.Client != "" {
		properties["client.id"] = settings.Client
	}
	if s.BearerToken != "" {
		properties["td.connect.token"] = s.BearerToken
	} else {
		properties["td.connect.user"], properties["td.connect.pass"] = s.User, s.Password
	}
	if c.origin.Host != "" {
		name, port, err := net.SplitHostPort(c.origin.Host)
		if err != nil {
			return c.origin.Error(driver.ErrInterface, "connect", 0, "", err)
		}
		properties["td.connect.ip"], properties["td.connect.port"] = name, port
	}
	maps.Copy(properties, settings.Properties)
	for _, key := range slices.Sorted(maps.Keys(properties)) {
		if strings.IndexByte(key+properties[key], 0) >= 0 { // where libtaos would cut it
			return c.origin.Error(driver.ErrInterface, "connect", 0, fmt.Sprintf("the property %s holds a NUL", key), nil)
		}
		switch c.lib.ConfSet(conf, key, properties[key]) {
		case 0:
		case -2:
			return c.origin.Error(driver.ErrInterface, "connect", 0, fmt.Sprintf("%s does not know the property %s", c.lib, key), nil)
		default:
			return c.origin.Error(driver.ErrInterface, "connect", 0, fmt.Sprintf("%s does not take the value of the property %s", c.lib, key), nil)
		}
	}
	return nil
}

// setTimezone sets the zone of the consumer's session if there is one in the
// Settings.
func (c *Consumer) setTimezone() error {
	if c.settings.Timezone == "" {
		return nil
	}
	for _, feature := range []string{"options", "consumer_session"} {
		if err := c.lib.require(c.origin, "connect", feature, "a session time zone"); err != nil {
			return err
		}
	}
	if code := c.lib.OptionsConnection(c.lib.ConsumerSession(c.tmq), connectionTimezone, c.settings.Timezone); code != 0 {
		return plain(c.server("connect", code, c.lib.Errstr(nil)))
	}
	return nil
}

// free ends the consumer, of which nothing is under way.
func (c *Consumer) free() {
	if c.tmq != nil {
		c.lib.ConsumerClose(c.tmq)
		c.tmq = nil
	}
}

// run makes one call for the consumer and returns its error. f returns the code.
func (c *Consumer) run(ctx context.Context, op string, f func() (code int32, err error)) error {
	if ctx.Err() != nil {
		return c.origin.Canceled(ctx, op, 0, false)
	}
	if c.poll != nil {
		return c.origin.Error(driver.ErrInterface, op, 0, "a poll is under way", nil)
	}
	var failure error
	flight, err := c.start(op, func() {
		code, err := f()
		if failure = err; err == nil && code != 0 {
			failure = c.server(op, code, c.lib.ConsumerErrorText(code))
		}
	})
	if err != nil {
		return err
	}
	switch l, _ := flight.wait(ctx, c.settings.ReadTimeout, nil); l {
	case canceled:
		c.retire()
		return c.origin.Canceled(ctx, op, 0, true)
	case timedOut:
		c.retire()
		return c.overdue(op)
	}
	return failure
}

// start makes a call of the library.
func (c *Consumer) start(op string, call func()) (*flight, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closed:
		return nil, c.origin.Error(driver.ErrConsumer, op, 0, "the consumer is closed", nil)
	case c.retired:
		// Another call still has the tmq_t.
		return nil, c.origin.Error(driver.ErrConnection, op, 0, "the consumer was given up", nil)
	}
	c.busy = fly(call, func() {}, func() {})
	return c.busy, nil
}

func (c *Consumer) overdue(op string) error {
	return c.origin.Error(driver.ErrTimeout, op, 0, "no reply within the read timeout of "+c.settings.ReadTimeout.String(), nil)
}

func (c *Consumer) retire() {
	c.mu.Lock()
	c.retired = true
	c.mu.Unlock()
}

// server returns the error of a code. If it says that the session is gone, the
// consumer is retired.
func (c *Consumer) server(op string, code int32, message string) error {
	e := c.origin.Server(op, 0, int(uint32(code)), message)
	if transport.NotExecuted(e.Code, message) {
		c.retire()
		return transport.NotSent(e)
	}
	return e
}

// plain takes the mark off an error.
func plain(err error) error {
	if e, ok := transport.WasNotSent(err); ok {
		return e
	}
	return err
}

// Alive implements transport.Consumer.
func (c *Consumer) Alive() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return !c.closed && !c.retired
}

// Close implements transport.Consumer. The library ends the subscription, so that
// another consumer of the group gets the vgroups at once; that goes on if ctx ends.
func (c *Consumer) Close(ctx context.Context) error {
	c.mu.Lock()
	closed, busy := c.closed, c.busy
	c.closed = true
	c.mu.Unlock()
	if closed {
		return nil
	}
	if c.poll != nil {
		c.poll.hurry.Store(true)
	}
	var code int32
	f := fly(func() {
		if busy != nil {
			<-busy.ended
		}
		code = c.lib.ConsumerClose(c.tmq)
	}, func() {}, func() {})
	switch l, _ := f.wait(ctx, closePatience, nil); {
	case l == canceled:
		return c.origin.Canceled(ctx, "close", 0, true)
	case l == returned && code != 0:
		return plain(c.server("close", code, c.lib.ConsumerErrorText(code)))
	}
	return nil
}

// Subscribe implements transport.Consumer.
func (c *Consumer) Subscribe(ctx context.Context, topics []string) error {
	return c.run(ctx, "subscribe", func() (int32, error) {
		list := c.lib.ListNew()
		if list == nil {
			return 0, c.origin.Error(driver.ErrInternal, "subscribe", 0, "libtaos makes no list", nil)
		}
		defer c.lib.ListDestroy(list)
		for _, topic := range topics {
			if code := c.lib.ListAppend(list, topic); code != 0 {
				return code, nil
			}
		}
		return c.lib.Subscribe(c.tmq, list), nil
	})
}

// Unsubscribe implements transport.Consumer.
func (c *Consumer) Unsubscribe(ctx context.Context) error {
	return c.run(ctx, "unsubscribe", func() (int32, error) { return c.lib.Unsubscribe(c.tmq), nil })
}

// Topics implements transport.Consumer.
func (c *Consumer) Topics(ctx context.Context) (topics []string, err error) {
	err = c.run(ctx, "subscription", func() (int32, error) {
		var list handle
		code := c.lib.Subscription(c.tmq, &list)
		if list == nil {
			return code, nil
		}
		defer c.lib.ListDestroy(list)
		n, array := c.lib.ListGetSize(list), c.lib.ListToArray(list)
		if code == 0 && n > 0 && n < math.MaxInt16 && array != nil {
			topics = texts(array, int(n))
		}
		return code, nil
	})
	return topics, err
}

// Commit implements transport.Consumer.
func (c *Consumer) Commit(ctx context.Context) error {
	return c.run(ctx, "commit", func() (int32, error) { return c.lib.CommitSync(c.tmq, nil), nil })
}

// CommitOffset implements transport.Consumer.
func (c *Consumer) CommitOffset(ctx context.Context, p transport.Position) error {
	return c.run(ctx, "commit", func() (int32, error) { return c.lib.CommitOffset(c.tmq, p.Topic, p.VGroup, p.Offset), nil })
}

// Seek implements transport.Consumer.
func (c *Consumer) Seek(ctx context.Context, p transport.Position) error {
	return c.run(ctx, "seek", func() (int32, error) { return c.lib.OffsetSeek(c.tmq, p.Topic, p.VGroup, p.Offset), nil })
}

// Assignment implements transport.Consumer.
func (c *Consumer) Assignment(ctx context.Context, topic string) (out []transport.Assignment, err error) {
	err = c.run(ctx, "assignment", func() (int32, error) {
		var list handle
		var n int32
		code := c.lib.GetAssignment(c.tmq, topic, &list, &n)
		if list == nil {
			return code, nil
		}
		defer c.lib.FreeAssignment(list)
		if code != 0 || n <= 0 || n > math.MaxInt16 {
			return code, nil
		}
		for _, a := range assignments(list, int(n)) {
			out = append(out, transport.Assignment{
				Position: transport.Position{Topic: topic, VGroup: a.vgroup, Offset: a.offset}, Begin: a.begin, End: a.end,
			})
		}
		return 0, nil
	})
	return out, err
}

// Committed implements transport.Consumer.
func (c *Consumer) Committed(ctx context.Context, of []transport.Position) ([]int64, error) {
	return c.offsets(ctx, "committed", of, c.lib.Committed)
}

// Position implements transport.Consumer.
func (c *Consumer) Position(ctx context.Context, of []transport.Position) ([]int64, error) {
	return c.offsets(ctx, "position", of, c.lib.Position)
}

// codeNoCommitted stands for an offset that was never stored.
const codeNoCommitted = 0x4011

func (c *Consumer) offsets(ctx context.Context, op string, of []transport.Position, ask func(handle, string, int32) int64) ([]int64, error) {
	offsets := make([]int64, len(of))
	err := c.run(ctx, op, func() (int32, error) {
		for i, p := range of {
			// An offset that cannot be told is an error code.
			switch o := ask(c.tmq, p.Topic, p.VGroup); {
			case o >= 0:
				offsets[i] = o
			case o&0xffff == codeNoCommitted || o == -1:
				offsets[i] = -1
			default:
				return int32(o), nil
			}
		}
		return 0, nil
	})
	if err != nil {
		return nil, err
	}
	return offsets, nil
}
