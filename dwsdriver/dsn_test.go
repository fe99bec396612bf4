package dwsdriver

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/internal/doctable"
)

// clearEnvironment hides what lib/pq would read of the environment.
func clearEnvironment(t testing.TB) {
	for _, pair := range os.Environ() {
		if name, value, _ := strings.Cut(pair, "="); strings.HasPrefix(name, "PG") {
			os.Unsetenv(name)
			t.Cleanup(func() { os.Setenv(name, value) })
		}
	}
}

func TestParseDSN(t *testing.T) {
	clearEnvironment(t)
	login := func(c *Config) { c.User, c.Password, c.Database = "u", "p", "d" }
	for _, tt := range []struct {
		name, dsn string
		want      func(*Config)
		formatted string // the same if empty
	}{
		{"the seed's cluster", "dws://dbadmin:pw@cn1:8000,cn2:8000/gaussdb?sslmode=verify-full", func(c *Config) {
			c.User, c.Password, c.Database, c.SSLMode = "dbadmin", "pw", "gaussdb", SSLVerifyFull
			c.Hosts = []Host{{Addr: "cn1:8000", Weight: 1}, {Addr: "cn2:8000", Weight: 1}}
		}, ""},
		{"options of hosts", "dws://u:p@cn1;hostaddr=10.0.0.1;weight=3,[::1]:8001;backup=true/d", func(c *Config) {
			login(c)
			c.Hosts = []Host{{Addr: "cn1", IP: "10.0.0.1", Weight: 3}, {Addr: "[::1]:8001", Weight: 1, Backup: true}}
		}, ""},
		{"Unix socket", "dws://u:p@%2Frun%2Fpostgresql:5432/d", func(c *Config) {
			login(c)
			c.Hosts = []Host{{Addr: "/run/postgresql:5432", Weight: 1}}
		}, ""},
		{"no host", "dws://u:p@/d", login, ""},
		{"a port alone", "dws://u:p@:8001/d", func(c *Config) { login(c); c.Hosts = []Host{{Addr: ":8001", Weight: 1}} }, ""},
		{"PostgreSQL's scheme", "postgres://u:p@h:1/d?sslmode=disable", func(c *Config) {
			login(c)
			c.Hosts, c.SSLMode = []Host{{Addr: "h:1", Weight: 1}}, SSLDisable
		}, "dws://u:p@h:1/d?sslmode=disable"},
		{"every parameter", "dws://u:p@/d?sslmode=require&sslrootcert=ca.pem&sslcert=c.pem&sslkey=k.pem&sslservername=n" +
			"&require_auth=sha256,scram-sha-256&passfile=/pw&application_name=a&search_path=s,public&timezone=Asia/Shanghai&options=-c%20geqo%3Doff" +
			"&location=%2B08:00&connect_timeout=1s&keepalive=0s&balance=least_connections&host_rest=2s&host_refresh=30m" +
			"&retries=3&retry_reads=true&retry_wait=1ms&retry_max_wait=2ms&allow_isolation=true&copy_format=text&binary_parameters=true&krbsrvname=k&krbspn=s" +
			"&set.statement_timeout=5min&set.work_mem=1GB", func(c *Config) {
			login(c)
			c.SSLMode, c.SSLRootCert, c.SSLCert, c.SSLKey, c.SSLServerName = SSLRequire, "ca.pem", "c.pem", "k.pem", "n"
			c.RequireAuth, c.Passfile, c.ApplicationName = []string{"sha256", "scram-sha-256"}, "/pw", "a"
			c.SearchPath, c.SessionTimezone, c.Options = "s,public", "Asia/Shanghai", "-c geqo=off"
			c.Location, c.ConnectTimeout, c.KeepAlive = time.FixedZone("+08:00", 8*3600), time.Second, 0
			c.Balance, c.HostRest, c.HostRefresh = LeastConnections, 2*time.Second, 30*time.Minute
			c.Retries, c.RetryReads, c.RetryWait, c.RetryMaxWait = 3, true, time.Millisecond, 2*time.Millisecond
			c.CopyFormat = CopyText
			c.AllowIsolation, c.BinaryParameters, c.KrbServiceName, c.KrbSPN = true, true, "k", "s"
			c.Params = map[string]string{"statement_timeout": "5min", "work_mem": "1GB"}
		}, ""},
		{"words of the JDBC driver", "dws://u:p@/d?currentSchema=s&ApplicationName=a&connectTimeout=3&loadBalanceHosts=shuffle&hostRecheckSeconds=5&tcpKeepAlive=true", func(c *Config) {
			login(c)
			c.SearchPath, c.ApplicationName, c.ConnectTimeout, c.Balance, c.HostRest = "s", "a", 3*time.Second, Random, 5*time.Second
		}, "dws://u:p@/d?application_name=a&search_path=s&connect_timeout=3s&balance=random&host_rest=5s"},
		{"libpq's keywords", `host=cn1,cn2 hostaddr=10.0.0.1,10.0.0.2 port=8000 user=u password='p' dbname=d connect_timeout=7 sslmode=verify-ca sslrootcert=ca.pem load_balance_hosts=random`, func(c *Config) {
			login(c)
			c.Hosts = []Host{{Addr: "cn1:8000", IP: "10.0.0.1", Weight: 1}, {Addr: "cn2:8000", IP: "10.0.0.2", Weight: 1}}
			c.ConnectTimeout, c.SSLMode, c.SSLRootCert, c.Balance = 7*time.Second, SSLVerifyCA, "ca.pem", Random
		}, "dws://u:p@cn1:8000;hostaddr=10.0.0.1,cn2:8000;hostaddr=10.0.0.2/d?sslmode=verify-ca&sslrootcert=ca.pem&connect_timeout=7s&balance=random"},
		{"keywords of ours and of the server", `host=h port=1 user=u password=p dbname=d retries=2 balance=round_robin statement_timeout=5000 search_path='a, b' timezone=UTC application_name=x`, func(c *Config) {
			login(c)
			c.Hosts = []Host{{Addr: "h:1", Weight: 1}}
			c.Retries, c.Balance, c.SearchPath, c.SessionTimezone, c.ApplicationName = 2, RoundRobin, "a, b", "UTC", "x"
			c.Params = map[string]string{"statement_timeout": "5000"}
		}, "dws://u:p@h:1/d?application_name=x&search_path=a,%20b&timezone=UTC&balance=round_robin&retries=2&set.statement_timeout=5000"},
		{"a password like a URL", `user=u host=h port=1 dbname=d password='a://b c\'d'`, func(c *Config) {
			login(c)
			c.Hosts, c.Password = []Host{{Addr: "h:1", Weight: 1}}, "a://b c'd"
		}, "dws://u:a%3A%2F%2Fb%20c%27d@h:1/d"},
		{"keywords, Unix socket", "host=/tmp port=8001 user=u password=p dbname=d", func(c *Config) {
			login(c)
			c.Hosts, c.SSLMode = []Host{{Addr: "/tmp:8001", Weight: 1}}, SSLDisable
		}, "dws://u:p@%2Ftmp:8001/d?sslmode=disable"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := ParseDSN(tt.dsn)
			if err != nil {
				t.Fatal(err)
			}
			want := NewConfig()
			tt.want(want)
			if !sameConfig(got, want) {
				t.Errorf("got %#v, want %#v", got, want)
			}
			formatted := tt.formatted
			if formatted == "" {
				formatted = tt.dsn
			}
			if s := got.FormatDSN(); s != formatted {
				t.Errorf("formatted as\n%s, want\n%s", s, formatted)
			}
			again, err := ParseDSN(got.FormatDSN())
			if err != nil || !sameConfig(got, again) {
				t.Errorf("came back as %#v, %v", again, err)
			}
		})
	}
}

