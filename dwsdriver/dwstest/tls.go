package dwstest

import (
	"crypto/tls"
	"crypto/x509"
)

// CertPool returns the pool that trusts the server's certificate, nil without TLS.
func (s *Server) CertPool() *x509.CertPool { return s.cluster.authority.Pool }

// CertPEM returns the authority's certificate in PEM for drivers that want a file,
// nil without TLS.
func (s *Server) CertPEM() []byte { return s.cluster.authority.PEM }

// ClientCertificate returns a certificate that the server accepts from clients, see
// [WithClientCertificate]. It is empty without TLS.
func (s *Server) ClientCertificate() tls.Certificate { return s.cluster.authority.Client }

// ClientCertificatePEM returns the client's certificate and its key in PEM.
func (s *Server) ClientCertificatePEM() (cert, key []byte, err error) {
	return s.cluster.authority.ClientPEM()
}
