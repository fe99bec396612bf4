// Package ws speaks taosAdapter's protocol on the WebSocket endpoint /ws.
//
// One goroutine a connection reads, always: it answers the server's pings, which
// come every 54 s, matches replies to calls by their request id and decodes
// blocks, so that decoding runs beside the caller. It ends when the socket does.
// Requests are written under a lock by whoever makes them.
//
// The server serves every message in a goroutine of its own. Replies come in any
// order; nothing may be sent that relies on an earlier request unless that one
// has been answered; and of one result only one fetch may be under way.
//
// A caller whose context ends leaves its call behind, abandoned: the reply is
// still awaited by the reader, and what it carries, a result or a statement, is
// freed on the server. The connection stays usable meanwhile.
//
// The server process ends, with everybody's connections, on an empty binary
// message, on a null among the options of options_connection, and on prepared
// statements used out of order (see stmt); none of these can be made here.
//
// Facts are those of taosAdapter 3.3.7.5, recorded, unless said otherwise.
package ws
