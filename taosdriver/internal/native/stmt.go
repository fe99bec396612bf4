//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"

	"github.com/gaugesql/gaugesql/taosdriver/internal/stmt"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Prepare implements transport.Conn.
func (c *Conn) Prepare(ctx context.Context, requestID uint64, sql string) (transport.Stmt, error) {
	if c.lib.missing["stmt2"] != "" {
		return nil, transport.ErrText
	}
	return stmt.Prepare(ctx, c, c.origin, requestID, sql)
}
