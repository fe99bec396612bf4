// Package literal turns what a statement writes, or a caller binds, into values of TDengine's
// types, and such values into text.
//
// A value of a column is one of these Go types, NULL is nil:
//
//	BOOL                               bool
//	integers, signed and unsigned      int64
//	BIGINT UNSIGNED                    uint64
//	FLOAT, DOUBLE                      float32, float64
//	TIMESTAMP                          int64 in the unit of the database
//	VARCHAR, NCHAR                     string
//	DECIMAL                            string, with all digits of its scale
//	VARBINARY, GEOMETRY, BLOB          []byte
//	JSON                               *JSON
package literal
