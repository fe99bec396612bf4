package taostest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// authority issues the certificates of one server.
type authority struct {
	pool   *x509.CertPool
	pem    []byte
	server tls.Certificate
	client tls.Certificate
}

func newAuthority() (*authority, error) {
	template := func(serial int64, name string) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(serial),
			Subject:      pkix.Name{CommonName: name},
			NotBefore:    time.Now().Add(-time.Hour),
			NotAfter:     time.Now().Add(24 * time.Hour),
			KeyUsage:     x509.KeyUsageDigitalSignature,
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca := template(1, "taostest authority")
	ca.IsCA, ca.BasicConstraintsValid = true, true
	ca.KeyUsage |= x509.KeyUsageCertSign
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, caKey.Public(), caKey)
	if err != nil {
		return nil, err
	}
	issue := func(c *x509.Certificate) (tls.Certificate, error) {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return tls.Certificate{}, err
		}
		der, err := x509.CreateCertificate(rand.Reader, c, ca, key.Public(), caKey)
		return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
	}
	server := template(2, "taostest")
	server.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	server.DNSNames = []string{"localhost"}
	server.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	client := template(3, "taostest client")
	client.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}

	a := &authority{pool: x509.NewCertPool(), pem: certPEM(caDER)}
	a.pool.AppendCertsFromPEM(a.pem)
	if a.server, err = issue(server); err != nil {
		return nil, err
	}
	if a.client, err = issue(client); err != nil {
		return nil, err
	}
	return a, nil
}

// serverConfig returns the TLS configuration that the options ask for.
func (a *authority) serverConfig(o *options) *tls.Config {
	config := &tls.Config{}
	if o.tls != nil {
		config = o.tls.Clone()
	}
	if len(config.Certificates) == 0 && config.GetCertificate == nil && config.GetConfigForClient == nil {
		config.Certificates = []tls.Certificate{a.server}
	}
	if o.clientCert {
		config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, a.pool
	}
	// WebSocket needs HTTP/1.1.
	config.NextProtos = []string{"http/1.1"}
	return config
}

// CertPool returns the pool that trusts the server's certificate, nil without
// TLS or with a certificate of your own.
func (s *Server) CertPool() *x509.CertPool {
	if s.authority == nil {
		return nil
	}
	return s.authority.pool
}

// CertPEM returns the authority's certificate in PEM for drivers that want a
// file, nil where [Server.CertPool] is nil.
func (s *Server) CertPEM() []byte {
	if s.authority == nil {
		return nil
	}
	return s.authority.pem
}

// ClientCertificate returns a certificate that the server accepts from clients,
// see [WithClientCertificate]. It is empty without TLS.
func (s *Server) ClientCertificate() tls.Certificate {
	if s.authority == nil {
		return tls.Certificate{}
	}
	return s.authority.client
}

// ClientCertificatePEM returns the client's certificate and its key in PEM.
func (s *Server) ClientCertificatePEM() (cert, key []byte, err error) {
	if s.authority == nil {
		return nil, nil, fmt.Errorf("taostest: the server has no certificates of its own")
	}
	der, err := x509.MarshalPKCS8PrivateKey(s.authority.client.PrivateKey)
	if err != nil {
		return nil, nil, err
	}
	key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return certPEM(s.authority.client.Certificate[0]), key, nil
}

func certPEM(der []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}
