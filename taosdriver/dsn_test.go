package taosdriver

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	gsdriver "github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/doctable"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	loc, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return loc
}

// sameConfig compares by what a DSN can say; locations by name.
func sameConfig(a, b *Config) bool {
	names := func(c *Config) [2]string {
		var n [2]string
		for i, l := range []*time.Location{c.SessionTimezone, c.Location} {
			if l != nil {
				n[i] = l.String()
			}
		}
		return n
	}
	x, y := a.Clone(), b.Clone()
	x.SessionTimezone, y.SessionTimezone, x.Location, y.Location = nil, nil, nil, nil
	return names(a) == names(b) && reflect.DeepEqual(x, y)
}

func TestParseDSN(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	tests := []struct {
		name, dsn string
		want      func(*Config)
		formatted string
	}{
		{"native", "taos://", func(c *Config) { c.Transport = Native }, "taos://"},
		{"native with everything", "taos://root:taosdata@h:6030/power", func(c *Config) {
			c.Transport, c.User, c.Password, c.Hosts, c.Database = Native, "root", "taosdata", []string{"h:6030"}, "power"
		}, "taos://root:taosdata@h:6030/power"},
		{"WebSocket", "taos+ws://h", func(c *Config) { c.Hosts = []string{"h"} }, "taos+ws://h"},
		{"WebSocket without the driver's name", "ws://localhost:6041", func(c *Config) { c.Hosts = []string{"localhost:6041"} }, "taos+ws://localhost:6041"},
		{"WebSocket with TLS", "wss://h", func(c *Config) { c.TLS, c.Hosts = true, []string{"h"} }, "taos+wss://h"},
		{"REST", "http://h", func(c *Config) { c.Transport, c.Hosts = REST, []string{"h"} }, "taos+http://h"},
		{"TDengine Cloud", "taos+https://gw.cloud.example?token=a%2Bb", func(c *Config) {
			c.Transport, c.TLS, c.Hosts, c.Token = REST, true, []string{"gw.cloud.example"}, "a+b"
		}, "taos+https://gw.cloud.example?token=a%2Bb"},
		{"several hosts and a zone", "taos+ws://root:taosdata@h1:6041,[::1],:6042/power?timezone=Asia/Shanghai", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "root", "taosdata", []string{"h1:6041", "[::1]", ":6042"}, "power"
			c.SessionTimezone = shanghai
		}, "taos+ws://root:taosdata@h1:6041,[::1],:6042/power?timezone=Asia/Shanghai"},
		{"user without a password", "ws://u@h", func(c *Config) { c.User, c.Hosts = "u", []string{"h"} }, "taos+ws://u@h"},
		{"special characters", "ws://u%3A:p%2F%40%3F@h/d%2Fb", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "u:", "p/@?", []string{"h"}, "d/b"
		}, "taos+ws://u%3A:p%2F%40%3F@h/d%2Fb"},
		{
			"every parameter",
			"wss://?bearer_token=b&totp_code=1&timezone=Asia/Shanghai&location=UTC&connect_timeout=1s&read_timeout=2s&write_timeout=0" +
				"&kill_grace=never&compression&max_message_size=1MiB&balance=random&host_rest=0s&tls_ca=/ca.pem&tls_cert=/c.pem&tls_key=/k.pem" +
				"&tls_server_name=s&tls_min_version=1.3&app=a&bi_mode=true",
			func(c *Config) {
				c.TLS, c.BearerToken, c.TOTPCode, c.SessionTimezone, c.Location = true, "b", "1", shanghai, time.UTC
				c.ConnectTimeout, c.ReadTimeout, c.WriteTimeout, c.KillGrace = time.Second, 2*time.Second, 0, -1
				c.Compression, c.MaxMessageBytes, c.Balance, c.HostRest = true, 1<<20, Random, 0
				c.TLSCA, c.TLSCert, c.TLSKey, c.TLSServerName, c.TLSMinVersion = "/ca.pem", "/c.pem", "/k.pem", "s", TLS13
				c.App, c.BIMode = "a", true
			},
			"taos+wss://?bearer_token=b&totp_code=1&timezone=Asia/Shanghai&location=UTC&connect_timeout=1s&read_timeout=2s&write_timeout=0s" +
				"&kill_grace=never&compression=true&max_message_size=1MiB&balance=random&host_rest=0s&tls_ca=/ca.pem&tls_cert=/c.pem&tls_key=/k.pem" +
				"&tls_server_name=s&tls_min_version=1.3&app=a&bi_mode=true",
		},
		{"skip verify", "wss://?tls_skip_verify=true", func(c *Config) { c.TLS, c.TLSSkipVerify = true, true }, "taos+wss://?tls_skip_verify=true"},
		{"names of the other connectors", "ws://?bearerToken=b&totpCode=1&loc=Asia/Shanghai&conn_timeout=3&readTimeout=4s&writeTimeout=5s&enableCompression=true&user_app=a&conn_mode=1", func(c *Config) {
			c.BearerToken, c.TOTPCode, c.Location = "b", "1", shanghai
			c.ConnectTimeout, c.ReadTimeout, c.WriteTimeout = 3*time.Second, 4*time.Second, 5*time.Second
			c.Compression, c.App, c.BIMode = true, "a", true
		}, "taos+ws://?bearer_token=b&totp_code=1&location=Asia/Shanghai&connect_timeout=3s&read_timeout=4s&write_timeout=5s&compression=true&app=a&bi_mode=true"},

		{"official", "root:taosdata@ws(localhost:6041)/power", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "root", "taosdata", []string{"localhost:6041"}, "power"
		}, "taos+ws://root:taosdata@localhost:6041/power"},
		{"official with several hosts", "root:taosdata@wss(h1:1,[::1]:2,h3)/", func(c *Config) {
			c.TLS, c.User, c.Password, c.Hosts = true, "root", "taosdata", []string{"h1:1", "[::1]:2", "h3"}
		}, "taos+wss://root:taosdata@h1:1,[::1]:2,h3"},
		{"official REST", "root:taosdata@http(h:6041)/", func(c *Config) {
			c.Transport, c.User, c.Password, c.Hosts = REST, "root", "taosdata", []string{"h:6041"}
		}, "taos+http://root:taosdata@h:6041"},
		{"official cloud", "@https(gw.cloud.example:443)/db?token=t", func(c *Config) {
			c.Transport, c.TLS, c.Hosts, c.Database, c.Token = REST, true, []string{"gw.cloud.example:443"}, "db", "t"
		}, "taos+https://gw.cloud.example:443/db?token=t"},
		{"official native", "root:taosdata@tcp(h:6030)/db", func(c *Config) {
			c.Transport, c.User, c.Password, c.Hosts, c.Database = Native, "root", "taosdata", []string{"h:6030"}, "db"
		}, "taos://root:taosdata@h:6030/db"},
		{"official configuration folder", "u:p@cfg(/etc/taos)/db", func(c *Config) {
			c.Transport, c.User, c.Password, c.ConfigDir, c.Database = Native, "u", "p", "/etc/taos", "db"
		}, "taos://u:p@/db?config_dir=/etc/taos"},
		{"native library", "taos://h?libraryPath=/opt/libtaos.so&configDir=/etc/taos", func(c *Config) {
			c.Transport, c.Hosts, c.LibraryPath, c.ConfigDir = Native, []string{"h"}, "/opt/libtaos.so", "/etc/taos"
		}, "taos://h?library_path=/opt/libtaos.so&config_dir=/etc/taos"},
		{"official default address", "u:p@ws(:0)/", func(c *Config) { c.User, c.Password = "u", "p" }, "taos+ws://u:p@"},
		{"official address without a port", "u:p@ws(:)/", func(c *Config) { c.User, c.Password = "u", "p" }, "taos+ws://u:p@"},
		{"official without an address", "u:p@ws/db", func(c *Config) { c.User, c.Password, c.Database = "u", "p", "db" }, "taos+ws://u:p@/db"},
		{"official database alone", "/db", func(c *Config) { c.Database = "db" }, "taos+ws:///db"},
		{"official password with everything raw", "u:p@s:s/w(o)r?d://@ws(h:1)/db", func(c *Config) {
			c.User, c.Password, c.Hosts, c.Database = "u", "p@s:s/w(o)r?d://", []string{"h:1"}, "db"
		}, "taos+ws://u:p%40s%3As%2Fw%28o%29r%3Fd%3A%2F%2F@h:1/db"},
		{"official password encoded", "u:a%2Fb+c%3A@ws(h)/", func(c *Config) { c.User, c.Password, c.Hosts = "u", "a/b c:", []string{"h"} }, "taos+ws://u:a%2Fb%20c%3A@h"},
		{"official password badly encoded", "u:100%@ws(h)/", func(c *Config) { c.User, c.Password, c.Hosts = "u", "100%", []string{"h"} }, "taos+ws://u:100%25@h"},
		{
			"official parameters",
			"u:p@wss(h)/?interpolateParams=false&readTimeout=10m&writeTimeout=8s&enableCompression=true&timezone=Asia%2FShanghai&bearerToken=b&totpCode=7&skipVerify=true&readBufferSize=4096&autoReconnect=true",
			func(c *Config) {
				c.TLS, c.User, c.Password, c.Hosts = true, "u", "p", []string{"h"}
				c.ReadTimeout, c.WriteTimeout, c.Compression, c.SessionTimezone = 10*time.Minute, 8*time.Second, true, shanghai
				c.BearerToken, c.TOTPCode, c.TLSSkipVerify = "b", "7", true
			},
			"taos+wss://u:p@h?bearer_token=b&totp_code=7&timezone=Asia/Shanghai&read_timeout=10m&write_timeout=8s&compression=true&tls_skip_verify=true",
		},
		{"official zone with a raw slash", "ws(h)/?timezone=Asia/Shanghai", func(c *Config) { c.Hosts, c.SessionTimezone = []string{"h"}, shanghai }, "taos+ws://h?timezone=Asia/Shanghai"},
		{"official compression by its opposite", "http(h)/?disableCompression=false", func(c *Config) { c.Transport, c.Hosts, c.Compression = REST, []string{"h"}, true }, "taos+http://h?compression=true"},
	}
	for _, tt := range tests {
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
			if formatted := got.FormatDSN(); formatted != tt.formatted {
				t.Errorf("formatted as %s, want %s", formatted, tt.formatted)
			}
			if again, err := ParseDSN(got.FormatDSN()); err != nil || !sameConfig(again, got) {
				t.Errorf("formatted, it parses to %+v, %v", again, err)
			}
		})
	}
}

