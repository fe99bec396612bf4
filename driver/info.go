package driver

import "context"

// Info describes the server behind a connection and the session on it.
type Info struct {
	// Engine is "tdengine", "iotdb", "siridb" or "dws".
	Engine string
	// Version is the server's, as it writes it: "3.3.7.5".
	Version string
	// Host is the server's "host:port".
	Host string
	// SessionID is the server's name for this session. Empty if it has none.
	SessionID string
	// Database is the current database. Empty if none is selected.
	Database string
	// User is the name under which the session logged in.
	User string
	// TimeZone is the session's zone, an IANA name. Empty means the server's.
	TimeZone string
	// Parameters are further facts, by the server's own names. May be nil.
	Parameters map[string]string
}

// ServerInformer describes the server and the session.
type ServerInformer interface {
	// ServerInfo may cost a round trip.
	ServerInfo(ctx context.Context) (Info, error)
}
