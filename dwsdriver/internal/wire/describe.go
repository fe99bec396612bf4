package wire

import (
	"encoding/binary"
	"strings"
)

// Format is how a value is written.
type Format uint16

// The formats.
const (
	Text   Format = 0
	Binary Format = 1
)

// Column describes a column of a result.
type Column struct {
	// Name as the statement gives it.
	Name string
	// Table and Attribute are the column of a table that it comes from, both 0 if it
	// is computed.
	Table     OID
	Attribute int16
	// Type of the values, and the length in bytes that the server gives it: negative
	// if it varies.
	Type OID
	Size int16
	// Modifier is the type's: of varchar(n) n+4. -1 if it has none.
	Modifier int32
	// Format of the values. In the description of a statement that has not been
	// bound it is always Text.
	Format Format
}

// minColumn is what a column takes in a RowDescription at least.
const minColumn = 1 + 4 + 2 + 4 + 2 + 4 + 2

// ParseRowDescription reads the body of a RowDescription.
func ParseRowDescription(body []byte) ([]Column, error) {
	if len(body) < 2 {
		return nil, Malformed(RowDescription)
	}
	n, body := int(binary.BigEndian.Uint16(body)), body[2:]
	if n*minColumn > len(body) {
		return nil, Malformed(RowDescription)
	}
	columns := make([]Column, n)
	for i := range columns {
		name, rest, ok := String(body)
		if !ok || len(rest) < minColumn-1 {
			return nil, Malformed(RowDescription)
		}
		columns[i] = Column{
			Name:      strings.ToValidUTF8(string(name), "\uFFFD"),
			Table:     OID(binary.BigEndian.Uint32(rest)),
			Attribute: int16(binary.BigEndian.Uint16(rest[4:])),
			Type:      OID(binary.BigEndian.Uint32(rest[6:])),
			Size:      int16(binary.BigEndian.Uint16(rest[10:])),
			Modifier:  int32(binary.BigEndian.Uint32(rest[12:])),
			Format:    Format(binary.BigEndian.Uint16(rest[16:])),
		}
		if columns[i].Format > Binary {
			return nil, Malformed(RowDescription)
		}
		body = rest[minColumn-1:]
	}
	if len(body) != 0 {
		return nil, Malformed(RowDescription)
	}
	return columns, nil
}

// AppendRowDescription appends a RowDescription.
func AppendRowDescription(dst []byte, columns []Column) []byte {
	dst, mark := Begin(dst, RowDescription)
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(columns)))
	for i := range columns {
		c := &columns[i]
		dst = AppendString(dst, strings.ReplaceAll(c.Name, "\x00", ""))
		dst = binary.BigEndian.AppendUint32(dst, uint32(c.Table))
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Attribute))
		dst = binary.BigEndian.AppendUint32(dst, uint32(c.Type))
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Size))
		dst = binary.BigEndian.AppendUint32(dst, uint32(c.Modifier))
		dst = binary.BigEndian.AppendUint16(dst, uint16(c.Format))
	}
	return End(dst, mark)
}

// ParseParameterDescription reads the body of a ParameterDescription: the types
// of a statement's parameters.
func ParseParameterDescription(body []byte) ([]OID, error) {
	if len(body) < 2 {
		return nil, Malformed(ParameterDescription)
	}
	n, body := int(binary.BigEndian.Uint16(body)), body[2:]
	if len(body) != 4*n {
		return nil, Malformed(ParameterDescription)
	}
	types := make([]OID, n)
	for i := range types {
		types[i] = OID(binary.BigEndian.Uint32(body[4*i:]))
	}
	return types, nil
}

// ParseParameterStatus reads the body of a ParameterStatus.
func ParseParameterStatus(body []byte) (name, value string, err error) {
	n, rest, ok := String(body)
	if !ok {
		return "", "", Malformed(ParameterStatus)
	}
	v, rest, ok := String(rest)
	if !ok || len(rest) != 0 {
		return "", "", Malformed(ParameterStatus)
	}
	return string(n), string(v), nil
}

// Status is what a session is in when it is ready for the next request.
type Status byte

// The statuses.
const (
	Idle          Status = 'I'
	InTransaction Status = 'T'
	// InFailed is in a transaction that can only be rolled back.
	InFailed Status = 'E'
)

// ParseReady reads the body of a ReadyForQuery.
func ParseReady(body []byte) (Status, error) {
	if len(body) == 1 {
		switch s := Status(body[0]); s {
		case Idle, InTransaction, InFailed:
			return s, nil
		}
	}
	return 0, Malformed(ReadyForQuery)
}

// ParseTag reads the body of a CommandComplete: the tag, and the number of rows
// at its end, 0 if it has none. "INSERT 0 5" is of "INSERT" and 5 rows.
func ParseTag(body []byte) (tag string, rows int64, err error) {
	text, rest, ok := String(body)
	if !ok || len(rest) != 0 {
		return "", 0, Malformed(CommandComplete)
	}
	end := len(text)
	for end > 0 && '0' <= text[end-1] && text[end-1] <= '9' {
		end--
	}
	if end == len(text) || end == 0 || text[end-1] != ' ' {
		return tagOf(text), 0, nil
	}
	for _, c := range text[end:] {
		d := int64(c - '0')
		if rows > (1<<63-1-d)/10 {
			return "", 0, Malformed(CommandComplete)
		}
		rows = 10*rows + d
	}
	command := text[:end-1]
	if rest := len(command) - 2; rest > 0 && command[rest] == ' ' && command[rest+1] == '0' {
		command = command[:rest]
	}
	return tagOf(command), rows, nil
}

// tagOf spares the frequent tags a copy.
func tagOf(b []byte) string {
	switch string(b) {
	case "SELECT":
		return "SELECT"
	case "INSERT":
		return "INSERT"
	case "UPDATE":
		return "UPDATE"
	case "DELETE":
		return "DELETE"
	case "BEGIN":
		return "BEGIN"
	case "COMMIT":
		return "COMMIT"
	}
	return string(b)
}
