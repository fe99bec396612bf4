// Package reference is a database/sql driver that keeps every rule of the suite,
// as small as that can be: logins over TCP, statements carried out by SQLite in
// this process, a server that counts, restarts and fails on demand. The suite is
// held against it before it is held against anything else, and the sabotaging
// wrappers spoil it one behaviour at a time.
//
// Beside SQLite's SQL it knows
//
//	USE name                    changes the session's database (main or other)
//	SELECT DATABASE()           shows it
//	SELECT SLEEP(milliseconds)  takes that long and returns a row
package reference
