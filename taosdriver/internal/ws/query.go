package ws

import (
	"context"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Query implements transport.Conn.
func (c *Conn) Query(ctx context.Context, requestID uint64, sql string) (*transport.Reply, error) {
	k := newCall("query", requestID)
	k.executes = true
	if err := c.execute(ctx, k, sql); err != nil {
		return nil, err
	}
	if k.reply.IsUpdate {
		return &transport.Reply{Update: true, Affected: k.reply.AffectedRows}, nil
	}
	return c.result(ctx, k, false)
}

// execute runs a statement as the call. The caller frees the result in the
// reply, if there is one.
func (c *Conn) execute(ctx context.Context, k *call, sql string) error {
	err := c.start(ctx, k, binaryMessage, func(wireID uint64) []byte {
		return frame.AppendQuery(make([]byte, 0, frame.HeaderSize+6+len(sql)), wireID, sql)
	})
	if err != nil {
		return err
	}
	return c.wait(ctx, k, c.lateResult)
}

// result makes the result that the call's reply describes.
func (c *Conn) result(ctx context.Context, k *call, storage bool) (*transport.Reply, error) {
	fields, err := k.reply.resultFields(storage)
	if err != nil {
		c.lateResult(k)
		c.retire()
		return nil, c.protocol(k.op, k.requestID, k.executes, err)
	}
	res := &result{
		c: c, id: k.reply.ID, fields: fields, precision: block.Precision(k.reply.Precision),
		requestID: k.requestID, wireID: k.wireID, settled: make(chan struct{}),
	}
	return &transport.Reply{Fields: fields, Precision: res.precision, Result: res.open(ctx)}, nil
}

// lateResult frees the result that a reply carries.
func (c *Conn) lateResult(k *call) {
	if k.reply != nil && k.reply.Code == 0 && k.reply.ID != 0 {
		c.free(k.reply.ID)
	}
}

// Ping implements transport.Conn. With its server away the adapter looks for it for
// 20 s before it answers; the context may end that.
func (c *Conn) Ping(ctx context.Context) error {
	k := newCall("ping", driver.NewRequestID())
	if err := c.execute(ctx, k, transport.PingSQL); err != nil {
		return err
	}
	c.lateResult(k)
	return nil
}

// Restore implements transport.Conn.
func (c *Conn) Restore(ctx context.Context) error {
	s := c.settings
	if s.Database == "" {
		return c.origin.Error(driver.ErrInterface, "reset", 0, "no way back to no database", nil)
	}
	use := "USE `" + strings.ReplaceAll(s.Database, "`", "``") + "`"
	if err := c.execute(ctx, newCall("reset", driver.NewRequestID()), use); err != nil {
		return err
	}
	if s.Timezone == "" {
		return nil
	}
	k := newCall("reset", driver.NewRequestID())
	_, err := c.text(ctx, k, actionOptions, func(id uint64) any {
		return optionsArgs{id, []option{{optionTimezone, s.Timezone}}}
	}, nil)
	return err
}

// Info implements transport.Conn.
func (c *Conn) Info(ctx context.Context) (transport.Info, error) {
	info := transport.Info{Version: c.version, Host: c.origin.Host}
	plain := func(id uint64) any { return plainArgs{id} }
	r, err := c.text(ctx, newCall("info", driver.NewRequestID()), actionCurrentDB, plain, nil)
	if err != nil {
		return info, err
	}
	info.Database = r.DB
	if r, err = c.text(ctx, newCall("info", driver.NewRequestID()), actionServerInfo, plain, nil); err != nil {
		return info, err
	}
	info.Parameters = make(map[string]string)
	for _, line := range strings.Split(r.Info, "\n") {
		if name, value, ok := strings.Cut(line, ":"); ok {
			info.Parameters[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return info, nil
}
