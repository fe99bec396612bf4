package authority_test

import (
	"crypto/tls"
	"net"
	"testing"

	"github.com/gaugesql/gaugesql/internal/authority"
)

func handshake(t *testing.T, server, client *tls.Config) error {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	failed := make(chan error, 1)
	go func() {
		nc, err := ln.Accept()
		if err == nil {
			err = tls.Server(nc, server).Handshake()
			nc.Close()
		}
		failed <- err
	}()
	nc, err := net.Dial("tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	err = tls.Client(nc, client).Handshake()
	if serverErr := <-failed; err == nil {
		err = serverErr
	}
	nc.Close()
	return err
}

func TestAuthority(t *testing.T) {
	a, err := authority.New("x", "me")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"127.0.0.1", "localhost", "::1"} {
		if err := handshake(t, a.Config(nil, false), &tls.Config{RootCAs: a.Pool, ServerName: name}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if handshake(t, a.Config(nil, false), &tls.Config{ServerName: "localhost"}) == nil {
		t.Error("it is trusted by everybody")
	}
	if handshake(t, a.Config(nil, true), &tls.Config{RootCAs: a.Pool, ServerName: "localhost"}) == nil {
		t.Error("a client without a certificate is let in")
	}
	cert, key, err := a.ClientPEM()
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := handshake(t, a.Config(nil, true), &tls.Config{RootCAs: a.Pool, ServerName: "localhost", Certificates: []tls.Certificate{pair}}); err != nil {
		t.Error(err)
	}
}

func TestNoAuthority(t *testing.T) {
	if _, _, err := new(authority.Authority).ClientPEM(); err == nil {
		t.Error("a client's certificate of an authority that has issued none")
	}
}
