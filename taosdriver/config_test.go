package taosdriver

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestNewConfigIsAllDefaults(t *testing.T) {
	want := &Config{
		Transport: WebSocket, Balance: Ordered, HostRest: 10 * time.Second,
		ConnectTimeout: 10 * time.Second, ReadTimeout: 5 * time.Minute, WriteTimeout: 10 * time.Second, KillGrace: 2 * time.Second,
		MaxMessageBytes: 256 << 20, TLSMinVersion: TLS12,
	}
	if got := NewConfig(); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", *got, *want)
	}
	if got := NewConfig().FormatDSN(); got != "taos+ws://" {
		t.Errorf("formatted as %s", got)
	}
}

func TestComplete(t *testing.T) {
	shanghai := zone(t, "Asia/Shanghai")
	tests := []struct {
		name, dsn                string
		user, password, location string
	}{
		{"no credentials", "ws://h", "root", "taosdata", "UTC"},
		{"user alone", "ws://root@h", "root", "", "UTC"},
		{"cloud token", "wss://h?token=t", "root", "taosdata", "UTC"},
		{"bearer token", "ws://h?bearer_token=t", "", "", "UTC"},
		{"zone of the session", "ws://h?timezone=Asia/Shanghai", "root", "taosdata", "Asia/Shanghai"},
		{"zone of its own", "ws://h?timezone=Asia/Shanghai&location=UTC", "root", "taosdata", "UTC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c, err := ParseDSN(tt.dsn)
			if err != nil {
				t.Fatal(err)
			}
			before := c.Clone()
			got, err := c.complete()
			if err != nil {
				t.Fatal(err)
			}
			if got.User != tt.user || got.Password != tt.password || got.Location.String() != tt.location {
				t.Errorf("got %s:%s, %s", got.User, got.Password, got.Location)
			}
			if got.App == "" || len(got.App) > 23 {
				t.Errorf("application %q", got.App)
			}
			if !sameConfig(c, before) {
				t.Error("the Config given was changed")
			}
		})
	}
	c := NewConfig()
	c.App, c.Location = "mine", shanghai
	if got, err := c.complete(); err != nil || got.App != "mine" || got.Location != shanghai {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := new(Config).complete(); err == nil || !strings.Contains(err.Error(), "NewConfig") {
		t.Errorf("a zero Config: %v", err)
	}
}

