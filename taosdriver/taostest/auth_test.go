package taostest

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

func TestLogins(t *testing.T) {
	tests := map[string]struct {
		opts []Option
		args string
		want int
	}{
		"default account":      {nil, `"user":"root","password":"taosdata"`, 0},
		"another account":      {[]Option{WithUser("u", "p")}, `"user":"u","password":"p"`, 0},
		"root besides":         {[]Option{WithUser("u", "p")}, `"user":"root","password":"taosdata"`, 0},
		"root changed":         {[]Option{WithUser("root", "p")}, `"user":"root","password":"taosdata"`, 0x0357},
		"bearer token":         {[]Option{WithBearerToken("b")}, `"bearer_token":"b"`, 0},
		"wrong bearer token":   {[]Option{WithBearerToken("b")}, `"bearer_token":"x"`, 0x0357},
		"bearer token ignored": {nil, `"user":"root","password":"taosdata","bearer_token":"x"`, 0},
		"second factor":        {[]Option{WithTOTP("123456")}, `"user":"root","password":"taosdata","totp_code":"123456"`, 0},
		"no second factor":     {[]Option{WithTOTP("123456")}, `"user":"root","password":"taosdata"`, 0x0357},
		"unknown database":     {nil, `"user":"root","password":"taosdata","db":"nope"`, 0x0388},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if r := dial(t, start(t, test.opts...)).ask("conn", test.args); r.Code != test.want || r.err != nil {
				t.Errorf("got %+v, want 0x%04x", r, test.want)
			}
		})
	}
}

func TestGatewayToken(t *testing.T) {
	srv := start(t, WithToken("a token"))
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+srv.Addr()+"/ws", nil)
	if err == nil || resp == nil || resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("without the token: %v %v", resp, err)
	}
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+srv.Addr()+"/ws?token=a+token", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	req, err := http.NewRequest(http.MethodPost, "http://"+srv.Addr()+"/rest/sql?token=a%20token", strings.NewReader("select 1"))
	if err != nil {
		t.Fatal(err)
	}
	if status, body, err := do(t, req); status != 200 || !strings.HasSuffix(body, `"rows":1}`) || err != nil {
		t.Errorf("%d %s %v", status, body, err)
	}
	if want := "taos+http://root:taosdata@" + srv.Addr() + "/d?token=a+token"; srv.DSN("http", "d") != want {
		t.Errorf("DSN %s, want %s", srv.DSN("http", "d"), want)
	}
}

func TestBearerOverREST(t *testing.T) {
	srv := start(t, WithBearerToken("b"))
	for token, want := range map[string]string{"b": `"rows":1}`, "x": `{"code":855,`} {
		req, err := http.NewRequest(http.MethodPost, "http://"+srv.Addr()+"/rest/sql", strings.NewReader("select 1"))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		if _, body, err := do(t, req); !strings.Contains(body, want) || err != nil {
			t.Errorf("%s: %s %v", token, body, err)
		}
	}
}

func TestTaosdToken(t *testing.T) {
	for _, account := range [][2]string{{"root", "taosdata"}, {"u", strings.Repeat("long ", 12)}} {
		token, err := encodeTaosd(account[0], account[1])
		if err != nil {
			t.Fatal(err)
		}
		user, password, err := decodeTaosd(token)
		if user != account[0] || password != account[1] || err != nil {
			t.Errorf("%q came back as %q %q %v", account, user, password, err)
		}
	}
	for _, bad := range []string{"", "abc", "AAAA", "!"} {
		if _, _, err := decodeTaosd(bad); err == nil {
			t.Errorf("%q was decoded", bad)
		}
	}
}

func TestTLS(t *testing.T) {
	dialer := func(config *tls.Config) *websocket.Dialer { return &websocket.Dialer{TLSClientConfig: config} }
	refused := func(t *testing.T, srv *Server, config *tls.Config) {
		t.Helper()
		if ws, _, err := dialer(config).Dial("wss://"+srv.Addr()+"/ws", nil); err == nil {
			_ = ws.Close()
			t.Error("connected")
		}
	}
	accepted := func(t *testing.T, srv *Server, config *tls.Config) {
		t.Helper()
		ws, _, err := dialer(config).Dial("wss://"+srv.Addr()+"/ws", nil)
		if err != nil {
			t.Fatal(err)
		}
		_ = ws.Close()
	}
	t.Run("certificate of its own", func(t *testing.T) {
		srv := start(t, WithTLS(nil))
		refused(t, srv, nil)
		accepted(t, srv, &tls.Config{RootCAs: srv.CertPool()})
		if dsn := srv.DSN("ws", ""); !strings.HasPrefix(dsn, "taos+wss://") {
			t.Error(dsn)
		}
		if dsn := srv.DSN("https", ""); !strings.HasPrefix(dsn, "taos+https://") {
			t.Error(dsn)
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(srv.CertPEM()) {
			t.Error("no certificate in CertPEM")
		}
		accepted(t, srv, &tls.Config{RootCAs: pool})
	})
	t.Run("client certificate", func(t *testing.T) {
		srv := start(t, WithClientCertificate())
		refused(t, srv, &tls.Config{RootCAs: srv.CertPool()})
		cert, key, err := srv.ClientCertificatePEM()
		if err != nil {
			t.Fatal(err)
		}
		pair, err := tls.X509KeyPair(cert, key)
		if err != nil {
			t.Fatal(err)
		}
		accepted(t, srv, &tls.Config{RootCAs: srv.CertPool(), Certificates: []tls.Certificate{pair}})
		accepted(t, srv, &tls.Config{RootCAs: srv.CertPool(), Certificates: []tls.Certificate{srv.ClientCertificate()}})
	})
	t.Run("certificate given", func(t *testing.T) {
		other := start(t, WithTLS(nil))
		srv := start(t, WithTLS(&tls.Config{Certificates: []tls.Certificate{other.authority.Server}}))
		if srv.CertPool() != nil || srv.CertPEM() != nil {
			t.Error("a pool for a certificate of somebody else")
		}
		accepted(t, srv, &tls.Config{RootCAs: other.CertPool()})
	})
}
