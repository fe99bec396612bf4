package siridriver

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/doctable"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

func TestParseDSN(t *testing.T) {
	for _, tt := range []struct {
		name, dsn string
		want      func(*Config)
		formatted string // the same if empty
	}{
		{"host, user, database", "siridb://iris:siri@h:9001/dbtest", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "iris", "siri", []Host{{"h:9001", 1, false}}, "dbtest"
		}, ""},
		{"weights and backups", "siridb://iris:siri@s1:9000;weight=3,s2:9001,b1:9002;backup=true/dbtest", func(c *Config) {
			c.User, c.Password, c.Database = "iris", "siri", "dbtest"
			c.Hosts = []Host{{"s1:9000", 3, false}, {"s2:9001", 1, false}, {"b1:9002", 1, true}}
		}, ""},
		{"no host", "siridb:///d", func(c *Config) { c.Database = "d" }, ""},
		{"hosts without ports", "siridb://h,[::1],[::1]:9001/d", func(c *Config) {
			c.Database, c.Hosts = "d", []Host{{"h", 1, false}, {"[::1]", 1, false}, {"[::1]:9001", 1, false}}
		}, ""},
		{"Unix socket", "siridb://%2Frun%2Fsiridb.sock/d", func(c *Config) { c.Database, c.Hosts = "d", []Host{{"/run/siridb.sock", 1, false}} }, ""},
		{"special characters", "siridb://u%3A:p%2F%40@h/d", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "u:", "p/@", []Host{{"h", 1, false}}, "d"
		}, ""},
		{
			"every parameter",
			"siridb:///d?precision=ms&location=%2B08:00&wide=true&check_types=true&connect_timeout=1s&query_timeout=2s&insert_timeout=0s" +
				"&pool_wait=4s&write_timeout=5s&keepalive=0s&ping_timeout=6s&inactive_time=7s&max_wait_retry=8s&max_response=1MiB&max_insert=1MiB",
			func(c *Config) {
				c.Database, c.Precision, c.Location, c.Wide, c.CheckTypes = "d", Milliseconds, time.FixedZone("+08:00", 8*3600), true, true
				c.ConnectTimeout, c.QueryTimeout, c.InsertTimeout, c.PoolWait = time.Second, 2*time.Second, 0, 4*time.Second
				c.WriteTimeout, c.KeepAlive, c.PingTimeout, c.InactiveTime = 5*time.Second, 0, 6*time.Second, 7*time.Second
				c.MaxWaitRetry, c.MaxResponse, c.MaxInsert = 8*time.Second, 1<<20, 1<<20
			}, "",
		},
		{"names of the Python connector", "siridb:///d?time_precision=ns&timeout=3&keepalive=true&inactive_time=30&max_wait_retry=90&loc=UTC", func(c *Config) {
			c.Database, c.Precision, c.ConnectTimeout, c.Location = "d", Nanoseconds, 3*time.Second, time.UTC
		}, "siridb:///d?precision=ns&location=UTC&connect_timeout=3s"},
		{"no keep-alive", "siridb:///d?keepalive=false", func(c *Config) { c.Database, c.KeepAlive = "d", 0 }, "siridb:///d?keepalive=0s"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseDSN(tt.dsn)
			if err != nil {
				t.Fatal(err)
			}
			want := NewConfig()
			tt.want(want)
			if !sameConfig(got, want) {
				t.Errorf("got  %+v\nwant %+v", *got, *want)
			}
			if tt.formatted == "" {
				tt.formatted = tt.dsn
			}
			if f := got.FormatDSN(); f != tt.formatted {
				t.Errorf("formatted as %s", f)
			}
		})
	}
}

// sameConfig compares locations by name.
func sameConfig(a, b *Config) bool {
	x, y := a.Clone(), b.Clone()
	x.Location, y.Location = nil, nil
	name := func(c *Config) string {
		if c.Location == nil {
			return ""
		}
		return c.Location.String()
	}
	return reflect.DeepEqual(x, y) && name(a) == name(b)
}

