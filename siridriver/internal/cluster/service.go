package cluster

import (
	"context"

	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Service is a connection to one server that has not logged into a database, as
// requests of the service account need it. They are never repeated.
type Service struct {
	s *session
}

// OpenService connects to h.
func OpenService(ctx context.Context, config Config, h hosts.Host) (*Service, error) {
	ctx, cancel := context.WithTimeout(ctx, config.ConnectTimeout)
	defer cancel()
	s, err := open(ctx, &config, h, nil)
	if err != nil {
		return nil, err
	}
	return &Service{s}, nil
}

// Do sends a service request and returns its answer, which may be an error
// response.
func (v *Service) Do(ctx context.Context, r Request) (Reply, error) {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeoutCause(ctx, r.Timeout, &limitError{r.Timeout})
		defer cancel()
	}
	a := v.s.request(ctx, wire.Service, r.Package)
	if a.err != nil {
		return Reply{}, lost(r.Op, v.s.host, r.ID, answer{err: cause(ctx, a.err), sent: a.sent})
	}
	return Reply{Type: a.typ, Data: a.data, Host: v.s.host}, nil
}

// Close ends the connection.
func (v *Service) Close() { v.s.close() }
