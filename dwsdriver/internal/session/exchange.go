package session

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync/atomic"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// watch is how the context of a request interrupts it. There is none for a context
// that cannot end.
type watch struct {
	ctx  context.Context
	stop func() bool
	*interrupt
}

// interrupt is what the end of a context sets off.
type interrupt struct {
	// done is closed when the cancel request has been dealt with.
	done chan struct{}
	// limit is when the wait for an answer ends, in nanoseconds since 1970.
	limit atomic.Int64
}

// over reports whether the context has ended.
func (w *watch) over() bool { return w.stop != nil && w.ctx.Err() != nil }

// attach begins to watch ctx.
func (s *Session) attach(ctx context.Context) {
	if ctx.Done() == nil {
		return
	}
	i := &interrupt{done: make(chan struct{})}
	cancel, timeout, conn := s.options.Cancel, s.options.CancelTimeout, s.conn
	s.watch = watch{ctx: ctx, interrupt: i, stop: context.AfterFunc(ctx, func() {
		defer close(i.done)
		limit := time.Now().Add(Grace)
		i.limit.Store(limit.UnixNano())
		_ = conn.SetDeadline(limit)
		if cancel == nil {
			return
		}
		// Ends by itself: the caller of the request does not wait for it.
		ctx, release := context.WithTimeout(context.Background(), timeout)
		defer release()
		_ = cancel(ctx)
	})}
}

// unwatch ends the watch. It is false if the session cannot be used any more: a
// cancel request is still on its way and would meet the next statement.
func (s *Session) unwatch() bool {
	w := s.watch
	s.watch = watch{}
	if w.stop == nil || w.stop() {
		return true
	}
	if s.failure != nil {
		return false
	}
	left := Grace
	if limit := w.limit.Load(); limit != 0 {
		left = time.Until(time.Unix(0, limit))
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-w.done:
		return s.conn.SetDeadline(time.Time{}) == nil
	case <-timer.C:
		return false
	}
}

// errHurried is a wait that the context of another statement has ended. Nothing is
// lost: the wait can be taken up again.
var errHurried = errors.New("the context of another statement has ended")

// hurry lets ctx end waits for an answer to the request under way, which has a
// context of its own, until the function that it returns is called.
func (s *Session) hurry(ctx context.Context) (over func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	ended := make(chan struct{})
	s.hurried = ctx
	stop := context.AfterFunc(ctx, func() {
		_ = s.conn.SetReadDeadline(time.Unix(1, 0))
		close(ended)
	})
	return func() {
		s.hurried = nil
		if stop() {
			return
		}
		<-ended
		_ = s.conn.SetReadDeadline(time.Time{})
		if w := s.watch; w.over() { // which may have set its limit just before
			limit := time.Now().Add(Grace)
			if set := w.limit.Load(); set != 0 {
				limit = time.Unix(0, set)
			}
			_ = s.conn.SetReadDeadline(limit)
		}
	}
}

// send writes the request in s.out.
func (s *Session) send(ctx context.Context) error {
	if len(s.out) > wire.MaxMessage+1<<16 {
		return &ArgumentError{fmt.Errorf("a request of %d bytes", len(s.out))}
	}
	s.cache.forgotten = slices.Delete(s.cache.forgotten, 0, s.closing)
	s.closing = 0
	s.attach(ctx)
	return s.flush(s.out)
}

// flush writes b, which is a part of a request.
func (s *Session) flush(b []byte) error {
	n, err := s.conn.Write(b)
	if cap(s.out) > largeInput {
		s.out = nil
	}
	if err == nil {
		return nil
	}
	if n == 0 && s.plain && !s.copying {
		if s.watch.over() {
			err = canceled(s.watch.ctx, false)
		} else {
			err = &NotSentError{err}
		}
		s.giveUp(err)
		return err
	}
	return s.lost(err)
}

// lost gives the session up in the midst of a request.
func (s *Session) lost(err error) error {
	if s.watch.over() {
		err = canceled(s.watch.ctx, true)
	} else {
		err = &LostError{err}
	}
	s.giveUp(err)
	return err
}

// broken gives the session up as the server breaks the protocol, or has left the
// encoding of the session.
func (s *Session) broken(err error) error {
	switch err.(type) {
	case *ProtocolError, *EncodingError:
	default:
		err = &ProtocolError{err}
	}
	s.giveUp(err)
	return err
}

func unexpected(t wire.Type) error {
	return &ProtocolError{fmt.Errorf("the server sends a message of type %q, which cannot come now", byte(t))}
}

// peek waits for a whole message that is an answer and returns its type and
// length. It is not used up.
func (s *Session) peek() (wire.Type, int, error) {
	for {
		t, length, need, err := s.in.peek()
		if err != nil {
			return t, 0, s.broken(err)
		}
		if length == 0 {
			if err := s.in.fill(s.conn, need); err != nil {
				if s.hurried != nil && s.hurried.Err() != nil && errors.Is(err, os.ErrDeadlineExceeded) {
					return t, 0, errHurried
				}
				return t, 0, s.lost(err)
			}
			continue
		}
		switch t {
		case wire.NoticeResponse, wire.ParameterStatus, wire.NotificationResponse:
			body := s.in.bytes()[wire.HeaderSize:length]
			if _, err := s.aside(t, body); err != nil {
				return t, 0, s.broken(err)
			}
			s.in.use(length)
			continue
		}
		return t, length, nil
	}
}

// next waits for an answer and uses it up. The body is good until the next call.
func (s *Session) next() (wire.Type, []byte, error) {
	t, length, err := s.peek()
	if err != nil {
		return t, nil, err
	}
	body := s.in.bytes()[wire.HeaderSize:length:length]
	s.in.use(length)
	return t, body, nil
}

// refused reads an ErrorResponse. One that ends the session does so here.
func (s *Session) refused(body []byte) (*ServerError, error) {
	fields, err := wire.ParseFields(wire.ErrorResponse, body)
	if err != nil {
		return nil, s.broken(err)
	}
	e := &ServerError{Fields: fields}
	if fields.Fatal() {
		// It ends the session only while it waits for a request, after having done
		// nothing; every other reason can come in the midst of one.
		e.Unknown = fields.Code != idleSessionTimeout
		s.giveUp(e)
		if !e.Unknown {
			return nil, &NotSentError{e}
		}
		return nil, e
	}
	return e, nil
}

// idleSessionTimeout is the SQLSTATE of idle_session_timeout.
const idleSessionTimeout = "57P05"

// ready takes a ReadyForQuery: the request is over.
func (s *Session) ready(body []byte) error {
	status, err := wire.ParseReady(body)
	if err != nil {
		return s.broken(err)
	}
	s.status = status
	s.in.rest()
	s.open, s.copying = nil, false
	if s.watch.stop != nil {
		ctx := s.watch.ctx
		if !s.unwatch() {
			// What the request came to is known; only the session is not to be used again.
			s.giveUp(canceled(ctx, false))
		}
	}
	return nil
}
