// Package orm uses dwsdriver through sqlx and GORM as applications do: GORM with its own
// PostgreSQL dialect and DriverName "dws". It has nothing but tests, which run against
// the embedded coordinator, and against a PostgreSQL behind it where
// CONFORMANCE_POSTGRES names one. It is a module of its own so that neither is
// anybody's dependency.
package orm
