//go:build !((linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative)

package native

import (
	"context"
	"runtime"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// Supported tells whether this program can load libtaos.
const Supported = false

// Dialer says that this program cannot load libtaos.
type Dialer struct{}

var _ transport.ConsumerDialer = Dialer{}

// NewDialer returns a Dialer.
func NewDialer(transport.Settings) Dialer { return Dialer{} }

// Connect implements transport.Dialer.
func (Dialer) Connect(_ context.Context, host string) (transport.Conn, error) {
	return nil, unsupported(host)
}

// Consume implements transport.ConsumerDialer.
func (Dialer) Consume(_ context.Context, host string, _ *transport.ConsumerSettings) (transport.Consumer, error) {
	return nil, unsupported(host)
}

// Close implements transport.Dialer.
func (Dialer) Close() error { return nil }

func unsupported(host string) error {
	e := transport.Origin{Transport: Name, Host: host}.Error(driver.ErrInterface, "load libtaos", 0,
		"libtaos cannot be loaded by this program, built for "+runtime.GOOS+"/"+runtime.GOARCH+
			"; that needs linux, darwin or windows on amd64 or arm64, without the tag nonative", nil)
	e.Hint = hint
	return e
}
