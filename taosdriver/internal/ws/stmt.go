package ws

import (
	"context"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Prepare implements transport.Conn.
func (c *Conn) Prepare(ctx context.Context, requestID uint64, sql string) (transport.Stmt, error) {
	return nil, transport.ErrText
}

// closeStmt frees a statement of which nothing is under way.
func (c *Conn) closeStmt(id uint64) {
	k := newCall("close statement", driver.NewRequestID())
	c.text(context.Background(), k, actionStmtClose, func(req uint64) any { return stmtArgs{req, id} }, nil)
}
