package dwsdriver

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// configOf is a Config for the servers.
func configOf(servers ...*script.Server) *Config {
	c := NewConfig()
	c.User, c.Password, c.Database, c.SSLMode = script.User, script.Password, "gaussdb", SSLDisable
	for _, s := range servers {
		c.Hosts = append(c.Hosts, Host{Addr: s.Addr})
	}
	return c
}

func connect(t testing.TB, c *Config) (*conn, error) {
	t.Helper()
	connector, err := NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	return connectBy(t, connector)
}

func connectBy(t testing.TB, c *Connector) (*conn, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	cn, err := c.Connect(ctx)
	if err != nil {
		var e *driver.Error
		if !errors.As(err, &e) || e.Kind == nil || e.Engine != "dws" {
			t.Errorf("%v is no driver.Error", err)
		}
		if strings.Contains(err.Error(), c.config.Password) && c.config.Password != "" {
			t.Errorf("the password is in %v", err)
		}
		return nil, err
	}
	t.Cleanup(func() { cn.Close() })
	return cn.(*conn), nil
}

func refuses(code, message string) func(*script.Server) {
	return func(s *script.Server) {
		s.Play = func(c *script.Client) {
			r := c.Keys.Request(gaussauth.SHA256, 351, [4]byte{1})
			c.Write(wire.Append(nil, wire.Authentication, r.Append(nil)))
			if t, _ := c.Message(); t == wire.Password {
				c.Attempts.Add(1)
				c.Refuse(code, message)
			}
		}
	}
}

// deadAddr is a port where nobody listens.
func deadAddr(t testing.TB) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func TestARefusedLoginIsTriedAtOneOfThreeHosts(t *testing.T) {
	kinds := []error{ErrPassword, ErrLocked, ErrInitialUser, ErrUnknownDatabase, driver.ErrPermission}
	for _, tt := range []struct {
		code, message string
		kind, parent  error
	}{
		{"28P01", "Invalid username/password,login denied.", ErrPassword, driver.ErrAuthentication},
		{"28000", "The account has been locked.", ErrLocked, driver.ErrAuthentication},
		{"28000", "Forbid remote connection with initial user.", ErrInitialUser, driver.ErrAuthentication},
		{"28000", "Forbid remote connection with trust method!", driver.ErrAuthentication, driver.ErrAuthentication},
		{"3D000", `database "gauss" does not exist`, ErrUnknownDatabase, driver.ErrProgramming},
		{"42501", `permission denied for database "gaussdb"`, driver.ErrPermission, driver.ErrProgramming},
		{"42704", `unrecognized configuration parameter "x"`, driver.ErrProgramming, driver.ErrProgramming},
	} {
		var servers []*script.Server
		for range 3 {
			servers = append(servers, script.New(t, refuses(tt.code, tt.message)))
		}
		for _, balance := range balances {
			c := configOf(servers...)
			c.Balance, c.Retries = balance, 3
			before := attempts(servers)
			_, err := connect(t, c)
			if n := attempts(servers) - before; n != 1 {
				t.Errorf("%s, %s: %d attempts", tt.message, balance, n)
			}
			if !errors.Is(err, tt.kind) || !errors.Is(err, tt.parent) || SQLState(err) != tt.code {
				t.Errorf("%s: %v, state %s", tt.message, err, SQLState(err))
			}
			for _, other := range kinds {
				if other != tt.kind && errors.Is(err, other) {
					t.Errorf("%s: is %v too", tt.message, other)
				}
			}
			var said *ServerError
			var below *pq.Error
			if !errors.As(err, &said) || said.Module != "SECURITY" || !errors.As(err, &below) || below.Column != "" || string(below.Code) != tt.code {
				t.Errorf("%s: below is %+v, %+v", tt.message, said, below)
			}
		}
	}
}

func attempts(servers []*script.Server) (n int32) {
	for _, s := range servers {
		n += s.Attempts.Load()
	}
	return n
}

func TestAWrongPasswordIsTriedOnce(t *testing.T) {
	servers := []*script.Server{script.New(t, nil), script.New(t, nil), script.New(t, nil)}
	c := configOf(servers...)
	c.Password = "hunter2"
	if _, err := connect(t, c); !errors.Is(err, ErrPassword) || attempts(servers) != 1 {
		t.Errorf("%v, %d attempts", err, attempts(servers))
	}
}

