package script

import (
	"encoding/binary"
	"fmt"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Answer is what a server says to a statement.
type Answer struct {
	// Columns and Rows of a result; a nil cell is NULL, and a row's text is in
	// whatever format the client has asked for.
	Columns []wire.Column
	Rows    [][][]byte
	// Tag ends a statement that has not failed.
	Tag string
	// Error ends one that has.
	Error *wire.Fields
	// CopyIn takes data, and then the answer that Done gives to it; failed is the
	// reason of a client that has given up.
	CopyIn bool
	Done   func(data []byte, failed string) Answer
	// Stall has the server read nothing of the data until it is closed.
	Stall <-chan struct{}
	// CopyOut is the data of a COPY TO.
	CopyOut [][]byte
	// Cut ends the connection in place of an answer.
	Cut bool
	// Status behind the answer. 0 is wire.Idle.
	Status wire.Status
}

// Statements makes a session of a server that answers statements. A statement that
// is described first and then executed is answered once.
func Statements(answer func(sql string) Answer) func(*Client) {
	return func(c *Client) {
		s := &statements{Client: c, answer: answer, texts: map[string]string{}, told: map[string]Answer{}, status: wire.Idle}
		for s.step() {
		}
		c.Conn.Close()
	}
}

type statements struct {
	*Client
	answer func(sql string) Answer
	texts  map[string]string
	bound  string
	told   map[string]Answer // described and not executed
	status wire.Status
	failed bool // until Sync
	out    []byte
}

func (s *statements) step() bool {
	t, body := s.Message()
	switch t {
	case 0, wire.Terminate:
		return false
	case wire.Query:
		text, _, _ := wire.String(body)
		if !s.run(s.answer(string(text)), true) {
			return false
		}
		s.ready()
	case wire.Sync:
		s.failed = false
		s.ready()
	}
	if s.failed {
		return true
	}
	switch t {
	case wire.Parse:
		name, rest, _ := wire.String(body)
		text, _, _ := wire.String(rest)
		s.texts[string(name)] = string(text)
		s.out = wire.Append(s.out, wire.ParseComplete, nil)
	case wire.Describe:
		name, _, _ := wire.String(body[1:])
		a := s.answer(s.texts[string(name)])
		if a.Error != nil {
			if a.Status != 0 {
				s.status = a.Status
			}
			s.refuse(a.Error)
			return true
		}
		s.told[s.texts[string(name)]] = a
		if body[0] == wire.OfStatement {
			s.out = wire.Append(s.out, wire.ParameterDescription, []byte{0, 0})
		}
		s.describe(a)
	case wire.Bind:
		_, rest, _ := wire.String(body)
		name, _, _ := wire.String(rest)
		s.bound = string(name)
		s.out = wire.Append(s.out, wire.BindComplete, nil)
	case wire.Execute:
		text := s.texts[s.bound]
		a, ok := s.told[text]
		if !ok {
			a = s.answer(text)
		}
		delete(s.told, text)
		return s.run(a, false)
	case wire.Close:
		s.out = wire.Append(s.out, wire.CloseComplete, nil)
	}
	return true
}

func (s *statements) describe(a Answer) {
	if a.Columns == nil {
		s.out = wire.Append(s.out, wire.NoData, nil)
		return
	}
	s.out = wire.AppendRowDescription(s.out, a.Columns)
}

func (s *statements) refuse(f *wire.Fields) {
	s.failed = true
	s.out = wire.Append(s.out, wire.ErrorResponse, f.Append(nil))
}

// run says an answer. It is false if the connection is to end.
func (s *statements) run(a Answer, simple bool) bool {
	if a.Status != 0 {
		s.status = a.Status
	}
	switch {
	case a.Cut:
		return false
	case a.Error != nil:
		s.refuse(a.Error)
		return true
	case a.CopyIn:
		return s.copyIn(a, simple)
	case a.CopyOut != nil:
		s.out = wire.Append(s.out, wire.CopyOutResponse, []byte{0, 0, 0})
		for _, data := range a.CopyOut {
			s.out = wire.Append(s.out, wire.CopyData, data)
		}
		s.out = wire.Append(s.out, wire.CopyDone, nil)
	case a.Columns != nil:
		if simple {
			s.describe(a)
		}
		for _, row := range a.Rows {
			var mark int
			s.out, mark = wire.Begin(s.out, wire.DataRow)
			s.out = binary.BigEndian.AppendUint16(s.out, uint16(len(row)))
			for _, cell := range row {
				if cell == nil {
					s.out = append(s.out, 0xff, 0xff, 0xff, 0xff)
					continue
				}
				s.out = append(binary.BigEndian.AppendUint32(s.out, uint32(len(cell))), cell...)
			}
			s.out = wire.End(s.out, mark)
		}
		if a.Tag == "" {
			a.Tag = fmt.Sprintf("SELECT %d", len(a.Rows))
		}
	}
	s.out = wire.Append(s.out, wire.CommandComplete, wire.AppendString(nil, a.Tag))
	return true
}

func (s *statements) copyIn(a Answer, simple bool) bool {
	s.out = wire.Append(s.out, wire.CopyInResponse, []byte{0, 0, 0})
	s.Write(s.out)
	s.out = s.out[:0]
	if a.Stall != nil {
		<-a.Stall
		return false
	}
	var data []byte
	for {
		t, body := s.Message()
		switch t {
		case 0:
			return false
		case wire.CopyData:
			data = append(data, body...)
		case wire.CopyDone:
			return s.run(a.Done(data, ""), simple)
		case wire.CopyFail:
			reason, _, _ := wire.String(body)
			return s.run(a.Done(data, string(reason)), simple)
		}
	}
}

func (s *statements) ready() {
	s.Write(wire.Append(s.out, wire.ReadyForQuery, []byte{byte(s.status)}))
	s.out = s.out[:0]
}