func TestParseDSNErrors(t *testing.T) {
	tests := []struct{ name, dsn, want string }{
		{"empty", "", "no scheme"},
		{"neither form", "hunter2", "malformed; want taos+ws://"},
		{"unknown scheme", "taos+udp://u:hunter2@h", `unknown scheme "taos+udp"; want taos+ws`},
		{"another engine", "mysql://u:hunter2@h", `unknown scheme "mysql"`},
		{"unknown parameter", "ws://u:hunter2@h?readtimeot=1s", `unknown parameter "readtimeot"; did you mean "read_timeout"?`},
		{"tuning of the official driver in a URL", "ws://h?interpolateParams=true", `unknown parameter "interpolateParams"`},
		{"bad value", "ws://u:hunter2@h?balance=fair", `parameter "balance" has value "fair": want ordered, random or round_robin`},
		{"bad grace", "ws://h?kill_grace=soon", "want a duration such as 500ms, 5m or 300 (seconds), or never"},
		{"message too small", "ws://h?max_message_size=10", "want a size from 1KiB to 1024GiB"},
		{"zone unknown", "ws://h?timezone=Nope/Zone", "want a time zone"},
		{"zone of this machine", "ws://h?timezone=Local", "the server needs a name of the IANA database"},
		{"zone as an offset", "ws://h?timezone=%2B08:00", "the server needs a name of the IANA database"},
		{"option of a host", "ws://h1,h2;weight=3", `host 2 has an option "weight"`},
		{"Unix socket", "ws://%2Frun%2Ftaos", "no Unix sockets"},
		{"host twice by default port", "ws://h,h:6041", "host 2 is given twice"},
		{"password without a user", "ws://:hunter2@h", "password without a user"},
		{"second factor over REST", "http://h?totp_code=hunter2", "totp_code works over ws"},
		{"BI mode over REST", "http://h?bi_mode=1", "bi_mode works over ws"},
		{"compression of libtaos", "taos://h?compression=1", "compression works over ws"},
		{"cloud token of libtaos", "taos://h?token=hunter2", "token is TDengine Cloud's"},
		{"CA without TLS", "ws://h?tls_ca=x", "tls_ca without TLS; use taos+wss or taos+https"},
		{"skip verify without TLS", "ws(h)/?skipVerify=true", "tls_skip_verify without TLS"},
		{"newest TLS without TLS", "ws://h?tls_min_version=1.3", "tls_min_version without TLS"},
		{"certificate without key", "wss://h?tls_cert=x", "tls_cert and tls_key belong together"},
		{"CA and skip verify", "wss://h?tls_ca=x&tls_skip_verify=1", "tls_ca has no effect"},
		{"NUL in the database", "ws://h/a%00", "holds a NUL"},
		{"official unknown network", "u:hunter2@udp(h)/", "unknown network"},
		{"library over WebSocket", "ws://h?library_path=/lib", "library_path is for taos:// alone"},
		{"configuration folder over REST", "http://h?config_dir=/etc", "config_dir is for taos:// alone"},
		{"NUL in the library", "taos://h?library_path=%00", "holds a NUL"},
		{"official address", "u:hunter2@ws(a@b)/", "malformed address"},
		{"official port", "u:hunter2@ws(h:99999)/", "host 1: port"},
		{"official without a slash", "u:hunter2@ws(h:1)", "malformed"},
		{"official newline", "u:hunter2@ws(h:1)/db\n", "control character"},
		{"official unknown parameter", "u:hunter2@ws(h:1)/?readTimout=1s", `did you mean "read_timeout"`},
		{"official bad switch", "u:hunter2@http(h)/?disableCompression=x", "want true or false"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseDSN(tt.dsn)
			if err == nil {
				t.Fatalf("got %v", c)
			}
			var e *gsdriver.Error
			if !errors.As(err, &e) || !errors.Is(err, gsdriver.ErrInterface) || e.Engine != "tdengine" {
				t.Errorf("%#v is not an interface error of tdengine", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q does not say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q shows the secret", err)
			}
		})
	}
}

