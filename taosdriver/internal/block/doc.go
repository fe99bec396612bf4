// Package block reads and writes TDengine's raw blocks: a batch of rows in
// columns, as the server sends results and as stmt (version 1) sends values.
//
// It is pure wire code, bytes in and values out. [Decode] turns a block into
// typed column vectors, [Builder] does the opposite. [Type] is the table of
// TDengine's column types, [Precision] the unit of timestamps, [Decimal] the
// 128-bit number behind DECIMAL.
//
// Layout, all integers little-endian (taosAdapter 3.3.7.5, recorded):
//
//	 0  version i32: 1 of a query, 2 of a subscription
//	 4  total length i32, header included
//	 8  rows i32
//	12  columns i32
//	16  flags u32, bit 31 set by servers: the schema is present
//	20  group id u64
//	28  a column each: type u8, bytes i32
//	..  a column each: data length i32
//	..  the columns' data
//	..  one byte, 0, only from servers
//
// Data of a fixed-width column: a bitmap of (rows+7)/8 bytes whose set bits,
// the most significant first, are NULLs; then rows values, NULLs as zeros. The
// data length counts the values only. Data of a variable-width column: an i32
// offset a row, -1 for NULL; then the values, each behind a u16 length, BLOB
// behind a u32 length. The data length counts the values with their lengths.
package block