func TestCheckOfFieldsThatADSNCannotGetWrong(t *testing.T) {
	tests := []struct {
		name string
		set  func(*Config)
		want string
	}{
		{"transport", func(c *Config) { c.Transport = "udp" }, "unknown transport"},
		{"balance", func(c *Config) { c.Balance = "fair" }, `"balance" has value "fair": want ordered, random or round_robin`},
		{"TLS version", func(c *Config) { c.TLSMinVersion = "1.1" }, `"tls_min_version" has value "1.1": want 1.2 or 1.3`},
		{"negative time", func(c *Config) { c.ReadTimeout = -1 }, `"read_timeout" has value "-1ns"`},
		{"message size", func(c *Config) { c.MaxMessageBytes = 0 }, `"max_message_size" has value "0": want a size from 1KiB to 1024GiB`},
		{"zone without a name in the database", func(c *Config) { c.SessionTimezone = time.FixedZone("mine", 3600) }, "no zone of this name"},
		{"own TLS settings without TLS", func(c *Config) { c.TLSConfig = new(tls.Config) }, "TLSConfig without TLS"},
		{"native with TLS", func(c *Config) { c.Transport, c.TLS = Native, true }, "TLS needs taos+wss"},
		{"host with a space", func(c *Config) { c.Hosts = []string{"ok", "a b"} }, "host 2 is not"},
		{"empty host", func(c *Config) { c.Hosts = []string{""} }, "host 1 is not"},
		{"port", func(c *Config) { c.Hosts = []string{"h:0"} }, "host 1 is not"},
		{"IPv6 without brackets", func(c *Config) { c.Hosts = []string{"::1"} }, "host 1 is not"},
		{"bracket open", func(c *Config) { c.Hosts = []string{"[::1"} }, "host 1 is not"},
		{"name in brackets", func(c *Config) { c.Hosts = []string{"[h]"} }, "host 1 is not"},
		{"text after brackets", func(c *Config) { c.Hosts = []string{"[::1]6041"} }, "host 1 is not"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewConfig()
			tt.set(c)
			if err := c.check(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestHosts(t *testing.T) {
	tests := []struct{ dsn, want string }{
		{"ws://", "localhost:6041"},
		{"taos://", "localhost:6030"},
		{"http://h,[::1],:7,h:8", "h:6041 [::1]:6041 localhost:7 h:8"},
		{"wss://gw?token=t", "gw:443"},
		{"ws://gw?token=t", "gw:6041"},
		{"wss://gw", "gw:6041"},
	}
	for _, tt := range tests {
		c, err := ParseDSN(tt.dsn)
		if err != nil {
			t.Fatal(err)
		}
		set, err := c.hostSet(nil)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range set.Candidates() {
			got = append(got, h.Addr)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: got %v, want %s", tt.dsn, got, tt.want)
		}
	}
}

func TestCloneSharesNothing(t *testing.T) {
	c := NewConfig()
	c.Hosts, c.TLSConfig = []string{"a"}, &tls.Config{ServerName: "a"}
	clone := c.Clone()
	clone.Hosts[0], clone.TLSConfig.ServerName = "b", "b"
	if c.Hosts[0] != "a" || c.TLSConfig.ServerName != "a" {
		t.Errorf("the original has %v and %s", c.Hosts, c.TLSConfig.ServerName)
	}
}

func TestPrintingShowsNoSecret(t *testing.T) {
	c, err := ParseDSN("wss://u:hunter2@h?token=hunter2&bearer_token=hunter2&totp_code=hunter2&tls_cert=c&tls_key=hunter2&app=a")
	if err != nil {
		t.Fatal(err)
	}
	want := "taos+wss://u:xxxxx@h?token=xxxxx&bearer_token=xxxxx&totp_code=xxxxx&tls_cert=c&tls_key=xxxxx&app=a"
	for _, got := range []string{c.String(), fmt.Sprint(c), fmt.Sprintf("%v", *c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", *c), c.LogValue().String()} {
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// pair makes a certificate and its key as PEM texts.
func pair(t *testing.T) (certificate, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), DNSNames: []string{"h"}}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER}))
}

func TestTLSClient(t *testing.T) {
	certificate, key := pair(t)
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, []byte(certificate), 0o600); err != nil {
		t.Fatal(err)
	}
	c := NewConfig()
	if got, err := c.tlsClient(); got != nil || err != nil {
		t.Errorf("without TLS: %v, %v", got, err)
	}
	c.TLS = true
	got, err := c.tlsClient()
	if err != nil || got.MinVersion != tls.VersionTLS12 || got.RootCAs != nil || got.InsecureSkipVerify || got.ServerName != "" {
		t.Errorf("defaults: %+v, %v", got, err)
	}

	c.TLSCA, c.TLSCert, c.TLSKey, c.TLSServerName, c.TLSMinVersion = file, certificate, key, "h", TLS13
	c.TLSConfig = &tls.Config{NextProtos: []string{"x"}}
	got, err = c.tlsClient()
	if err != nil {
		t.Fatal(err)
	}
	if got.RootCAs == nil || len(got.Certificates) != 1 || got.ServerName != "h" || got.MinVersion != tls.VersionTLS13 || got.NextProtos[0] != "x" {
		t.Errorf("everything: %+v", got)
	}
	if c.TLSConfig.ServerName != "" {
		t.Error("the TLSConfig given was changed")
	}

	c = NewConfig()
	c.TLS, c.TLSSkipVerify = true, true
	if got, err := c.tlsClient(); err != nil || !got.InsecureSkipVerify {
		t.Errorf("skip verify: %+v, %v", got, err)
	}
}

func TestTLSClientErrors(t *testing.T) {
	certificate, key := pair(t)
	_, otherKey := pair(t)
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		set  func(*Config)
		want string
	}{
		{"no such file", func(c *Config) { c.TLSCA = "hunter2" }, "tls_ca: cannot read the file"},
		{"file without certificates", func(c *Config) { c.TLSCA = empty }, "tls_ca: no certificate in PEM form"},
		{"key without its header", func(c *Config) { c.TLSCert, c.TLSKey = certificate, "hunter2" }, "tls_key: cannot read the file"},
		{"certificate missing", func(c *Config) { c.TLSCert, c.TLSKey = "hunter2", key }, "tls_cert: cannot read the file"},
		{"another's key", func(c *Config) { c.TLSCert, c.TLSKey = certificate, otherKey }, "does not match"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := NewConfig()
			c.TLS = true
			tt.set(c)
			_, err := c.tlsClient()
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}
