package cluster

import (
	"context"
	"errors"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Info is what a session learns when it logs in.
type Info struct {
	// Precision is "s", "ms", "us" or "ns", the unit of the database's times.
	Precision string
	// Version of the server, TimeZone of the database. Empty for a user who may
	// not show.
	Version, TimeZone string
}

// precisions are the names of the answers to the expression 1s.
var precisions = map[int64]string{1: "s", 1000: "ms", 1_000_000: "us", 1_000_000_000: "ns"}

// connect dials h and logs in.
func connect(ctx context.Context, config *Config, h hosts.Host, alive func(bool)) (*session, error) {
	s, err := open(ctx, config, h, alive)
	if err != nil {
		return nil, err
	}
	if err := s.login(ctx); err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}

// open dials h without a login.
func open(ctx context.Context, config *Config, h hosts.Host, alive func(bool)) (*session, error) {
	conn, err := config.dial(ctx, h)
	if err != nil {
		return nil, &driver.Error{Kind: driver.ErrConnection, Engine: Engine, Op: "connect", Host: h.Addr, Err: err}
	}
	return newSession(conn, h.Addr, config, alive), nil
}

func (s *session) login(ctx context.Context) error {
	const op = "connect"
	a := s.request(ctx, wire.Auth, wire.AppendAuth(wire.Begin(nil), s.config.User, s.config.Password, s.config.Database))
	if a.err != nil {
		return lost(op, s.host, 0, a)
	}
	if a.typ != wire.AuthOK {
		return refused(op, s.host, 0, a.typ, a.data)
	}
	a = s.query(ctx, "show time_precision, version, timezone")
	if a.err == nil && a.typ == wire.ErrAccess {
		// Anyone may calculate: how many units has a second?
		a = s.query(ctx, "1s")
	}
	if a.err != nil {
		return lost(op, s.host, 0, a)
	}
	if a.typ != wire.QueryResult {
		return refused(op, s.host, 0, a.typ, a.data)
	}
	table, err := result.ParseTable(a.data)
	if err == nil {
		s.info.read(table)
		if s.info.Precision == "" {
			err = errors.New("the server does not tell the precision of its times")
		}
	}
	if err != nil {
		return &driver.Error{Kind: driver.ErrInternal, Engine: Engine, Op: op, Host: s.host, Err: err}
	}
	return nil
}

func (s *session) query(ctx context.Context, text string) answer {
	return s.request(ctx, wire.Query, wire.AppendQuery(wire.Begin(nil), text))
}

func (i *Info) read(t *result.Table) {
	for r := range t.Rows {
		row := t.Row(r)
		if len(row) == 1 {
			perSecond, _ := row[0].(int64)
			i.Precision = precisions[perSecond]
			return
		}
		value, _ := row[1].(string)
		switch row[0] {
		case "time_precision":
			for _, known := range precisions {
				if value == known {
					i.Precision = value
				}
			}
		case "version":
			i.Version = value
		case "timezone":
			i.TimeZone = value
		}
	}
}