func TestParseDSNErrors(t *testing.T) {
	for _, tt := range []struct{ name, dsn, want string }{
		{"empty", "", "no scheme"},
		{"another scheme", "siridb+tls://u:hunter2@h/d", "has no TLS"},
		{"no database", "siridb://u:hunter2@h", "no database"},
		{"unknown parameter", "siridb://u:hunter2@h/d?qury_timeout=1s", `did you mean "query_timeout"?`},
		{"unknown option of a host", "siridb://u:hunter2@h;wieght=3/d", `did you mean "weight"?`},
		{"weight too large", "siridb://u:hunter2@h;weight=10/d", "want a number from 1 to 9"},
		{"bad precision", "siridb://h/d?precision=min", "want s, ms, us or ns"},
		{"bad keep-alive", "siridb://h/d?keepalive=often", "want true, false or a duration"},
		{"no time to connect", "siridb://h/d?connect_timeout=0", "connect_timeout is not positive"},
		{"insert beyond the server", "siridb://h/d?max_insert=41MiB", "want a size from 64KiB to 40MiB"},
		{"host twice by default port", "siridb://h,h:9000/d", "host 2 is given twice"},
		{"password without a user", "siridb://:hunter2@h/d", "password without a user"},
		{"port of a socket", "siridb://%2Fsock:9000/d", "no port"},
		{"NUL in the password", "siridb://u:hunter2%00@h/d", "NUL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseDSN(tt.dsn)
			if err == nil {
				t.Fatalf("got %v", c)
			}
			var e *driver.Error
			if !errors.As(err, &e) || !errors.Is(err, driver.ErrInterface) || e.Engine != "siridb" {
				t.Errorf("%#v is not an interface error of siridb", err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q does not say %q, or says more", err, tt.want)
			}
		})
	}
}

func TestConfigShowsNoPassword(t *testing.T) {
	c := NewConfig()
	c.User, c.Password, c.Database = "u", "hunter2", "d"
	if s := c.String() + c.LogValue().String() + fmt.Sprintf("%#v %#v", c, *c); strings.Contains(s, "hunter2") {
		t.Error(s)
	}
}

func TestHostDefaults(t *testing.T) {
	c := NewConfig()
	c.Hosts = []Host{{Addr: "h"}, {Addr: ":1"}, {Addr: "[::1]"}, {Addr: "/sock", Weight: 9, Backup: true}}
	got, err := c.hostList()
	want := []hosts.Host{
		{Network: "tcp", Addr: "h:9000"}, {Network: "tcp", Addr: "localhost:1"}, {Network: "tcp", Addr: "[::1]:9000"},
		{Network: "unix", Addr: "/sock", Weight: 9, Backup: true},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	c.Hosts = nil
	if got, _ := c.hostList(); len(got) != 1 || got[0].Addr != "localhost:9000" {
		t.Errorf("%+v", got)
	}
	for _, bad := range []Host{
		{Addr: "a:b:c"}, {Weight: 10}, {Weight: -1}, // and what no DSN could say
		{Addr: "a:http"}, {Addr: "a:0"}, {Addr: "a:65536"}, {Addr: "a:-1"}, {Addr: "a,b"}, {Addr: "a;b:1"}, {Addr: "u@a"},
	} {
		c.Hosts = []Host{bad}
		if _, err := c.hostList(); !errors.Is(err, driver.ErrInterface) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestConnectorKeepsItsOwnConfig(t *testing.T) {
	c := NewConfig()
	c.Database, c.Hosts = "d", []Host{{Addr: "a"}}
	connector, err := NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	c.Hosts[0].Addr, c.Wide = "b", true
	if connector.config.Hosts[0].Addr != "a" || connector.config.Wide {
		t.Errorf("changed to %+v", connector.config)
	}
}

func TestDocsTables(t *testing.T) {
	const page = "../docs/siridb.md"
	doctable.Check(t, page, "siridb parameters", parameters.Markdown())
	doctable.Check(t, page, "siridb host options", hostOptions.Markdown())
}

func FuzzDSN(f *testing.F) {
	for _, s := range []string{
		"siridb://iris:siri@s1:9000;weight=3,s2:9001,b1:9002;backup=true/dbtest?precision=ms&keepalive=false",
		"siridb://%2Frun%2Fs/d?location=Asia/Shanghai", "siridb://[::1%25eth0]:1/d?max_insert=1MiB",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseDSN(s)
		if err != nil {
			return
		}
		again, err := ParseDSN(c.FormatDSN())
		if err != nil || !sameConfig(c, again) {
			t.Fatalf("%q became %q: %v", s, c.FormatDSN(), err)
		}
	})
}

func TestCheckOfFieldsThatADSNCannotGetWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		`"precision" has value "m"`:        func(c *Config) { c.Precision = "m" },
		`"query_timeout" has value "-1ns"`: func(c *Config) { c.QueryTimeout = -1 },
		`connect_timeout is not positive`:  func(c *Config) { c.ConnectTimeout = 0 },
		`keepalive is negative`:            func(c *Config) { c.KeepAlive = -1 },
		`"max_insert" has value "0"`:       func(c *Config) { c.MaxInsert = 0 },
		`host 2: want "host:port"`:         func(c *Config) { c.Hosts = []Host{{}, {Addr: "::1"}} },
	} {
		c := NewConfig()
		c.Database = "d"
		spoil(c)
		if err := c.check(); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, driver.ErrInterface) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