func TestAHostThatCannotServeIsPassedOver(t *testing.T) {
	for name, first := range map[string]func(*Config){
		"dead": func(c *Config) { c.Hosts = append(c.Hosts, Host{Addr: deadAddr(t)}) },
		"starting": func(c *Config) {
			c.Hosts = configOf(script.New(t, refuses("57P03", "the database system is starting up"))).Hosts
		},
		"full": func(c *Config) { c.Hosts = configOf(script.New(t, refuses("53300", "Already too many clients"))).Hosts },
		"closing": func(c *Config) {
			c.Hosts = configOf(script.New(t, func(s *script.Server) { s.Play = func(*script.Client) {} })).Hosts
		},
		"no process": func(c *Config) {
			c.Hosts = configOf(script.New(t, func(s *script.Server) {
				s.Play = func(c *script.Client) { c.Write([]byte("Ecould not fork new process\n\x00")) }
			})).Hosts
		},
	} {
		t.Run(name, func(t *testing.T) {
			alive := script.New(t, nil)
			c := configOf()
			first(c)
			c.Hosts = append(c.Hosts, Host{Addr: alive.Addr})
			connector, err := NewConnector(c)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				cn, err := connectBy(t, connector)
				if err != nil {
					t.Fatal(err)
				}
				if cn.host.Addr != alive.Addr {
					t.Errorf("connected to %s", cn.host.Addr)
				}
			}
			if connector.hosts.Candidates()[0].Addr != alive.Addr {
				t.Error("the host that cannot serve does not rest")
			}
		})
	}
}

func TestWithoutAnyHostEachIsNamed(t *testing.T) {
	c := configOf(script.New(t, refuses("57P03", "the database system is starting up")))
	dead := deadAddr(t)
	c.Hosts = append(c.Hosts, Host{Addr: dead})
	_, err := connect(t, c)
	if err == nil || !strings.Contains(err.Error(), "starting up") || !strings.Contains(err.Error(), dead) {
		t.Error(err)
	}
	if !errors.Is(err, driver.ErrOperational) {
		t.Error(err)
	}
}

func TestConnectionsAreSpreadOverHosts(t *testing.T) {
	servers := []*script.Server{script.New(t, nil), script.New(t, nil), script.New(t, nil)}
	for _, balance := range []Balance{RoundRobin, LeastConnections} {
		c := configOf(servers...)
		c.Balance = balance
		connector, err := NewConnector(c)
		if err != nil {
			t.Fatal(err)
		}
		to := map[string]int{}
		for range 9 {
			cn, err := connectBy(t, connector)
			if err != nil {
				t.Fatal(err)
			}
			to[cn.host.Addr]++
		}
		for addr, n := range to {
			if n != 3 {
				t.Errorf("%s: %d connections to %s", balance, n, addr)
			}
		}
	}
}

func TestConnectIsTriedAgainIfAsked(t *testing.T) {
	n := 0
	starting := func(s *script.Server) {
		s.Play = func(c *script.Client) {
			if n++; n < 3 {
				c.Refuse("57P03", "the database system is starting up")
				return
			}
			if c.Login() {
				c.Greet()
				c.Message()
			}
		}
	}
	srv := script.New(t, starting)
	c := configOf(srv)
	if _, err := connect(t, c); !errors.Is(err, driver.ErrServer) {
		t.Error(err)
	}
	n, c.Retries, c.RetryWait = 0, 2, time.Millisecond
	if _, err := connect(t, c); err != nil || srv.Attempts.Load() != 1 {
		t.Errorf("%v, %d attempts", err, srv.Attempts.Load())
	}
	// The wait ends with the context.
	n, c.RetryWait = 0, time.Hour
	connector, err := NewConnector(c)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := connector.Connect(ctx); !errors.Is(err, context.Canceled) || !errors.Is(err, driver.ErrOperational) {
		t.Error(err)
	}
}

