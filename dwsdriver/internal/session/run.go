package session

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// Outcome is what became of a statement: its command's tag, "INSERT" or "CREATE
// TABLE", and the number of rows that it wrote or read. Of several statements
// it is the last one's.
type Outcome struct {
	Tag  string
	Rows int64
}

// Text is a statement and what is put before it for whoever looks at the
// server: a comment, or nothing. A statement with a comment is not kept on the
// server.
type Text struct {
	SQL, Comment string
}

// Exec runs a text and passes over rows. Without arguments the text may hold
// several statements.
func (s *Session) Exec(ctx context.Context, text Text, args []driver.NamedValue) (Outcome, error) {
	if len(args) == 0 {
		return s.execPlain(ctx, text)
	}
	st, err := s.statement(text, len(args))
	if err != nil {
		return Outcome{}, err
	}
	return s.exec(ctx, st, text.Comment, args)
}

// Query runs a text and returns its rows, which are to be closed before the next
// request.
func (s *Session) Query(ctx context.Context, text Text, args []driver.NamedValue) (*Result, error) {
	st, err := s.statement(text, len(args))
	if err != nil {
		return nil, err
	}
	if len(args) == 0 && st.several {
		return s.queryPlain(ctx, text.Comment+st.text, st.traits)
	}
	return s.query(ctx, st, text.Comment, args)
}

// statement looks a text up and checks the number of arguments.
func (s *Session) statement(text Text, args int) (*statement, error) {
	var st *statement
	var err error
	if text.Comment == "" {
		st, err = s.cache.get(text.SQL)
	} else {
		st, err = newStatement(text.SQL)
	}
	if err != nil {
		return nil, err
	}
	return st, st.check(args)
}

func (st *statement) check(args int) error {
	switch {
	case args != st.args:
		hint := ""
		if args == 0 && strings.IndexByte(st.key, '?') >= 0 {
			hint = `; a "?" that is an operator is taken for one unless the statement has "$1"`
		}
		return &ArgumentError{fmt.Errorf("got %d arguments for %d placeholders%s", args, st.args, hint)}
	case args > wire.MaxArguments:
		return &ArgumentError{fmt.Errorf("%d arguments; the server takes %d", args, wire.MaxArguments)}
	}
	return nil
}

// Simple runs a text of the driver's own, without arguments.
func (s *Session) Simple(ctx context.Context, text string) (Outcome, error) {
	if err := s.begin(ctx); err != nil {
		return Outcome{}, err
	}
	s.out = wire.AppendQuery(s.out[:0], text)
	if err := s.send(ctx); err != nil {
		return Outcome{}, err
	}
	var r reply
	if err := s.settle(ctx, &r); err != nil {
		return Outcome{}, err
	}
	return Outcome{r.tag, r.rows}, r.err
}

// Ping makes a round trip.
func (s *Session) Ping(ctx context.Context) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	s.out = wire.AppendSync(s.out[:0])
	if err := s.send(ctx); err != nil {
		return err
	}
	r := reply{extended: true}
	if err := s.settle(ctx, &r); err != nil {
		return err
	}
	return r.err
}

// execPlain runs a text by the simple protocol.
func (s *Session) execPlain(ctx context.Context, text Text) (Outcome, error) {
	if strings.IndexByte(text.SQL, 0) >= 0 {
		return Outcome{}, &ArgumentError{errNUL}
	}
	if placeholder.DWS.Has(text.SQL) {
		_, err := s.statement(Text{SQL: text.SQL, Comment: " "}, 0)
		return Outcome{}, err
	}
	s.effects |= traitsOf(text.SQL).effect
	return s.Simple(ctx, text.Comment+text.SQL)
}

// exec runs a statement by the extended protocol.
func (s *Session) exec(ctx context.Context, st *statement, comment string, args []driver.NamedValue) (Outcome, error) {
	r, err := s.start(ctx, st, comment, args, false, func(r *reply) error { return s.settle(ctx, r) })
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{r.tag, r.rows}, nil
}

// start sends a statement and has the answers read, as far as read does. The
// error of the reply is returned as well.
func (s *Session) start(ctx context.Context, st *statement, comment string, args []driver.NamedValue, rows bool, read func(*reply) error) (*reply, error) {
	for again := false; ; again = true {
		r, kept, err := s.attempt(ctx, st, comment, args, rows, read)
		if err == nil {
			err = r.err
		}
		e, ok := err.(*ServerError)
		if !ok || !kept || !e.Refused || !s.Alive() {
			return r, err
		}
		switch e.Code {
		case unknownStatement, changedResult:
		default:
			return r, err
		}
		// The server refused to bind, so nothing was executed.
		s.cache.forget(st)
		if s.status != wire.Idle {
			e.Stale = true
			return r, err
		}
		if again {
			return r, err
		}
	}
}

// SQLSTATEs of a prepared statement that is no more, and of one whose result
// would have other columns now.
const (
	unknownStatement = "26000"
	changedResult    = "0A000"
)

