package wire

import (
	"bytes"
	"strings"

	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"
)

// Fields are what an ErrorResponse or a NoticeResponse says.
type Fields struct {
	// Severity is ERROR, FATAL, PANIC, WARNING, NOTICE, DEBUG, INFO or LOG, or a
	// translation; Plain is never translated, and absent before PostgreSQL 9.6 and
	// from GaussDB.
	Severity, Plain string
	// Code is the SQLSTATE.
	Code string
	// Message, Detail and Hint are the server's texts. A coordinator may name
	// itself at the beginning of Message: "cn_5001: ".
	Message, Detail, Hint string
	// Position is a place in the statement, in characters from 1;
	// InternalPosition one in InternalQuery, which the server made itself.
	Position, InternalPosition, InternalQuery string
	// Where is the stack of procedures.
	Where string
	// Schema, Table, Column, DataType and Constraint are named by PostgreSQL.
	Schema, Table, Column, DataType, Constraint string
	// InternalCode is GaussDB's own number of the error, and Module the part of the
	// server that it comes from: "SECURITY". They come in the place of Column and
	// DataType.
	InternalCode, Module string
	// File, Line and Routine are places in the server's source.
	File, Line, Routine string
}

// ParseFields reads the body of an ErrorResponse or a NoticeResponse.
func ParseFields(t Type, body []byte) (*Fields, error) {
	f := new(Fields)
	for {
		if len(body) == 0 {
			return nil, Malformed(t)
		}
		code := body[0]
		if code == 0 {
			break
		}
		text, rest, ok := String(body[1:])
		if !ok {
			return nil, Malformed(t)
		}
		if field := f.field(code); field != nil {
			*field = strings.ToValidUTF8(string(text), "\uFFFD")
		}
		body = rest
	}
	if f.Severity == "" && f.Plain == "" && f.Message == "" && f.Code == "" {
		return nil, Malformed(t)
	}
	if f.Plain == "" && f.Schema == "" && f.Table == "" && f.Constraint == "" {
		// PostgreSQL names no column without its table, nor a type without its
		// schema.
		f.InternalCode, f.Module, f.Column, f.DataType = f.Column, f.DataType, "", ""
	}
	return f, nil
}

// field returns the field of a code, nil if it is unknown.
func (f *Fields) field(code byte) *string {
	switch code {
	case 'S':
		return &f.Severity
	case 'V':
		return &f.Plain
	case 'C':
		return &f.Code
	case 'M':
		return &f.Message
	case 'D':
		return &f.Detail
	case 'H':
		return &f.Hint
	case 'P':
		return &f.Position
	case 'p':
		return &f.InternalPosition
	case 'q':
		return &f.InternalQuery
	case 'W':
		return &f.Where
	case 's':
		return &f.Schema
	case 't':
		return &f.Table
	case 'c':
		return &f.Column
	case 'd':
		return &f.DataType
	case 'n':
		return &f.Constraint
	case 'F':
		return &f.File
	case 'L':
		return &f.Line
	case 'R':
		return &f.Routine
	}
	return nil
}

// fieldOrder is that in which a server writes the fields.
const fieldOrder = "SVCMDHPpqWstcdnFLR"

// Append appends the fields as the body of an ErrorResponse or a NoticeResponse.
// NULs in them are left out.
func (f *Fields) Append(dst []byte) []byte {
	written := *f
	if f.InternalCode != "" || f.Module != "" {
		written.Column, written.DataType = f.InternalCode, f.Module
	}
	for _, code := range []byte(fieldOrder) {
		if text := *written.field(code); text != "" {
			dst = append(dst, code)
			dst = AppendString(dst, strings.ReplaceAll(text, "\x00", ""))
		}
	}
	return append(dst, 0)
}

// Fatal reports whether the server ends the session with this error.
func (f *Fields) Fatal() bool {
	switch f.Plain {
	case "FATAL", "PANIC":
		return true
	case "":
	default:
		return false
	}
	switch f.Severity {
	case "FATAL", "PANIC", "致命错误", "比致命错误还过分的错误", "严重错误":
		return true
	}
	return false
}

// PQ returns the fields as lib/pq has them. Column and DataTypeName are not set
// where GaussDB means something else by them.
func (f *Fields) PQ() *pq.Error {
	severity := f.Severity
	if f.Plain != "" {
		severity = f.Plain
	}
	return &pq.Error{
		Severity: severity, Code: pqerror.Code(f.Code), Message: f.Message, Detail: f.Detail, Hint: f.Hint,
		Position: f.Position, InternalPosition: f.InternalPosition, InternalQuery: f.InternalQuery, Where: f.Where,
		Schema: f.Schema, Table: f.Table, Column: f.Column, DataTypeName: f.DataType, Constraint: f.Constraint,
		File: f.File, Line: f.Line, Routine: f.Routine,
	}
}

// PlainError makes Fields of what a server says that could not start a process
// for the session: an E and a text, without a length, up to a NUL or the end.
func PlainError(text []byte) *Fields {
	text, _, _ = bytes.Cut(bytes.TrimPrefix(text, []byte{byte(ErrorResponse)}), []byte{0})
	return &Fields{
		Severity: "FATAL", Code: "53000",
		Message: strings.TrimSpace(strings.ToValidUTF8(string(text), "\uFFFD")),
	}
}
