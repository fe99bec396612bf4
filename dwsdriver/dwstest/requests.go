package dwstest

import (
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

// unit is what ends with one ReadyForQuery: a simple query, or messages up to a Sync.
// Messages are collected until one asks for an answer, so that faults see all of it.
type unit struct {
	extended bool
	out      []byte   // collected and not handed on
	texts    []string // statements that are run, prepared or described
	runs     bool
	parses   bool
	copies   bool
	flush    bool // a Flush came with it
	sent     bool // some of it has been handed on
	refusal  *refusal
	retried  int

	// What follows belongs to the replies and is guarded by the connection.
	running  []string // texts that this portion runs
	pending  []*Statement
	answered int // of pending
	spoilers []*exchange
	reply    []byte // held back for the spoilers
}

func (u *unit) names() []string {
	switch {
	case u.runs && u.extended && u.copies:
		return []string{"query", "extended", "copy"}
	case u.runs && u.extended:
		return []string{"query", "extended"}
	case u.runs && u.copies:
		return []string{"query", "simple", "copy"}
	case u.runs:
		return []string{"query", "simple"}
	case u.parses:
		return []string{"parse"}
	}
	return []string{"sync"}
}

// retryable reports whether a coordinator may run the statement again by itself.
func (u *unit) retryable(c *conn) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.life.srv.cluster.options.retries > 0 && c.status == 'I' && !u.flush && !u.copies && !u.sent && len(u.running) == 1 &&
		len(lex.Split(lex.Tokens(u.running[0]))) == 1
}

// requests reads and hands on until the client ends.
func (c *conn) requests(s *upstream.Session) {
	for {
		m, err := message.Read(c.r)
		if err != nil || !c.life.srv.gate.Pass(c.life.Context) {
			return
		}
		if c.isFrozen() {
			<-c.life.Context.Done()
			return
		}
		switch m.Type {
		case 'X':
			return
		case 'd', 'c', 'f': // of a COPY
			if _, err := s.Conn.Write(message.Append(nil, m.Type, m.Body)); err != nil {
				return
			}
			continue
		}
		u := c.unit(m.Type)
		if err := c.take(u, m); err != nil {
			c.fatal("08P01", err.Error())
			c.HangUp()
			return
		}
		switch m.Type {
		case 'Q', 'S', 'F':
			c.close()
		case 'H':
			u.flush = true
		default:
			continue
		}
		if !c.submit(s, u) {
			return
		}
	}
}

// unit returns the unit that a message of the type belongs to.
func (c *conn) unit(typ byte) *unit {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current == nil {
		c.current = &unit{extended: typ != 'Q'}
	}
	return c.current
}

// close ends the unit that is being read.
func (c *conn) close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.current = nil
}

// take adds a message to a unit, as the session behind is to get it.
func (c *conn) take(u *unit, m message.Message) error {
	p := message.Parser{Body: m.Body}
	switch m.Type {
	case 'Q':
		text := p.Text()
		u.runs = true
		u.running = append(u.running, text)
		u.add('Q', c, text)
	case 'P':
		name, text := p.Text(), p.Text()
		if p.Err != nil {
			return p.Err
		}
		c.prepared[name] = text
		u.parses = true
		u.add('P', c, text, message.Text(name), p.Body)
	case 'B':
		portal, name := p.Text(), p.Text()
		c.portals[portal] = c.prepared[name]
		u.out = message.Append(u.out, m.Type, m.Body)
	case 'E':
		text := c.portals[p.Text()]
		u.runs = true
		u.texts, u.running = append(u.texts, text), append(u.running, text)
		u.copies = u.copies || isCopy(text)
		u.out = message.Append(u.out, m.Type, m.Body)
	case 'D':
		u.parses = true
		if kind, name := p.Byte(), p.Text(); kind == 'S' {
			u.texts = append(u.texts, c.prepared[name])
		}
		u.out = message.Append(u.out, m.Type, m.Body)
	case 'C':
		if kind, name := p.Byte(), p.Text(); kind == 'S' {
			delete(c.prepared, name)
		} else {
			delete(c.portals, name)
		}
		u.out = message.Append(u.out, m.Type, m.Body)
	case 'H', 'S', 'F':
		u.out = message.Append(u.out, m.Type, m.Body)
	default:
		return fmt.Errorf("invalid frontend message type %d", m.Type)
	}
	return p.Err
}

// add adds a message with the text of a statement, which DWS may refuse or change.
func (u *unit) add(typ byte, c *conn, text string, around ...[]byte) {
	rules := c.life.srv.cluster.dialect()
	if r := rules.Refuse(text); r != nil && u.refusal == nil {
		u.refusal = &refusal{state: r.State, text: r.Text}
	}
	u.texts = append(u.texts, text)
	u.copies = u.copies || isCopy(text)
	parts := [][]byte{message.Text(rules.Rewrite(text))}
	if len(around) == 2 {
		parts = [][]byte{around[0], parts[0], around[1]}
	}
	u.out = message.Append(u.out, typ, parts...)
}

func isCopy(text string) bool {
	w := lex.Words(lex.Tokens(text))
	return len(w) > 0 && w[0].Is("copy")
}

// submit hands on what has been collected, unless a fault prevents it. It is false if
// the connection ends.
func (c *conn) submit(s *upstream.Session, u *unit) bool {
	x := c.exchange(u, strings.Join(u.texts, "; "), u.names()...)
	c.life.srv.cluster.options.log.Debug("request", "server", c.life.srv.index, "conn", c.number, "action", x.names[0], "sql", x.sql)
	if err := x.meet(); err != nil {
		r, ok := err.(*refusal)
		switch {
		case ok && r.fatal:
			c.fatal(r.state, r.text)
			fallthrough
		case err == errHangUp:
			c.HangUp()
			return false
		case !ok:
			<-c.life.Context.Done()
			return false
		}
		u.refusal = r
	}
	if u.refusal != nil {
		u.poison()
	}
	c.mu.Lock()
	if !u.sent {
		u.sent = true
		c.units = append(c.units, u)
	}
	if x.spoils() {
		u.spoilers = append(u.spoilers, x)
	}
	if u.refusal == nil {
		for _, text := range u.running {
			u.pending = append(u.pending, c.began(u, text))
		}
	}
	u.running = nil
	out := u.out
	u.out = nil
	c.mu.Unlock()
	_, err := s.Conn.Write(out)
	return err == nil
}

// poison makes the unit one that the session behind refuses, whose answer then is
// changed into the refusal: that puts it into its place among the other answers and
// does to a transaction what an error does.
func (u *unit) poison() {
	const text = "gaugesql_refused"
	if !u.extended {
		u.out = message.Append(nil, 'Q', message.Text(text))
		return
	}
	u.out = append(message.Append(nil, 'P', message.Text(text), message.Text(text), []byte{0, 0}), u.out...)
}

func (c *conn) began(u *unit, text string) *Statement {
	action := "query"
	if isCopy(text) {
		action = "copy"
	}
	return c.life.srv.cluster.record.began(Statement{
		SQL: text, Action: action, Extended: u.extended, User: c.user, Database: c.database, Conn: c.number, Server: c.life.srv.index, Retried: u.retried,
	})
}
