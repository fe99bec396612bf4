package taostest

import (
	"sync"
	"time"
)

// turnstile lets one poll run and one wait; a further one pushes the waiting one
// out. Until it is opened, by a subscribe, none may run.
type turnstile struct {
	mu      sync.Mutex
	open    bool
	running bool
	waiting chan bool // gets true when it is its turn, false when pushed out
}

// line gives a poll its place in the order of arrival: a channel that gets true when
// it may run, false when it is pushed out.
func (t *turnstile) line() chan bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := make(chan bool, 1)
	if t.open && !t.running {
		t.running = true
		own <- true
		return own
	}
	if t.waiting != nil {
		t.waiting <- false
	}
	t.waiting = own
	return own
}

// giveUp returns a place that nobody takes.
func (t *turnstile) giveUp(place chan bool) {
	t.mu.Lock()
	if t.waiting == place {
		t.waiting = nil
	}
	t.mu.Unlock()
	select {
	case mine := <-place:
		if mine {
			t.leave()
		}
	default:
	}
}

// leave lets the waiting poll run.
func (t *turnstile) leave() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.open, t.running = true, false
	if t.waiting != nil {
		t.waiting <- true
		t.waiting, t.running = nil, true
	}
}

// The types of messages in replies to poll.
const (
	messageData     = 1
	messageMeta     = 2
	messageDataMeta = 3
)

type pollArgs struct {
	reqArgs
	BlockingTime int64   `json:"blocking_time"` // ms
	MessageID    *uint64 `json:"message_id"`
}

type pollMembers struct {
	HaveMessage bool   `json:"have_message"`
	Topic       string `json:"topic"`
	Database    string `json:"database"`
	VGroup      int32  `json:"vgroup_id"`
	Type        int32  `json:"message_type"`
	ID          uint64 `json:"message_id"`
	Offset      int64  `json:"offset"`
}

func servePoll(r *request, a pollArgs) (any, error) {
	c := &r.sock.consumer
	place := r.place
	r.place = nil
	select {
	case mine := <-place:
		if !mine {
			return nil, errSilent
		}
	case <-r.sock.closed:
		c.polls.giveUp(place)
		return nil, errSilent
	}
	defer c.polls.leave()
	c.mu.Lock()
	defer c.mu.Unlock()
	if m, again := c.repeat(a.MessageID); again {
		return m, nil
	}
	ctx, stop := r.sock.untilClosed()
	defer stop()
	m, err := c.own.Poll(ctx, time.Duration(a.BlockingTime)*time.Millisecond)
	switch {
	case ctx.Err() != nil:
		return nil, errSilent
	case err != nil:
		return nil, err
	case m == nil:
		return pollMembers{}, nil
	}
	c.message.Lock()
	defer c.message.Unlock()
	c.last, c.block, c.pending = m, 0, nil
	c.id++
	return c.told(), nil
}

// repeat returns the last message if the client names another one as the last.
func (c *consumer) repeat(id *uint64) (pollMembers, bool) {
	c.message.Lock()
	defer c.message.Unlock()
	if id == nil || c.last == nil || *id == c.id {
		return pollMembers{}, false
	}
	return c.told(), true
}

// told is what a poll says of the last message.
func (c *consumer) told() pollMembers {
	m := c.last
	out := pollMembers{HaveMessage: true, Topic: m.Topic, Database: m.Database, VGroup: m.VGroup, ID: c.id, Offset: m.Begin}
	switch {
	case m.Meta == nil:
		out.Type = messageData
	case len(m.Tables) == 0:
		out.Type, out.Offset = messageMeta, m.Next
	default:
		out.Type = messageDataMeta
	}
	return out
}
