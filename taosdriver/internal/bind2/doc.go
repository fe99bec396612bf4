// Package bind2 reads and writes the bind data of stmt2, TDengine's prepared
// statements: values in columns, for one table or many. It is pure wire code.
//
// Layout, all integers little-endian (taosAdapter 3.3.7.5, recorded):
//
//	 0  total length u32
//	 4  tables u32
//	 8  tags a table u32
//	12  columns a table u32
//	16  offset of the names u32, 0 without any
//	20  offset of the tags u32, 0 without any
//	24  offset of the columns u32, 0 without any
//	28  the sections in this order
//
// Names are a u16 length a table, with the closing NUL, and then the names, each
// closed by NUL. Tags and columns are a u32 length a table and then the columns
// of all tables, a tag being a column of one row:
//
//	length u32 of all of this, type i32, rows i32
//	a state u8 a row: 0 given, 1 NULL, 2 none
//	have length u8; if it is 1, a length i32 a row
//	buffer length i32, buffer
//
// Values of fixed-width types have no lengths and all rows have a slot, but if no
// row is given the buffer is empty. Values of variable width lie back to back,
// without length prefix, NCHAR in UTF-8. DECIMAL is sent as text, in the manner
// of the latter, or unscaled in the manner of the former.
package bind2
