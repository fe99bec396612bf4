package dwstest

import (
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

// replies brings back what the session answers until it ends, or until it has nothing
// more to say to a client that is gone.
func (c *conn) replies(s *upstream.Session) {
	defer c.HangUp()
	defer c.abandon()
	for {
		m, err := message.Read(s.R)
		if err != nil {
			return
		}
		u, over := c.answer(&m)
		if over {
			return
		}
		if m.Type == 0 {
			continue
		}
		if u == nil || u.spoilers == nil || m.Type == 'G' {
			c.write(message.Append(nil, m.Type, m.Body), s.R.Buffered() == 0 || m.Type == 'G')
			continue
		}
		u.reply = message.Append(u.reply, m.Type, m.Body)
		if m.Type == 'Z' && !c.release(u) {
			return
		}
	}
}

// answer notes what a message means and makes it one of GaussDB's; its type is 0 if it
// is none for the client. It returns the unit that the message belongs to, nil if to
// none, and whether the session has served its time.
func (c *conn) answer(m *message.Message) (*unit, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var u *unit
	if len(c.units) > 0 {
		u = c.units[0]
	}
	switch m.Type {
	case 'E', 'N':
		c.translate(u, m)
	case 'S':
		p := message.Parser{Body: m.Body}
		if name := p.Text(); hidden[name] || name == "server_version" || name == "session_authorization" {
			m.Type = 0
		}
	}
	if u == nil {
		return nil, c.gone
	}
	switch m.Type {
	case 'D', 'd':
		if c.gone {
			return u, true
		}
	case 'G':
		if u.extended && c.current == nil {
			// The Sync that came with it is ignored; one behind the data ends it.
			c.current = u
		}
	case 'C', 'I', 's':
		u.completed(c, m.Body)
	case 'Z':
		c.status = m.Body[0]
		c.units = c.units[1:]
		c.life.srv.cluster.record.ended(u.pending...)
		return u, c.gone && len(c.units) == 0
	}
	return u, false
}

// completed notes the end of one statement.
func (u *unit) completed(c *conn, tag []byte) {
	if u.answered >= len(u.pending) {
		return
	}
	st := u.pending[u.answered]
	// The texts of a simple query are one statement of the record.
	if u.extended {
		u.answered++
	}
	words := strings.Fields(strings.TrimRight(string(tag), "\x00"))
	if len(words) == 0 {
		return
	}
	if n, err := strconv.ParseInt(words[len(words)-1], 10, 64); err == nil {
		c.life.srv.cluster.record.note(func() { st.Rows = n })
	}
}

// translate makes an error or notice one of GaussDB's, or the refusal that it stands for.
func (c *conn) translate(u *unit, m *message.Message) {
	fields, err := message.Fields(m.Body)
	if err != nil {
		return
	}
	if m.Type == 'E' && u != nil {
		if u.refusal != nil {
			fields = errorFields("ERROR", u.refusal.state, u.refusal.text)
			u.refusal = nil
		}
		for _, st := range u.pending[min(u.answered, len(u.pending)):] {
			c.life.srv.cluster.record.note(func() { st.State = state(fields) })
		}
	}
	m.Body = message.AppendFields(nil, m.Type, gaussFields(fields)...)[5:]
}

// release sends the reply that was held back, as the faults leave it. It is false if
// the connection ends.
func (c *conn) release(u *unit) bool {
	m := &reply{data: u.reply}
	for _, x := range u.spoilers {
		x.spoil(m)
	}
	if m.half {
		m.data = m.data[:len(m.data)/2]
	}
	if !m.lose {
		c.write(m.data, true)
	}
	if m.half && !m.hangUp {
		c.freeze()
	}
	return !m.hangUp
}

// abandon notes the end of what will not be answered any more.
func (c *conn) abandon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, u := range c.units {
		c.life.srv.cluster.record.ended(u.pending...)
	}
	c.units = nil
}