// sameConfig compares all that a DSN can say.
func sameConfig(a, b *Config) bool {
	x, y := a.Clone(), b.Clone()
	if x.Location.String() != y.Location.String() {
		return false
	}
	x.Location, y.Location = nil, nil
	if len(x.RequireAuth)+len(y.RequireAuth) == 0 {
		x.RequireAuth, y.RequireAuth = nil, nil
	}
	return reflect.DeepEqual(x, y)
}

func TestParseDSNErrors(t *testing.T) {
	clearEnvironment(t)
	for _, tt := range []struct{ name, dsn, want string }{
		{"unknown parameter", "dws://u@h/d?ssl_mode=require", `did you mean "sslmode"?`},
		{"unknown scheme", "mysql://u@h/d", `unknown scheme "mysql"`},
		{"protocol", "dws+tls://u@h/d", "unknown protocol"},
		{"no user", "dws://h/d", "no user"},
		{"sslmode", "dws://u@h/d?sslmode=full", "want disable, allow, prefer, require, verify-ca or verify-full"},
		{"method", "dws://u@h/d?require_auth=sha-256", "want some of sha256, md5"},
		{"one of a pair", "dws://u@h/d?sslcert=c", "belong together"},
		{"certificates without TLS", "dws://u@h/d?sslmode=disable&sslrootcert=c", "sslmode disable with certificates"},
		{"session parameter with a field", "dws://u@h/d?set.search_path=x", "use search_path"},
		{"session parameter of the driver", "dws://u@h/d?set.datestyle=German", "is the driver's"},
		{"hostaddr", "dws://u@h;hostaddr=cn2/d", "hostaddr is not an IP address"},
		{"twice", "dws://u@h,h:8000/d", "host 2 is given twice"},
		{"balance", "dws://u@h/d?balance=best", "want ordered, random"},
		{"keywords: a blank in a password", "host=h user=u password=hunter2 hunter3", `a word without "="`},
		{"keywords: quotes", "host=h user=u password='hunter2", "unterminated quoted"},
		{"keywords: port", "host=h user=u password=hunter2 port=hunter3", `wrong value for "port"`},
		{"keywords: sslmode", "host=h user=u sslmode=full", `supported values are`},
		{"keywords: balance", "host=h user=u load_balance_hosts=round_robin", `the parameter balance has more`},
		{"keywords: ours", "host=h user=u retries=many", "want a number"},
		{"keywords: standby", "host=h user=u target_session_attrs=standby", "all coordinators of DWS are equal"},
		{"keywords: direct TLS", "host=h user=u sslmode=require sslnegotiation=direct", "only when asked to"},
		{"keywords: encoding", "host=h user=u client_encoding=GBK", "client_encoding must be absent or UTF8"},
		{"keywords: service", "service=nosuch user=u", "service"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := ParseDSN(tt.dsn)
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.HasPrefix(err.Error(), "dws: ") {
				t.Fatalf("got %v, want %s", err, tt.want)
			}
			if !errors.Is(err, driver.ErrInterface) && !errors.Is(err, driver.ErrNotSupported) {
				t.Errorf("%v is of another kind", err)
			}
			if strings.Contains(err.Error(), "hunter") {
				t.Errorf("a secret in %v", err)
			}
		})
	}
}

