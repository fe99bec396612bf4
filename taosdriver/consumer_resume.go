package taosdriver

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

const (
	// The pause between attempts to connect, once every host has failed, doubles
	// from the first of these to the second.
	firstPause  = 200 * time.Millisecond
	longestWait = 2 * time.Second
	// restorePause is the time between attempts to restore a place that is away.
	restorePause = time.Second
	// givenPatience is how long, from when a subscription was taken up again, a place
	// may belong to what is left of the one before: the server takes up to 2 s for
	// its end, 2 s more to deal the places out, and a second to tell. givenPause is
	// the time between attempts meanwhile.
	givenPatience = 10 * time.Second
	givenPause    = 50 * time.Millisecond

	codeConsumerGone   = 0x03e6 // the server gave it up, for want of polls
	codeConsumerOther  = 0x4001
	codeConsumerClosed = 0x4002
	codeSnapshot       = 0x4006 // which has no offsets
	codeOffsetRange    = 0x4007
	codeNotAssigned    = 0x4008
	codeNoSuchTopic    = 0x4009
	codeAskFirst       = 0x4010 // assignment or poll has to be called first
	codeSameOffset     = 0x4012 // committed already
)

// connect opens a connection at the first host that can be reached.
func (c *consumer) connect(ctx context.Context) error {
	t, host, err := hosts.Dial(ctx, c.hosts, func(ctx context.Context, h hosts.Host) (transport.Consumer, error) {
		t, err := c.dialer.Consume(ctx, h.Addr, c.settings)
		if err != nil {
			c.debug(ctx, "host refused or not reached", "host", h.Addr, "error", err)
		}
		return t, err
	})
	if err != nil {
		c.host = hosts.Host{}
		return connectError(ctx, c.origin(), err)
	}
	c.t, c.host = t, host
	c.debug(ctx, "consumer connected", "host", host.Addr)
	return nil
}

// drop gives the connection up. The server ends the subscription when it notices.
func (c *consumer) drop() {
	c.left, c.held = false, nil
	if c.t == nil {
		return
	}
	now, cancel := context.WithCancel(context.Background())
	cancel()
	c.t.Close(now)
	c.hosts.Closed(c.host)
	c.t = nil
}

// lost reports whether err means that the subscription is gone though the consumer
// is not closed, and drops the connection then.
func (c *consumer) lost(ctx context.Context, err error) bool {
	if c.t == nil {
		return true
	}
	if c.t.Alive() && !subscriptionGone(err) {
		return false
	}
	c.debug(ctx, "subscription lost", "host", c.host.Addr, "error", err)
	c.drop()
	return true
}

func subscriptionGone(err error) bool {
	switch Code(err) {
	case codeConsumerGone, codeConsumerOther, codeConsumerClosed:
		return true
	}
	return false
}

// ensure makes sure that there is a connection and, if there are topics, a
// subscription.
func (c *consumer) ensure(ctx context.Context) error {
	again := len(c.partitions) > 0 || c.behind
	for attempt := 0; ; attempt++ {
		if c.t != nil && !c.t.Alive() {
			c.drop()
		}
		if c.t != nil && (len(c.topics) == 0 || c.subscribed()) {
			return nil
		}
		if c.t == nil {
			if err := c.connect(ctx); err != nil {
				return err
			}
		}
		if len(c.topics) == 0 {
			return nil
		}
		err := c.subscribe(ctx, again)
		if err == nil {
			c.failures = 0
			return nil
		}
		host, alive := c.host, c.t != nil && c.t.Alive()
		c.drop()
		if ctx.Err() != nil || attempt > len(c.config.Hosts) || alive && !errors.Is(err, driver.ErrServer) {
			return err
		}
		c.hosts.Failed(host) // another may do better
	}
}

// subscribed reports whether the connection has the subscription.
func (c *consumer) subscribed() bool { return c.on == c.t }

