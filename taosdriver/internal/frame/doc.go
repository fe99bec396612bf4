// Package frame reads and writes the headers of the binary WebSocket messages
// that taosAdapter takes and sends on /ws. It is pure wire code, for both ends.
//
// A request is 24 bytes of header, all integers little-endian, and a payload:
//
//	 0  request id u64
//	 8  resource id u64: of a result or a statement
//	16  action u64
//	24  payload of the action, usually a version u16, 1, and more
//
// Replies are text except that to [Fetch], see [FetchReply].
//
// Layouts and error texts are those of taosAdapter 3.3.7.5, recorded.
package frame

import "strconv"

// Action is what a binary request asks for.
type Action uint64

// The actions. Stmt actions with blocks (1, 2) are version 1 of prepared
// statements, Bind is that of stmt2. RawMessage only occurs in replies of the
// subscription endpoint.
const (
	SetTags    Action = 1
	BindBlock  Action = 2
	Query      Action = 6
	Fetch      Action = 7
	RawMessage Action = 8
	Bind       Action = 9
	Validate   Action = 10
)

// String returns the name of the action in text replies to it.
func (a Action) String() string {
	switch a {
	case SetTags:
		return "set_tags"
	case BindBlock:
		return "bind"
	case Query:
		return "binary_query"
	case Fetch:
		return "fetch_raw_block"
	case RawMessage:
		return "fetch_raw_data"
	case Bind:
		return "stmt2_bind"
	case Validate:
		return "validate_sql"
	}
	return strconv.FormatUint(uint64(a), 10)
}

const (
	// HeaderSize is the size of a request's header.
	HeaderSize = 24
	// BindSize is the size of what AppendBind appends.
	BindSize = HeaderSize + 6
	version  = 1
)
