package dwsdriver

import (
	"crypto/tls"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// TransactionStatus is psycopg2's get_transaction_status: where a session stands
// between its statements.
type TransactionStatus byte

// The statuses, by the protocol's letters.
const (
	TransactionIdle   TransactionStatus = 'I'
	TransactionActive TransactionStatus = 'T' // in a transaction
	TransactionFailed TransactionStatus = 'E' // in one that can only be rolled back
)

// SessionInfo is what is known of a session without a round trip, beside what
// [github.com/gaugesql/gaugesql/driver.Info] says.
type SessionInfo struct {
	// BackendPID is the id by which pg_stat_activity and cancel requests know the
	// session: a logical one, and no process of the server. 0 if it gave none.
	BackendPID uint32
	// ServerVersion is that of the PostgreSQL which the server is, or descends from,
	// as psycopg2 counts: 90204 for DWS, 150018 for PostgreSQL 15.18.
	ServerVersion int
	// ProtocolVersion is 3, as psycopg2 has it.
	ProtocolVersion int
	// Status is that after the last statement.
	Status TransactionStatus
	// Method is how the user has logged in: "sha256", "md5", "sha256-md5",
	// "md5-sha256", "scram-sha-256", "password", "gss" or "none".
	Method string
	// TLS describes the encryption. nil without.
	TLS *tls.ConnectionState
}

// SessionInformer describes a session. Find it with driver.With.
type SessionInformer interface {
	SessionInfo() SessionInfo
}

var _ SessionInformer = (*conn)(nil)

// SessionInfo implements [SessionInformer].
func (c *conn) SessionInfo() SessionInfo {
	status := c.session.Status()
	if status == 0 {
		status = wire.Idle
	}
	return SessionInfo{
		BackendPID: c.login.PID, ServerVersion: c.login.ServerVersion(), ProtocolVersion: 3,
		Status: TransactionStatus(status), Method: c.login.Method, TLS: c.login.TLS,
	}
}
