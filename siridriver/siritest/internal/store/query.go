package store

import (
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// Request is what a statement runs for.
type Request struct {
	Database *Database
	User     *User
	// Cluster is asked for its state once, Self is the server that was spoken to.
	Cluster Cluster
	Self    int
	Now     time.Time
	// GroupDelay is how long a new group stays empty.
	GroupDelay time.Duration
}

// query is a statement that runs.
type query struct {
	Request
	db       *Database
	view     *view
	now      time.Time
	clock    parse.Clock
	factor   float64
	selected int64 // points
}

// Query runs a statement. Precision is what times are asked in, -1 for the
// database's own.
func Query(r Request, text string, precision int) Reply {
	began := time.Now()
	q := &query{
		Request: r, db: r.Database, view: newView(r.Cluster, r.Self), now: r.Now,
		factor: scaling(precision, r.Database.Precision),
	}
	q.db.mu.RLock()
	q.clock = q.db.clock(q.now)
	q.db.mu.RUnlock()
	st, err := parse.Parse(text, q.clock)
	if err != nil {
		return wrong("%s", err).Reply()
	}
	data, failure := q.statement(st)
	if failure != nil {
		return failure.Reply()
	}
	if st.Timeit {
		data = q.appendTimeit(data, time.Since(began))
	}
	return Reply{wire.QueryResult, data}
}

// appendTimeit adds to a result how long it took. Two containers stay open.
func (q *query) appendTimeit(data []byte, took time.Duration) []byte {
	if data == nil {
		data = qpack.OpenMap(data)
	}
	data = qpack.AppendRaw(data, "__timeit__")
	data = qpack.OpenArray(data)
	data = qpack.AppendMap(data, 2)
	data = qpack.AppendRaw(data, "server")
	data = qpack.AppendRaw(data, q.view.nodes[q.view.self].Name)
	data = qpack.AppendRaw(data, "time")
	return qpack.AppendFloat(data, took.Seconds())
}

func (q *query) statement(st *parse.Statement) ([]byte, *Error) {
	d := q.db
	switch b := st.Body.(type) {
	case nil:
		if st.Timeit {
			return nil, nil
		}
		data := qpack.AppendMap(nil, 1)
		data = qpack.AppendRaw(data, "calc")
		return qpack.AppendInt(data, q.scale(q.clock.Now)), nil
	case *parse.Calc:
		data := qpack.AppendRaw(qpack.OpenMap(nil), "calc")
		return qpack.AppendInt(data, q.scale(b.Value)), nil
	case *parse.Help:
		data := qpack.AppendRaw(qpack.OpenMap(nil), "help")
		return qpack.AppendRaw(data, help(b.Topic)), nil
	case *parse.Select:
		if err := q.need(canSelect, true); err != nil {
			return nil, err
		}
		d.mu.RLock()
		data, err := q.sel(b)
		d.mu.RUnlock()
		d.mu.Lock()
		d.selected[q.Self] += q.selected
		d.mu.Unlock()
		return data, err
	case *parse.List:
		return q.reading(canList, func() ([]byte, *Error) { return q.list(b) })
	case *parse.Count:
		return q.reading(canCount, func() ([]byte, *Error) { return q.count(b) })
	case *parse.Show:
		return q.reading(canShow, func() ([]byte, *Error) { return q.show(b) })
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch b := st.Body.(type) {
	case *parse.Alter:
		return q.alter(b)
	case *parse.Create:
		return q.create(b)
	case *parse.Drop:
		return q.drop(b)
	case *parse.Grant:
		return q.grant(b)
	}
	panic("unreachable: a statement of another type")
}

func (q *query) reading(r rights, f func() ([]byte, *Error)) ([]byte, *Error) {
	q.db.mu.RLock()
	defer q.db.mu.RUnlock()
	if err := q.may(r); err != nil {
		return nil, err
	}
	return f()
}

// need checks a right and, if so wanted, that all pools can be read and written.
func (q *query) need(r rights, accessible bool) *Error {
	q.db.mu.RLock()
	err := q.may(r)
	q.db.mu.RUnlock()
	if err == nil && accessible {
		err = q.view.accessible()
	}
	return err
}

// may checks a right. The database's lock is held.
func (q *query) may(r rights) *Error { return may(q.User, r) }

func may(u *User, r rights) *Error {
	if u.rights&r == r {
		return nil
	}
	return fail(wire.ErrAccess, "Access denied. User '%s' has no '%s' privileges.", u.name, r)
}

// Insert stores the points of a request. The error is a *Crash if it kills the
// server.
func Insert(r Request, data []byte) (Reply, error) {
	d := r.Database
	d.mu.RLock()
	err := may(r.User, canInsert)
	d.mu.RUnlock()
	if err != nil {
		return err.Reply(), nil
	}
	v := newView(r.Cluster, r.Self)
	if me := v.nodes[r.Self]; !me.Status.Accessible() {
		return Refusal(me).Reply(), nil
	}
	if !v.every(func(n Node) bool { return n.Status.Accessible() }) {
		return fail(wire.ErrPool, "At least one pool has no server available to process the request").Reply(), nil
	}
	n, failure := d.insert(data, v.pools, r.Self)
	switch e := failure.(type) {
	case nil:
		return Reply{wire.InsertResult, success("Successfully inserted %d point(s).", n)}, nil
	case *Error:
		return e.Reply(), nil
	}
	return Reply{}, failure
}

// Refusal is what a server says that can do nothing in its state.
func Refusal(n Node) *Error {
	return fail(wire.ErrServer, "Server '%s' is not accepting the request because of having status: %d", n.Name, n.Status)
}
