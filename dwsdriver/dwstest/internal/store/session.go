package store

import (
	"bufio"
	"context"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
)

// session serves one connection from one goroutine.
type session struct {
	store    *Store
	id       string
	started  time.Time
	want     upstream.Request
	settings *settings
	ctx      context.Context // ends with the connection
	end      context.CancelFunc
	pipe     net.Conn
	r        *bufio.Reader
	w        *bufio.Writer

	prepared map[string]*prepared
	portals  map[string]*portal
	cursors  map[string]*cursor
	tx       *transaction // nil between requests outside of a transaction
	skip     bool         // to the next Sync, after an error

	mu      sync.Mutex
	running context.Context // of the statement that runs
	stop    context.CancelFunc
	busy    bool
}

// prepared is a statement with parameters.
type prepared struct {
	words   []lex.Token
	types   []*typ
	columns []column
}

// portal is a statement with its parameters' values.
type portal struct {
	statement *prepared
	params    []any
	formats   []int
	result    *result // while rows are left
}

// cursor is one of DECLARE.
type cursor struct{ result *result }

func (s *session) user() string {
	if u := s.settings.values["session_authorization"]; u != "" {
		return u
	}
	return "dbadmin"
}

// now is the time at which the transaction began.
func (s *session) now() time.Time {
	if s.tx != nil {
		return s.tx.began
	}
	return time.Now()
}

// statement is the context of what runs.
func (s *session) statement() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil {
		return s.ctx
	}
	return s.running
}

// cancel stops what runs.
func (s *session) cancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy {
		s.stop()
	}
}

// begin makes the context of a request. Portals that have rows left keep theirs.
func (s *session) begin() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running == nil || s.running.Err() != nil {
		s.running, s.stop = context.WithCancel(s.ctx)
	}
	s.busy = true
	return s.running
}

