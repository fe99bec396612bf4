package ws

import (
	"context"
	"fmt"
	"strconv"

	"github.com/gaugesql/gaugesql/driver"
)

// connector is what the server's list of connections shows as the client.
const connector = "gaugesql"

// version is a server's, its numbers in order.
type version [4]int

// What needs which version.
var (
	needBinaryQuery = version{3, 3, 2}
	needTimezone    = version{3, 3, 5}
	needToken       = version{3, 4, 0}
	needStmt2       = version{3, 3, 3}
	needDecimalText = version{3, 4, 0}
)

// parseVersion reads "3.3.7.5", "3.4.0.0.alpha" and "3.3.7-rc1"; what is missing
// counts 0.
func parseVersion(s string) (v version, ok bool) {
	for i := range v {
		end := 0
		for end < len(s) && '0' <= s[end] && s[end] <= '9' {
			end++
		}
		n, err := strconv.Atoi(s[:end])
		if err != nil {
			break
		}
		v[i] = n
		if s = s[end:]; s == "" || s[0] != '.' {
			break
		}
		s = s[1:]
	}
	return v, v[0] > 0
}

func (v version) less(w version) bool {
	for i := range v {
		if v[i] != w[i] {
			return v[i] < w[i]
		}
	}
	return false
}

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

// supports reports whether the server is not older.
func (c *Conn) supports(need version) bool {
	v, ok := parseVersion(c.version)
	return ok && !v.less(need)
}

// require returns an error if the server is older than what needs.
func (c *Conn) require(need version, what string) error {
	if c.supports(need) {
		return nil
	}
	found := c.version
	if found == "" {
		found = "one that does not tell its version"
	}
	return c.origin.Error(driver.ErrNotSupported, "connect", 0,
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
	if err := c.require(needBinaryQuery, "this driver"); err != nil {
		return err
	}
	if s.Timezone != "" {
		if err := c.require(needTimezone, "a session time zone"); err != nil {
			return err
		}
	}
	if s.BearerToken != "" || s.TOTPCode != "" {
		if err := c.require(needToken, "a login with bearer_token or totp_code"); err != nil {
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
