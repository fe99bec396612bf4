//go:build !race

package store_test

const rowsOfVolume = 100_000
