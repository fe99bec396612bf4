package wire

import "encoding/binary"

// AppendQuery appends a text of one or more statements for the simple protocol.
// The text must hold no NUL, nor may any of the names and texts below.
func AppendQuery(dst []byte, text string) []byte {
	dst, mark := Begin(dst, Query)
	return End(AppendString(dst, text), mark)
}

// AppendParse appends a request to prepare a statement. An empty name is that of
// the statement that the next one replaces; a type of 0 is left to the server.
func AppendParse(dst []byte, name, text string, types ...OID) []byte {
	dst, mark := Begin(dst, Parse)
	dst = AppendString(dst, name)
	dst = AppendString(dst, text)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(types)))
	for _, t := range types {
		dst = binary.BigEndian.AppendUint32(dst, uint32(t))
	}
	return End(dst, mark)
}

// The kinds of what is described or closed.
const (
	OfStatement byte = 'S'
	OfPortal    byte = 'P'
)

// AppendDescribe appends a request to describe a statement or a portal.
func AppendDescribe(dst []byte, kind byte, name string) []byte {
	dst, mark := Begin(dst, Describe)
	return End(AppendString(append(dst, kind), name), mark)
}

// AppendClose appends a request to forget a statement or a portal.
func AppendClose(dst []byte, kind byte, name string) []byte {
	dst, mark := Begin(dst, Close)
	return End(AppendString(append(dst, kind), name), mark)
}

// AppendExecute appends a request to run the unnamed portal to its end.
func AppendExecute(dst []byte) []byte {
	return append(dst, byte(Execute), 0, 0, 0, 9, 0, 0, 0, 0, 0)
}

// AppendSync appends the end of a batch of the extended protocol.
func AppendSync(dst []byte) []byte { return append(dst, byte(Sync), 0, 0, 0, 4) }

// AppendTerminate appends the end of a session.
func AppendTerminate(dst []byte) []byte { return append(dst, byte(Terminate), 0, 0, 0, 4) }

// AppendCopyFail appends the end of a COPY that this side gives up.
func AppendCopyFail(dst []byte, reason string) []byte {
	dst, mark := Begin(dst, CopyFail)
	return End(AppendString(dst, reason), mark)
}

// AppendCopyDone appends the end of a COPY's data.
func AppendCopyDone(dst []byte) []byte { return append(dst, byte(CopyDone), 0, 0, 0, 4) }
