// Package tlsconfig makes the TLS settings of a client from what a DSN can say.
package tlsconfig

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// Options are those of the parameters tls_ca, tls_cert, tls_key,
// tls_server_name, tls_skip_verify and tls_min_version.
type Options struct {
	// CA is a file of PEM certificates to trust in place of the system's, or the PEM
	// text itself; Cert and Key likewise, of the client.
	CA, Cert, Key string
	// ServerName is the name that the server's certificate must have. Empty leaves
	// it to whoever dials.
	ServerName string
	// SkipVerify accepts any certificate.
	SkipVerify bool
	// MinVersion is the oldest version to speak, at least TLS 1.2.
	MinVersion uint16
	// Base is cloned and completed by the above; may be nil.
	Base *tls.Config
}

// Check reports options that contradict each other. Its errors name parameters.
func (o *Options) Check() error {
	switch {
	case (o.Cert == "") != (o.Key == ""):
		return errors.New("tls_cert and tls_key belong together; only one is given")
	case o.SkipVerify && o.CA != "":
		return errors.New("tls_skip_verify accepts any certificate, so that tls_ca has no effect; give one of them")
	}
	return nil
}

// Given returns the name of a parameter that is set, "" if none is: on a
// connection without TLS whoever gave it believes that there is some.
func (o *Options) Given() string {
	for _, f := range []struct {
		name string
		set  bool
	}{
		{"tls_ca", o.CA != ""},
		{"tls_cert", o.Cert != ""},
		{"tls_key", o.Key != ""},
		{"tls_server_name", o.ServerName != ""},
		{"tls_skip_verify", o.SkipVerify},
		{"tls_min_version", o.MinVersion > tls.VersionTLS12},
		{"TLSConfig", o.Base != nil},
	} {
		if f.set {
			return f.name
		}
	}
	return ""
}

// Client reads the files and returns the settings. Its errors name parameters and
// show no value.
func (o *Options) Client() (*tls.Config, error) {
	client := o.Base.Clone()
	if client == nil {
		client = new(tls.Config)
	}
	client.MinVersion = max(client.MinVersion, o.MinVersion, tls.VersionTLS12)
	if o.ServerName != "" {
		client.ServerName = o.ServerName
	}
	if o.SkipVerify {
		client.InsecureSkipVerify = true
	}
	if o.CA != "" {
		text, err := readPEM("tls_ca", o.CA)
		if err != nil {
			return nil, err
		}
		client.RootCAs = x509.NewCertPool()
		if !client.RootCAs.AppendCertsFromPEM(text) {
			return nil, errors.New("tls_ca: no certificate in PEM form")
		}
	}
	if o.Cert != "" {
		certificate, err := readPEM("tls_cert", o.Cert)
		if err != nil {
			return nil, err
		}
		key, err := readPEM("tls_key", o.Key)
		if err != nil {
			return nil, err
		}
		pair, err := tls.X509KeyPair(certificate, key)
		if err != nil {
			return nil, fmt.Errorf("tls_cert and tls_key: %s", strings.TrimPrefix(err.Error(), "tls: "))
		}
		client.Certificates = []tls.Certificate{pair}
	}
	return client, nil
}

// readPEM returns value if it is PEM text, else the file of that name. Its
// error does not show the name: it is a key where someone forgot the header.
func readPEM(name, value string) ([]byte, error) {
	if strings.Contains(value, "-----BEGIN ") {
		return []byte(value), nil
	}
	text, err := os.ReadFile(value)
	if err != nil {
		var path *fs.PathError
		if errors.As(err, &path) {
			err = path.Err
		}
		return nil, fmt.Errorf("%s: cannot read the file: %v", name, err)
	}
	return text, nil
}
