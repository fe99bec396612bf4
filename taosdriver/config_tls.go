package taosdriver

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io/fs"
	"os"
	"strings"
)

// tlsClient returns the settings for connections to any of the hosts: the
// server's name is empty unless given. It is nil for connections without TLS.
func (c *Config) tlsClient() (*tls.Config, error) {
	if !c.TLS {
		return nil, nil
	}
	client := c.TLSConfig.Clone()
	if client == nil {
		client = new(tls.Config)
	}
	if client.MinVersion == 0 {
		client.MinVersion = tls.VersionTLS12
	}
	if c.TLSMinVersion == TLS13 {
		client.MinVersion = max(client.MinVersion, tls.VersionTLS13)
	}
	if c.TLSServerName != "" {
		client.ServerName = c.TLSServerName
	}
	if c.TLSSkipVerify {
		client.InsecureSkipVerify = true
	}
	if c.TLSCA != "" {
		text, err := readPEM("tls_ca", c.TLSCA)
		if err != nil {
			return nil, err
		}
		client.RootCAs = x509.NewCertPool()
		if !client.RootCAs.AppendCertsFromPEM(text) {
			return nil, configError("tls_ca: no certificate in PEM form")
		}
	}
	if c.TLSCert != "" {
		certificate, err := c.clientCertificate()
		if err != nil {
			return nil, err
		}
		client.Certificates = []tls.Certificate{certificate}
	}
	return client, nil
}

func (c *Config) clientCertificate() (tls.Certificate, error) {
	certificate, err := readPEM("tls_cert", c.TLSCert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readPEM("tls_key", c.TLSKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return pair, configError("tls_cert and tls_key: %s", strings.TrimPrefix(err.Error(), "tls: "))
	}
	return pair, nil
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
		return nil, configError("%s: cannot read the file: %v", name, err)
	}
	return text, nil
}
