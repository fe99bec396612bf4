package siridriver

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
	"github.com/gaugesql/gaugesql/siridriver/internal/transcript"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

func TestRecordedServiceRequests(t *testing.T) {
	ctx := context.Background()
	p := newPlayer(transcript.Load("service_requests"))
	for key, list := range newPlayer(transcript.Load("service_new_drop_database")).answers {
		p.answers[key] = append(p.answers[key], list...)
	}
	config := NewConfig()
	config.Hosts = []Host{{Addr: script.Start(t, p.handle("ms")).Addr}}
	login := func(password string) *Service {
		s, err := OpenService(ctx, config, "", "sa", password)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	s := login("siri")
	if v, err := s.Version(ctx); v != "2.0.55" || err != nil {
		t.Errorf("version %q, %v", v, err)
	}
	if list, err := s.Accounts(ctx); !reflect.DeepEqual(list, []string{"sa"}) || err != nil {
		t.Errorf("accounts %q, %v", list, err)
	}
	if list, err := s.Databases(ctx); len(list) != 8 || err != nil {
		t.Errorf("databases %q, %v", list, err)
	}
	if err := s.NewDatabase(ctx, NewDatabase{Name: "gold_tmp", Precision: Microseconds}); err != nil {
		t.Errorf("new database: %v", err)
	}
	if list, err := s.Databases(ctx); len(list) != 9 || err != nil {
		t.Errorf("databases %q, %v", list, err)
	}
	if err := s.DropDatabase(ctx, "gold_tmp", false); err != nil {
		t.Errorf("drop database: %v", err)
	}
	if _, err := login("bad").Version(ctx); !errors.Is(err, ErrService) || Code(err) != 96 {
		t.Errorf("wrong password: %v", err)
	}
	if err := s.request0(ctx, 99); !errors.Is(err, ErrService) || Code(err) != 97 {
		t.Errorf("unknown request: %v", err)
	}
	if len(p.strange) > 0 {
		t.Errorf("sent what is not on the record: %q", p.strange)
	}
}

// options makes a map of keys and values in turn.
func options(list ...any) (pairs qpack.Pairs) {
	for i := 0; i < len(list); i += 2 {
		pairs = append(pairs, qpack.Pair{Key: list[i], Value: list[i+1]})
	}
	return pairs
}

// request0 sends a request that the Service has no method for.
func (s *Service) request0(ctx context.Context, n wire.ServiceRequest) error {
	return s.do(ctx, "test", n, nil)
}

func TestServiceOptions(t *testing.T) {
	ctx := context.Background()
	received := make(chan []any, 1)
	server := script.Start(t, func(c *script.Conn, p script.Package) {
		if p.Type != wire.Service {
			script.Answer(c, p)
			return
		}
		_, _, n, given, _ := wire.ParseService(p.Data)
		received <- []any{n, given}
		c.Reply(p.PID, wire.ServiceOK, nil)
	})
	err := driver.WithDB(ctx, open(t, server), func(o ServiceOpener) error {
		if _, err := o.OpenService(ctx, "other:9000", "sa", "siri"); !errors.Is(err, driver.ErrInterface) {
			t.Errorf("a host that is not configured: %v", err)
		}
		s, err := o.OpenService(ctx, server.Addr, "sa", "siri")
		if err != nil {
			return err
		}
		defer s.Close()
		member := Member{"d", "h", 9000, "iris", "siri"}
		joined := options("dbname", "d", "host", "h", "port", int64(9000), "username", "iris", "password", "siri")
		for name, tt := range map[string]struct {
			call func() error
			want []any
		}{
			"new account":                         {func() error { return s.NewAccount(ctx, "a", "b") }, []any{wire.NewAccount, options("account", "a", "password", "b")}},
			"change password":                     {func() error { return s.ChangePassword(ctx, "a", "b") }, []any{wire.ChangePassword, options("account", "a", "password", "b")}},
			"drop account":                        {func() error { return s.DropAccount(ctx, "a") }, []any{wire.DropAccount, options("account", "a")}},
			"drop database":                       {func() error { return s.DropDatabase(ctx, "d", true) }, []any{wire.DropDatabase, options("database", "d", "ignore_offline", true)}},
			"new pool":                            {func() error { return s.NewPool(ctx, member) }, []any{wire.NewPool, joined}},
			"new replica":                         {func() error { return s.NewReplica(ctx, member, 1) }, []any{wire.NewReplica, append(joined[:5:5], qpack.Pair{Key: "pool", Value: int64(1)})}},
			"new database, always with durations": {func() error { return s.NewDatabase(ctx, NewDatabase{Name: "ab", Precision: Nanoseconds}) }, []any{wire.NewDatabase, options("dbname", "ab", "time_precision", "ns", "buffer_size", int64(1024), "duration_num", "1w", "duration_log", "1d")}},
		} {
			if err := tt.call(); err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if got := <-received; !reflect.DeepEqual(got, tt.want) {
				t.Errorf("%s: sent %v", name, got)
			}
		}
		for _, bad := range []NewDatabase{{Name: "ab", Precision: "min"}, {Name: "ab", LogDuration: "0d"}, {Name: "ab", NumberDuration: "100w"}, {Name: "ab", NumberDuration: "1y"}, {Name: "ab", LogDuration: "w"}} {
			if err := s.NewDatabase(ctx, bad); !errors.Is(err, driver.ErrProgramming) || len(received) > 0 {
				t.Errorf("%+v: %v", bad, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
