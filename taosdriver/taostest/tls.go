package taostest

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/gaugesql/gaugesql/internal/authority"
)

// newTLS makes the server's certificates and the configuration that the options ask for.
func newTLS(o *options) (*authority.Authority, *tls.Config, error) {
	a, err := authority.New("taostest", "taostest client")
	if err != nil {
		return nil, nil, err
	}
	config := a.Config(o.tls, o.clientCert)
	config.NextProtos = []string{"http/1.1"} // WebSocket needs it
	if o.tls != nil && len(o.tls.Certificates) > 0 {
		a = new(authority.Authority)
	}
	return a, config, nil
}

// CertPool returns the pool that trusts the server's certificate, nil without
// TLS or with a certificate of your own.
func (s *Server) CertPool() *x509.CertPool { return s.authority.Pool }

// CertPEM returns the authority's certificate in PEM for drivers that want a
// file, nil where [Server.CertPool] is nil.
func (s *Server) CertPEM() []byte { return s.authority.PEM }

// ClientCertificate returns a certificate that the server accepts from clients,
// see [WithClientCertificate]. It is empty without TLS.
func (s *Server) ClientCertificate() tls.Certificate { return s.authority.Client }

// ClientCertificatePEM returns the client's certificate and its key in PEM.
func (s *Server) ClientCertificatePEM() (cert, key []byte, err error) {
	return s.authority.ClientPEM()
}
