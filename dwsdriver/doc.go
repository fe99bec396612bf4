// Package dwsdriver is a database/sql driver for Huawei DWS (GaussDB), on lib/pq.
//
//	import (
//		"database/sql"
//
//		_ "github.com/gaugesql/gaugesql/dwsdriver"
//	)
//
//	db, err := sql.Open("dws", "dws://dbadmin:pw@cn1:8000,cn2:8000/gaussdb?sslmode=verify-full")
//
// [ParseDSN] describes the DSN, [Config] every setting. A program that has its
// settings otherwise makes a Config, hands it to [NewConnector] and that to
// [sql.OpenDB].
//
// # Login
//
// The driver announces protocol 3.51 and answers GaussDB's SHA256, MD5 and SHA256
// over MD5, so that password_encryption_type can stay as it is; PostgreSQL's own
// methods go through lib/pq. A refused login is reported at once, whatever hosts
// are left: each one counts towards the lock of the account. [ErrPassword],
// [ErrLocked], [ErrInitialUser] and [ErrUnknownDatabase] tell the reasons.
//
// DWS does not prove that it knows the password. Only sslmode verify-ca and
// verify-full tell a coordinator from an impostor.
package dwsdriver
