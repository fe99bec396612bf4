package frame

import (
	"encoding/binary"
	"fmt"
)

// RawReply is the reply to fetch_raw_data of the subscription endpoint. Behind the
// front of a [Reply] it has:
//
//	0  message id u64; if the code is 0:
//	8  kind u16, see package tmq
//	10 raw message length u32
//	14 raw message
type RawReply struct {
	Reply
	MessageID uint64
	Kind      uint16
	// Raw is the raw message. Parsed, it shares the reply's memory.
	Raw []byte
}

// IsRawReply reports whether a binary message starts as a [RawReply] does.
func IsRawReply(message []byte) bool {
	return len(message) >= 16 && IsReply(message) && Action(binary.LittleEndian.Uint64(message[8:])) == RawMessage
}

// ParseRawReply reads the reply to fetch_raw_data.
func ParseRawReply(message []byte) (RawReply, error) {
	front, rest, err := ParseReply(message)
	if err != nil {
		return RawReply{}, err
	}
	if front.Action != RawMessage {
		return RawReply{}, fmt.Errorf("binary reply: to %v, not to %v", front.Action, RawMessage)
	}
	if len(rest) < 8 {
		return RawReply{}, fmt.Errorf("raw message reply: ends early, after %d bytes", len(message))
	}
	le := binary.LittleEndian
	r := RawReply{Reply: front, MessageID: le.Uint64(rest)}
	rest = rest[8:]
	if r.Code != 0 {
		if len(rest) != 0 {
			return RawReply{}, fmt.Errorf("raw message reply: %d bytes after an error", len(rest))
		}
		return r, nil
	}
	if len(rest) < 6 {
		return RawReply{}, fmt.Errorf("raw message reply: ends early, after %d bytes", len(message))
	}
	r.Kind = le.Uint16(rest)
	if n := le.Uint32(rest[2:]); uint64(n) != uint64(len(rest)-6) {
		return RawReply{}, fmt.Errorf("raw message reply: a message of %d bytes in %d", n, len(rest)-6)
	}
	r.Raw = rest[6:]
	return r, nil
}

// AppendTo appends the whole reply, with [RawMessage] as the action.
func (r *RawReply) AppendTo(dst []byte) []byte {
	front := r.Reply
	front.Action = RawMessage
	dst = front.AppendTo(dst)
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, r.MessageID)
	if r.Code != 0 {
		return dst
	}
	dst = le.AppendUint16(dst, r.Kind)
	dst = le.AppendUint32(dst, uint32(len(r.Raw)))
	return append(dst, r.Raw...)
}

// rawFront is the size of what precedes the raw message in the reply to fetch_raw.
const rawFront = 38

// ParseOldRawReply reads the reply to fetch_raw, an older action for the same:
// timing u64, request id u64, message id u64, 3 u64, length u32, kind u16, raw
// message.
func ParseOldRawReply(message []byte) (r RawReply, err error) {
	if len(message) < rawFront {
		return r, fmt.Errorf("fetch_raw reply: %d bytes are too short", len(message))
	}
	le := binary.LittleEndian
	r.Timing, r.ReqID, r.MessageID = le.Uint64(message), le.Uint64(message[8:]), le.Uint64(message[16:])
	r.Kind = le.Uint16(message[36:])
	if n := le.Uint32(message[32:]); uint64(n) != uint64(len(message)-rawFront) {
		return r, fmt.Errorf("fetch_raw reply: a message of %d bytes in %d", n, len(message)-rawFront)
	}
	r.Raw = message[rawFront:]
	return r, nil
}

// AppendOldTo appends the reply to fetch_raw.
func (r *RawReply) AppendOldTo(dst []byte) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, r.Timing)
	dst = le.AppendUint64(dst, r.ReqID)
	dst = le.AppendUint64(dst, r.MessageID)
	dst = le.AppendUint64(dst, 3)
	dst = le.AppendUint32(dst, uint32(len(r.Raw)))
	dst = le.AppendUint16(dst, r.Kind)
	return append(dst, r.Raw...)
}
