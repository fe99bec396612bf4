package taostest

import (
	"strconv"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

// consumerActions are the text messages of /rest/tmq. None needs a login but that
// of subscribe.
func consumerActions() map[string]action {
	all := map[string]action{
		"version":         versionAction,
		"subscribe":       on("subscribe", serveSubscribe, "login"),
		"unsubscribe":     on("unsubscribe", withConsumer(serveUnsubscribe)),
		"poll":            on("poll", servePoll),
		"fetch":           on("fetch", withMessage("message ID are not equal", serveConsumerFetch), "fetch_message"),
		"fetch_block":     on("fetch_block", withMessage("message is nil", serveConsumerBlock), "fetch_message"),
		"fetch_raw":       on("fetch_raw", withMessage(errOtherMessage, serveFetchOldRaw), "fetch_message"),
		"fetch_raw_data":  on("fetch_raw_data", withMessage(errOtherMessage, serveFetchMessage), "fetch_message"),
		"fetch_json_meta": on("fetch_json_meta", withMessage(errOtherMessage, serveFetchMeta), "fetch_message"),
		"commit":          on("commit", withConsumer(serveCommit)),
		"commit_offset":   on("commit_offset", withConsumer(serveCommitOffset)),
		"assignment":      on("assignment", withConsumer(serveAssignment)),
		"seek":            on("seek", withConsumer(serveSeek)),
		"committed":       on("committed", withConsumer(serveCommitted)),
		"position":        on("position", withConsumer(servePosition)),
		"list_topics":     on("list_topics", serveTopics),
	}
	for name, a := range all {
		all[name] = early(a)
	}
	return all
}

// The types of messages in replies to poll.
const (
	messageData     = 1
	messageMeta     = 2
	messageDataMeta = 3
)

const errOtherMessage = "message ID is not equal"

// errNoConsumer answers what comes before a subscribe.
var errNoConsumer = &codeError{adapterCode, "tmq not init"}

// consumer is that of a socket to /rest/tmq.
type consumer struct {
	polls turnstile

	mu         sync.Mutex // held by what needs the consumer
	own        *store.Consumer
	subscribed bool

	message sync.Mutex // of what follows
	last    *store.Message
	id      uint64
	block   int    // of last, for fetch
	pending []byte // announced by fetch
}

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

type subscribeArgs struct {
	reqArgs
	User           string            `json:"user"`
	Password       string            `json:"password"`
	Group          string            `json:"group_id"`
	Client         string            `json:"client_id"`
	OffsetRest     string            `json:"offset_rest"`
	OffsetReset    string            `json:"offset_reset"`
	Topics         []string          `json:"topics"`
	AutoCommit     string            `json:"auto_commit"`
	Interval       string            `json:"auto_commit_interval_ms"`
	Snapshot       string            `json:"snapshot_enable"`
	TableName      string            `json:"with_table_name"`
	SessionTimeout string            `json:"session_timeout_ms"`
	MaxPoll        string            `json:"max_poll_interval_ms"`
	Config         map[string]string `json:"config"`
}

// serveSubscribe makes the consumer of the socket, or subscribes it again behind an
// unsubscribe.
func serveSubscribe(r *request, a subscribeArgs) (any, error) {
	c, o := &r.sock.consumer, r.sock.srv.options
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != nil {
		if c.subscribed {
			return nil, &codeError{adapterCode, "tmq should have unsubscribed first"}
		}
		if err := c.own.Subscribe(a.Topics); err != nil {
			return nil, err
		}
		c.subscribed = true
		return versionMember{o.version}, nil
	}
	own, err := newConsumer(r.sock, a)
	if err != nil {
		return nil, err
	}
	if err := own.Subscribe(a.Topics); err != nil {
		return nil, err
	}
	c.own, c.subscribed = own, true
	c.polls.leave()
	return versionMember{o.version}, nil
}

// newConsumer checks the arguments as taosAdapter and the C library do.
func newConsumer(s *socket, a subscribeArgs) (*store.Consumer, error) {
	p := map[string]string{}
	for key, value := range map[string]string{
		"group.id": a.Group, "client.id": a.Client, "auto.offset.reset": a.OffsetRest, "enable.auto.commit": a.AutoCommit,
		"auto.commit.interval.ms": a.Interval, "experimental.snapshot.enable": a.Snapshot, "msg.with.table.name": a.TableName,
		"session.timeout.ms": a.SessionTimeout, "max.poll.interval.ms": a.MaxPoll,
	} {
		if value != "" {
			p[key] = value
		}
	}
	if a.OffsetReset != "" {
		p["auto.offset.reset"] = a.OffsetReset
	}
	token := ""
	for key, value := range a.Config {
		switch key {
		case "td.connect.user", "td.connect.pass", "td.connect.ip", "td.connect.port":
			continue
		case "td.connect.token":
			token = value
			continue
		}
		p[key] = value
	}
	auto, interval := false, 5*time.Second
	if v, ok := p["enable.auto.commit"]; ok {
		var err error
		if auto, err = strconv.ParseBool(v); err != nil {
			return nil, &codeError{adapterCode, err.Error()}
		}
	}
	if v, ok := p["auto.commit.interval.ms"]; ok {
		ms, err := strconv.ParseInt(v, 10, 64)
		if err != nil {
			return nil, &codeError{adapterCode, err.Error()}
		}
		interval = time.Duration(ms) * time.Millisecond
	}
	for key, value := range p {
		valid, known := consumerProperties[key]
		switch {
		case !known:
			return nil, &codeError{0xfffe, "Unknown error 65534"}
		case !valid(value):
			return nil, &codeError{adapterCode, "fail"}
		}
	}
	if p["group.id"] == "" {
		return nil, &codeError{adapterCode, "malloc tmq element failed or group is empty"}
	}
	o := s.srv.options
	if token != "" && o.bearer != "" {
		if token != o.bearer {
			return nil, &codeError{adapterCode, "init tscObj failed"}
		}
	} else if err := o.authenticate(a.User, a.Password); err != nil {
		return nil, &codeError{adapterCode, "init tscObj failed"}
	}
	topics, err := s.srv.topics(s.ctx)
	if err != nil {
		return nil, err
	}
	reset := p["auto.offset.reset"]
	if reset == "" {
		reset = "latest"
	}
	own := topics.NewConsumer(p["group.id"], p["client.id"], reset)
	own.WithNames = p["msg.with.table.name"] != "false"
	if auto {
		own.Interval = max(interval, time.Nanosecond)
	}
	return own, nil
}

// consumerProperties are those of the C library with what they take.
var consumerProperties = map[string]func(string) bool{
	"group.id": anything, "client.id": anything, "td.connect.db": anything,
	"enable.auto.commit": anything, "auto.commit.interval.ms": anything, // checked before
	"auto.offset.reset":            func(v string) bool { return v == "earliest" || v == "latest" || v == "none" },
	"session.timeout.ms":           between(6000, 1800000),
	"heartbeat.interval.ms":        between(1000, 1800000),
	"max.poll.interval.ms":         between(1000, 1<<31-1),
	"fetch.max.wait.ms":            between(1, 1<<31-1),
	"min.poll.rows":                between(1, 1<<31-1),
	"msg.with.table.name":          trueOrFalse,
	"experimental.snapshot.enable": trueOrFalse,
	"enable.replay":                trueOrFalse,
	"msg.enable.batchmeta":         between(0, 1<<31-1),
	"msg.consume.excluded":         between(0, 1<<31-1),
	"msg.consume.rawdata":          between(0, 0),
}

func anything(string) bool { return true }

func trueOrFalse(v string) bool { return v == "true" || v == "false" }

func between(low, high int64) func(string) bool {
	return func(v string) bool {
		n, err := strconv.ParseInt(v, 10, 64)
		return err == nil && low <= n && n <= high
	}
}

// withConsumer makes a server of a function that needs the consumer.
func withConsumer[A any](serve func(*consumer, *store.Consumer, A) (any, error)) func(*request, A) (any, error) {
	return func(r *request, a A) (any, error) {
		c := &r.sock.consumer
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.own == nil {
			return nil, errNoConsumer
		}
		return serve(c, c.own, a)
	}
}

func serveUnsubscribe(c *consumer, own *store.Consumer, _ reqArgs) (any, error) {
	own.Unsubscribe()
	c.subscribed = false
	c.message.Lock()
	defer c.message.Unlock()
	c.last, c.pending = nil, nil
	return nil, nil
}

// leave ends the subscription with the socket.
func (c *consumer) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != nil {
		c.own.Unsubscribe()
	}
}

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

