package cluster

import (
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// pinger keeps a session alive. It belongs to the writer's goroutine.
type pinger struct {
	*session
	timer  *time.Timer
	answer chan answer // nil while no ping is out
	since  time.Time   // when the ping went out
}

func newPinger(s *session) *pinger {
	p := &pinger{session: s, timer: time.NewTimer(time.Hour)}
	p.rest()
	return p
}

// rest sets the timer for the next ping.
func (p *pinger) rest() {
	p.timer.Stop()
	if p.config.KeepAlive > 0 {
		quiet := time.Since(time.Unix(0, p.heard.Load()))
		p.timer.Reset(max(p.config.KeepAlive-quiet, time.Millisecond))
	}
}

// send sends a ping unless one is out.
func (p *pinger) send() {
	if p.answer != nil {
		return
	}
	c := newCall(wire.Ping, wire.Begin(nil))
	p.answer, p.since = c.answer, time.Now()
	p.session.send(c)
	p.timer.Stop()
	p.timer.Reset(p.config.PingTimeout)
}

// due is called when the timer fires: time for a ping, or too late for an answer.
func (p *pinger) due() {
	switch {
	case p.answer == nil && p.config.KeepAlive > 0 && time.Since(time.Unix(0, p.heard.Load())) >= p.config.KeepAlive:
		p.send()
	case p.answer == nil:
		p.rest()
	case p.silent(p.since):
		p.fail(errNoPing)
	default: // bytes come: a response longer than the timeout, before the ping's
		p.timer.Reset(p.config.PingTimeout)
		p.since = time.Now()
	}
}

func (p *pinger) answered(a answer) {
	p.answer = nil
	switch {
	case a.err != nil:
		return // the session has failed
	case a.typ == wire.Ack || a.typ == wire.ErrServer:
		if p.alive != nil {
			p.alive(a.typ == wire.Ack)
		}
		p.rest()
	default:
		p.fail(errNotForThis)
	}
}