func TestConnectEndsWithItsContext(t *testing.T) {
	silent := script.New(t, func(s *script.Server) { s.Play = func(c *script.Client) { c.Message() } })
	for name, dial := range map[string]func(context.Context, string, string) (net.Conn, error){
		"dial":  func(ctx context.Context, _, _ string) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
		"login": nil,
	} {
		c := configOf(silent)
		c.Dial = dial
		connector, err := NewConnector(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
			end := time.Now().Add(50 * time.Millisecond)
			ctx, cancel := context.WithDeadline(context.Background(), end)
			if cause == context.Canceled {
				cancel()
				ctx, cancel = context.WithCancel(context.Background())
				time.AfterFunc(time.Until(end), cancel)
			}
			_, err := connector.Connect(ctx)
			late := time.Since(end)
			cancel()
			if !errors.Is(err, cause) || late > time.Second {
				t.Errorf("%s: %v, %v late", name, err, late)
			}
		}
	}
	c := configOf(silent)
	c.ConnectTimeout = 50 * time.Millisecond
	if _, err := connect(t, c); !errors.Is(err, driver.ErrTimeout) || errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("connect_timeout: %v", err)
	}
}

// files writes a certificate and its key.
func files(t testing.TB, certificate tls.Certificate) (cert, key, pk8 string) {
	dir := t.TempDir()
	der, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, text []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	return write("client.crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]})),
		write("client.key", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), write("client.key.pk8", der)
}

func TestEverySSLMode(t *testing.T) {
	certificate, _ := script.Certificate(t) // made out to 127.0.0.1
	other, _ := script.Certificate(t)
	ca, key, pk8 := files(t, certificate)
	stranger, _, _ := files(t, other)
	srv := script.New(t, func(s *script.Server) {
		s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequestClientCert}
	})
	_, port, _ := net.SplitHostPort(srv.Addr)
	for _, tt := range []struct {
		name  string
		set   func(*Config)
		want  string // "tls", "plain" or part of the error
		proof int32
	}{
		{"disable", func(c *Config) { c.SSLMode = SSLDisable }, "plain", 1},
		{"allow", func(c *Config) { c.SSLMode = SSLAllow }, "plain", 1},
		{"prefer", func(c *Config) { c.SSLMode = SSLPrefer }, "tls", 1},
		{"the default", func(c *Config) { c.SSLMode = "" }, "tls", 1},
		{"require", func(c *Config) { c.SSLMode = SSLRequire }, "tls", 1},
		{"require with an authority", func(c *Config) { c.SSLMode, c.SSLRootCert = SSLRequire, ca }, "tls", 1},
		{"require with another authority", func(c *Config) { c.SSLMode, c.SSLRootCert = SSLRequire, stranger }, "unknown authority", 0},
		{"verify-ca", func(c *Config) { c.SSLMode, c.SSLRootCert = SSLVerifyCA, ca }, "tls", 1},
		{"verify-ca of the system", func(c *Config) { c.SSLMode = SSLVerifyCA }, "unknown authority", 0},
		{"verify-ca, another name", func(c *Config) { c.SSLMode, c.SSLRootCert, c.Hosts[0].Addr = SSLVerifyCA, ca, "localhost:"+port }, "tls", 1},
		{"verify-full", func(c *Config) { c.SSLMode, c.SSLRootCert = SSLVerifyFull, ca }, "tls", 1},
		{"verify-full, another name", func(c *Config) { c.SSLMode, c.SSLRootCert, c.Hosts[0].Addr = SSLVerifyFull, ca, "localhost:"+port }, "verify-ca does not compare it", 0},
		{"verify-full, name given", func(c *Config) {
			c.SSLMode, c.SSLRootCert, c.Hosts[0].Addr, c.SSLServerName = SSLVerifyFull, ca, "localhost:"+port, "127.0.0.1"
		}, "tls", 1},
		{"verify-full, another authority", func(c *Config) { c.SSLMode, c.SSLRootCert = SSLVerifyFull, stranger }, "cacert.pem", 0},
		{"verify-full by hostaddr", func(c *Config) {
			c.SSLMode, c.SSLRootCert, c.Hosts[0] = SSLVerifyFull, ca, Host{Addr: "127.0.0.1:" + port, IP: "127.0.0.1"}
		}, "tls", 1},
		{"a certificate of the client", func(c *Config) { c.SSLMode, c.SSLCert, c.SSLKey = SSLRequire, ca, key }, "tls", 1},
		{"a key as DWS ships it", func(c *Config) { c.SSLMode, c.SSLCert, c.SSLKey = SSLRequire, ca, pk8 }, "tls", 1},
		{"own settings", func(c *Config) { c.SSLMode, c.TLSConfig = SSLRequire, &tls.Config{InsecureSkipVerify: true} }, "tls", 1},
		{"own settings verify", func(c *Config) { c.SSLMode, c.TLSConfig = SSLRequire, &tls.Config{} }, "unknown authority", 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := configOf(srv)
			tt.set(c)
			before := srv.Attempts.Load()
			cn, err := connect(t, c)
			got := "plain"
			switch {
			case err != nil:
				got = err.Error()
			case cn.login.TLS != nil:
				got = "tls"
			}
			if !strings.Contains(got, tt.want) || srv.Attempts.Load()-before != tt.proof {
				t.Errorf("got %s, want %s; %d proofs", got, tt.want, srv.Attempts.Load()-before)
			}
		})
	}
}

