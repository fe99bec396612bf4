package session

import (
	"context"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// reply gathers what a server answers to one request.
type reply struct {
	// extended: the request ended in a Sync.
	extended      bool
	parsed, bound bool
	types         []wire.OID
	columns       []wire.Column
	tag           string
	rows          int64
	// err is the first that was answered. What follows it up to the end was not
	// executed.
	err error
}

// take looks at an answer and reports whether the request is over. Rows are
// passed over. An error ends the session.
func (s *Session) take(r *reply, t wire.Type, body []byte) (over bool, err error) {
	switch t {
	case wire.ParseComplete:
		r.parsed = true
	case wire.BindComplete:
		r.bound = true
	case wire.ParameterDescription:
		r.types, err = wire.ParseParameterDescription(body)
	case wire.RowDescription:
		r.columns, err = wire.ParseRowDescription(body)
	case wire.NoData:
		r.columns = nil
	case wire.CloseComplete, wire.DataRow, wire.PortalSuspended, wire.CopyData, wire.CopyDone:
	case wire.EmptyQueryResponse:
		r.tag, r.rows = "", 0
	case wire.CommandComplete:
		if r.tag, r.rows, err = wire.ParseTag(body); err == nil {
			s.completed(r.tag)
		}
	case wire.ErrorResponse:
		e, err := s.refused(body)
		if err != nil {
			return false, err
		}
		if r.err == nil {
			e.Refused = r.extended && !r.bound
			r.err = e
		}
	case wire.CopyInResponse:
		r.err = ErrCopyIn
		s.copying = true // it is no longer true that nothing was sent
		end := wire.AppendCopyFail(nil, ErrCopyIn.Error())
		if r.extended {
			end = wire.AppendSync(end) // the batch's own was taken for part of the COPY
		}
		if err := s.flush(end); err != nil {
			return false, err
		}
	case wire.CopyOutResponse:
		r.err = ErrCopyOut
	case wire.ReadyForQuery:
		return true, s.ready(body)
	default:
		return false, s.broken(unexpected(t))
	}
	if err != nil {
		return false, s.broken(err)
	}
	return false, nil
}

// completed keeps account of what a command has done to the session.
func (s *Session) completed(tag string) {
	switch tag {
	case "ROLLBACK":
		s.rolledBack = true
	case "COMMIT", "PREPARE TRANSACTION":
		s.rolledBack = false
	case "DISCARD ALL":
		s.effects = 0
		s.cache.lost()
	case "DEALLOCATE ALL":
		s.cache.lost()
	default:
		s.effects |= effectOf(tag)
	}
}

// settle reads the rest of the answers to a request. The error ends the session,
// or is that of the reply if the context has ended meanwhile.
func (s *Session) settle(ctx context.Context, r *reply) error {
	for {
		t, body, err := s.next()
		if err != nil {
			return err
		}
		over, err := s.take(r, t, body)
		if err != nil {
			return err
		}
		if over {
			r.err = s.because(ctx, r.err)
			return nil
		}
	}
}

// because makes an answer's error that of a context that has ended, if it is
// for that.
func (s *Session) because(ctx context.Context, err error) error {
	if e, ok := err.(*ServerError); ok && e.Code == queryCanceled && ctx.Err() != nil {
		return canceled(ctx, false)
	}
	return err
}

// queryCanceled is the SQLSTATE of a statement that was cancelled, by a request or
// by the server's own time limit.
const queryCanceled = "57014"
