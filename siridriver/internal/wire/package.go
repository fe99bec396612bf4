// Package wire is SiriDB's client protocol: packages, requests and responses,
// both ends of each. It reads and writes bytes and does nothing else.
//
// Source: siridb-server 2.0.55, recorded.
package wire

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// HeaderSize is the number of bytes before the data of a package.
const HeaderSize = 8

// MaxRequest is the largest data of a request in bytes. The server closes the
// connection of whoever announces more. Responses have no such limit.
const MaxRequest = 40 << 20

// MaxQuery is the largest data of a query request in bytes; more is answered
// with "Query too long.".
const MaxQuery = 65535

// Type is what a package is. Requests and responses count from 0 each.
type Type uint8

// The types of requests.
const (
	Query   Type = 0
	Insert  Type = 1
	Auth    Type = 2
	Ping    Type = 3
	Service Type = 32
)

// The types of successful responses.
const (
	QueryResult  Type = 0
	InsertResult Type = 1
	AuthOK       Type = 2
	Ack          Type = 3
	File         Type = 5
	ServiceOK    Type = 32
	ServiceData  Type = 33
)

// The types of error responses. All but those that say so carry a message.
const (
	ErrMessage         Type = 64 // a general message
	ErrQuery           Type = 65
	ErrInsert          Type = 66
	ErrServer          Type = 67 // this server cannot now; nothing was done
	ErrPool            Type = 68 // a pool has no usable server; nothing was done
	ErrAccess          Type = 69 // the user lacks a right
	ErrUnexpected      Type = 70 // no message
	ErrNotAuthentic    Type = 71 // request before a login; no message
	ErrCredentials     Type = 72 // no message
	ErrUnknownDatabase Type = 73 // no message
	ErrLoading         Type = 74 // no message
	ErrFile            Type = 75 // no message
	ErrService         Type = 96
	ErrServiceRequest  Type = 97 // no message
)

// Header is the beginning of a package.
type Header struct {
	// Len is the number of bytes of data that follow.
	Len uint32
	// PID is chosen by the client and repeated in the response.
	PID  uint16
	Type Type
}

// ErrHeader is a header whose check byte does not fit: the stream is not, or no
// longer, one of packages.
var ErrHeader = errors.New("not a SiriDB package")

// ParseHeader reads a header from HeaderSize bytes.
func ParseHeader(b []byte) (Header, error) {
	if len(b) < HeaderSize {
		return Header{}, fmt.Errorf("%w: %d bytes", ErrHeader, len(b))
	}
	if b[6]^b[7] != 0xff {
		return Header{}, fmt.Errorf("%w: type %#02x with check byte %#02x", ErrHeader, b[6], b[7])
	}
	return Header{
		Len:  binary.LittleEndian.Uint32(b),
		PID:  binary.LittleEndian.Uint16(b[4:]),
		Type: Type(b[6]),
	}, nil
}

// AppendHeader appends the bytes of a header.
func AppendHeader(dst []byte, h Header) []byte {
	dst = binary.LittleEndian.AppendUint32(dst, h.Len)
	dst = binary.LittleEndian.AppendUint16(dst, h.PID)
	return append(dst, byte(h.Type), ^byte(h.Type))
}

// Begin appends room for a header; the data goes behind it and [Seal] fills it in.
func Begin(dst []byte) []byte { return append(dst, make([]byte, HeaderSize)...) }

// Seal fills in the header of pkg, which began with [Begin].
func Seal(pkg []byte, pid uint16, t Type) {
	AppendHeader(pkg[:0], Header{Len: uint32(len(pkg) - HeaderSize), PID: pid, Type: t})
}
