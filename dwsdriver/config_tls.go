package dwsdriver

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/login"
)

// checkTLS refuses settings of TLS on a connection without it: whoever gave
// them believes it to be encrypted.
func (c *Config) checkTLS() error {
	switch {
	case (c.SSLCert == "") != (c.SSLKey == ""):
		return configError("sslcert and sslkey belong together; only one is given")
	case c.TLSConfig != nil && (c.SSLRootCert != "" || c.SSLCert != "" || c.SSLServerName != ""):
		return configError("TLSConfig replaces sslrootcert, sslcert, sslkey and sslservername; give one or the other")
	case c.TLSConfig != nil && c.SSLMode != SSLRequire && c.SSLMode != SSLVerifyCA && c.SSLMode != SSLVerifyFull:
		return configError("TLSConfig needs sslmode require, verify-ca or verify-full: the connection might not be encrypted otherwise")
	case c.SSLMode == SSLDisable && (c.SSLRootCert != "" || c.SSLCert != "" || c.SSLServerName != ""):
		return configError("sslmode disable with certificates; leave one of them out")
	}
	return nil
}

// tlsMode is SSLMode as the login has it.
func (c *Config) tlsMode() login.TLSMode {
	switch c.SSLMode {
	case SSLDisable:
		return login.Disable
	case SSLAllow:
		return login.Allow
	case SSLPrefer, "":
		return login.Prefer
	}
	return login.Require
}

// systemRoots is the value of SSLRootCert for the system's certificates.
const systemRoots = "system"

// tlsClient returns the settings for connections to any of the hosts: the
// server's name is empty unless given. It is nil for connections without TLS.
func (c *Config) tlsClient() (*tls.Config, error) {
	if c.SSLMode == SSLDisable {
		return nil, nil
	}
	if c.TLSConfig != nil {
		client := c.TLSConfig.Clone()
		if client.MinVersion == 0 {
			client.MinVersion = tls.VersionTLS12
		}
		return client, nil
	}
	client := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.SSLServerName}
	if c.SSLRootCert != "" && c.SSLRootCert != systemRoots {
		text, err := readPEM("sslrootcert", c.SSLRootCert)
		if err != nil {
			return nil, err
		}
		client.RootCAs = x509.NewCertPool()
		if !client.RootCAs.AppendCertsFromPEM(text) {
			return nil, configError("sslrootcert: no certificate in PEM form")
		}
	}
	switch {
	case c.SSLMode == SSLVerifyFull:
	case c.SSLMode == SSLVerifyCA, c.SSLRootCert != "":
		// The authority without the name, which crypto/tls cannot do by itself.
		client.InsecureSkipVerify = true
		client.VerifyConnection = verifyCA(client.RootCAs)
	default:
		client.InsecureSkipVerify = true
	}
	if c.SSLCert != "" {
		certificate, err := c.clientCertificate()
		if err != nil {
			return nil, err
		}
		// Certificates would not be sent to a server that names the authority above
		// the one that made it.
		client.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &certificate, nil }
	}
	return client, nil
}

// verifyCA verifies the server's certificate, but not that it is made out to the
// server's name.
func verifyCA(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, certificate := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(certificate)
		}
		_, err := state.PeerCertificates[0].Verify(options)
		if err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates, Err: err}
		}
		return nil
	}
}

func (c *Config) clientCertificate() (tls.Certificate, error) {
	certificate, err := readPEM("sslcert", c.SSLCert)
	if err != nil {
		return tls.Certificate{}, err
	}
	key, err := readPEM("sslkey", c.SSLKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	if block, _ := pem.Decode(key); block == nil {
		if _, err := x509.ParsePKCS8PrivateKey(key); err == nil {
			key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})
		}
	} else if strings.Contains(block.Type, "ENCRYPTED") || block.Headers["DEK-Info"] != "" {
		return tls.Certificate{}, configError(`sslkey: the key is encrypted; decrypt it first, as with "openssl rsa -in client.key -out client.plain.key"`)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		return pair, configError("sslcert and sslkey: %s", strings.TrimPrefix(err.Error(), "tls: "))
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