type commitArgs struct {
	reqArgs
	MessageID uint64 `json:"message_id"`
}

type messageMember struct {
	MessageID uint64 `json:"message_id"`
}

func serveCommit(_ *consumer, own *store.Consumer, a commitArgs) (any, error) {
	return messageMember{a.MessageID}, own.Commit()
}

type offsetArgs struct {
	reqArgs
	Topic  string `json:"topic"`
	VGroup int32  `json:"vgroup_id"`
	Offset int64  `json:"offset"`
}

type offsetMembers struct {
	Topic  string `json:"topic"`
	VGroup int32  `json:"vgroup_id"`
	Offset int64  `json:"offset"`
}

func serveCommitOffset(_ *consumer, own *store.Consumer, a offsetArgs) (any, error) {
	return offsetMembers{a.Topic, a.VGroup, a.Offset}, own.CommitOffset(a.Topic, a.VGroup, a.Offset)
}

func serveSeek(_ *consumer, own *store.Consumer, a offsetArgs) (any, error) {
	return nil, own.Seek(a.Topic, a.VGroup, a.Offset)
}

type topicArgs struct {
	reqArgs
	Topic string `json:"topic"`
}

type assignmentMember struct {
	VGroup int32 `json:"vgroup_id"`
	Offset int64 `json:"offset"`
	Begin  int64 `json:"begin"`
	End    int64 `json:"end"`
}

