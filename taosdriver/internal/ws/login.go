package ws

import (
	"context"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// connector is what the server's list of connections shows as the client.
const connector = "gaugesql"

type version = transport.Version

// What needs which version.
var (
	needBinaryQuery  = version{3, 3, 2}
	needTimezone     = version{3, 3, 5}
	needToken        = version{3, 4, 0}
	needStmt2        = version{3, 3, 3}
	needTableNameKey = version{3, 3, 5}
)

// supports reports whether the server is not older.
func (c *Conn) supports(need version) bool {
	return transport.AtLeast(c.version, need)
}

// require returns an error if the server is older than what needs.
func (c *Conn) require(op string, need version, what string) error {
	if c.supports(need) {
		return nil
	}
	found := c.version
	if found == "" {
		found = "one that does not tell its version"
	}
	return c.origin.Error(driver.ErrNotSupported, op, 0,
		fmt.Sprintf("%s needs TDengine %v or newer, the server is %s", what, need, found), nil)
}

// login checks the server's version and opens the session.
func (c *Conn) login(ctx context.Context) error {
	k := newCall("connect", driver.NewRequestID())
	r, err := c.text(ctx, k, actionVersion, func(id uint64) any { return plainArgs{id} }, nil)
	if err != nil && (!k.received || k.reply == nil || k.reply.Code == 0) {
		return err
	}
	if err == nil {
		c.version = r.Version
	}
	s := c.settings
	if err := c.require("connect", needBinaryQuery, "this driver"); err != nil {
		return err
	}
	if s.Timezone != "" {
		if err := c.require("connect", needTimezone, "a session time zone"); err != nil {
			return err
		}
	}
	if s.BearerToken != "" || s.TOTPCode != "" {
		if err := c.require("connect", needToken, "a login with bearer_token or totp_code"); err != nil {
			return err
		}
	}
	args := loginArgs{
		User: s.User, Password: s.Password, DB: s.Database, TZ: s.Timezone, App: s.App,
		Connector: connector, TOTPCode: s.TOTPCode, BearerToken: s.BearerToken,
	}
	if s.BearerToken != "" {
		args.User, args.Password = "", ""
	}
	if s.BIMode {
		mode := biMode
		args.Mode = &mode
	}
	_, err = c.text(ctx, newCall("connect", driver.NewRequestID()), actionLogin, func(id uint64) any {
		args.ReqID = id
		return args
	}, nil)
	return err
}
