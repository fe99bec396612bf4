package dwstest_test

import (
	"crypto/tls"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// Every method over every protocol version lets the right password in and no other.
func TestMethods(t *testing.T) {
	for _, auth := range []dwstest.Auth{"", dwstest.AuthMD5, dwstest.AuthSHA256, dwstest.AuthSHA256MD5, dwstest.AuthMD5SHA256, dwstest.AuthCleartext, dwstest.AuthTrust} {
		s := dwstest.NewServer(dwstest.WithAuth(auth), dwstest.WithIterations(2048), dwstest.WithUser("iris", "pä'ss"))
		for version, name := range map[uint32]string{v30: "3.0", v350: "3.50", v351: "3.51"} {
			if got := dial(t, s).login(version, "iris", "pä'ss", "gaussdb"); got != "" {
				t.Errorf("%s over %s: refused with %s", auth, name, got)
			}
			if got := dial(t, s).login(version, "iris", "wrong", "gaussdb"); got != "28P01" && auth != dwstest.AuthTrust {
				t.Errorf("%s over %s: a wrong password is answered with %q", auth, name, got)
			}
		}
		s.Close()
	}
	for _, auth := range []dwstest.Auth{dwstest.AuthSM3, dwstest.AuthIAM, dwstest.AuthUnknown} {
		s := dwstest.NewServer(dwstest.WithAuth(auth))
		if got := dial(t, s).login(v351, "dbadmin", "Gauss@123", "gaussdb"); got != "28P01" {
			t.Errorf("%s: %q", auth, got)
		}
		s.Close()
	}
}

// The way in which a password is stored decides by which method it is asked.
func TestStorage(t *testing.T) {
	for _, test := range []struct {
		storage dwstest.Storage
		version uint32
		code    byte
	}{
		{dwstest.StoreMD5, v30, 5}, {dwstest.StoreMD5, v351, 5}, {dwstest.StoreBoth, v30, 5}, {dwstest.StoreBoth, v351, 10},
		{dwstest.StoreSHA256, v30, 10}, {dwstest.StoreSHA256, v351, 10},
	} {
		s := dwstest.NewServer(dwstest.WithStorage(test.storage))
		c := dial(t, s)
		c.startup(test.version, "user", "dbadmin", "database", "gaussdb")
		if m, err := message.Read(c.r); err != nil || m.Type != 'R' || m.Body[3] != test.code {
			t.Errorf("storage %d over %x: asked by %q, %v", test.storage, test.version, m.Body, err)
		}
		s.Close()
	}
}

func TestRefusedLogins(t *testing.T) {
	s := dwstest.NewServer(dwstest.WithLoginAttempts(2))
	defer s.Close()
	for _, test := range []struct {
		version                   uint32
		user, password, db, state string
	}{
		{v351, "nobody", "x", "gaussdb", "28P01"},
		{v351, "dbadmin", "Gauss@123", "nowhere", "3D000"},
		{v30 | 2, "dbadmin", "Gauss@123", "gaussdb", "0A000"},
		{v351, "dbadmin", "x", "gaussdb", "28P01"},
		{v351, "dbadmin", "Gauss@123", "postgres", ""},
		{v351, "dbadmin", "x", "gaussdb", "28P01"},
		{v351, "dbadmin", "x", "gaussdb", "28P01"},
		{v351, "dbadmin", "Gauss@123", "gaussdb", "28000"},
	} {
		if got := dial(t, s).login(test.version, test.user, test.password, test.db); got != test.state {
			t.Errorf("%+v: %q", test, got)
		}
	}
	if s.Logins() != 7 {
		t.Errorf("%d logins", s.Logins())
	}
	s.Cluster().Unlock()
	connect(t, s)
	s.Fault(dwstest.On{Times: 1}, dwstest.RefuseLogin("53300"))
	if got := dial(t, s).login(v351, "dbadmin", "Gauss@123", "gaussdb"); got != "53300" {
		t.Errorf("%q", got)
	}
}

func TestParameters(t *testing.T) {
	s := dwstest.NewServer()
	defer s.Close()
	c := connect(t, s)
	for name, want := range map[string]string{"server_version": "9.2.4", "is_sysadmin": "on", "TimeZone": "UTC", "session_authorization": "dbadmin", "in_hot_standby": "", "is_superuser": ""} {
		if got := c.parameters[name]; got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if c.pid == 0 {
		t.Error("the session has no number")
	}
	c.want("set timezone = 'Asia/Shanghai'", "TimeZone=Asia/Shanghai SET ZI")
}

func TestTLS(t *testing.T) {
	s := dwstest.NewServer(dwstest.WithClientCertificate())
	defer s.Close()
	if got := dial(t, s).login(v351, "dbadmin", "Gauss@123", "gaussdb"); got != "28000" {
		t.Errorf("a login without TLS is answered with %q", got)
	}
	c := dial(t, s)
	c.send(0, message.Uint32(message.CodeTLS))
	if b, err := c.r.ReadByte(); err != nil || b != 'S' {
		t.Fatalf("%q, %v", b, err)
	}
	secure := tls.Client(c.nc, &tls.Config{RootCAs: s.CertPool(), ServerName: "127.0.0.1", Certificates: []tls.Certificate{s.ClientCertificate()}})
	c.nc = secure
	c.r.Reset(secure)
	if got := c.login(v351, "dbadmin", "Gauss@123", "gaussdb"); got != "" {
		t.Errorf("refused with %s", got)
	}
	plain := dwstest.NewServer()
	defer plain.Close()
	for _, code := range []uint32{message.CodeTLS, message.CodeGSS} {
		c = dial(t, plain)
		c.send(0, message.Uint32(code))
		if b, err := c.r.ReadByte(); err != nil || b != 'N' {
			t.Errorf("%q, %v", b, err)
		}
	}
}
