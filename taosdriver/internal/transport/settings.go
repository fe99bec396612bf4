package transport

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"
)

// Settings are the part of the driver's Config that transports need, checked and
// completed: nothing here has a default. They do not change.
type Settings struct {
	User, Password string
	// Token of TDengine Cloud, for the URL. Empty for none.
	Token string
	// BearerToken replaces user and password if not empty.
	BearerToken string
	// TOTPCode is the second factor. Empty for none.
	TOTPCode string

	// Database of the session. Empty for none.
	Database string
	// Timezone of the session, a valid IANA name. Empty for the server's own.
	Timezone string
	// Location of the timestamps handed out. Never nil.
	Location *time.Location

	// ReadTimeout bounds the wait for a reply, WriteTimeout the sending of a
	// request. 0 is no bound. Connect is bounded by its context.
	ReadTimeout, WriteTimeout time.Duration
	// Compression of what is sent and received.
	Compression bool
	// MaxMessageBytes bounds a message from the server. Always positive.
	MaxMessageBytes int64

	// TLS is nil for plain connections, otherwise complete but for the server name,
	// which is the host's if empty. It is cloned before it is changed.
	TLS *tls.Config
	// App is the program's name for the server's list of connections.
	App string
	// BIMode asks for the server's mode for BI tools.
	BIMode bool

	// LibraryPath is the native library or its folder, ConfigDir the folder of its
	// configuration. Empty for those of the system.
	LibraryPath, ConfigDir string
	// KeepAbandoned lets statements that nobody waits for any more run to their end,
	// where a transport could end them itself.
	KeepAbandoned bool

	// Dial opens network connections. Never nil.
	Dial func(ctx context.Context, network, addr string) (net.Conn, error)
	// Logger may be nil.
	Logger *slog.Logger

	// Abandoned, if not nil, is told of each request that a caller stopped waiting
	// for while the server may still be at work on it. It returns at once.
	Abandoned func(Abandoned)
}

// Abandoned is a request that nobody waits for any more.
type Abandoned struct {
	// Host that the request was sent to.
	Host string
	// RequestID by which the server knows the request.
	RequestID uint64
	// ListedID is another id by which its list of running statements may have it;
	// 0 for none. TDengine 3.3.7 lists an execution of a prepared statement by the
	// id of the request that made the statement, plus one an execution.
	ListedID uint64
	// Ended is closed when the request is known to have ended: its late reply came.
	// It stays open if the connection is lost, since the server works on then.
	Ended <-chan struct{}
}