type assignmentMembers struct {
	Assignment []assignmentMember `json:"assignment"`
}

func serveAssignment(_ *consumer, own *store.Consumer, a topicArgs) (any, error) {
	list, err := own.Assignment(a.Topic)
	out := assignmentMembers{Assignment: []assignmentMember{}}
	for _, x := range list {
		out.Assignment = append(out.Assignment, assignmentMember{x.VGroup, x.Offset, x.Begin, x.End})
	}
	return out, err
}

type vgroupsArgs struct {
	reqArgs
	VGroups []struct {
		Topic  string `json:"topic"`
		VGroup int32  `json:"vgroup_id"`
	} `json:"topic_vgroup_ids"`
}

// offsets asks for each vgroup.
func (a vgroupsArgs) offsets(of func(string, int32) (int64, error)) ([]int64, error) {
	out := []int64{}
	for _, v := range a.VGroups {
		o, err := of(v.Topic, v.VGroup)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

type committedMember struct {
	Committed []int64 `json:"committed"`
}

func serveCommitted(_ *consumer, own *store.Consumer, a vgroupsArgs) (any, error) {
	offsets, err := a.offsets(own.Committed)
	return committedMember{offsets}, err
}

type positionMember struct {
	Position []int64 `json:"position"`
}

func servePosition(_ *consumer, own *store.Consumer, a vgroupsArgs) (any, error) {
	offsets, err := a.offsets(own.Position)
	return positionMember{offsets}, err
}

type topicsMember struct {
	Topics []string `json:"topics"`
}

// serveTopics does not wait for a poll.
func serveTopics(r *request, _ reqArgs) (any, error) {
	if own := r.sock.consumer.now(); own != nil {
		return topicsMember{own.Topics()}, nil
	}
	return nil, errNoConsumer
}

// rawOf encodes a message with rows.
func rawOf(m *store.Message) (tmq.Kind, []byte, error) {
	raw := tmq.Raw{
		Kind:      tmq.Data,
		Begin:     tmq.Offset{Type: tmq.Log, Version: m.Begin},
		Next:      tmq.Offset{Type: tmq.Log, Version: m.Next},
		WithNames: m.WithNames, WithSchemas: true,
	}
	if m.Meta != nil {
		raw.Kind, raw.Created = tmq.DataMeta, m.Created
	}
	for _, t := range m.Tables {
		table := tmq.RawTable{Schema: tmq.AppendSchema(nil, 0, t.Columns), Rows: int64(t.Rows), Precision: m.Precision, Block: t.Block}
		if m.WithNames {
			table.Name = []byte(t.Name)
		}
		raw.Tables = append(raw.Tables, table)
	}
	data, err := raw.AppendTo(nil)
	return raw.Kind, data, err
}