// subscribe begins the subscription on a new connection. again tells that it was
// lost: the server goes on behind the committed offsets, and where there are none,
// from where it began before.
func (c *consumer) subscribe(ctx context.Context, again bool) error {
	if err := c.t.Subscribe(ctx, c.topics); err != nil {
		return err
	}
	if c.on != nil {
		c.resumed = time.Now()
	}
	c.on, c.committed = c.t, time.Now()
	if !again {
		if c.own.reset == resetLatest {
			c.beginHere(ctx)
		}
		return c.alive(ctx)
	}
	c.behind = true
	c.debug(ctx, "subscribed again", "host", c.host.Addr)
	c.restored = time.Now()
	for at, p := range c.partitions {
		if _, err := c.restore(ctx, at, p); err != nil {
			return err // what is between would be left out
		}
	}
	return c.alive(ctx)
}

// alive is an error if the connection was lost meanwhile.
func (c *consumer) alive(ctx context.Context) error {
	switch {
	case ctx.Err() != nil:
		return c.origin().Canceled(ctx, "subscribe", 0, false)
	case !c.t.Alive():
		return c.origin().Lost("subscribe", 0, nil)
	}
	return nil
}

// beginHere lets a subscription that begins with the latest messages begin with
// what is written from now on, and remembers where that is. The server would look
// for the latest message with the first poll, and again when the subscription is
// taken up after it was lost.
func (c *consumer) beginHere(ctx context.Context) {
	for _, topic := range c.topics {
		assigned, err := c.t.Assignment(ctx, topic)
		if err != nil { // of a snapshot, which has no offsets
			c.debug(ctx, "assignment not known", "topic", topic, "error", err)
			continue
		}
		for _, a := range assigned {
			if err := c.t.Seek(ctx, a.Position); err != nil {
				c.debug(ctx, "position not kept", "topic", topic, "vgroup", a.VGroup, "offset", a.Offset, "error", err)
				continue
			}
			c.partition(place{topic, a.VGroup}).begin = a.Offset
		}
	}
}

// restore brings the subscription to where it goes on at a place, unless that is
// behind the committed offset, and reports whether it did. The vgroup may still be
// that of a consumer of which the server does not know the end: then it is away.
func (c *consumer) restore(ctx context.Context, at place, p *partition) (moved bool, err error) {
	p.away = false
	to := p.sought
	if to < 0 && p.begin >= 0 && c.own.reset == resetLatest {
		never := false
		if never, err = c.neverCommitted(ctx, at); never {
			to = p.begin
		}
	}
	if err == nil && to >= 0 {
		err = c.asked(ctx, at.topic, func() error {
			return c.t.Seek(ctx, transport.Position{Topic: at.topic, VGroup: at.vgroup, Offset: to})
		})
		moved = err == nil
	}
	switch Code(err) {
	case codeNotAssigned, codeNoSuchTopic:
		p.away = true
	case codeSnapshot, codeOffsetRange: // no longer kept
	default:
		return moved, err
	}
	c.debug(ctx, "position not restored", "topic", at.topic, "vgroup", at.vgroup, "offset", to, "error", err)
	return false, nil
}

// restoreAway restores the places that were away and are not any more, now and then.
func (c *consumer) restoreAway(ctx context.Context) error {
	if time.Since(c.restored) < restorePause {
		return nil
	}
	c.restored = time.Now()
	for at, p := range c.partitions {
		if !p.away {
			continue
		}
		if _, err := c.restore(ctx, at, p); err != nil {
			p.away = true
			if ctx.Err() != nil || c.lost(ctx, err) {
				return err
			}
			c.debug(ctx, "position not restored", "topic", at.topic, "vgroup", at.vgroup, "error", err)
		}
	}
	return nil
}

// inPlace returns the message unless it is the first of a place that was away: then
// those before it come first, and it comes again behind them.
func (c *consumer) inPlace(ctx context.Context, m *transport.Message) (*transport.Message, error) {
	at := place{m.Topic, m.VGroup}
	p := c.partitions[at]
	if p == nil || !p.away {
		return m, nil
	}
	moved, err := c.restore(ctx, at, p)
	if err != nil {
		c.drop() // the server takes the message for handed out
		return nil, err
	}
	if moved || p.away {
		return nil, nil
	}
	return m, nil
}

