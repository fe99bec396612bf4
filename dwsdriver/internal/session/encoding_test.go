package session

import (
	"context"
	"errors"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func encoding(name string) []byte {
	return msg(wire.ParameterStatus, "client_encoding\x00"+name+"\x00")
}

func TestAStatementThatLeavesUTF8EndsTheSession(t *testing.T) {
	for name, play := range map[string]func(p *peer){
		"before the reply": func(p *peer) { p.say(encoding("GBK"), tag("SET"), ready(wire.Idle)) },
		"behind the reply": func(p *peer) { p.say(tag("SET"), encoding("SQL_ASCII"), ready(wire.Idle)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{}, func(p *peer) {
				p.batch()
				play(p)
				p.batch()
			})
			_, err := s.Exec(background, Text{SQL: "set client_encoding to something"}, nil)
			if !errors.As(err, new(*EncodingError)) || s.Alive() {
				t.Errorf("the error is %v", err)
			}
			if err := s.Ping(background); !errors.As(err, new(*NotSentError)) {
				t.Errorf("the next statement: %v", err)
			}
		})
	}
}

// PostgreSQL reports a parameter behind the rows that were sent under it.
func TestRowsBeforeAReportOfAnotherEncodingEndInAnError(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(tag("SET"), columns(wire.TextType), dataRow("\xc3"), tag("SELECT 1"), encoding("GBK"), ready(wire.Idle))
		p.batch()
	})
	q, err := s.Query(background, Text{SQL: "set client_encoding to gbk; select 'x'"}, nil)
	must(t, err)
	for err == nil {
		_, err = q.Next()
	}
	if !errors.As(err, new(*EncodingError)) || s.Alive() {
		t.Errorf("the error is %v", err)
	}
}

func TestNamesOfUTF8AreTheSessions(t *testing.T) {
	for _, name := range []string{"UTF8", "utf8", "UTF-8", "UNICODE"} {
		s := start(t, Options{}, func(p *peer) {
			p.batch()
			p.say(encoding(name), tag("SET"), ready(wire.Idle))
			p.batch()
			p.say(ready(wire.Idle))
			p.batch()
		})
		_, err := s.Exec(background, Text{SQL: "set client_encoding to unicode"}, nil)
		must(t, err)
		must(t, s.Ping(context.Background()))
	}
}
