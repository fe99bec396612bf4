//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"errors"
	"strings"
	"time"
	"unsafe"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// outcome is what a statement brought: an error, a number of rows, or a result.
type outcome struct {
	err       error
	affected  int64
	res       handle // nil for an update
	fields    []block.Field
	precision block.Precision
}

// Query implements transport.Conn.
func (c *Conn) Query(ctx context.Context, requestID uint64, sql string) (*transport.Reply, error) {
	if err := c.nul("query", requestID, sql); err != nil {
		return nil, err
	}
	return c.query(ctx, "query", requestID, sql)
}

func (c *Conn) query(ctx context.Context, op string, requestID uint64, sql string) (*transport.Reply, error) {
	var out outcome
	t := &task{
		op: op, requestID: requestID, executes: true, stop: c.kill,
		call: func() { out = c.take(op, requestID, c.lib.Query(c.taos, sql, int64(requestID)), true) },
		late: func() { c.free(out.res) },
	}
	if err := c.run(ctx, t); err != nil {
		return nil, err
	}
	if out.err != nil {
		return nil, c.reason(ctx, t, out.err)
	}
	if out.res == nil {
		return &transport.Reply{Update: true, Affected: out.affected}, nil
	}
	return c.reply(ctx, &out, requestID, nil), nil
}

// take looks at a TAOS_RES that the library has returned. It is freed unless the
// outcome has it; owned is false for that of a statement, which frees it itself.
func (c *Conn) take(op string, requestID uint64, res handle, owned bool) (out outcome) {
	if res == nil {
		out.err = c.failed(op, requestID, nil)
		return out
	}
	keep := false
	defer func() {
		if owned && !keep {
			c.lib.FreeResult(res)
		}
	}()
	// A failed one counts as an update: the code comes first.
	if c.lib.Errno(res) != 0 {
		out.err = c.failed(op, requestID, res)
		return out
	}
	if c.lib.IsUpdateQuery(res) {
		out.affected = c.lib.AffectedRows(res)
		return out
	}
	out.precision = block.Precision(c.lib.ResultPrecision(res))
	fields, err := c.fields(res)
	if err == nil && !out.precision.Valid() {
		err = errPrecision
	}
	if err != nil {
		out.err = c.protocol(op, requestID, true, err)
		return out
	}
	keep = true
	out.res, out.fields = res, fields
	return out
}

// fields describes the columns of a result.
func (c *Conn) fields(res handle) ([]block.Field, error) {
	n := c.lib.NumFields(res)
	p := c.lib.FetchFields(res)
	if n <= 0 || n > maxColumns || p == nil {
		return nil, errFields
	}
	fields := make([]block.Field, n)
	for i, f := range unsafe.Slice((*columnField)(p), n) {
		t := block.Type(f.typ)
		if !t.Valid() {
			return nil, errFields
		}
		fields[i] = block.Field{Name: text(f.name[:]), Type: t, Bytes: max(f.bytes, 0)}
		if t.IsDecimal() {
			if f.precision > block.MaxPrecision || f.scale > f.precision {
				return nil, errFields
			}
			fields[i].Precision, fields[i].Scale = f.precision, f.scale
		}
	}
	return fields, nil
}

// free frees a result of which nothing is under way.
func (c *Conn) free(res handle) {
	if res != nil {
		c.lib.FreeResult(res)
	}
}

// pingPatience is how long a ping waits before it looks whether anybody listens
// at the host. The library would wait for a server that is away.
const pingPatience = time.Second

// Ping implements transport.Conn.
func (c *Conn) Ping(ctx context.Context) error {
	asking, end := context.WithCancelCause(ctx)
	defer end(nil)
	timer := time.AfterFunc(pingPatience, func() {
		if err := knock(asking, c.origin); err != nil {
			end(err)
		}
	})
	defer timer.Stop()
	reply, err := c.query(asking, "ping", driver.NewRequestID(), transport.PingSQL)
	var away *driver.Error
	if err != nil && ctx.Err() == nil && errors.As(context.Cause(asking), &away) {
		c.retire()
		away.Op = "ping"
		return transport.NotSent(away)
	}
	if err != nil {
		return err
	}
	if reply.Result != nil {
		reply.Result.Close()
	}
	return nil
}

// Restore implements transport.Conn.
func (c *Conn) Restore(ctx context.Context) error {
	s := c.settings
	var failure error
	err := c.run(ctx, &task{op: "reset", call: func() {
		if s.Database == "" {
			c.lib.ResetCurrentDB(c.taos)
		} else if code := c.lib.SelectDB(c.taos, s.Database); code != 0 {
			failure = c.refused("reset", 0, code)
			return
		}
		failure = c.setTimezone("reset")
	}})
	if err != nil {
		return err
	}
	return failure
}

// Info implements transport.Conn.
func (c *Conn) Info(ctx context.Context) (transport.Info, error) {
	info := transport.Info{Version: c.version, Host: c.origin.Host}
	var database [1024]byte
	var failure error
	err := c.run(ctx, &task{op: "info", call: func() {
		var required int32
		if code := c.lib.GetCurrentDB(c.taos, &database[0], int32(len(database)), &required); code != 0 {
			failure = c.refused("info", 0, code)
		}
		info.Parameters = map[string]string{
			"server": strings.TrimSpace(c.lib.GetServerInfo(c.taos)), "library": c.lib.path, "client": c.lib.version,
		}
	}})
	if err != nil {
		return transport.Info{Version: c.version, Host: c.origin.Host}, err
	}
	info.Database = text(database[:])
	return info, failure
}
