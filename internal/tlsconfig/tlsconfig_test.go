package tlsconfig

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestClient(t *testing.T) {
	base := &tls.Config{ServerName: "base", MinVersion: tls.VersionTLS13}
	c, err := (&Options{Base: base, ServerName: "name", SkipVerify: true}).Client()
	if err != nil || c.ServerName != "name" || !c.InsecureSkipVerify || c.MinVersion != tls.VersionTLS13 {
		t.Errorf("%+v, %v", c, err)
	}
	if base.ServerName != "base" {
		t.Error("the base was changed")
	}
	if c, err = new(Options).Client(); err != nil || c.MinVersion != tls.VersionTLS12 || c.RootCAs != nil {
		t.Errorf("%+v, %v", c, err)
	}
}

// Errors name the parameter and show no value: it may be a key.
func TestErrors(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hunter2")
	if err := os.WriteFile(file, []byte("not PEM"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]Options{
		"tls_ca: cannot read": {CA: "/no/hunter2"},
		"tls_ca: no cert":     {CA: file},
		"tls_cert: cannot":    {Cert: "/no/hunter2", Key: file},
		"tls_key: cannot":     {Cert: file, Key: "/no/hunter2"},
		"tls_cert and":        {Cert: file, Key: "-----BEGIN hunter2"},
	} {
		if _, err := o.Client(); err == nil || !strings.HasPrefix(err.Error(), name) || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := (&Options{Cert: "c"}).Check(); err == nil {
		t.Error("half a certificate")
	}
	if err := (&Options{CA: "c", SkipVerify: true}).Check(); err == nil {
		t.Error("a CA that has no effect")
	}
	if err := new(Options).Check(); err != nil {
		t.Error(err)
	}
	if (&Options{Key: "k"}).Given() != "tls_key" || new(Options).Given() != "" {
		t.Error("Given")
	}
}
