// Package query plans and runs SELECT.
//
// The storage scans one table, in the order and the range of time it is asked for; everything above
// is done here, row by row: conditions, aggregates, windows, DISTINCT, sorting and limits. What
// need not see all rows does not hold them: a plain SELECT streams.
package query
