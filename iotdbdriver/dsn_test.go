package iotdbdriver

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/doctable"
)

func TestParseDSN(t *testing.T) {
	for _, tt := range []struct {
		name, dsn string
		want      func(*Config)
		formatted string // the same if empty
	}{
		{"nothing", "iotdb://", func(*Config) {}, ""},
		{"hosts, user, database", "iotdb://root:root@h1:6667,h2/db1", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "root", "root", []string{"h1:6667", "h2"}, "db1"
		}, ""},
		{"IPv6", "iotdb://[::1]:6668,[fe80::1]/d", func(c *Config) { c.Hosts, c.Database = []string{"[::1]:6668", "[fe80::1]"}, "d" }, ""},
		{"TLS", "iotdb+tls://h/d?tls_ca=ca.pem&tls_server_name=s&tls_min_version=1.3", func(c *Config) {
			c.TLS, c.Hosts, c.Database, c.TLSCA, c.TLSServerName, c.TLSMinVersion = true, []string{"h"}, "d", "ca.pem", "s", TLS13
		}, ""},
		{"special characters", "iotdb://u%3A:p%2F%40@h/d%2Fb", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "u:", "p/@", []string{"h"}, "d/b"
		}, ""},
		{
			"every parameter",
			"iotdb://?dialect=tree&fetch_size=7&time_zone=Asia/Shanghai&location=%2B08:00&compression=true&redirection=true&prepare=false" +
				"&connect_timeout=1s&wait_timeout=2s&max_retry=4&read_timeout=5s&write_timeout=6s&query_timeout=7s&kill=false" +
				"&max_frame_size=64MiB&balance=random&host_rest=8s",
			func(c *Config) {
				c.Dialect, c.FetchSize, c.Compression, c.Redirection, c.Prepare, c.Kill = Tree, 7, true, true, false, false
				c.TimeZone, _ = time.LoadLocation("Asia/Shanghai")
				c.Location = time.FixedZone("+08:00", 8*3600)
				c.ConnectTimeout, c.WaitTimeout, c.MaxRetry, c.ReadTimeout = time.Second, 2*time.Second, 4, 5*time.Second
				c.WriteTimeout, c.QueryTimeout, c.MaxFrame, c.Balance, c.HostRest = 6*time.Second, 7*time.Second, 64<<20, Random, 8*time.Second
			}, "",
		},
		{"names of the Python client", "iotdb://?enable_compression=true&enable_redirection=true&timezone=UTC&sql_dialect=table", func(c *Config) {
			c.Compression, c.Redirection, c.TimeZone = true, true, time.UTC
		}, "iotdb://?time_zone=UTC&compression=true&redirection=true"},
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
	name := func(loc *time.Location) string {
		if loc == nil {
			return ""
		}
		return loc.String()
	}
	same := name(x.TimeZone) == name(y.TimeZone) && name(x.Location) == name(y.Location)
	x.TimeZone, y.TimeZone, x.Location, y.Location = nil, nil, nil, nil
	return same && reflect.DeepEqual(x, y)
}

func TestParseDSNErrors(t *testing.T) {
	for _, tt := range []struct{ name, dsn, want string }{
		{"empty", "", "no scheme"},
		{"another scheme", "iotdb+http://u:hunter2@h/d", "want iotdb or iotdb+tls"},
		{"unknown parameter", "iotdb://u:hunter2@h/d?fetchsize=1", `did you mean "fetch_size"?`},
		{"unknown dialect", "iotdb://u:hunter2@h/d?dialect=graph", "want table or tree"},
		{"fetch size", "iotdb://h/d?fetch_size=0", "want a number from 1 to 10000000"},
		{"option of a host", "iotdb://u:hunter2@h;weight=1/d", "IoTDB's have none"},
		{"path", "iotdb://%2Fsock/d", "no Unix sockets"},
		{"host twice by default port", "iotdb://h,h:6667/d", "host 2 is given twice"},
		{"password without a user", "iotdb://:hunter2@h/d", "password without a user"},
		{"database of the tree model", "iotdb://h/d?dialect=tree", "write complete paths"},
		{"tables of the tree model", "iotdb://h?dialect=tree&check_tables=true", "no tables"},
		{"TLS without TLS", "iotdb://h/d?tls_ca=ca.pem", "tls_ca without TLS"},
		{"half a certificate", "iotdb+tls://h/d?tls_cert=c.pem", "belong together"},
		{"a CA that has no effect", "iotdb+tls://h/d?tls_ca=c.pem&tls_skip_verify=true", "has no effect"},
		{"local time", "iotdb://h/d?time_zone=Local", "a name of the IANA database"},
		{"both names of a parameter", "iotdb://h/d?compression=true&enable_compression=true", "compression"},
		{"NUL in the database", "iotdb://u:hunter2@h/d%00", "NUL"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseDSN(tt.dsn)
			if err == nil {
				t.Fatalf("got %v", c)
			}
			var e *driver.Error
			if !errors.As(err, &e) || !errors.Is(err, driver.ErrInterface) || e.Engine != "iotdb" {
				t.Errorf("%#v is not an interface error of iotdb", err)
			}
			if !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q does not say %q, or says more", err, tt.want)
			}
		})
	}
}