func (s *session) over() {
	waiting := false
	for _, p := range s.portals {
		waiting = waiting || p.result != nil && p.result.free != nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy = false
	if s.stop != nil && !waiting {
		s.stop()
		s.running, s.stop = nil, nil
	}
}

// serve reads requests until the connection ends.
func (s *session) serve() {
	defer func() {
		s.end()
		s.finish(false)
		sessions.Delete(s.id)
		_ = s.pipe.Close()
	}()
	for {
		if s.r.Buffered() == 0 && s.w.Buffered() > 0 {
			// Nothing more is to come for now: what was asked with Flush must go.
			if s.w.Flush() != nil {
				return
			}
		}
		m, err := message.Read(s.r)
		if err != nil {
			return
		}
		switch m.Type {
		case 'X':
			return
		case 'Q':
			p := message.Parser{Body: m.Body}
			s.simple(p.Text())
			s.ready()
		case 'S':
			s.skip = false
			s.endUnit()
			s.ready()
		case 'H', 'd', 'c', 'f': // data of a COPY that has failed is dropped
		default:
			if s.skip {
				continue
			}
			if err := s.extended(m); err != nil {
				s.fail(err)
				s.skip = true
			}
		}
	}
}

// ready ends a request.
func (s *session) ready() {
	s.over()
	status := byte('I')
	if s.tx != nil {
		status = 'T'
		if s.tx.failed {
			status = 'E'
		}
	}
	s.send('Z', []byte{status})
	_ = s.w.Flush()
}

func (s *session) send(typ byte, parts ...[]byte) {
	_, _ = s.w.Write(message.Append(nil, typ, parts...)) // the reader notices
}

// fail reports an error and fails the transaction.
func (s *session) fail(err error) {
	e := explain(err)
	if s.statement().Err() != nil {
		e = failf("57014", "canceling statement due to user request")
	}
	_, _ = s.w.Write(message.AppendFields(nil, 'E', e.fields("ERROR")...))
	if s.tx == nil {
		return
	}
	s.tx.failed = true
	if !s.tx.explicit {
		s.finish(false)
	}
}

func (s *session) notice(severity, state, text string) {
	if least := s.settings.values["client_min_messages"]; least == "error" || least == "warning" && severity == "NOTICE" {
		return
	}
	e := &Error{state, text}
	_, _ = s.w.Write(message.AppendFields(nil, 'N', e.fields(severity)...))
}

// endUnit ends the transaction that a request without one has made.
func (s *session) endUnit() {
	if s.tx == nil {
		s.portals = map[string]*portal{} // in a transaction they last as long as that
	}
	if s.tx != nil && !s.tx.explicit {
		if err := s.finish(!s.tx.failed); err != nil {
			_, _ = s.w.Write(message.AppendFields(nil, 'E', explain(err).fields("ERROR")...))
		}
	}
}

// simple runs the statements of a text, together.
func (s *session) simple(text string) {
	list := lex.Split(lex.Tokens(text))
	if len(list) == 0 {
		s.send('I')
		return
	}
	defer s.endUnit()
	for _, tokens := range list {
		ctx := s.begin()
		words := lex.Words(tokens)
		res, err := s.run(ctx, words, nil, nil)
		if err == nil && res.copyIn != nil {
			err = s.receive(ctx, res)
		}
		if err == nil {
			if res.columns != nil {
				s.describe(res.columns, nil)
			}
			_, err = s.rows(res, nil, 0)
		}
		if res != nil {
			res.close()
		}
		if err != nil {
			s.fail(err)
			return
		}
		s.complete(res)
	}
}

func (s *session) complete(res *result) {
	if res.tag != "" {
		s.send('C', message.Text(res.tag))
	}
}

// rows sends rows, at most so many, and reports whether some are left.
func (s *session) rows(res *result, formats []int, limit int) (more bool, err error) {
	if res.next == nil {
		return false, nil
	}
	var out []byte
	for n := 0; limit == 0 || n < limit; n++ {
		row, err := res.next()
		if err == io.EOF {
			return false, nil
		}
		if err != nil {
			return false, err
		}
		res.count++
		if res.copyOut != nil {
			s.send('d', res.copyOut(row))
			continue
		}
		out = append(out[:0], 'D', 0, 0, 0, 0)
		out = binary.BigEndian.AppendUint16(out, uint16(len(row)))
		for i, v := range row {
			if out, err = s.value(out, res.columns[i].typ, v, format(formats, i)); err != nil {
				return false, err
			}
		}
		binary.BigEndian.PutUint32(out[1:], uint32(len(out)-1))
		if _, err := s.w.Write(out); err != nil {
			return false, err
		}
	}
	return true, nil
}

func format(formats []int, i int) int {
	switch len(formats) {
	case 0:
		return 0
	case 1:
		return formats[0]
	}
	if i < len(formats) {
		return formats[i]
	}
	return 0
}

func (s *session) value(out []byte, t *typ, v any, format int) ([]byte, error) {
	if v == nil {
		return binary.BigEndian.AppendUint32(out, 0xffffffff), nil
	}
	if format == 1 {
		b, ok := t.binary(v)
		if !ok {
			return nil, failf("0A000", "the embedded store has no binary form of type %s", t.name)
		}
		return append(binary.BigEndian.AppendUint32(out, uint32(len(b))), b...), nil
	}
	text := t.text(v, s.settings)
	return append(binary.BigEndian.AppendUint32(out, uint32(len(text))), text...), nil
}

// describe sends a RowDescription, or NoData.
func (s *session) describe(columns []column, formats []int) {
	if columns == nil {
		s.send('n')
		return
	}
	body := binary.BigEndian.AppendUint16(nil, uint16(len(columns)))
	for i, col := range columns {
		body = append(append(body, col.name...), 0)
		body = append(body, 0, 0, 0, 0, 0, 0) // no table
		body = binary.BigEndian.AppendUint32(body, col.typ.oid)
		body = binary.BigEndian.AppendUint16(body, uint16(int16(col.typ.size)))
		body = binary.BigEndian.AppendUint32(body, uint32(int32(col.mod)))
		body = binary.BigEndian.AppendUint16(body, uint16(format(formats, i)))
	}
	s.send('T', body)
}
