//go:build race

package conformance_test

// The race detector takes memory and time of its own: nothing is measured, and
// sabotaged drivers meet the checks that must fail, no others.
const (
	embeddedRows = 5_000
	serverMemory = 1 << 30
	others       = 0
)
