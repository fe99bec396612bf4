package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// The errors of consumers.
var (
	errConsumerNotExist = sqlerr.New(0x03E6, "Consumer not exist")
	errOffsetRange      = sqlerr.New(0x4007, "Offset out of range")
	errForeignVGroup    = sqlerr.New(0x4008, "VgId does not belong to this consumer")
	errForeignTopic     = sqlerr.New(0x4009, "Topic does not belong to this consumer")
	errAskFirst         = sqlerr.New(0x4010, "Assignment or poll interface need to be called first")
	errNoCommitted      = sqlerr.New(0x4011, "No committed info")
)

// NoOffset is what stands for an offset that was never committed: an error code of the C library.
const NoOffset = -0x7fffbfef // 0x80004011

// place is a vgroup of a topic.
type place struct {
	topic  string
	vgroup int32
}

// group is a consumer group: its members share the vgroups and the committed offsets.
type group struct {
	members   []*Consumer // in the order of joining
	committed map[place]int64
	topics    map[string]bool // ever subscribed to
}

func (g *group) subscribed(topic string) bool {
	return slices.ContainsFunc(g.members, func(m *Consumer) bool { return slices.Contains(m.topics, topic) })
}

func (g *group) knows(topic string) bool { return g.topics[topic] }

func (g *group) forget(topic string) {
	delete(g.topics, topic)
	for at := range g.committed {
		if at.topic == topic {
			delete(g.committed, at)
		}
	}
	for _, m := range g.members {
		m.topics = slices.DeleteFunc(m.topics, func(t string) bool { return t == topic })
	}
	g.rebalance()
}

func (g *group) empty() bool { return len(g.members) == 0 && len(g.topics) == 0 }

// rebalance makes members look at what is theirs again.
func (g *group) rebalance() {
	for _, m := range g.members {
		m.stale = true
	}
}

func (g *group) subscriptions(t *Topics) [][]any {
	var rows [][]any
	for name := range g.topics {
		own := t.byName[name]
		if own == nil {
			continue
		}
		t.store.logs.mu.Lock()
		vgroups := t.store.logs.of(own.db).vgroups
		t.store.logs.mu.Unlock()
		for i, v := range vgroups {
			var consumer any
			if m := g.owner(name, i); m != nil {
				consumer = m.serial
			}
			offset := "none"
			if o, ok := g.committed[place{name, v.id}]; ok {
				offset = fmt.Sprintf("wal:%d", o)
			}
			rows = append(rows, []any{name, "", int64(v.id), consumer, offset})
		}
	}
	return rows
}

// owner is the member that has the i-th vgroup of a topic.
func (g *group) owner(topic string, i int) *Consumer {
	var members []*Consumer
	for _, m := range g.members {
		if slices.Contains(m.topics, topic) {
			members = append(members, m)
		}
	}
	if len(members) == 0 {
		return nil
	}
	return members[i%len(members)]
}

// Consumer is a member of a group. Its methods are called one at a time.
type Consumer struct {
	all    *Topics
	name   string
	client string
	reset  string
	serial int64

	// Guarded by all.mu.
	topics   []string // subscribed to
	stale    bool     // what is in owned may be another's by now
	owned    []share
	asked    bool // poll or assignment has been called
	turn     int  // of the vgroups in poll
	autoNext time.Time
	joined   bool

	// Interval is that of committing by itself, at polls; 0 never.
	Interval time.Duration
	// WithNames puts the names of tables into messages.
	WithNames bool
}

// share is a vgroup of a consumer.
type share struct {
	place
	topic   *topic
	vgroup  *vgroup
	next    int64 // position; -1 none, latest until the first poll
	begin   int64 // of the last message
	touched bool
}

// latest is a position that is looked for with the first poll.
const latest = -2

// NewConsumer returns a consumer of the group. reset is "earliest", "latest" or "none".
func (t *Topics) NewConsumer(group, client, reset string) *Consumer {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.serial++
	return &Consumer{all: t, name: group, client: client, reset: reset, serial: t.serial}
}

