//go:build race

package store_test

// rowsOfVolume is fewer under the race detector, which slows SQLite down more than tenfold.
const rowsOfVolume = 10_000
