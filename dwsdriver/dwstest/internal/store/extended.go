package store

import (
	"encoding/binary"
	"slices"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// extended serves a message of the protocol with parameters.
func (s *session) extended(m message.Message) error {
	p := message.Parser{Body: m.Body}
	ctx := s.begin()
	switch m.Type {
	case 'P':
		return s.parse(&p)
	case 'B':
		return s.bind(&p)
	case 'D':
		return s.describeNamed(p.Byte(), p.Text())
	case 'E':
		name, limit := p.Text(), p.Int32()
		po := s.portals[name]
		if po == nil {
			return failf("34000", "portal %q does not exist", name)
		}
		if po.result == nil {
			if len(po.statement.words) == 0 {
				s.send('I')
				return nil
			}
			res, err := s.run(ctx, po.statement.words, po.statement, po.params)
			if err == nil && res.copyIn != nil {
				err = s.receive(ctx, res)
			}
			if err != nil {
				return err
			}
			if res.columns != nil && !slices.Equal(res.columns, po.statement.columns) {
				res.close()
				return failf("0A000", "cached plan must not change result type")
			}
			po.result = res
		}
		po.result.count = 0 // the tag counts the rows of this portion
		more, err := s.rows(po.result, po.formats, max(limit, 0))
		if err != nil {
			po.result.close()
			return err
		}
		if more {
			s.send('s')
			return nil
		}
		po.result.close()
		s.complete(po.result)
	case 'C':
		if kind, name := p.Byte(), p.Text(); kind == 'S' {
			delete(s.prepared, name)
		} else {
			if po := s.portals[name]; po != nil && po.result != nil {
				po.result.close()
			}
			delete(s.portals, name)
		}
		s.send('3')
	default:
		return failf("08P01", "invalid frontend message type %d", m.Type)
	}
	return p.Err
}

func (s *session) parse(p *message.Parser) error {
	name, text := p.Text(), p.Text()
	types := make([]*typ, p.Int16())
	for i := range types {
		if oid := uint32(p.Int32()); oid != 0 {
			if types[i] = byOID[oid]; types[i] == nil {
				types[i] = named("text") // unknown, arrays and the like are their texts
			}
		}
	}
	if p.Err != nil {
		return p.Err
	}
	if name != "" && s.prepared[name] != nil {
		return failf("42P05", "prepared statement %q already exists", name)
	}
	list := lex.Split(lex.Tokens(text))
	if len(list) > 1 {
		return failf("42601", "cannot insert multiple commands into a prepared statement")
	}
	st := &prepared{types: types}
	if len(list) == 1 {
		st.words = lex.Words(list[0])
		if err := s.allowed(st.words); err != nil {
			return err
		}
		columns, err := s.columnsOf(st)
		if err != nil {
			return err
		}
		st.columns = columns
	}
	s.prepared[name] = st
	s.send('1')
	return nil
}

func (s *session) bind(p *message.Parser) error {
	portalName, name := p.Text(), p.Text()
	st := s.prepared[name]
	if st == nil {
		return failf("26000", "prepared statement %q does not exist", name)
	}
	if err := s.allowed(st.words); err != nil {
		return err
	}
	formats := make([]int, p.Int16())
	for i := range formats {
		formats[i] = p.Int16()
	}
	n := p.Int16()
	if p.Err == nil && n != len(st.types) {
		return failf("08P01", "bind message supplies %d parameters, but prepared statement %q requires %d", n, name, len(st.types))
	}
	po := &portal{statement: st, params: make([]any, n)}
	for i := range po.params {
		length := p.Int32()
		if length < 0 {
			continue
		}
		raw := p.Bytes(length)
		if p.Err != nil {
			return p.Err
		}
		var err error
		if format(formats, i) == 1 {
			po.params[i], err = st.types[i].fromBinary(raw)
		} else {
			po.params[i], err = st.types[i].parse(string(raw), s.settings.zone())
		}
		if err != nil {
			return err
		}
	}
	po.formats = make([]int, p.Int16())
	for i := range po.formats {
		po.formats[i] = p.Int16()
	}
	if p.Err != nil {
		return p.Err
	}
	if old := s.portals[portalName]; old != nil && old.result != nil {
		old.result.close()
	}
	s.portals[portalName] = po
	s.send('2')
	return nil
}

func (s *session) describeNamed(kind byte, name string) error {
	if kind == 'P' {
		po := s.portals[name]
		if po == nil {
			return failf("34000", "portal %q does not exist", name)
		}
		s.describe(po.statement.columns, po.formats)
		return nil
	}
	st := s.prepared[name]
	if st == nil {
		return failf("26000", "prepared statement %q does not exist", name)
	}
	body := binary.BigEndian.AppendUint16(nil, uint16(len(st.types)))
	for _, t := range st.types {
		body = binary.BigEndian.AppendUint32(body, t.oid)
	}
	s.send('t', body)
	s.describe(st.columns, nil)
	return nil
}
