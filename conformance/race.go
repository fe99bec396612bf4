//go:build race

package conformance

import "time"

// cancelAfter allows for what the race detector costs.
const cancelAfter = 100 * time.Millisecond
