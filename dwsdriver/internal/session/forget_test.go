package session

import (
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// second sends a call and another, of which nothing is sent as the second is wrong.
func second(p *Prepared, wrong []driver.NamedValue) error {
	n := 0
	_, calls, err := p.ExecMany(background, func() ([]driver.NamedValue, bool) {
		if n++; n == 1 {
			return args(int64(1)), true
		}
		return wrong, true
	})
	if calls != 2 {
		return nil
	}
	return err
}

// Without it the server would keep each for as long as the session lives.
func TestAStatementIsForgottenByTheNextBatchThatIsSent(t *testing.T) {
	for name, fail := range map[string]func(*Session, *Prepared) error{
		"the number of arguments": func(_ *Session, p *Prepared) error {
			return second(p, args())
		},
		"an argument among many": func(_ *Session, p *Prepared) error {
			return second(p, args(struct{}{}))
		},
		"an argument": func(_ *Session, p *Prepared) error {
			_, err := p.Exec(background, "", args(struct{}{}))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAnswer()
			a.types = []wire.OID{wire.Int8}
			s := start(t, Options{}, a.play)
			first, err := s.Prepare(background, "select $1")
			must(t, err)
			second, err := s.Prepare(background, "select 1 + $1")
			must(t, err)
			first.Close() // with the next batch
			a.letters(t, "PDS", "PDS")
			if err := fail(s, second); !errors.As(err, new(*ArgumentError)) {
				t.Fatalf("the error is %v", err)
			}
			a.letters(t)
			_, err = second.Exec(background, "", args(int64(1)))
			must(t, err)
			a.letters(t, "CBES")
			_, err = second.Exec(background, "", args(int64(1)))
			must(t, err)
			a.letters(t, "BES")
		})
	}
}
