// Package tablet turns columns of values into the bytes of IoTDB's tablets and
// rows into those of its records, and back.
//
// A tablet is sent as two byte strings. One has the timestamps, a big-endian int64
// each. The other has the columns one after the other, each with a value for every
// row, NULL or not: BOOLEAN in 1 byte, INT32, DATE and FLOAT in 4, INT64, TIMESTAMP
// and DOUBLE in 8, the others after a length of 4 bytes. What is NULL follows, a
// column at a time: a byte that says whether there is a bitmap, and if so
// rows/8 + 1 bytes of bits, the least significant first, 1 for NULL.
//
// A record has for each value a byte with its type, 0xfe for NULL, and the value.
package tablet
