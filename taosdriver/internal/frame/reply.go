package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
)

// Reply is the front that binary replies have in common:
//
//	 0  all ones u64, which no other binary message starts with
//	 8  action u64
//	16  version u16, 1
//	18  timing u64
//	26  request id u64
//	34  code u32
//	38  message length u32
//	42  message
type Reply struct {
	Action Action
	// Timing is how long the server took, in nanoseconds.
	Timing uint64
	ReqID  uint64
	// Code is 0 or the server's error code, 16 bits of it.
	Code    uint32
	Message string
}

// FetchReply is the reply to a [Fetch]. Behind the front of a [Reply] it has:
//
//	0  result id u64
//	8  finished u8; if it is 0:
//	9  block length u32
//	13 raw block
type FetchReply struct {
	Reply
	// ID of the result.
	ID uint64
	// Finished tells that there are no more blocks: at the end or on an error.
	// The server has then freed the result.
	Finished bool
	// Block is nil if Finished. Parsed, it shares the message's memory.
	Block []byte
}

const (
	marker    = math.MaxUint64
	replySize = 42
)

// IsReply reports whether a binary message starts as a [Reply] does.
func IsReply(message []byte) bool {
	return len(message) >= 8 && binary.LittleEndian.Uint64(message) == marker
}

// ParseReply reads the front of a reply and returns what follows it, which
// shares the message's memory.
func ParseReply(message []byte) (r Reply, rest []byte, err error) {
	if len(message) < replySize {
		return Reply{}, nil, fmt.Errorf("binary reply: %d bytes are too short", len(message))
	}
	if !IsReply(message) {
		return Reply{}, nil, errors.New("binary reply: does not start as one")
	}
	le := binary.LittleEndian
	if v := le.Uint16(message[16:]); v != version {
		return Reply{}, nil, fmt.Errorf("binary reply: unknown version %d", v)
	}
	r = Reply{
		Action: Action(le.Uint64(message[8:])),
		Timing: le.Uint64(message[18:]),
		ReqID:  le.Uint64(message[26:]),
		Code:   le.Uint32(message[34:]),
	}
	n := le.Uint32(message[38:])
	rest = message[replySize:]
	if uint64(n) > uint64(len(rest)) {
		return Reply{}, nil, fmt.Errorf("binary reply: a message of %d bytes in %d", n, len(rest))
	}
	r.Message = string(rest[:n])
	return r, rest[n:], nil
}

// ParseFetchReply reads the reply to a [Fetch].
func ParseFetchReply(message []byte) (FetchReply, error) {
	front, rest, err := ParseReply(message)
	if err != nil {
		return FetchReply{}, err
	}
	if front.Action != Fetch {
		return FetchReply{}, fmt.Errorf("binary reply: to %v, not to %v", front.Action, Fetch)
	}
	if len(rest) < 9 {
		return FetchReply{}, fmt.Errorf("fetch reply: ends early, after %d bytes", len(message))
	}
	r := FetchReply{Reply: front, ID: binary.LittleEndian.Uint64(rest), Finished: rest[8] != 0}
	rest = rest[9:]
	if r.Finished {
		if len(rest) != 0 {
			return FetchReply{}, fmt.Errorf("fetch reply: %d bytes after the end", len(rest))
		}
		return r, nil
	}
	if len(rest) < 4 {
		return FetchReply{}, fmt.Errorf("fetch reply: ends early, after %d bytes", len(message))
	}
	if n := binary.LittleEndian.Uint32(rest); uint64(n) != uint64(len(rest)-4) {
		return FetchReply{}, fmt.Errorf("fetch reply: a block of %d bytes in %d", n, len(rest)-4)
	}
	r.Block = rest[4:]
	return r, nil
}

// AppendTo appends the front of the reply.
func (r *Reply) AppendTo(dst []byte) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, marker)
	dst = le.AppendUint64(dst, uint64(r.Action))
	dst = le.AppendUint16(dst, version)
	dst = le.AppendUint64(dst, r.Timing)
	dst = le.AppendUint64(dst, r.ReqID)
	dst = le.AppendUint32(dst, r.Code)
	dst = le.AppendUint32(dst, uint32(len(r.Message)))
	return append(dst, r.Message...)
}

// AppendTo appends the whole reply, with [Fetch] as the action.
func (r *FetchReply) AppendTo(dst []byte) []byte {
	front := r.Reply
	front.Action = Fetch
	dst = front.AppendTo(dst)
	dst = binary.LittleEndian.AppendUint64(dst, r.ID)
	if r.Finished {
		return append(dst, 1)
	}
	dst = append(dst, 0)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(r.Block)))
	return append(dst, r.Block...)
}

// AppendBlockReply appends the reply to the text action fetch_block: timing u64,
// result id u64, raw block.
func AppendBlockReply(dst []byte, timing, id uint64, block []byte) []byte {
	dst = binary.LittleEndian.AppendUint64(dst, timing)
	dst = binary.LittleEndian.AppendUint64(dst, id)
	return append(dst, block...)
}

// ParseBlockReply reads the reply to fetch_block. The block shares the message's
// memory.
func ParseBlockReply(message []byte) (timing, id uint64, block []byte, err error) {
	if len(message) < 16 {
		return 0, 0, nil, fmt.Errorf("fetch_block reply: %d bytes are too short", len(message))
	}
	le := binary.LittleEndian
	return le.Uint64(message), le.Uint64(message[8:]), message[16:], nil
}
