//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// pollSlice is how long the library is asked to wait at a time: nothing but a
// message ends its wait.
const pollSlice = 250 * time.Millisecond

// The types of a message, tmq_res_t.
const (
	messageData     = 1
	messageMeta     = 2
	messageDataMeta = 3
)

// polling is a poll and what it has brought.
type polling struct {
	flight *flight
	// until is when it gives up by itself.
	until time.Time
	// hurry asks it to give up as soon as it can: nobody waits.
	hurry atomic.Bool

	message *transport.Message
	err     error
	// taken tells of an error that the library takes the message for handed out.
	taken bool
}

// Poll implements transport.Consumer.
func (c *Consumer) Poll(ctx context.Context, timeout time.Duration) (*transport.Message, error) {
	if ctx.Err() != nil {
		return nil, c.origin.Canceled(ctx, "poll", 0, false)
	}
	if c.poll != nil {
		return nil, c.origin.Error(driver.ErrInterface, "poll", 0, "a poll is under way", nil)
	}
	p := &polling{until: time.Now().Add(max(timeout, 0))}
	f, err := c.start("poll", func() { c.take(p) })
	if err != nil {
		return nil, err
	}
	p.flight = f
	c.poll = p
	return c.Recover(ctx)
}

// Recover implements transport.Consumer.
func (c *Consumer) Recover(ctx context.Context) (*transport.Message, error) {
	p := c.poll
	if p == nil {
		return nil, nil
	}
	var timeUp <-chan time.Time
	if d := c.settings.ReadTimeout; d > 0 {
		timer := time.NewTimer(max(time.Until(p.until), 0) + d)
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-p.flight.ended:
	case <-ctx.Done():
		select {
		case <-p.flight.ended:
		default:
			p.hurry.Store(true)
			return nil, c.origin.Canceled(ctx, "poll", 0, false)
		}
	case <-timeUp:
		// Whatever it brings later would be missed.
		c.retire()
		return nil, c.overdue("poll")
	}
	c.poll = nil
	if p.taken {
		c.retire() // the next poll would leave the message out
	}
	return p.message, p.err
}

// take polls until there is a message, the time is up, or nobody waits.
func (c *Consumer) take(p *polling) {
	for {
		rest := time.Until(p.until)
		res := c.lib.ConsumerPoll(c.tmq, max(min(rest, pollSlice), 0).Milliseconds())
		if res != nil {
			p.message, p.err = c.message(res)
			p.taken = p.err != nil
			c.lib.FreeResult(res)
			return
		}
		if code := c.lib.Errno(nil); code != 0 {
			p.err = c.server("poll", code, c.lib.ConsumerErrorText(code))
			return
		}
		if rest <= pollSlice || p.hurry.Load() {
			return
		}
	}
}

// message copies a message out of the library.
func (c *Consumer) message(res handle) (*transport.Message, error) {
	m := &transport.Message{
		Position: transport.Position{Topic: c.lib.GetTopicName(res), VGroup: c.lib.GetVGroupID(res), Offset: c.lib.GetVGroupOffset(res)},
		Database: c.lib.GetDBName(res),
	}
	m.Next = m.Offset // of metadata the library tells the offset behind it
	kind := c.lib.GetResType(res)
	switch kind {
	case messageData, messageMeta, messageDataMeta:
	default:
		return nil, c.origin.Error(driver.ErrNotSupported, "poll", 0,
			fmt.Sprintf("a message of type %d, in the form that servers replicate", kind), nil)
	}
	if kind != messageMeta {
		if err := c.rows(res, m); err != nil {
			return nil, err
		}
	}
	if kind != messageData {
		if meta := c.lib.GetJSONMeta(res); meta != nil {
			m.Meta = json.RawMessage(terminated(meta))
			c.lib.FreeJSONMeta(meta)
		}
	}
	return m, nil
}

// rows decodes the rows of a message.
func (c *Consumer) rows(res handle, m *transport.Message) error {
	var raw rawMessage
	if code := c.lib.GetRaw(res, &raw); code != 0 {
		return c.server("poll", code, c.lib.ConsumerErrorText(code))
	}
	defer c.lib.freeRaw(&raw)
	decoded, err := &tmq.Message{}, error(nil)
	switch {
	case raw.data == nil:
		err = errNoBlock
	case int64(raw.length) > c.settings.MaxMessageBytes:
		err = fmt.Errorf("a message of %d bytes exceeds max_message_size", raw.length)
	default:
		decoded, err = c.decoder.Decode(tmq.Kind(raw.kind), view(raw.data, int(raw.length)), c.settings.Location)
	}
	if err != nil {
		return c.origin.Error(driver.ErrInternal, "poll", 0, "what libtaos hands out makes no sense", err)
	}
	m.Tables = decoded.Tables
	m.Next = -1 // in a snapshot, whose positions are not numbers
	if decoded.Next.Type == tmq.Log {
		m.Next = decoded.Next.Version
	}
	return nil
}