// Subscribe joins the group with the topics.
func (c *Consumer) Subscribe(topics []string) error {
	t := c.all
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, name := range topics {
		if t.byName[name] == nil {
			return errTopicNotExist
		}
	}
	g := t.groups[c.name]
	if g == nil {
		g = &group{committed: map[place]int64{}, topics: map[string]bool{}}
		t.groups[c.name] = g
	}
	c.topics = slices.Clone(topics)
	for _, name := range topics {
		g.topics[name] = true
	}
	if !c.joined && len(topics) > 0 {
		g.members = append(g.members, c)
		c.joined = true
	}
	c.owned, c.asked = nil, false
	g.rebalance()
	c.assign(g)
	t.wake()
	return nil
}

// Unsubscribe leaves the group.
func (c *Consumer) Unsubscribe() {
	t := c.all
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groups[c.name]
	c.topics, c.owned = nil, nil
	if g == nil || !c.joined {
		return
	}
	c.joined = false
	g.members = slices.DeleteFunc(g.members, func(m *Consumer) bool { return m == c })
	g.rebalance()
	t.wake()
}

func (t *Topics) wake() {
	t.store.logs.mu.Lock()
	defer t.store.logs.mu.Unlock()
	t.store.logs.wake()
}

// Topics are those subscribed to.
func (c *Consumer) Topics() []string {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	out := slices.Clone(c.topics)
	slices.Sort(out)
	return out
}

// assign brings owned up to date. What stays keeps its position; what is new begins where the group
// has committed, or where reset says.
func (c *Consumer) assign(g *group) {
	if !c.stale {
		return
	}
	c.stale = false
	old := c.owned
	c.owned = nil
	logs := c.all.store.logs
	logs.mu.Lock()
	defer logs.mu.Unlock()
	for _, name := range c.topics {
		own := c.all.byName[name]
		if own == nil {
			continue
		}
		for i, v := range logs.of(own.db).vgroups {
			if g.owner(name, i) != c {
				continue
			}
			at := place{name, v.id}
			if k := slices.IndexFunc(old, func(s share) bool { return s.place == at }); k >= 0 {
				c.owned = append(c.owned, old[k])
				continue
			}
			s := share{place: at, topic: own, vgroup: v, next: -1}
			if o, ok := g.committed[at]; ok {
				s.next = max(o, v.first)
			} else if c.reset == "earliest" {
				s.next = v.first
			} else if c.reset != "none" {
				s.next = latest
			}
			s.begin = s.next
			c.owned = append(c.owned, s)
		}
	}
}

// group returns the consumer's, with its shares up to date. The topics must be locked.
func (c *Consumer) group() (*group, error) {
	g := c.all.groups[c.name]
	if g == nil || !c.joined {
		return nil, errConsumerNotExist
	}
	c.assign(g)
	return g, nil
}