// attempt is one try of start. kept tells that the statement was on the server
// before.
func (s *Session) attempt(ctx context.Context, st *statement, comment string, args []driver.NamedValue, rows bool, read func(*reply) error) (_ *reply, kept bool, err error) {
	if err := s.begin(ctx); err != nil {
		return nil, false, err
	}
	// What is large is worth the binary format. Of a query without arguments that is
	// not known, but likely.
	kept = st.described && !st.varies
	likely := rows && !st.varies && (st.large || !kept && len(args) == 0)
	if likely && !s.met && s.options.Meet != nil && s.status == wire.Idle {
		if err := s.options.Meet(ctx); err != nil {
			return nil, kept, err
		}
	}
	s.effects |= st.effect
	depends := s.bind(args)

	r := &reply{extended: true}
	name, formats := st.name, []wire.Format(nil)
	s.out = s.out[:0]
	s.forget()
	switch {
	case kept:
		formats = s.planned(st)
		r.types, r.columns = st.types, st.columns
	default:
		if name = ""; comment == "" && !st.varies && s.cache.keeps(st) {
			name = s.cache.newName()
		}
		s.out = wire.AppendParse(s.out, name, comment+st.text)
		s.out = wire.AppendDescribe(s.out, wire.OfStatement, name)
		if !depends && !(likely && len(s.binary) > 0) {
			break // all in one batch
		}
		if err := s.describe(ctx, st, name, r); err != nil || r.err != nil {
			return r, false, err
		}
		formats = plan(r.columns, s.binary)
		s.out = s.out[:0]
	}
	st.uses++
	described := r.parsed
	s.bound.Types = r.types
	s.out, err = wire.AppendBind(s.out, name, &s.bound, formats)
	if err != nil {
		return r, kept, &ArgumentError{err}
	}
	s.out = wire.AppendSync(wire.AppendExecute(s.out))
	if err := s.send(ctx); err != nil {
		return r, kept, err
	}
	err = read(r)
	if !kept && !described && name != "" && r.parsed && s.Alive() {
		st.keep(name, r.types, r.columns)
	}
	return r, kept, err
}

// bind takes the arguments of a request, and reports whether the text of one
// depends on its parameter's type.
func (s *Session) bind(args []driver.NamedValue) (depends bool) {
	b := &s.bound
	b.Location, b.Binary, b.Types = s.options.Location, s.options.BinaryParameters, nil
	clear(b.Values)
	b.Values = b.Values[:0]
	for i := range args {
		b.Values = append(b.Values, args[i].Value)
		depends = depends || wire.Depends(args[i].Value)
	}
	return depends
}

// planned returns the formats for the columns of a statement that the server
// keeps.
func (s *Session) planned(st *statement) []wire.Format {
	if !st.planned && s.met {
		st.formats, st.planned = plan(st.columns, s.binary), true
	}
	return st.formats
}

// describe sends what s.out holds, a Parse and a Describe, and reads the answer.
func (s *Session) describe(ctx context.Context, st *statement, name string, r *reply) error {
	s.out = wire.AppendSync(s.out)
	if err := s.send(ctx); err != nil {
		return err
	}
	if err := s.settle(ctx, r); err != nil {
		return err
	}
	if name != "" && r.parsed {
		st.keep(name, r.types, r.columns)
	}
	return nil
}

// forget puts what the server is to drop into the batch. It is forgotten here when
// the batch is sent, which an argument that has no form prevents.
func (s *Session) forget() {
	for _, name := range s.cache.forgotten {
		s.out = wire.AppendClose(s.out, wire.OfStatement, name)
	}
	s.closing = len(s.cache.forgotten)
}

// forget makes the statement one that the server is not known to keep.
func (c *cache) forget(st *statement) {
	if st.name != "" {
		c.forgotten = append(c.forgotten, st.name)
		st.lose()
	}
}

// Prepared is a statement that the server keeps until Close.
type Prepared struct {
	s      *Session
	st     *statement
	closed bool
}

// Prepare prepares a text of one statement.
func (s *Session) Prepare(ctx context.Context, text string) (*Prepared, error) {
	st, err := s.cache.acquire(text)
	if err != nil {
		return nil, err
	}
	if st.described && s.Alive() && ctx.Err() == nil {
		return &Prepared{s: s, st: st}, nil
	}
	if err := s.prepare(ctx, st); err != nil {
		s.cache.release(st)
		return nil, err
	}
	return &Prepared{s: s, st: st}, nil
}

func (s *Session) prepare(ctx context.Context, st *statement) error {
	if err := s.begin(ctx); err != nil {
		return err
	}
	name := s.cache.newName()
	s.out = s.out[:0]
	s.forget()
	s.out = wire.AppendParse(s.out, name, st.text)
	s.out = wire.AppendDescribe(s.out, wire.OfStatement, name)
	r := reply{extended: true}
	if err := s.describe(ctx, st, name, &r); err != nil {
		return err
	}
	return r.err
}

// Args is the number of arguments.
func (p *Prepared) Args() int { return p.st.args }

// Check is the error of a number of arguments that is not the statement's.
func (p *Prepared) Check(args int) error { return p.st.check(args) }

// Text is that of the statement, as it was prepared.
func (p *Prepared) Text() string { return p.st.key }

// Exec runs the statement and passes over rows.
func (p *Prepared) Exec(ctx context.Context, comment string, args []driver.NamedValue) (Outcome, error) {
	if err := p.st.check(len(args)); err != nil {
		return Outcome{}, err
	}
	return p.s.exec(ctx, p.st, comment, args)
}

// Query runs the statement and returns its rows, as Session.Query does.
func (p *Prepared) Query(ctx context.Context, comment string, args []driver.NamedValue) (*Result, error) {
	if err := p.st.check(len(args)); err != nil {
		return nil, err
	}
	return p.s.query(ctx, p.st, comment, args)
}

// Close lets the server forget the statement: with the next request, unless the
// cache keeps it. It may be called twice.
func (p *Prepared) Close() {
	if !p.closed {
		p.closed = true
		p.s.cache.release(p.st)
	}
}