// TestDSNDocs: the page's table is the declaration's.
func TestDSNDocs(t *testing.T) {
	doctable.Check(t, "../docs/dsn.md", "taos parameters", parameters.Markdown())
}

// FuzzParseDSN: what parses is formatted as a DSN that parses to the same, in
// either form, and its redacted form shows no password.
func FuzzParseDSN(f *testing.F) {
	for _, s := range []string{
		"taos+ws://root:taosdata@h1:6041,[::1],:6042/power?timezone=Asia/Shanghai&compression",
		"taos+https://gw.cloud.example?token=a%2Bb", "taos://root@h/d%2Fb", "wss://?kill_grace=never&max_message_size=1MiB&location=-03:30",
		"u:p@s/(w)@wss(h1:1,h2)/db?readTimeout=10m&skipVerify=true&interpolateParams=1", "/db", "u:%zz+@http(:0)/",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c, err := ParseDSN(s)
		if err != nil {
			return
		}
		formatted := c.FormatDSN()
		again, err := ParseDSN(formatted)
		if err != nil {
			t.Fatalf("%q is formatted as %q: %v", s, formatted, err)
		}
		if !sameConfig(c, again) {
			t.Fatalf("%q is formatted as %q: %+v, then %+v", s, formatted, *c, *again)
		}
	})
}

