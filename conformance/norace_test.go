//go:build !race

package conformance_test

const (
	// embeddedRows make a result that is large beside what the embedded server
	// needs for itself, as its memory is measured with the driver's.
	embeddedRows = 100_000
	serverMemory = 0
	// others is the part of the checks that a sabotaged driver meets beside those
	// that must fail: one in so many, 0 for none.
	others = 8
)
