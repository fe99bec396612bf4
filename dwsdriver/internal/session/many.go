package session

import (
	"context"
	"database/sql/driver"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Bounds of a portion of ExecMany. What the server answers to so much fits into the
// sockets' buffers, so that neither side waits for the other to read.
const (
	maxMany      = 500
	maxManyBytes = 32 << 10
)

// ExecMany runs the statement with the arguments that next returns, until it says
// that there are no more or the portion is full, in one batch: outside of a
// transaction all of them are done or none. It returns the number of rows written
// and of calls in the batch; with an error that is an ArgumentError nothing was sent,
// and the last call is the one at fault. A statement that the server no longer knows
// is not prepared again.
func (p *Prepared) ExecMany(ctx context.Context, next func() ([]driver.NamedValue, bool)) (rows int64, sent int, err error) {
	s := p.s
	if err := s.begin(ctx); err != nil {
		return 0, 0, err
	}
	s.effects |= p.st.effect
	s.bound.Location, s.bound.Binary, s.bound.Types = s.options.Location, s.options.BinaryParameters, p.st.types
	defer func() { clear(s.bound.Values[:cap(s.bound.Values)]) }()
	s.out = s.out[:0]
	for sent < maxMany && len(s.out) < maxManyBytes {
		args, ok := next()
		if !ok {
			break
		}
		if err := p.st.check(len(args)); err != nil {
			return 0, sent + 1, err
		}
		if sent == 0 {
			s.forget()
		}
		s.bound.Values = s.bound.Values[:0]
		for i := range args {
			s.bound.Values = append(s.bound.Values, args[i].Value)
		}
		if s.out, err = wire.AppendBind(s.out, p.st.name, &s.bound, nil); err != nil {
			return 0, sent + 1, &ArgumentError{err}
		}
		s.out = wire.AppendExecute(s.out)
		sent++
	}
	if sent == 0 {
		return 0, 0, nil
	}
	s.out = wire.AppendSync(s.out)
	if err := s.send(ctx); err != nil {
		return 0, sent, err
	}
	r := reply{extended: true}
	for {
		t, body, err := s.next()
		if err != nil {
			return 0, sent, err
		}
		over, err := s.take(&r, t, body)
		if err != nil {
			return 0, sent, err
		}
		if t == wire.CommandComplete && r.err == nil {
			rows += r.rows
		}
		if over {
			if e, ok := r.err.(*ServerError); ok && (e.Code == unknownStatement || e.Code == changedResult) {
				s.cache.forget(p.st) // or it would fail for ever
			}
			return rows, sent, s.because(ctx, r.err)
		}
	}
}