// FuzzFormatDSN: a Config made by hand survives FormatDSN and ParseDSN if it
// is one that passes the checks, and nothing that prints it shows its secrets.
func FuzzFormatDSN(f *testing.F) {
	f.Add("ws", "root", "taosdata", "h:1", "db", "t", "b", "", "app", int64(5), int64(1<<20), uint8(0xff))
	f.Add("http", "u", "", "[::1]:2", "", "", "", "", "", int64(-1), int64(1<<30), uint8(0))
	f.Fuzz(func(t *testing.T, transport, user, password, host, database, token, bearer, totp, app string, ns, size int64, bits uint8) {
		c := NewConfig()
		c.Transport, c.User, c.Password, c.Hosts, c.Database = Transport(transport), user, password, []string{host}, database
		c.Token, c.BearerToken, c.TOTPCode, c.App = token, bearer, totp, app
		c.ConnectTimeout, c.ReadTimeout, c.KillGrace = time.Duration(ns), time.Duration(ns/2), max(-1, time.Duration(ns))
		c.MaxMessageBytes, c.Compression, c.BIMode, c.TLS, c.TLSSkipVerify = size, bits&1 != 0, bits&2 != 0, bits&4 != 0, bits&8 != 0
		if bits&16 != 0 {
			c.SessionTimezone, c.Balance = time.UTC, RoundRobin
		}
		if c.check() != nil {
			return
		}
		if name, port, _ := hosts.Split(host); hosts.Join(name, port) != host {
			return // a port with leading zeros
		}
		again, err := ParseDSN(c.FormatDSN())
		if err != nil {
			t.Fatalf("%s: %v", c.FormatDSN(), err)
		}
		if !sameConfig(c, again) {
			t.Fatalf("%s: %+v, then %+v", c.FormatDSN(), *c, *again)
		}
		c.Password, c.Token, c.BearerToken = "hunter2", "hunter2", "hunter2"
		if s := fmt.Sprint(c, *c, c.LogValue()); strings.Contains(s, "hunter2") && !strings.Contains(user+host+database+totp+app, "hunter2") {
			t.Fatalf("printed as %s", s)
		}
	})
}
