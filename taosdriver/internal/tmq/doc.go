// Package tmq reads and writes the messages of TDengine's subscriptions (TMQ) in
// their raw form, which taosAdapter's fetch_raw_data and fetch_raw hand out and
// the C library's tmq_get_raw: rows in columns by table, and the position behind
// them. It is pure wire code, bytes in and values out.
//
// Layout, fixed integers little-endian, uvarint 7 bits a byte from the lowest,
// varint the same with the sign in bit 0 (TDengine 3.3.7.5, recorded; what was not
// seen there is from its source, tEncodeMqDataRsp):
//
//	version u8, 100; length i32 of the two offsets that follow. Servers before
//	    3.2.2 have neither
//	offset of the message, offset behind it, see [Offset]
//	number of tables i32; if it is not 0:
//	with names u8, with schemas u8; for each table:
//	    length uvarint of what follows up to the block's end
//	    version i64; rows i64, big-endian; compressed u8; precision u8
//	    raw block, version 2, see package block
//	    with schemas: columns varint, version varint, for each column:
//	        type u8, flags u8, bytes varint, id varint, name
//	    with names: name
//	[Data]: sleep time i64
//	[DataMeta]: number of created tables i32, for each: length uvarint, bytes
//
// A name is an uvarint length that counts a final zero byte, and the bytes.
package tmq