func TestTLSFilesThatCannotBeUsed(t *testing.T) {
	certificate, _ := script.Certificate(t)
	cert, key, _ := files(t, certificate)
	locked := filepath.Join(t.TempDir(), "client.key")
	if err := os.WriteFile(locked, []byte("-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		set  func(*Config)
		want string
	}{
		{func(c *Config) { c.SSLRootCert = "/nosuch" }, "sslrootcert: cannot read the file"},
		{func(c *Config) { c.SSLRootCert = key }, "no certificate in PEM form"},
		{func(c *Config) { c.SSLCert, c.SSLKey = cert, locked }, "the key is encrypted; decrypt it first"},
		{func(c *Config) { c.SSLCert, c.SSLKey = key, cert }, "sslcert and sslkey"},
		{func(c *Config) { c.TLSConfig, c.SSLMode = &tls.Config{}, SSLPrefer }, "TLSConfig needs sslmode"},
		{func(c *Config) { c.TLSConfig, c.SSLCert, c.SSLKey = &tls.Config{}, cert, key }, "TLSConfig replaces"},
	} {
		c := configOf()
		c.SSLMode = SSLRequire
		tt.set(c)
		if _, err := NewConnector(c); !errors.Is(err, driver.ErrInterface) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestTheSessionIsSetUpAtLogin(t *testing.T) {
	srv := script.New(t, nil)
	c := configOf(srv)
	c.SearchPath, c.SessionTimezone, c.Params = "s", "UTC", map[string]string{"statement_timeout": "5min"}
	if _, err := connect(t, c); err != nil {
		t.Fatal(err)
	}
	got := *srv.Params.Load()
	for name, want := range map[string]string{
		"user": script.User, "database": "gaussdb", "search_path": "s", "timezone": "UTC", "statement_timeout": "5min",
		"extra_float_digits": "3", "client_encoding": "UTF8", "datestyle": "ISO, MDY", "application_name": programName(),
	} {
		if i := slices.Index(got, name); i < 0 || got[i+1] != want {
			t.Errorf("no %s=%s in %q", name, want, got)
		}
	}
	if srv.Announced.Load() != wire.Protocol351 {
		t.Errorf("announced %#x", srv.Announced.Load())
	}
}

func TestWhatIsNotSupportedIsNamed(t *testing.T) {
	srv := script.New(t, func(s *script.Server) {
		s.Play = func(c *script.Client) {
			c.Write(wire.Append(nil, wire.Authentication, []byte{0, 0, 0, 13, 0, 0, 0, 3}))
			c.Message()
		}
	})
	_, err := connect(t, configOf(srv))
	if !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "SM3") || !strings.Contains(err.Error(), "password_encryption_type") {
		t.Error(err)
	}
	c := configOf(script.New(t, nil))
	c.Password, c.Passfile = "", "/nonexistent"
	if _, err := connect(t, c); !errors.Is(err, driver.ErrAuthentication) || !strings.Contains(err.Error(), "there is none") {
		t.Error(err)
	}
	c.Password, c.RequireAuth = script.Password, []string{"scram-sha-256"}
	if _, err := connect(t, c); !errors.Is(err, driver.ErrAuthentication) || !strings.Contains(err.Error(), `"sha256"`) {
		t.Error(err)
	}
}
