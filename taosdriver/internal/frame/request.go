package frame

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// AllColumns is the column of a [Bind] that binds all of them.
const AllColumns int32 = -1

// MaxSQL is the longest statement that the server takes, in bytes.
const MaxSQL = 1 << 20

func appendHeader(dst []byte, reqID, id uint64, action Action) []byte {
	le := binary.LittleEndian
	dst = le.AppendUint64(dst, reqID)
	dst = le.AppendUint64(dst, id)
	return le.AppendUint64(dst, uint64(action))
}

// AppendQuery appends a request to run a statement. The server refuses an empty
// one.
func AppendQuery(dst []byte, reqID uint64, sql string) []byte {
	return appendSQL(dst, reqID, Query, sql)
}

// AppendValidate appends a request to parse a statement only.
func AppendValidate(dst []byte, reqID uint64, sql string) []byte {
	return appendSQL(dst, reqID, Validate, sql)
}

func appendSQL(dst []byte, reqID uint64, action Action, sql string) []byte {
	dst = appendHeader(dst, reqID, 0, action)
	dst = binary.LittleEndian.AppendUint16(dst, version)
	dst = binary.LittleEndian.AppendUint32(dst, uint32(len(sql)))
	return append(dst, sql...)
}

// AppendFetch appends a request for the next block of a result.
func AppendFetch(dst []byte, reqID, resultID uint64) []byte {
	dst = appendHeader(dst, reqID, resultID, Fetch)
	return binary.LittleEndian.AppendUint16(dst, version)
}

// AppendBind appends the front of a request to bind values to a statement; the
// bind data follows. column is usually [AllColumns].
func AppendBind(dst []byte, reqID, stmtID uint64, column int32) []byte {
	dst = appendHeader(dst, reqID, stmtID, Bind)
	dst = binary.LittleEndian.AppendUint16(dst, version)
	return binary.LittleEndian.AppendUint32(dst, uint32(column))
}

// Request is a binary message from a client.
type Request struct {
	ReqID uint64
	// ID of the result or the statement.
	ID     uint64
	Action Action
	// Payload is what follows the header; it shares the message's memory. Of
	// SetTags and BindBlock it is a raw block, others have a method.
	Payload []byte
}

var errMessageShort = errors.New("message length is too short")

// ParseRequest reads the header of a message.
func ParseRequest(message []byte) (Request, error) {
	if len(message) < HeaderSize {
		return Request{}, errMessageShort
	}
	le := binary.LittleEndian
	return Request{
		ReqID:   le.Uint64(message),
		ID:      le.Uint64(message[8:]),
		Action:  Action(le.Uint64(message[16:])),
		Payload: message[HeaderSize:],
	}, nil
}

// SQL returns the statement of a Query or Validate. Bytes behind it are ignored.
func (r *Request) SQL() (string, error) {
	p := r.Payload
	if len(p) < 7 {
		return "", errMessageShort
	}
	if v := binary.LittleEndian.Uint16(p); v != version {
		return "", fmt.Errorf("unknown binary query version:%d", v)
	}
	n := binary.LittleEndian.Uint32(p[2:])
	p = p[6:]
	if uint64(n) > uint64(len(p)) {
		return "", fmt.Errorf("uncompleted message, sql length:%d, remainMessageLength:%d", n, len(p))
	}
	return string(p[:n]), nil
}

// CheckFetch returns an error if the rest of a Fetch is malformed.
func (r *Request) CheckFetch() error {
	if len(r.Payload) < 2 {
		return errMessageShort
	}
	if binary.LittleEndian.Uint16(r.Payload) != version {
		return errors.New("unknown fetch raw block version")
	}
	return nil
}

// BindData returns the column and the bind data of a Bind.
func (r *Request) BindData() (column int32, data []byte, err error) {
	if len(r.Payload) < 6 {
		return 0, nil, errMessageShort
	}
	if binary.LittleEndian.Uint16(r.Payload) != version {
		return 0, nil, errors.New("unknown stmt2 bind version")
	}
	return int32(binary.LittleEndian.Uint32(r.Payload[2:])), r.Payload[6:], nil
}
