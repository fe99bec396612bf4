// Package store is the database behind iotdbtest: IoTDB's SQL on an embedded
// SQLite.
//
// A statement is parsed here, its names are resolved and its types worked out as
// the server does, so that columns, types and errors are IoTDB's: codes and texts
// are those of 2.0.1-beta. What remains, filtering, grouping, sorting, joining, is
// SQLite's work, for which the query is written anew. Rows come out one by one.
//
// A table with the number 7 is the SQLite table t7 (dev, time, c1, c2, ...): dev is
// made of the tags' values, c<n> is the column with the number n, and (dev, time)
// is the primary key, so that a row with the same tags and time writes over what is
// there, column by column; NULL never does. Attributes belong to the device; they and
// the tags are in d7 (dev, c1, ...).
//
// Both models are there. Devices of the tree model are tables without tags in a
// database of their own, whose names are paths.
package store
