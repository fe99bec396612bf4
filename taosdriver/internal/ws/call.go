package ws

import (
	"context"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// call is a request that has a reply to come.
type call struct {
	// op and requestID are what errors say.
	op        string
	requestID uint64
	// wireID is what the server knows the request by: requestID, unless set
	// otherwise, or another request with that id is unanswered on this socket.
	wireID uint64
	// executes tells that the server works for the request as it would for a
	// statement, so that losing the reply leaves the outcome unknown.
	executes bool
	// result is set for a fetch: its reply is binary.
	result *result
	// raw is set for a fetch of a message: its reply is binary, and raw decodes it
	// in the reader.
	raw func(*frame.RawReply) error
	// stmt is the statement that a step belongs to.
	stmt uint64
	// listed is the id under which the server lists the execution of a statement.
	listed uint64

	// received is set by the waiter when it has the outcome.
	received bool
	// done has one element once the members below are set.
	done  chan struct{}
	reply *reply       // of a text reply with code 0
	block *block.Block // of a fetch; nil at the end
	// unfinished, of a fetch, tells that the server still has the result.
	unfinished bool
	err        error

	// Guarded by Conn.mu; abandoned is written by the waiter alone, which may
	// read it without.
	answered  bool
	abandoned bool
	// late runs, in a goroutine of its own, when the reply to an abandoned call
	// comes. It frees what nobody will use.
	late func(*call)
	// ended is closed then.
	ended chan struct{}
}

func newCall(op string, requestID uint64) *call {
	return &call{op: op, requestID: requestID, done: make(chan struct{}, 1)}
}

// register enters the call among those that wait for a reply and gives it its
// wire id.
func (c *Conn) register(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k.wireID == 0 {
		k.wireID = k.requestID
	}
	for c.pending[k.wireID] != nil {
		k.wireID = driver.NewRequestID()
	}
	c.pending[k.wireID] = k
}

// forget takes back a registered call that was not sent.
func (c *Conn) forget(k *call) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pending, k.wireID)
}

// abandon leaves the call to the reader. It reports false if the reply has come:
// then done is ready.
func (c *Conn) abandon(k *call, late func(*call)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if k.answered {
		return false
	}
	k.abandoned, k.late, k.ended = true, late, make(chan struct{})
	if k.executes {
		c.stale++
	}
	return true
}

// start registers the call and sends the message that build makes for its wire
// id. An error is marked NotSent if nothing left the process.
func (c *Conn) start(ctx context.Context, k *call, messageType int, build func(wireID uint64) []byte) error {
	c.register(k)
	sent, err := c.send(ctx, messageType, build(k.wireID))
	if err == nil {
		return nil
	}
	c.forget(k)
	switch {
	case ctx.Err() != nil:
		// A message cut short is not one for the server: it was not executed.
		return c.origin.Canceled(ctx, k.op, k.requestID, false)
	case sent:
		return c.origin.Error(driver.ErrConnection, k.op, k.requestID, "the request could not be sent whole", err)
	}
	return transport.NotSent(c.origin.Error(driver.ErrConnection, k.op, k.requestID, "the connection is closed", err))
}

// wait returns when the reply is there: nil, or the error of the call. late is
// for the case that it comes after ctx has ended or the time is up.
func (c *Conn) wait(ctx context.Context, k *call, late func(*call)) error {
	var timeUp <-chan time.Time
	if d := c.settings.ReadTimeout; d > 0 {
		timer := time.NewTimer(d)
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-k.done:
		return k.outcome()
	case <-ctx.Done():
		if c.abandon(k, late) {
			c.tell(k)
			return c.origin.Canceled(ctx, k.op, k.requestID, k.executes)
		}
	case <-timeUp:
		if c.abandon(k, late) {
			c.retire()
			c.tell(k)
			err := c.origin.Error(driver.ErrTimeout, k.op, k.requestID,
				"no reply within the read timeout of "+c.settings.ReadTimeout.String(), nil)
			err.OutcomeUnknown = k.executes
			return err
		}
	case <-c.dead:
		select {
		case <-k.done:
			return k.outcome()
		default:
			return c.lost(k)
		}
	}
	<-k.done // answered while we looked elsewhere
	return k.outcome()
}

func (k *call) outcome() error {
	k.received = true
	return k.err
}

// tell reports the abandoned call to whoever may want to end it on the server.
func (c *Conn) tell(k *call) {
	a := transport.Abandoned{Host: c.origin.Host, RequestID: k.wireID, ListedID: k.listed, Ended: k.ended}
	switch {
	case c.settings.Abandoned == nil:
		return
	case k.result != nil:
		// The server knows the query, not its fetches.
		a.RequestID, a.ListedID = k.result.wireID, k.result.listed
	case !k.executes:
		return
	}
	c.settings.Abandoned(a)
}

// lost is the error of a call whose connection has ended.
func (c *Conn) lost(k *call) error {
	cause := c.failure()
	err := c.origin.Lost(k.op, k.requestID, cause.err)
	if cause.kind != nil {
		err.Kind, err.Message = cause.kind, cause.message
	}
	err.OutcomeUnknown = k.executes
	return err
}

// text makes a call of a text action and returns the reply, whose code is 0.
func (c *Conn) text(ctx context.Context, k *call, action string, args func(wireID uint64) any, late func(*call)) (*reply, error) {
	err := c.start(ctx, k, textMessage, func(id uint64) []byte { return marshal(action, args(id)) })
	if err != nil {
		return nil, err
	}
	if err := c.wait(ctx, k, late); err != nil {
		return nil, err
	}
	return k.reply, nil
}
