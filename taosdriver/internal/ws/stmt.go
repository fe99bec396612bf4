package ws

import (
	"context"

	"github.com/gaugesql/gaugesql/taosdriver/internal/stmt"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Prepare implements transport.Conn.
func (c *Conn) Prepare(ctx context.Context, requestID uint64, sql string) (transport.Stmt, error) {
	if !c.supports(needStmt2) {
		return nil, transport.ErrText
	}
	return stmt.Prepare(ctx, c, c.origin, requestID, sql)
}
