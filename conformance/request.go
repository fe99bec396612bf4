package conformance

import (
	sqldriver "database/sql/driver"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
)

var requestChecks = []Check{
	{Group: "request ids", Name: "a request id of the context is in the error", Needs: needs(RequestIDs), Run: func(e *Env) {
		const id uint64 = 0x7123456789
		_, err := e.DB().ExecContext(driver.WithRequestID(e.ctx, id), e.Dialect().syntaxError())
		e.requestID(err, id)
	}},
	{Group: "request ids", Name: "a request id of the context reaches the server", Needs: needs(RequestIDs, hasRequestSeen), Run: func(e *Env) {
		table := e.Of(Text)
		const first, second uint64 = 0x7123456001, 0x7123456002
		_, err := e.DB().ExecContext(driver.WithRequestID(e.ctx, first), e.literalInsert(table, 1, "x"))
		e.Must(err)
		if got := e.Target.Faults.RequestID(table); got != first {
			e.Errorf("exec: the server saw %#x, not %#x", got, first)
		}
		rows, err := e.DB().QueryContext(driver.WithRequestID(e.ctx, second), e.column(table))
		e.Must(err)
		e.Must(finish(rows))
		if got := e.Target.Faults.RequestID(table); got != second {
			e.Errorf("query: the server saw %#x, not %#x", got, second)
		}
	}},
	{Group: "request ids", Name: "generated request ids differ", Needs: needs(RequestIDs), Run: func(e *Env) {
		seen := make(map[uint64]bool)
		for range 5 {
			var de *driver.Error
			if err := e.runs(e.DB(), e.Dialect().syntaxError()); !errors.As(err, &de) {
				e.Fatalf("a %T: %v", err, err)
			}
			if de.RequestID == 0 || seen[de.RequestID] {
				e.Errorf("the id is %#x", de.RequestID)
			}
			seen[de.RequestID] = true
		}
	}},
	{Group: "request ids", Name: "a statement runs under the request id given to the extension", Needs: needs(offers("RequestExecer")), Run: func(e *Env) {
		table := e.Of(Integer)
		const id uint64 = 0x7123456003
		e.Must(driver.WithDB(e.ctx, e.DB(), func(x driver.RequestExecer) error {
			_, err := x.ExecRequest(e.ctx, id, e.putting(table, 1), e.Dialect().Key.Value(1), int32(5))
			if err != nil {
				return err
			}
			e.requestSeen(table, id)
			_, err = x.ExecRequest(e.ctx, id, e.Dialect().syntaxError())
			e.requestID(err, id)
			return nil
		}))
		if got := All[int](e, e.DB(), e.column(table)); len(got) != 1 || got[0] != 5 {
			e.Errorf("the table holds %v", got)
		}
	}},
	{Group: "request ids", Name: "a query runs under the request id given to the extension", Needs: needs(offers("RequestQueryer")), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		e.Put(e.DB(), table, 1, 5)
		const id uint64 = 0x7123456004
		e.Must(driver.WithDB(e.ctx, e.DB(), func(x driver.RequestQueryer) error {
			rows, err := x.QueryRequest(e.ctx, id, d.selects(table, []string{"v"}, "v = "+d.placeholder(1)), 5)
			if err != nil {
				return err
			}
			row := make([]sqldriver.Value, len(rows.Columns()))
			if err := rows.Next(row); err != nil || len(row) != e.Dialect().Leading+1 || row[len(row)-1] == nil {
				e.Errorf("the row is %v, error %v", row, err)
			}
			if err := rows.Close(); err != nil {
				return err
			}
			e.requestSeen(table, id)
			rows, err = x.QueryRequest(e.ctx, id, d.syntaxError())
			if err == nil {
				err = rows.Next(make([]sqldriver.Value, 1))
				rows.Close()
			}
			e.requestID(err, id)
			return nil
		}))
	}},
}

// requestID checks the id in an error.
func (e *Env) requestID(err error, id uint64) {
	var de *driver.Error
	if !errors.As(err, &de) || de.RequestID != id {
		e.Errorf("%s: the error does not carry %#x: %v", caller(), id, err)
	}
}

// requestSeen checks the id that the server saw, if it tells.
func (e *Env) requestSeen(marker string, id uint64) {
	if e.Target.Faults.RequestID == nil {
		return
	}
	if got := e.Target.Faults.RequestID(marker); got != id {
		e.Errorf("%s: the server saw %#x, not %#x", caller(), got, id)
	}
}
