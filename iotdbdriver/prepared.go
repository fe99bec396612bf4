package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
)

// prepared is a statement that the server has prepared.
type prepared struct{ name, mark string }

// prepare asks the server to prepare a statement. nil means that it did not, and that
// the statement's text serves: the server has no such call (before 2.0.8), or does
// not prepare this statement. An INSERT is never asked for: a literal is checked
// more closely than a parameter, and tablets are for many rows.
func (c *conn) prepare(ctx context.Context, id uint64, query string, inputs int) (*prepared, error) {
	k := c.connector
	if inputs == 0 || !k.config.Prepare || k.config.Dialect != Table || k.preparable.Load() < 0 || isInsert(query) || effectOf(query) != 0 {
		return nil, nil
	}
	s := c.session
	p := &prepared{name: "gaugesql_" + itoa(c.prepares)}
	c.prepares++
	if k.killer != nil {
		p.mark = k.marks.next()
	}
	var reply rpc.PrepareReply
	call := &client.Call{
		Op: opPrepare, ID: id, Method: rpc.PrepareStatement, Result: rpc.Result(&reply),
		Arguments: rpc.Arguments(&rpc.PrepareRequest{SessionID: s.id, SQL: query + p.mark, Name: p.name}),
	}
	err := s.link.Do(ctx, call)
	call.Release()
	if rpc.UnknownMethod(err) {
		k.preparable.Store(-1)
		return nil, nil
	}
	var e *rpc.ApplicationError
	switch {
	case errors.As(err, &e):
		return nil, nil
	case err != nil:
		return nil, err
	case sessionGone(&reply.Status):
		return nil, s.check(opPrepare, id, &reply.Status)
	case failed(s.link.Origin, opPrepare, id, &reply.Status) != nil:
		return nil, nil // whatever is wrong shows when the text is run
	}
	k.preparable.Store(1)
	if reply.Parameters == nil || int(*reply.Parameters) != inputs {
		// It counts placeholders in another way than we do: its count is not for us.
		return nil, c.deallocate(ctx, id, p)
	}
	return p, nil
}

// deallocate makes the server forget a statement.
func (c *conn) deallocate(ctx context.Context, id uint64, p *prepared) error {
	if s := c.session; s.link.Alive() {
		return s.status(ctx, opPrepare, id, rpc.DeallocateStatement, &rpc.DeallocateRequest{SessionID: s.id, Name: p.name})
	}
	return nil
}

// dropUnwanted makes the server forget the statements that were closed while it was at
// work on something else.
func (c *conn) dropUnwanted(ctx context.Context) error {
	for len(c.unwanted) > 0 {
		if err := c.deallocate(ctx, 0, c.unwanted[0]); err != nil {
			return err
		}
		c.unwanted = c.unwanted[1:]
	}
	return nil
}

// errText says that the arguments of a prepared statement are for its text.
var errText = errors.New("run the text")

// runPrepared runs a prepared statement. The error is errText if the server cannot
// with these arguments; then it has done nothing.
func (c *conn) runPrepared(ctx context.Context, op string, id uint64, p *prepared, args []sqldriver.NamedValue) (*rows, error) {
	s := c.session
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg.Value
		switch v := arg.Value.(type) {
		case time.Time:
			ts, ok := tablet.Timestamp(v, s.units)
			if !ok {
				return nil, errText // which says what is wrong
			}
			values[i] = ts
		case string:
			if !utf8.ValidString(v) {
				return nil, errText // and here
			}
		case []byte:
			if v == nil {
				values[i] = nil
			}
		}
	}
	parameters, err := rpc.AppendParameters(nil, values)
	if err != nil {
		return nil, errText
	}
	if err := s.fits(ctx, op, id, len(parameters)); err != nil {
		return nil, err
	}
	timeout := c.timeout(ctx)
	k := &execution{}
	request := &rpc.ExecutePreparedRequest{
		SessionID: s.id, Name: p.name, Parameters: parameters, FetchSize: int32(s.config.FetchSize), StatementID: s.statement,
	}
	if timeout > 0 {
		request.Timeout = &timeout
	}
	k.Call = client.Call{
		Op: op, ID: id, Method: rpc.ExecutePrepared, Arguments: rpc.Arguments(request), Result: rpc.Result(&k.reply), Executes: true,
	}
	r, err := c.await(ctx, k, timeout, p.mark)
	switch Code(err) {
	case CodeSyntax, CodeSemantic:
		return nil, errText // a parameter of a type that its place does not take
	}
	return r, err
}
