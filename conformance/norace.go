//go:build !race

package conformance

import "time"

// cancelAfter is how long a call is under way before its context ends: long
// enough for it to have reached the server.
const cancelAfter = 25 * time.Millisecond
