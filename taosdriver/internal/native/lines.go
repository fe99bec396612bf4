//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"bytes"
	"context"
	"math"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

var _ transport.LineWriter = (*Conn)(nil)

// WriteLines implements transport.LineWriter.
func (c *Conn) WriteLines(ctx context.Context, requestID uint64, lines transport.Lines) (result driver.SchemalessResult, err error) {
	if err := c.lib.require(c.origin, "schemaless", "schemaless", "writing lines"); err != nil {
		return result, err
	}
	if len(lines.Data) > math.MaxInt32 {
		return result, c.origin.Error(driver.ErrSchemaless, "schemaless", requestID, "a batch of more than 2 GiB", nil)
	}
	// The library writes to what it is given, and may go on after the caller has.
	data := append(bytes.Clone(lines.Data), 0)
	var key *byte
	if lines.TableNameKey != "" {
		key = cstring(lines.TableNameKey)
	}
	var out outcome
	var total int32
	t := &task{
		op: "schemaless", requestID: requestID, executes: true, stop: c.kill,
		call: func() {
			res := c.lib.InsertLines(c.taos, &data[0], int32(len(data)-1), &total,
				int32(lines.Protocol), int32(lines.Precision), lines.TTL, int64(requestID), key)
			out = c.take("schemaless", requestID, res, true)
		},
		late: func() { c.free(out.res) },
	}
	if err := c.run(ctx, t); err != nil {
		return result, err
	}
	if out.err != nil {
		return result, c.reason(ctx, t, out.err)
	}
	c.free(out.res) // which none has
	return driver.SchemalessResult{AffectedRows: out.affected, TotalRows: int64(total)}, nil
}
