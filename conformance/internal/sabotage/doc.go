// Package sabotage wraps a driver and spoils one behaviour of it, to prove that
// the suite notices. A [Hooks] value stands between database/sql and the driver;
// what it does not touch works as before.
package sabotage