// A Config made by hand is checked as one of a DSN is.
func TestConfigCheck(t *testing.T) {
	for name, change := range map[string]func(*Config){
		"dialect":     func(c *Config) { c.Dialect = "graph" },
		"balance":     func(c *Config) { c.Balance = "best" },
		"TLS version": func(c *Config) { c.TLSMinVersion = "1.0" },
		"timeout":     func(c *Config) { c.ReadTimeout = -1 },
		"retries":     func(c *Config) { c.MaxRetry = -1 },
		"frame":       func(c *Config) { c.MaxFrame = 0 },
		"fetch size":  func(c *Config) { c.FetchSize = 0 },
		"host":        func(c *Config) { c.Hosts = []string{"a b"} },
		"port":        func(c *Config) { c.Hosts = []string{"h:70000"} },
		"TLS config":  func(c *Config) { c.TLSConfig = new(tls.Config) },
		"CA file":     func(c *Config) { c.TLS, c.TLSCA = true, "/no/such/file" },
	} {
		c := NewConfig()
		change(c)
		if _, err := NewConnector(c); !errors.Is(err, driver.ErrInterface) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestZones(t *testing.T) {
	for name, want := range map[string]string{"Asia/Shanghai": "Asia/Shanghai", "UTC": "UTC", "": "UTC"} {
		loc, err := time.LoadLocation(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := zoneID(loc); got != want || err != nil {
			t.Errorf("%s: %q, %v", name, got, err)
		}
	}
	if got, err := zoneID(time.FixedZone("somewhere", -(3*3600 + 1800))); got != "-03:30" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := zoneID(time.FixedZone("odd", 61)); err == nil {
		t.Errorf("an offset of 61 s is %q", got)
	}
}

func TestConfigShowsNoPassword(t *testing.T) {
	c := NewConfig()
	c.User, c.Password, c.TLS, c.TLSKey = "root", "hunter2", true, "hunter2"
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("config", "config", c)
	for _, text := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", *c), fmt.Sprintf("%#v", c), logged.String()} {
		if strings.Contains(text, "hunter2") {
			t.Errorf("it shows the password: %s", text)
		}
	}
}

func TestConnectorKeepsAClone(t *testing.T) {
	c := NewConfig()
	c.Hosts = []string{"h1"}
	connector, err := NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	c.Hosts[0], c.FetchSize = "h2", 1
	if connector.config.Hosts[0] != "h1" || connector.config.FetchSize != 5000 {
		t.Errorf("the connector has %v", connector.config)
	}
}

// The page's table is the declaration's.
func TestDSNDocs(t *testing.T) {
	doctable.Check(t, "../docs/dsn.md", "iotdb parameters", parameters.Markdown())
}

// What parses is formatted as a DSN that parses to the same, and its redacted form
// shows no password.
func FuzzParseDSN(f *testing.F) {
	for _, s := range []string{
		"iotdb://root:root@h1:6667,[::1],:6668/db1?dialect=table&fetch_size=5000&compression", "iotdb+tls://root:p%2F@h/d?tls_skip_verify=true",
		"iotdb://?dialect=tree&time_zone=Asia/Shanghai&location=%2B08:00", "iotdb://h/d%2Fb?query_timeout=1h&max_frame_size=1MiB",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseDSN(s)
		if err != nil {
			return
		}
		again, err := ParseDSN(c.FormatDSN())
		if err != nil {
			t.Fatalf("%q was formatted as %q: %v", s, c.FormatDSN(), err)
		}
		if !sameConfig(c, again) {
			t.Errorf("%q became %+v, then %+v", s, *c, *again)
		}
		if len(c.Password) > 8 && strings.Contains(c.String(), c.Password) && !strings.Contains(c.User+c.Database+strings.Join(c.Hosts, ""), c.Password) {
			t.Errorf("the password is in %s", c)
		}
	})
}

func TestCheckOfFieldsThatADSNCannotGetWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		`"dialect" has value "graph"`:       func(c *Config) { c.Dialect = "graph" },
		`"balance" has value "fair"`:        func(c *Config) { c.Balance = "fair" },
		`"tls_min_version" has value "1.1"`: func(c *Config) { c.TLSMinVersion = "1.1" },
		`"read_timeout" has value "-1ns"`:   func(c *Config) { c.ReadTimeout = -1 },
		`"fetch_size" has value "0"`:        func(c *Config) { c.FetchSize = 0 },
		`"max_retry" has value "-1"`:        func(c *Config) { c.MaxRetry = -1 },
		`host 2 is not`:                     func(c *Config) { c.Hosts = []string{"h", "a b"} },
		`host 1 is not`:                     func(c *Config) { c.Hosts = []string{""} },
	} {
		c := NewConfig()
		spoil(c)
		if err := c.check(); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, driver.ErrInterface) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