// Poll waits for a message at most timeout; nil means that none came.
func (c *Consumer) Poll(ctx context.Context, timeout time.Duration) (*Message, error) {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	if err := c.commitInTime(); err != nil {
		return nil, err
	}
	for {
		changed := c.changed()
		m, err := c.take(ctx)
		if m != nil || err != nil {
			return m, err
		}
		select {
		case <-changed:
		case <-timer.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (c *Consumer) changed() <-chan struct{} {
	logs := c.all.store.logs
	logs.mu.Lock()
	defer logs.mu.Unlock()
	return logs.changed
}

// take reads the next message there is from one share after another.
func (c *Consumer) take(ctx context.Context) (*Message, error) {
	t := c.all
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(c.topics) == 0 {
		if !c.joined && c.asked {
			return nil, nil // unsubscribed
		}
		return nil, errConsumerNotExist
	}
	if _, err := c.group(); err != nil {
		return nil, err
	}
	c.asked = true
	for range c.owned {
		s := &c.owned[c.turn%len(c.owned)]
		c.turn++
		if s.next == latest {
			_, s.next = t.bounds(s.vgroup)
			s.begin = s.next
		}
		if s.next < 0 {
			return nil, errNoCommitted
		}
		s.touched = true
		m, next, err := t.read(ctx, s, c.WithNames)
		if err != nil {
			return nil, err
		}
		if m != nil {
			s.begin = s.next
		}
		s.next = next
		if m != nil {
			return m, nil
		}
	}
	return nil, nil
}

// commitInTime commits by itself, at the first poll and at intervals.
func (c *Consumer) commitInTime() error {
	if c.Interval <= 0 || time.Now().Before(c.autoNext) {
		return nil
	}
	c.autoNext = time.Now().Add(c.Interval)
	return c.Commit()
}

// Commit stores the positions of what has been polled.
func (c *Consumer) Commit() error {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	g, err := c.group()
	if err != nil {
		return nil // nothing to store
	}
	for _, s := range c.owned {
		if s.touched {
			g.committed[s.place] = s.next
		}
	}
	return nil
}

// find returns the share of a place.
func (c *Consumer) find(topic string, vgroup int32) (*group, *share, error) {
	g, err := c.group()
	if err != nil || !slices.Contains(c.topics, topic) {
		return nil, nil, errForeignTopic
	}
	for i := range c.owned {
		if c.owned[i].place == (place{topic, vgroup}) {
			return g, &c.owned[i], nil
		}
	}
	return nil, nil, errForeignVGroup
}

// CommitOffset stores one position.
func (c *Consumer) CommitOffset(topic string, vgroup int32, offset int64) error {
	return c.set(topic, vgroup, offset, func(g *group, s *share) { g.committed[s.place] = offset })
}

// Seek sets a position.
func (c *Consumer) Seek(topic string, vgroup int32, offset int64) error {
	return c.set(topic, vgroup, offset, func(_ *group, s *share) { s.next, s.begin = offset, offset })
}

func (c *Consumer) set(topic string, vgroup int32, offset int64, f func(*group, *share)) error {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	g, s, err := c.find(topic, vgroup)
	if err != nil {
		return err
	}
	if !c.asked {
		return errAskFirst
	}
	if first, end := c.all.bounds(s.vgroup); offset < first || offset > end {
		return errOffsetRange
	}
	f(g, s)
	return nil
}

func (t *Topics) bounds(v *vgroup) (first, end int64) {
	t.store.logs.mu.Lock()
	defer t.store.logs.mu.Unlock()
	return v.first, v.end()
}

// Committed returns the stored offset, NoOffset if there is none.
func (c *Consumer) Committed(topic string, vgroup int32) (int64, error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	g, s, err := c.find(topic, vgroup)
	if err != nil {
		return 0, err
	}
	if o, ok := g.committed[s.place]; ok {
		return o, nil
	}
	return NoOffset, nil
}

// Position returns the offset of the next message.
func (c *Consumer) Position(topic string, vgroup int32) (int64, error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	_, s, err := c.find(topic, vgroup)
	switch {
	case err != nil:
		return 0, err
	case !c.asked:
		return 0, errAskFirst
	case s.next == latest:
		_, end := c.all.bounds(s.vgroup)
		return end, nil
	case s.next < 0:
		return NoOffset, nil
	}
	return s.next, nil
}

// Assignment is a vgroup of a consumer: where its last message begins and what can be sought.
type Assignment struct {
	VGroup             int32
	Offset, Begin, End int64
}

// Assignment returns the vgroups of a topic.
func (c *Consumer) Assignment(topic string) ([]Assignment, error) {
	c.all.mu.Lock()
	defer c.all.mu.Unlock()
	if _, err := c.group(); err != nil || !slices.Contains(c.topics, topic) {
		return nil, errForeignTopic
	}
	c.asked = true
	out := []Assignment{}
	for _, s := range c.owned {
		if s.place.topic == topic {
			first, end := c.all.bounds(s.vgroup)
			at := max(s.begin, 0)
			if s.next == latest {
				at = end
			}
			out = append(out, Assignment{s.place.vgroup, at, first, end})
		}
	}
	return out, nil
}
