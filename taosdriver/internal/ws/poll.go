package ws

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// poll is a poll and the fetches of the message that it brought. Whichever of its
// calls a context leaves is still there for the next.
type poll struct {
	timeout time.Duration
	poll    *call
	reply   *reply // to poll
	rows    *call
	meta    *call
	message transport.Message
}

// Poll implements transport.Consumer.
func (c *Consumer) Poll(ctx context.Context, timeout time.Duration) (*transport.Message, error) {
	timeout = max(timeout.Truncate(time.Millisecond), 0)
	p := &poll{timeout: timeout, poll: newCall(actionPoll, driver.NewRequestID())}
	if c.open != nil {
		return nil, c.c.origin.Error(driver.ErrInterface, actionPoll, 0, "a poll is under way", nil)
	}
	err := c.c.start(ctx, p.poll, textMessage, func(id uint64) []byte {
		return marshal(actionPoll, pollArgs{id, timeout.Milliseconds(), c.messageID})
	})
	if err != nil {
		return nil, err
	}
	c.open = p
	return c.Recover(ctx)
}

// Recover implements transport.Consumer.
func (c *Consumer) Recover(ctx context.Context) (*transport.Message, error) {
	p := c.open
	if p == nil {
		return nil, nil
	}
	m, left, err := c.finish(ctx, p)
	if left {
		return nil, err
	}
	c.open = nil
	if err != nil && p.reply != nil {
		// The server takes the message for handed out: the next poll would leave it
		// out.
		c.c.retire()
	}
	return m, err
}

// finish goes on with p from where it is. left tells that ctx has ended and p has
// not.
func (c *Consumer) finish(ctx context.Context, p *poll) (m *transport.Message, left bool, err error) {
	if p.reply == nil {
		if left, err := c.await(ctx, p.poll, p.timeout); err != nil {
			return nil, left, err
		}
		r := p.poll.reply
		if !r.HaveMessage {
			return nil, false, nil
		}
		p.reply, c.messageID = r, r.MessageID
		p.message = transport.Message{
			Position: transport.Position{Topic: r.Topic, VGroup: r.VGroup, Offset: r.Offset},
			// Of metadata the server tells the offset behind it.
			Next: r.Offset, Database: r.Database,
		}
	}
	switch p.reply.MessageType {
	case messageData:
		left, err = c.fetchRows(ctx, p)
	case messageMeta:
		left, err = c.fetchMeta(ctx, p)
	case messageDataMeta:
		if left, err = c.fetchRows(ctx, p); err == nil {
			left, err = c.fetchMeta(ctx, p)
		}
	default:
		err = c.c.origin.Error(driver.ErrNotSupported, actionPoll, p.poll.requestID,
			fmt.Sprintf("a message of type %d, in the form that servers replicate", p.reply.MessageType), nil)
	}
	if err != nil {
		return nil, left, err
	}
	return &p.message, false, nil
}

// fetchRows fetches the rows of the message once.
func (c *Consumer) fetchRows(ctx context.Context, p *poll) (left bool, err error) {
	if p.rows == nil {
		k := newCall(actionFetchMessage, p.poll.requestID)
		k.wireID = driver.NewRequestID()
		k.raw = func(r *frame.RawReply) error { return c.decode(p, r) }
		if err := c.fetch(ctx, k, actionFetchMessage); err != nil {
			return ctx.Err() != nil, err
		}
		p.rows = k
	}
	if p.rows.received {
		return false, nil
	}
	return c.await(ctx, p.rows, 0)
}

// fetchMeta fetches the metadata of the message once.
func (c *Consumer) fetchMeta(ctx context.Context, p *poll) (left bool, err error) {
	if p.meta == nil {
		k := newCall(actionFetchMeta, p.poll.requestID)
		k.wireID = driver.NewRequestID()
		if err := c.fetch(ctx, k, actionFetchMeta); err != nil {
			return ctx.Err() != nil, err
		}
		p.meta = k
	}
	if left, err := c.await(ctx, p.meta, 0); err != nil {
		return left, err
	}
	r := p.meta.reply
	if r.MessageID != c.messageID {
		c.c.retire()
		return false, c.c.protocol(actionFetchMeta, p.poll.requestID, false,
			fmt.Errorf("metadata of message %d in place of %d", r.MessageID, c.messageID))
	}
	if len(r.Data) > 0 && string(r.Data) != "null" {
		p.message.Meta = json.RawMessage(r.Data)
	}
	return false, nil
}

// fetch sends a request for the content of the message.
func (c *Consumer) fetch(ctx context.Context, k *call, action string) error {
	return c.c.start(ctx, k, textMessage, func(id uint64) []byte {
		return marshal(action, messageArgs{id, c.messageID})
	})
}

// decode is called by the reader.
func (c *Consumer) decode(p *poll, r *frame.RawReply) error {
	if r.MessageID != p.reply.MessageID {
		return fmt.Errorf("message %d in place of %d", r.MessageID, p.reply.MessageID)
	}
	m, err := c.decoder.Decode(tmq.Kind(r.Kind), r.Raw, c.c.settings.Location)
	if err != nil {
		return err
	}
	p.message.Tables = m.Tables
	p.message.Next = -1 // in a snapshot, whose positions are not numbers
	if m.Next.Type == tmq.Log {
		p.message.Next = m.Next.Version
	}
	return nil
}

// await waits for the reply of a call that may be waited for again: left tells
// that ctx has ended before. extra is what the server may take longer than the
// read timeout.
func (c *Consumer) await(ctx context.Context, k *call, extra time.Duration) (left bool, err error) {
	if k.received {
		return false, k.err
	}
	var timeUp <-chan time.Time
	if d := c.c.settings.ReadTimeout; d > 0 {
		timer := time.NewTimer(d + extra)
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-k.done:
		return false, k.outcome()
	case <-ctx.Done():
		select {
		case <-k.done:
			return false, k.outcome()
		default:
			return true, c.c.origin.Canceled(ctx, k.op, k.requestID, false)
		}
	case <-timeUp:
		// Whatever it brings later would be missed.
		c.c.fail(failure{driver.ErrTimeout, "no reply within the read timeout of " + c.c.settings.ReadTimeout.String(), nil})
		return false, c.c.lost(k)
	case <-c.c.dead:
		select {
		case <-k.done:
			return false, k.outcome()
		default:
			return false, c.c.lost(k)
		}
	}
}
