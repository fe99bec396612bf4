package taostest

import (
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

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

func serveUnsubscribe(c *consumer, own *store.Consumer, _ reqArgs) (any, error) {
	own.Unsubscribe()
	c.subscribed = false
	c.message.Lock()
	defer c.message.Unlock()
	c.last, c.pending = nil, nil
	return nil, nil
}
