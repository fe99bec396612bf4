package taostest

import (
	"sync"

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

// leave ends the subscription with the socket.
func (c *consumer) leave() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.own != nil {
		c.own.Unsubscribe()
	}
}
