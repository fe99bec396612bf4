package native

import "github.com/gaugesql/gaugesql/taosdriver/internal/transport"

// Name of the transport in errors.
const Name = "native"

// hint is what to do without libtaos.
const hint = "taos+ws and taos+http need no library"

var (
	// needLibrary is the oldest library that this package takes: its statements are
	// those of the servers that the driver is for.
	needLibrary = transport.Version{3, 3, 2}
	// shimSince is when libtaos became a shim.
	shimSince = transport.Version{3, 3, 6}
)
