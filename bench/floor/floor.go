// Package floor is the least that a database/sql driver can do: it hands out
// rows that are there already. What a query costs with it is database/sql's own
// share, which no driver can go below.
package floor

import (
	"context"
	"database/sql/driver"
	"io"
	"strconv"
	"sync"

	"github.com/gaugesql/gaugesql/bench/replay"
)

// Connector makes connections to nowhere. A query is the number of rows wanted.
type Connector struct{}

// Connect implements [driver.Connector].
func (Connector) Connect(context.Context) (driver.Conn, error) { return conn{}, nil }

// Driver implements [driver.Connector].
func (Connector) Driver() driver.Driver { return nil }

// block is the rows, made once, and only for those who use them: the collector
// looks at them in every cycle.
var block = sync.OnceValue(func() (rows [][4]driver.Value) {
	rows = make([][4]driver.Value, replay.BlockRows)
	for i := range rows {
		ts, current, voltage, location := replay.Row(i)
		rows[i] = [4]driver.Value{ts, current, voltage, location}
	}
	return rows
})

type conn struct{}

func (conn) Prepare(string) (driver.Stmt, error) { return nil, driver.ErrSkip }
func (conn) Begin() (driver.Tx, error)           { return nil, driver.ErrSkip }
func (conn) Close() error                        { return nil }

// QueryContext implements [driver.QueryerContext].
func (conn) QueryContext(_ context.Context, query string, _ []driver.NamedValue) (driver.Rows, error) {
	n, err := strconv.Atoi(query)
	return &rows{block: block(), left: n}, err
}

type rows struct {
	block      [][4]driver.Value
	left, next int
}

func (*rows) Columns() []string { return []string{"ts", "current", "voltage", "location"} }
func (*rows) Close() error      { return nil }

func (r *rows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	copy(dest, r.block[r.next][:])
	r.next = (r.next + 1) % len(r.block)
	return nil
}
