package dwstest

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/gaugesql/gaugesql/internal/authority"
)

// CertPool returns the pool that trusts the server's certificate, nil without TLS.
func (s *Server) CertPool() *x509.CertPool {
	if a := s.authority(); a != nil {
		return a.Pool
	}
	return nil
}

// CertPEM returns the authority's certificate in PEM for drivers that want a file,
// nil without TLS.
func (s *Server) CertPEM() []byte {
	if a := s.authority(); a != nil {
		return a.PEM
	}
	return nil
}

// ClientCertificate returns a certificate that the server accepts from clients, see
// [WithClientCertificate]. It is empty without TLS.
func (s *Server) ClientCertificate() tls.Certificate {
	if a := s.authority(); a != nil {
		return a.Client
	}
	return tls.Certificate{}
}

// ClientCertificatePEM returns the client's certificate and its key in PEM.
func (s *Server) ClientCertificatePEM() (cert, key []byte, err error) {
	return s.authority().ClientPEM()
}

func (s *Server) authority() *authority.Authority { return s.cluster.authority }