func (c *consumer) neverCommitted(ctx context.Context, at place) (bool, error) {
	var offsets []int64
	err := c.asked(ctx, at.topic, func() (err error) {
		offsets, err = c.t.Committed(ctx, []transport.Position{{Topic: at.topic, VGroup: at.vgroup}})
		return err
	})
	return err == nil && offsets[0] < 0, err
}

// asked runs f, and again behind a call of assignment if the server wants one.
func (c *consumer) asked(ctx context.Context, topic string, f func() error) error {
	err := f()
	if Code(err) != codeAskFirst {
		return err
	}
	if _, err := c.t.Assignment(ctx, topic); err != nil {
		return err
	}
	return f()
}

// given runs f, and again while the server has yet to give the subscription a place
// of the topic that it may have had before its connection was lost.
func (c *consumer) given(ctx context.Context, topic string, f func() error) error {
	for {
		err := f()
		if !c.expected(topic, err) {
			return err
		}
		if err := c.awaitPlaces(ctx); err != nil {
			return err
		}
	}
}

// awaitPlaces gives the server givenPause to give places back. Its client takes them
// at polls alone, and a message that comes with one is held for the next Poll.
func (c *consumer) awaitPlaces(ctx context.Context) error {
	if c.held == nil {
		m, err := c.t.Poll(ctx, givenPause)
		c.held, c.left = m, err != nil && ctx.Err() != nil
		if err == nil || ctx.Err() != nil || !c.t.Alive() || subscriptionGone(err) {
			return err
		}
		c.debug(ctx, "no poll while places are awaited", "error", err)
	}
	if !sleep(ctx, givenPause) {
		return c.origin().Canceled(ctx, "consumer", 0, false)
	}
	return nil
}

// expected reports whether err is for want of a place of the topic that the server
// may still give back.
func (c *consumer) expected(topic string, err error) bool {
	return notAssigned(err) && !c.resumed.IsZero() && time.Since(c.resumed) < givenPatience && slices.Contains(c.topics, topic)
}

// notAssigned reports whether err means that the place is not the subscription's.
func notAssigned(err error) bool {
	code := Code(err)
	return code == codeNotAssigned || code == codeNoSuchTopic
}

// partition returns what is known of a place.
func (c *consumer) partition(at place) *partition {
	p := c.partitions[at]
	if p == nil {
		p = &partition{next: -1, sought: -1, begin: -1}
		c.partitions[at] = p
	}
	return p
}

// settle waits for a poll that a context has left and holds its message.
func (c *consumer) settle(ctx context.Context) error {
	if !c.left || c.t == nil {
		return nil
	}
	m, err := c.t.Recover(ctx)
	if err != nil {
		if ctx.Err() == nil {
			c.left = false
		}
		return err
	}
	c.left, c.held = false, m
	return nil
}

// do runs f, which may be run twice, with a subscription: if that is lost, once
// more when it is taken up again.
func (c *consumer) do(ctx context.Context, f func(context.Context) error) error {
	for attempt := 0; ; attempt++ {
		err := c.settle(ctx)
		if err == nil {
			if err = c.usable(ctx); err != nil {
				return err
			}
			err = f(ctx)
		}
		if err == nil || ctx.Err() != nil || attempt > 0 || !c.lost(ctx, err) || !c.own.reconnect {
			return err
		}
	}
}

// usable makes sure that there is a subscription to work on.
func (c *consumer) usable(ctx context.Context) error {
	if len(c.topics) == 0 {
		return c.origin().Error(driver.ErrInterface, "consumer", 0, "nothing is subscribed to", nil)
	}
	if !c.own.reconnect && (c.t == nil || !c.t.Alive()) {
		return c.origin().Error(driver.ErrConnection, "consumer", 0, "the connection is lost", nil)
	}
	return c.ensure(ctx)
}

// temporary reports whether a host may be reached later.
func temporary(err error) bool {
	return errors.Is(err, driver.ErrConnection) || errors.Is(err, driver.ErrTimeout) || errors.Is(err, driver.ErrServer)
}

// pause returns how long to wait before the next attempt to connect.
func (c *consumer) pause() time.Duration {
	d := min(firstPause<<min(c.failures, 10), longestWait)
	c.failures++
	return d - d/5 + rand.N(2*d/5) // ±20 %
}
