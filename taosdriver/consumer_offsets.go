package taosdriver

import (
	"context"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Commit implements [driver.Consumer]. Of several messages of a partition the last
// counts.
func (c *consumer) Commit(ctx context.Context, messages ...*driver.Message) error {
	ctx, done, err := c.begin(ctx, "commit")
	if err != nil {
		return err
	}
	defer done()
	var offsets []driver.TopicOffset
	index := make(map[place]int)
	for _, m := range messages {
		if m == nil {
			continue
		}
		o := m.TopicOffset
		switch {
		case m.Next < 0:
			return c.failed("commit", c.origin().Error(driver.ErrNotSupported, "commit", 0,
				"a message of a snapshot has no offset; commit all positions", nil))
		case m.Next == 0:
			o.Offset++
		default:
			o.Offset = m.Next
		}
		at := place{o.Topic, o.Partition}
		if i, ok := index[at]; ok {
			offsets[i].Offset = max(offsets[i].Offset, o.Offset)
			continue
		}
		index[at] = len(offsets)
		offsets = append(offsets, o)
	}
	return c.failed("commit", c.commitOffsets(ctx, offsets))
}

// CommitOffsets implements [driver.Consumer].
func (c *consumer) CommitOffsets(ctx context.Context, offsets ...driver.TopicOffset) error {
	ctx, done, err := c.begin(ctx, "commit")
	if err != nil {
		return err
	}
	defer done()
	return c.failed("commit", c.commitOffsets(ctx, offsets))
}

func (c *consumer) commitOffsets(ctx context.Context, offsets []driver.TopicOffset) error {
	for _, o := range offsets {
		err := c.do(ctx, func(ctx context.Context) error {
			return c.given(ctx, o.Topic, func() error { return c.commitOffset(ctx, position(o)) })
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// commitOffset stores one position. It may be run twice.
func (c *consumer) commitOffset(ctx context.Context, p transport.Position) error {
	err := c.asked(ctx, p.Topic, func() error { return c.t.CommitOffset(ctx, p) })
	if Code(err) == codeSameOffset {
		return nil
	}
	return err
}

// CommitAll implements [driver.Consumer].
func (c *consumer) CommitAll(ctx context.Context) error {
	ctx, done, err := c.begin(ctx, "commit")
	if err != nil {
		return err
	}
	defer done()
	return c.failed("commit", c.do(ctx, func(ctx context.Context) error {
		for {
			left, err := c.commitOwn(ctx)
			if !left || err != nil {
				return err
			}
			if err := c.awaitPlaces(ctx); err != nil {
				return err
			}
		}
	}))
}

// commitAll is what commits by itself: it waits for no partition, the next one
// tries again.
func (c *consumer) commitAll(ctx context.Context) error {
	_, err := c.commitOwn(ctx)
	return err
}

// commitOwn stores the positions of all partitions: the server's own, unless they
// are not behind what was handed out. It reports whether it left out some that may
// still be given back. It may be run twice.
func (c *consumer) commitOwn(ctx context.Context) (left bool, err error) {
	if c.held == nil && !c.behind {
		if err := c.t.Commit(ctx); err != nil && Code(err) != codeSameOffset {
			return false, err
		}
		c.uncommitted, c.committed = false, time.Now()
		return false, nil
	}
	for at, p := range c.partitions {
		if p.next < 0 {
			continue
		}
		err := c.commitOffset(ctx, transport.Position{Topic: at.topic, VGroup: at.vgroup, Offset: p.next})
		switch {
		case c.expected(at.topic, err):
			left = true
		case notAssigned(err) && p.away: // for longer, and still to be restored
			p.next = -1
		case notAssigned(err): // another's by now
			delete(c.partitions, at)
		case err != nil:
			return false, err
		}
	}
	c.uncommitted, c.committed = left, time.Now()
	return left, nil
}

// Assignment implements [driver.Consumer].
func (c *consumer) Assignment(ctx context.Context, topic string) ([]driver.Assignment, error) {
	ctx, done, err := c.begin(ctx, "assignment")
	if err != nil {
		return nil, err
	}
	defer done()
	var assigned []transport.Assignment
	err = c.do(ctx, func(ctx context.Context) (err error) {
		assigned, err = c.t.Assignment(ctx, topic)
		return err
	})
	if err != nil {
		return nil, c.failed("assignment", err)
	}
	out := make([]driver.Assignment, len(assigned))
	for i, a := range assigned {
		out[i] = driver.Assignment{
			TopicOffset: driver.TopicOffset{Topic: a.Topic, Partition: a.VGroup, Offset: a.Offset},
			Begin:       a.Begin, End: a.End,
		}
	}
	return out, nil
}

// Seek implements [driver.Consumer].
func (c *consumer) Seek(ctx context.Context, offset driver.TopicOffset) error {
	ctx, done, err := c.begin(ctx, "seek")
	if err != nil {
		return err
	}
	defer done()
	to := position(offset)
	err = c.do(ctx, func(ctx context.Context) error {
		return c.given(ctx, to.Topic, func() error {
			return c.asked(ctx, to.Topic, func() error { return c.t.Seek(ctx, to) })
		})
	})
	if err != nil {
		return c.failed("seek", err)
	}
	if m := c.held; m != nil && m.Topic == to.Topic && m.VGroup == to.VGroup {
		c.held = nil
	}
	p := c.partition(place{to.Topic, to.VGroup})
	p.next, p.sought, p.away = to.Offset, to.Offset, false
	return nil
}

// Committed implements [driver.Consumer].
func (c *consumer) Committed(ctx context.Context, partitions ...driver.TopicOffset) ([]driver.TopicOffset, error) {
	return c.offsets(ctx, "committed", partitions, func(ctx context.Context, of []transport.Position) ([]int64, error) {
		return c.t.Committed(ctx, of)
	})
}

// Position implements [driver.Consumer].
func (c *consumer) Position(ctx context.Context, partitions ...driver.TopicOffset) ([]driver.TopicOffset, error) {
	return c.offsets(ctx, "position", partitions, func(ctx context.Context, of []transport.Position) ([]int64, error) {
		offsets, err := c.t.Position(ctx, of)
		if m := c.held; m != nil && err == nil {
			for i, p := range of {
				if p.Topic == m.Topic && p.VGroup == m.VGroup {
					offsets[i] = m.Offset // not handed out yet
				}
			}
		}
		return offsets, err
	})
}

func (c *consumer) offsets(ctx context.Context, op string, partitions []driver.TopicOffset,
	ask func(context.Context, []transport.Position) ([]int64, error),
) ([]driver.TopicOffset, error) {
	ctx, done, err := c.begin(ctx, op)
	if err != nil {
		return nil, err
	}
	defer done()
	if len(partitions) == 0 {
		return nil, nil
	}
	of := make([]transport.Position, len(partitions))
	for i, p := range partitions {
		of[i] = position(p)
	}
	var offsets []int64
	err = c.do(ctx, func(ctx context.Context) error {
		return c.given(ctx, of[0].Topic, func() (err error) {
			offsets, err = ask(ctx, of)
			if Code(err) == codeAskFirst {
				for _, topic := range c.topics {
					if _, err := c.t.Assignment(ctx, topic); err != nil {
						return err
					}
				}
				offsets, err = ask(ctx, of)
			}
			return err
		})
	})
	if err != nil {
		return nil, c.failed(op, err)
	}
	out := make([]driver.TopicOffset, len(partitions))
	for i := range out {
		out[i] = driver.TopicOffset{Topic: of[i].Topic, Partition: of[i].VGroup, Offset: offsets[i]}
	}
	return out, nil
}

func position(o driver.TopicOffset) transport.Position {
	return transport.Position{Topic: o.Topic, VGroup: o.Partition, Offset: o.Offset}
}
