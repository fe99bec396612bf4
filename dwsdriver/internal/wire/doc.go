// Package wire reads and writes the messages of PostgreSQL's protocol, version
// 3, as GaussDB speaks it. It is pure: bytes in, values out.
//
// A message is a byte for its type, four for its length, which counts itself
// and not the type, and a body. The first message of a client has no type.
package wire
