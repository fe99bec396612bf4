// Package hosts chooses among the servers of a DSN: one [Set] a connector
// remembers which of them failed and lets those rest, a [Policy] orders the
// others, and [Dial] tries them one after the other.
package hosts
