package iotdbdriver

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"encoding/hex"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

const (
	// killTries times killPause is how long a query is looked for in the server's
	// list.
	killTries = 10
	killPause = 200 * time.Millisecond
	// killTimeout bounds the connection and each statement of a kill.
	killTimeout = 5 * time.Second
	// maxKills bounds the queries that wait to be killed; of more than that the rest
	// is left to the server's own timeout.
	maxKills = 256
)

// marks makes the texts by which queries are found in the server's list, where
// they stand as they were sent: the number in the reply comes too late and is
// another one. In the table model a mark is a comment. The tree model has no
// comments; there it is blanks and tabs, one for each bit.
type marks struct {
	dialect Dialect
	random  [6]byte
	serial  *atomic.Uint64
}

func newMarks(d Dialect) marks {
	m := marks{dialect: d, serial: new(atomic.Uint64)}
	rand.Read(m.random[:])
	return m
}

// next returns another mark, which begins on a line of its own, since that before it
// may end in a comment.
func (m marks) next() string {
	id := binary.BigEndian.AppendUint32(m.random[:len(m.random):len(m.random)], uint32(m.serial.Add(1)))
	if m.dialect == Table {
		return "\n/*gaugesql " + hex.EncodeToString(id) + "*/"
	}
	bits := []byte{'\n'}
	for _, b := range id {
		for i := range 8 {
			bits = append(bits, " \t"[b>>(7-i)&1])
		}
	}
	return string(bits)
}

// abandoned is a query that nobody waits for.
type abandoned struct {
	host, mark string
	id         uint64
}

// killer ends on the server what callers stopped waiting for: the server has no
// call for that which works, and lets a query whose client has gone run on. A query
// is looked up by its mark, over a connection of the killer's own, and killed.
//
// One goroutine works the queries off; it ends when there are none left, or at
// close.
type killer struct {
	connector *Connector
	ctx       context.Context
	cancel    context.CancelFunc

	mu      sync.Mutex
	due     []abandoned
	running bool
	work    sync.WaitGroup
}

func newKiller(c *Connector) *killer {
	ctx, cancel := context.WithCancel(context.Background())
	return &killer{connector: c, ctx: ctx, cancel: cancel}
}

// add takes a query that nobody waits for.
func (k *killer) add(a abandoned) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ctx.Err() != nil || len(k.due) >= maxKills {
		return
	}
	k.due = append(k.due, a)
	if !k.running {
		k.running = true
		k.work.Add(1)
		go k.run()
	}
}

// close stops everything and returns when it has stopped.
func (k *killer) close() {
	k.mu.Lock()
	k.cancel()
	k.due = nil
	k.mu.Unlock()
	k.work.Wait()
}

// run works off what is due, all queries of a host over one connection.
func (k *killer) run() {
	defer k.work.Done()
	for {
		k.mu.Lock()
		if len(k.due) == 0 {
			k.running = false
			k.mu.Unlock()
			return
		}
		host := k.due[0].host
		var batch, rest []abandoned
		for _, a := range k.due {
			if a.host == host {
				batch = append(batch, a)
			} else {
				rest = append(rest, a)
			}
		}
		k.due = rest
		k.mu.Unlock()
		k.kill(host, batch)
	}
}

// kill connects to the host and kills the queries.
func (k *killer) kill(host string, batch []abandoned) {
	config := k.connector.config.Clone()
	config.Database = "" // the list is the same in all
	ctx, cancel := context.WithTimeout(k.ctx, killTimeout)
	defer cancel()
	s, err := connect(ctx, config, k.connector.settings, host)
	if err != nil {
		k.log(host, batch[0].id, "query not killed, no connection", err)
		return
	}
	defer s.link.Close()
	for try := 0; len(batch) > 0; try++ {
		if batch, err = k.round(s, batch); err != nil || try == killTries {
			break
		}
		if len(batch) > 0 && !wait(k.ctx, killPause) {
			return
		}
	}
	if err != nil {
		k.log(host, batch[0].id, "query not killed", err)
	}
}

// round kills those of the queries that are in the list, and returns the others.
func (k *killer) round(s *session, batch []abandoned) (rest []abandoned, err error) {
	listed, err := k.column(s, listQueries(s.config.Dialect))
	if err != nil {
		return batch, err
	}
	for _, a := range batch {
		id := ""
		for _, row := range listed {
			if strings.HasSuffix(row.statement, a.mark) {
				id = row.id
			}
		}
		if id == "" {
			rest = append(rest, a)
			continue
		}
		_, err := k.column(s, "KILL QUERY '"+strings.ReplaceAll(id, "'", "")+"'")
		if err != nil && Code(err) != CodeNoSuchQuery { // it has just ended
			return append(rest, a), err
		}
		k.log(s.link.Host, a.id, "query killed on the server", nil)
	}
	return rest, nil
}

// listQueries is the statement that lists the queries of all sessions.
func listQueries(d Dialect) string {
	if d == Tree {
		return "SHOW QUERIES"
	}
	return "SELECT query_id, statement FROM information_schema.queries"
}

type listedQuery struct{ id, statement string }

// column runs a statement and returns the ids and statements of its rows.
func (k *killer) column(s *session, text string) ([]listedQuery, error) {
	ctx, cancel := context.WithTimeout(k.ctx, killTimeout)
	defer cancel()
	e, _ := s.execute(opQuery, driver.NewRequestID(), text, 0)
	if err := s.do(ctx, e); err != nil {
		return nil, plain(err)
	}
	r, err := newRows(ctx, s, e, 0, func(error) {})
	if err != nil {
		return nil, err
	}
	id, statement := -1, -1
	for i, name := range r.names {
		switch strings.ToLower(strings.ReplaceAll(name, "_", "")) {
		case "queryid":
			id = i
		case "statement":
			statement = i
		}
	}
	values, err := r.all()
	if err != nil || id < 0 || statement < 0 {
		return nil, err
	}
	list := make([]listedQuery, 0, len(values))
	for _, row := range values {
		var q listedQuery
		q.id, _ = row[id].(string)
		q.statement, _ = row[statement].(string)
		list = append(list, q)
	}
	return list, nil
}

func (k *killer) log(host string, id uint64, message string, err error) {
	attributes := []any{"host", host, "request_id", id}
	if err != nil {
		attributes = append(attributes, "error", err)
	}
	k.connector.debug(k.ctx, message, attributes...)
}
