// Package authority issues the certificates of the embedded test servers: one for the server, one
// for a client, by an authority that nobody trusts who is not told to.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"time"
)

// Authority has issued the certificates of one server. The zero value has issued none.
type Authority struct {
	// Pool and PEM hold the certificate that vouches for the others.
	Pool *x509.CertPool
	PEM  []byte
	// Server is valid for 127.0.0.1, ::1 and localhost, Client for a client of its name.
	Server, Client tls.Certificate
}

// New makes an authority and its certificates, valid for a day, for a server of that name and a
// client whose common name is client.
func New(server, client string) (*Authority, error) {
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial), Subject: pkix.Name{CommonName: name},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		}
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	root := template(1, server+" authority")
	root.IsCA, root.BasicConstraintsValid = true, true
	root.KeyUsage |= x509.KeyUsageCertSign
	der, err := x509.CreateCertificate(rand.Reader, root, root, key.Public(), key)
	if err != nil {
		return nil, err
	}
	issue := func(c *x509.Certificate) (tls.Certificate, error) {
		own, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return tls.Certificate{}, err
		}
		der, err := x509.CreateCertificate(rand.Reader, c, root, own.Public(), key)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: own}, err
	}
	a := &Authority{Pool: x509.NewCertPool(), PEM: certificate(der)}
	a.Pool.AppendCertsFromPEM(a.PEM)
	c := template(2, server)
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	c.DNSNames, c.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	if a.Server, err = issue(c); err != nil {
		return nil, err
	}
	c = template(3, client)
	c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	if a.Client, err = issue(c); err != nil {
		return nil, err
	}
	return a, nil
}

// Config returns base, which may be nil, with the server's certificate if it has none of its own,
// and with the demand for the client's if that is wanted.
func (a *Authority) Config(base *tls.Config, demandClient bool) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if base != nil {
		config = base.Clone()
	}
	if len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		config.Certificates = []tls.Certificate{a.Server}
	}
	if demandClient {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, a.Pool
	}
	return config
}

// ClientPEM returns the client's certificate and its key in PEM.
func (a *Authority) ClientPEM() (cert, key []byte, err error) {
	if a.Client.PrivateKey == nil {
		return nil, nil, errors.New("the server has no certificates of its own")
	}
	der, err := x509.MarshalPKCS8PrivateKey(a.Client.PrivateKey)
	if err != nil {
		return nil, nil, err
	}
	return certificate(a.Client.Certificate[0]), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

func certificate(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
