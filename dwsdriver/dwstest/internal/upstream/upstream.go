// Package upstream is what a connection is served by once its login is over: a
// session that takes messages and gives messages, of a real PostgreSQL or of any
// other that speaks its protocol.
package upstream

import (
	"bufio"
	"io"
	"time"
)

// Session is a session that waits for its first request.
type Session struct {
	Conn io.ReadWriteCloser
	R    *bufio.Reader
	// Parameters are those that the server reported, in its order.
	Parameters []Parameter
	// Cancel stops what runs, as a CancelRequest does.
	Cancel func()
}

// Parameter is a ParameterStatus.
type Parameter struct{ Name, Value string }

// Config is where a PostgreSQL is, and who logs in.
type Config struct {
	Network, Addr  string
	User, Password string
	// Database to use if the client has not named one.
	Database string
}

// Request is what a client wants.
type Request struct {
	Database string
	// PID is what the client is told of the session's process.
	PID uint32
	// Parameters are the run-time parameters of its startup message.
	Parameters []Parameter
}

// patience bounds a login.
const patience = 10 * time.Second
