package taosdriver

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/native"
	"github.com/gaugesql/gaugesql/taosdriver/internal/rest"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
	"github.com/gaugesql/gaugesql/taosdriver/internal/ws"
)

const (
	// killTries times killPause is how long a statement is looked for in the
	// server's list, where it shows up with a heartbeat of 1.5 s.
	killTries = 8
	killPause = 500 * time.Millisecond
	// killTimeout bounds the connection and each statement of a kill.
	killTimeout = 5 * time.Second
	// maxKills bounds the statements that wait to be killed; of more than that the
	// rest is left to end by itself.
	maxKills = 256
)

// killer ends on the server what callers stopped waiting for. A statement that
// is still unanswered after the grace is looked up by its request id, over a
// connection of the killer's own, and killed.
//
// It is a timer a statement until then. One goroutine works the statements off
// whose grace is over; it ends when there are none left, or at close.
type killer struct {
	connector *Connector
	dialers   []transport.Dialer // to be tried in this order
	grace     time.Duration
	ctx       context.Context
	cancel    context.CancelFunc

	mu      sync.Mutex
	timers  map[*time.Timer]struct{}
	due     []transport.Abandoned
	running bool
	work    sync.WaitGroup
}

// killDialers returns the dialers of a killer, whose own statements nobody kills.
// REST statements are served by a pool of a few sessions a user, all of which
// what is to be killed may have taken; a WebSocket is a session of its own.
func killDialers(t Transport, s transport.Settings) []transport.Dialer {
	switch t {
	case WebSocket:
		return []transport.Dialer{ws.NewDialer(s)}
	case REST:
		return []transport.Dialer{ws.NewDialer(s), rest.NewDialer(s)}
	case Native:
		return []transport.Dialer{native.NewDialer(s)}
	}
	return nil
}

func newKiller(c *Connector, grace time.Duration, dialers []transport.Dialer) *killer {
	ctx, cancel := context.WithCancel(context.Background())
	return &killer{connector: c, dialers: dialers, grace: grace, ctx: ctx, cancel: cancel, timers: make(map[*time.Timer]struct{})}
}

// add takes a statement that nobody waits for.
func (k *killer) add(a transport.Abandoned) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ctx.Err() != nil || len(k.timers) >= maxKills {
		return
	}
	var timer *time.Timer
	timer = time.AfterFunc(k.grace, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		delete(k.timers, timer)
		if k.ctx.Err() != nil || ended(a) || len(k.due) >= maxKills {
			return
		}
		k.due = append(k.due, a)
		if !k.running {
			k.running = true
			k.work.Add(1)
			go k.run()
		}
	})
	k.timers[timer] = struct{}{}
}

// close stops everything and returns when it has stopped.
func (k *killer) close() {
	k.cancel()
	k.mu.Lock()
	for timer := range k.timers {
		timer.Stop()
	}
	clear(k.timers)
	k.due = nil
	k.mu.Unlock()
	k.work.Wait()
}

func ended(a transport.Abandoned) bool {
	select {
	case <-a.Ended:
		return true
	default:
		return false
	}
}

// run works off what is due. It keeps one connection for statements of one host
// in a row.
func (k *killer) run() {
	defer k.work.Done()
	var t transport.Conn
	var host string
	release := func() {
		if t != nil {
			t.Close()
			t = nil
		}
	}
	defer release()
	for {
		k.mu.Lock()
		if len(k.due) == 0 {
			k.running = false
			k.mu.Unlock()
			return
		}
		a := k.due[0]
		k.due = k.due[1:]
		k.mu.Unlock()
		if ended(a) {
			continue
		}
		if t != nil && (host != a.Host || !t.Alive()) {
			release()
		}
		if t == nil {
			var err error
			host = a.Host
			if t, err = k.connect(host); err != nil {
				t = nil
				k.log(a, "not killed, no connection", err)
				continue
			}
		}
		killed, err := k.kill(t, a)
		switch {
		case err != nil:
			k.log(a, "not killed", err)
		case killed:
			k.log(a, "killed on the server", nil)
		}
	}
}

func (k *killer) connect(host string) (t transport.Conn, err error) {
	err = driver.NotSupported(transport.Engine, string(k.connector.config.Transport), "killing a statement")
	for _, d := range k.dialers {
		if t, err = k.dial(d, host); err == nil || k.ctx.Err() != nil {
			break
		}
	}
	return t, err
}

func (k *killer) dial(d transport.Dialer, host string) (transport.Conn, error) {
	ctx, cancel := context.WithTimeout(k.ctx, killTimeout)
	defer cancel()
	return d.Connect(ctx, host)
}

// kill looks the statement up and kills it.
func (k *killer) kill(t transport.Conn, a transport.Abandoned) (bool, error) {
	for range killTries {
		id, err := k.lookup(t, a.RequestID, a.ListedID)
		if err != nil || ended(a) {
			return false, err
		}
		if id != "" {
			_, err := k.column(t, "KILL QUERY '"+strings.ReplaceAll(id, "'", "")+"'")
			if Code(err) != codeUnknownKillID { // it has just ended
				return err == nil, err
			}
		}
		select {
		case <-time.After(killPause):
		case <-a.Ended:
		case <-k.ctx.Done():
			return false, k.ctx.Err()
		}
	}
	return false, nil
}

// lookup returns the kill id of the statement that runs under one of the request
// ids, or "". Two statements under one id are both left alone: one of them is not
// ours to end.
func (k *killer) lookup(t transport.Conn, requestIDs ...uint64) (string, error) {
	for _, id := range requestIDs {
		if id == 0 {
			continue
		}
		found, err := k.column(t, fmt.Sprintf("SELECT kill_id FROM performance_schema.perf_queries WHERE query_id = %d", id))
		if err != nil {
			return "", err
		}
		switch len(found) {
		case 0:
		case 1:
			return found[0], nil
		default:
			return "", fmt.Errorf("%d statements have the request id", len(found))
		}
	}
	return "", nil
}

const codeUnknownKillID = 0x030e

// column runs a statement and returns the text of its first column.
func (k *killer) column(t transport.Conn, sql string) (values []string, err error) {
	ctx, cancel := context.WithTimeout(k.ctx, killTimeout)
	defer cancel()
	reply, err := t.Query(ctx, driver.NewRequestID(), sql)
	if err != nil || reply.Result == nil {
		return nil, err
	}
	defer reply.Result.Close()
	for {
		b, err := reply.Result.Next(ctx)
		if err == io.EOF {
			return values, nil
		}
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			if text, ok := b.Columns[0].Value(i).(string); ok {
				values = append(values, text)
			}
		}
	}
}

func (k *killer) log(a transport.Abandoned, message string, err error) {
	attributes := []any{"host", a.Host, "request_id", a.RequestID}
	if err != nil {
		attributes = append(attributes, "error", err)
	}
	k.connector.debug(k.ctx, "statement "+message, attributes...)
}