func TestTheEnvironmentAndTheServiceFileAreLibpqs(t *testing.T) {
	clearEnvironment(t)
	dir := t.TempDir()
	service := filepath.Join(dir, "service.conf")
	if err := os.WriteFile(service, []byte("[dw]\nhost=cn9\nport=8009\ndbname=gaussdb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGUSER", "dbadmin")
	t.Setenv("PGPASSFILE", "/pw")
	t.Setenv("PGSERVICEFILE", service)
	c, err := ParseDSN("service=dw")
	if err != nil {
		t.Fatal(err)
	}
	if c.User != "dbadmin" || c.Passfile != "/pw" || c.Database != "gaussdb" || c.Hosts[0].Addr != "cn9:8009" {
		t.Errorf("%#v", c)
	}
	if c, err = ParseDSN("dws://u@h/d"); err != nil || c.Passfile != "" || c.User != "u" {
		t.Errorf("a URL looks at the environment: %#v, %v", c, err)
	}
}

func TestAConfigShowsNoSecret(t *testing.T) {
	c := NewConfig()
	c.User, c.Password, c.SSLKey, c.Passfile = "u", "hunter2", "hunter3", "/home/hunter4"
	for _, text := range []string{c.String(), fmt.Sprintf("%v %+v %#v", c, *c, c), c.LogValue().String()} {
		if strings.Contains(text, "hunter") {
			t.Errorf("a secret in %s", text)
		}
	}
	if !strings.Contains(c.FormatDSN(), "hunter2") {
		t.Error("FormatDSN leaves the password out")
	}
}

func TestConnectorKeepsItsOwnConfig(t *testing.T) {
	c := NewConfig()
	c.User, c.Hosts, c.Params = "u", []Host{{Addr: "a"}}, map[string]string{"work_mem": "1"}
	connector, err := NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	defer connector.Close()
	c.Hosts[0].Addr, c.Params["work_mem"] = "b", "2"
	if connector.config.Hosts[0].Addr != "a" || connector.config.Params["work_mem"] != "1" {
		t.Errorf("changed to %+v", connector.config)
	}
}

func TestHostList(t *testing.T) {
	c := NewConfig()
	c.Hosts = []Host{{Addr: "h"}, {Addr: ":1"}, {Addr: "[::1]"}, {Addr: "/run:5432", Weight: 9, Backup: true}, {Addr: "n:2", IP: "::2"}}
	list, err := c.hostList()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range list {
		got = append(got, fmt.Sprintf("%s %s %s %d %s", a.host.Network, a.host.Addr, a.name, a.port, a.dial()))
	}
	want := []string{
		"tcp h:8000 h 8000 h:8000", "tcp localhost:1 localhost 1 localhost:1", "tcp [::1]:8000 ::1 8000 [::1]:8000",
		"unix /run/.s.PGSQL.5432 /run 5432 /run/.s.PGSQL.5432", "tcp n:2 n 2 [::2]:2",
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, bad := range []Host{
		{Addr: "a:b:c"}, {Weight: 101}, {Weight: -1}, {Addr: "a:http"}, {Addr: "a:0"}, {Addr: "a:65536"}, {Addr: "a:-1"},
		{Addr: "a,b"}, {Addr: "u@a"}, {Addr: "[a]"}, {Addr: "[::1"}, {Addr: "/run", IP: "::1"}, {Addr: "a", IP: "b"},
	} {
		c.Hosts = []Host{bad}
		if _, err := c.hostList(); !errors.Is(err, driver.ErrInterface) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}

func TestDocsTables(t *testing.T) {
	const page = "../docs/dws.md"
	doctable.Check(t, page, "dws parameters", parameters.Markdown())
	doctable.Check(t, page, "dws host options", hostOptions.Markdown())
}

func FuzzDSN(f *testing.F) {
	clearEnvironment(f)
	for _, s := range []string{
		"dws://dbadmin:pw@cn1:8000,cn2:8000;weight=2;hostaddr=::1/gaussdb?sslmode=verify-full&set.work_mem=1GB&require_auth=sha256",
		"dws://u@%2Frun%2Fpg:1/d?location=Asia/Shanghai&balance=true", "dws://u@[::1%25eth0]:1/d", "dws://u@;weight=2/d",
		"host=cn1,cn2 port=8000 user=u password='p\\'q' dbname=d", "user=u host=/tmp a=b tz=UTC geqo=off", "user=u hostaddr=::1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.Contains(s, "service") {
			return
		}
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

// FuzzKeywordSecret: a password is in no error and no shown form, whatever stands
// around it.
func FuzzKeywordSecret(f *testing.F) {
	clearEnvironment(f)
	f.Add("host=h user=u password=", " dbname=d", false)
	f.Add("user=u password='", "' port=x", false)
	f.Add("sslmode=bad password=", "", true)
	f.Add("password = ", " \\", true)
	f.Fuzz(func(t *testing.T, before, after string, blank bool) {
		secret := "hunter2"
		if blank {
			secret = "hunter1 hunter2"
		}
		if strings.Contains(before+after, "hunter") || strings.Contains(before, "service") || strings.Contains(after, "service") || !strings.Contains(before, "password") {
			return
		}
		c, err := parseKeywords(before + secret + after)
		if err != nil {
			if strings.Contains(err.Error(), "hunter") {
				t.Fatalf("%q: %v", before+secret+after, err)
			}
			return
		}
		if c.Password == secret && strings.Contains(fmt.Sprintf("%v %#v", c, *c), "hunter2") {
			t.Fatalf("%v", c)
		}
	})
}

func TestCheckOfFieldsThatADSNCannotGetWrong(t *testing.T) {
	for want, spoil := range map[string]func(*Config){
		`"sslmode" has value "on": want disable`: func(c *Config) { c.SSLMode = "on" },
		`unknown balance`:                        func(c *Config) { c.Balance = "fair" },
		`"copy_format" has value "csv"`:          func(c *Config) { c.CopyFormat = "csv" },
		`"retry_wait" has value "-1ns"`:          func(c *Config) { c.RetryWait = -1 },
		`keepalive is negative`:                  func(c *Config) { c.KeepAlive = -1 },
		`"retries" has value "101"`:              func(c *Config) { c.Retries = 101 },
		`"statement_cache" has value "-1"`:       func(c *Config) { c.StatementCache = -1 },
		`host 2: want "host:port"`:               func(c *Config) { c.Hosts = []Host{{}, {Addr: "a b"}} },
		`host 1: want`:                           func(c *Config) { c.Hosts = []Host{{Addr: "/run:x"}} },
	} {
		c := NewConfig()
		c.User = "u"
		spoil(c)
		if err := c.check(); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, driver.ErrInterface) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
