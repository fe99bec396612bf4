package session

import (
	"context"
	"errors"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

var background = context.Background()

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAStatementIsOneBatchAndIsKeptFromItsSecondUseOn(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 10}, a.play)
	for range 4 {
		must(t, seven(t, s, "select a from t where a = ?", int64(7)))
	}
	a.letters(t, "PDBES", "PDBES", "BES", "BES")
	if text := <-a.texts; text != "select a from t where a = $1" {
		t.Errorf("the text is %q", text)
	}
	for range 3 {
		_, err := s.Exec(background, Text{SQL: "delete from t where a = $1"}, args(int64(1)))
		must(t, err)
	}
	a.letters(t, "PDBES", "PDBES", "BES")
	_, err := s.Exec(background, Text{SQL: "delete from t"}, nil)
	must(t, err)
	a.letters(t, "Q")
}

func TestArgumentsThatDependOnTheirTypesAreDescribedFirst(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Bytea}
	s := start(t, Options{Cache: 10}, a.play)
	for range 3 {
		must(t, seven(t, s, "select a from t where b = $1", []byte("x")))
	}
	a.letters(t, "PDS", "BES", "PDS", "BES", "BES")
}

func TestBinaryResults(t *testing.T) {
	a := newAnswer()
	met := 0
	var s *Session
	s = start(t, Options{Cache: 10, Meet: func(context.Context) error {
		met++
		s.SetBinaryResults([]wire.OID{wire.Int8})
		return nil
	}}, a.play)
	for range 3 {
		must(t, seven(t, s, "select a from t"))
	}
	a.letters(t, "PDS", "BES", "PDS", "BES", "BES")
	if met != 1 {
		t.Errorf("asked %d times", met)
	}
}

func TestACommentIsForOneUse(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 10}, a.play)
	for range 3 {
		_, err := s.Exec(background, Text{SQL: "delete from t where a = ?", Comment: "/* request 0x1 */ "}, args(int64(1)))
		must(t, err)
	}
	a.letters(t, "PDBES", "PDBES", "PDBES")
	if text := <-a.texts; text != "/* request 0x1 */ delete from t where a = $1" {
		t.Errorf("the text is %q", text)
	}
}

func TestTheCacheForgetsWhatWasNotUsedForLongest(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 2}, a.play)
	for _, text := range []string{"select 1, $1", "select 1, $1", "select 2, $1", "select 2, $1", "select 3, $1", "select 3, $1", "select 2, $1", "select 1, $1"} {
		must(t, seven(t, s, text, int64(1)))
	}
	a.letters(t, "PDBES", "PDBES", "PDBES", "PDBES", "CPDBES", "PDBES", "BES", "CPDBES")
}

func TestALongTextIsNotKept(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 2}, a.play)
	text := "select $1 /* " + strings.Repeat("x", maxCached) + " */"
	for range 3 {
		must(t, seven(t, s, text, int64(1)))
	}
	a.letters(t, "PDBES", "PDBES", "PDBES")
	if len(s.cache.all) != 0 {
		t.Error("it is in the cache")
	}
	p, err := s.Prepare(background, text)
	must(t, err)
	_, err = p.Exec(background, "", args(int64(1)))
	must(t, err)
	a.letters(t, "PDS", "BES")
	p.Close()
}

func TestAPreparedStatementIsKeptUntilItIsClosed(t *testing.T) {
	for _, capacity := range []int{0, 1} {
		a := newAnswer()
		a.types = []wire.OID{wire.Int8}
		s := start(t, Options{Cache: capacity}, a.play)
		p, err := s.Prepare(background, "select 1, $1")
		must(t, err)
		other, err := s.Prepare(background, "select 2, $1")
		must(t, err)
		for range 2 {
			_, err := p.Exec(background, "", args(int64(1)))
			must(t, err)
		}
		_, err = other.Exec(background, "", args(int64(1)))
		must(t, err)
		a.letters(t, "PDS", "PDS", "BES", "BES", "BES")
		p.Close()
		p.Close()
		other.Close()
		must(t, seven(t, s, "select 3, $1", int64(1)))
		want := []string{"CCPDBES", "CPDBES"}[capacity]
		if got := <-a.batches; got != want && !(capacity == 1 && got == "CCPDBES") {
			t.Errorf("cache of %d: after Close the batch is %s", capacity, got)
		}
	}
}

func TestAStatementThatTheServerDroppedIsSentAgainBeforeItWasExecuted(t *testing.T) {
	for name, code := range map[string]string{"dropped": unknownStatement, "changed": changedResult} {
		t.Run(name, func(t *testing.T) {
			a := newAnswer()
			a.types = []wire.OID{wire.Int8}
			refuse := false
			a.before = func(p *peer, letters string, _ []message) bool {
				if letters == "BES" && refuse {
					refuse = false
					p.say(refusal("ERROR", code, "cached plan must not change result type"), ready(a.status))
					return true
				}
				return false
			}
			s := start(t, Options{Cache: 10}, a.play)
			for range 2 {
				must(t, seven(t, s, "select $1", int64(7)))
			}
			refuse = true
			must(t, seven(t, s, "select $1", int64(7)))
			a.letters(t, "PDBES", "PDBES", "BES", "CPDBES")
			if n := a.executed.Load(); n != 3 {
				t.Errorf("executed %d times", n)
			}

			// A transaction has failed with it.
			must(t, seven(t, s, "select $1", int64(7)))
			refuse, a.status = true, wire.InFailed
			err := seven(t, s, "select $1", int64(7))
			var said *ServerError
			if !errors.As(err, &said) || !said.Stale || said.Code != code {
				t.Errorf("the error is %v", err)
			}
			a.letters(t, "BES", "BES")
		})
	}
}

func TestAnErrorOfTheExecutionIsNotTakenForOneOfTheBind(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 10}, a.play)
	for range 2 {
		must(t, seven(t, s, "select f($1)", int64(7)))
	}
	a.before = func(p *peer, letters string, _ []message) bool {
		p.say(msg(wire.BindComplete, ""), refusal("ERROR", changedResult, "not supported in f"), ready(wire.Idle))
		return true
	}
	var said *ServerError
	if err := seven(t, s, "select f($1)", int64(7)); !errors.As(err, &said) || said.Refused {
		t.Errorf("the error is %v", err)
	}
	a.letters(t, "PDBES", "PDBES", "BES")
}

func TestDeadSessionsAreFoundBeforeAnythingIsSent(t *testing.T) {
	for name, c := range map[string]struct {
		last []byte
		code string
	}{
		"closed": {nil, ""}, "ended by an administrator": {refusal("FATAL", "57P01", "terminating connection"), "57P01"},
		"half a message": {refusal("FATAL", "57P01", "terminating connection")[:9], ""},
	} {
		t.Run(name, func(t *testing.T) {
			gone := make(chan struct{})
			s := start(t, Options{}, func(p *peer) {
				p.say(c.last)
				p.Close()
				close(gone)
			})
			<-gone
			var err error
			for end := time.Now().Add(5 * time.Second); err == nil && time.Now().Before(end); {
				err = s.Look()
			}
			var notSent *NotSentError
			if !errors.As(err, &notSent) {
				t.Fatalf("the error is %v", err)
			}
			var said *ServerError
			if errors.As(err, &said) != (c.code != "") || said != nil && said.Code != c.code {
				t.Errorf("the error is %v", err)
			}
			if _, err := s.Exec(background, Text{SQL: "select 1"}, nil); !errors.As(err, &notSent) || s.Alive() {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestNoticesAndParametersOfAnIdleSessionAreTaken(t *testing.T) {
	said := make(chan struct{})
	var notices []string
	a := newAnswer()
	s := start(t, Options{Notice: func(f *wire.Fields) { notices = append(notices, f.Message) }}, func(p *peer) {
		f := wire.Fields{Severity: "NOTICE", Code: "00000", Message: "hear"}
		p.say(wire.Append(nil, wire.NoticeResponse, f.Append(nil)), msg(wire.ParameterStatus, "TimeZone\x00Asia/Tokyo\x00"))
		close(said)
		a.play(p)
	})
	<-said
	must(t, s.Ping(background))
	if len(notices) != 1 || s.Parameter("TimeZone") != "Asia/Tokyo" || !s.Changed() {
		t.Errorf("%q, %q", notices, s.Parameter("TimeZone"))
	}
}

func TestALostReplyIsAnUnknownOutcome(t *testing.T) {
	for name, c := range map[string]struct {
		last []byte
		code string
	}{
		"closed": {nil, ""}, "half a message": {tag("INSERT 0 1")[:7], ""},
		"complete and not ready": {tag("INSERT 0 1"), ""}, "ended by an administrator": {refusal("FATAL", "57P01", "terminating"), "57P01"},
	} {
		t.Run(name, func(t *testing.T) {
			s := start(t, Options{}, func(p *peer) {
				p.batch()
				p.say(c.last)
			})
			_, err := s.Exec(background, Text{SQL: "insert into t values (1)"}, nil)
			var lost *LostError
			var said *ServerError
			switch {
			case c.code == "" && !errors.As(err, &lost), c.code != "" && (!errors.As(err, &said) || said.Code != c.code || !said.Unknown):
				t.Errorf("the error is %v", err)
			case s.Alive():
				t.Error("the session is alive")
			}
		})
	}
}

func TestAnIdleTimeoutMeansThatNothingWasDone(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(refusal("FATAL", idleSessionTimeout, "terminating connection due to idle-session timeout"))
	})
	_, err := s.Exec(background, Text{SQL: "insert into t values (1)"}, nil)
	if !errors.As(err, new(*NotSentError)) {
		t.Errorf("the error is %v", err)
	}
}

func TestSeveralResultSets(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(tag("SET"), columns(wire.Int8), dataRow("1"), dataRow("2"), tag("SELECT 2"), tag("INSERT 0 1"),
			columns(wire.TextType, wire.TextType), tag("SELECT 0"), columns(wire.Bool), dataRow("t"), tag("SELECT 1"), ready(wire.Idle))
		p.batch()
	})
	q, err := s.Query(background, Text{SQL: "set x = 1; select 1; insert; select; select 3"}, nil)
	must(t, err)
	var got []string
	for {
		n := 0
		for {
			b, err := q.Next()
			if err == io.EOF {
				break
			}
			must(t, err)
			n += b.Rows
		}
		got = append(got, strings.Repeat("r", n)+strings.Repeat("c", len(q.Columns())))
		if err := q.NextSet(); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	if strings.Join(got, " ") != "rrc cc rc" {
		t.Errorf("%q", got)
	}
	must(t, q.Close())
	if s.Busy() || !s.Alive() || s.effects&settings == 0 {
		t.Error("the session is not at rest")
	}
}

func TestErrorsOfLaterStatementsAndOfTheCommitAreSeen(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(columns(wire.Int8), dataRow("1"), tag("SELECT 1"), refusal("ERROR", "42P01", "no table"), ready(wire.Idle))
		p.batch()
		// Constraints may be checked at the commit only, which follows the tag.
		p.say(msg(wire.ParseComplete, ""), params(wire.Int8), msg(wire.NoData, ""), msg(wire.BindComplete, ""), tag("INSERT 0 1"),
			refusal("ERROR", "23503", "violates"), ready(wire.Idle))
		p.batch()
	})
	q, err := s.Query(background, Text{SQL: "select 1; select nothing"}, nil)
	must(t, err)
	_, err = q.Next()
	must(t, err)
	var said *ServerError
	if _, err := q.Next(); !errors.As(err, &said) || said.Code != "42P01" {
		t.Errorf("the error is %v", err)
	}
	must(t, q.Close())
	if _, err := s.Exec(background, Text{SQL: "insert into t values (?)"}, args(int64(1))); !errors.As(err, &said) || said.Code != "23503" {
		t.Errorf("the error is %v", err)
	}
	if !s.Alive() {
		t.Error("the session is over")
	}
}

func TestAnotherStatementRunsWhileFewRowsAreOpen(t *testing.T) {
	a := newAnswer()
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{}, a.play)
	q, err := s.Query(background, Text{SQL: "select $1"}, args(int64(1)))
	must(t, err)
	must(t, seven(t, s, "select 2, $1", int64(1)))
	block, err := q.Next()
	must(t, err)
	if v := block.Columns[0].At(0); v != int64(7) {
		t.Errorf("got %v", v)
	}
	if _, err := q.Next(); err != io.EOF {
		t.Errorf("the error is %v", err)
	}
	must(t, q.Close())
	must(t, s.Ping(background))
}

func TestManyRowsHaveTheSessionToThemselves(t *testing.T) {
	var stop atomic.Bool
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		big(p, 5000, &stop)
		p.batch()
		p.say(ready(wire.Idle))
		p.batch()
	})
	q, err := s.Query(background, Text{SQL: "select $1"}, args(int64(1)))
	must(t, err)
	for range 2 {
		if _, err := s.Exec(background, Text{SQL: "select 1"}, nil); !errors.Is(err, ErrBusy) {
			t.Errorf("the error is %v", err)
		}
	}
	n, most := 0, 0
	for {
		b, err := q.Next()
		if err == io.EOF {
			break
		}
		must(t, err)
		n, most = n+b.Rows, max(most, len(s.in.buf))
	}
	if n != 5000 || most != largeInput {
		t.Errorf("%d rows, of at most %d bytes at a time", n, most)
	}
	must(t, q.Close())
	must(t, s.Ping(background))
}

func TestRowsThatCannotBeReadLeaveTheSessionUsable(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.Int8), msg(wire.BindComplete, ""), dataRow("x"), dataRow("1"), tag("SELECT 2"), ready(wire.Idle))
		p.batch()
		p.say(ready(wire.Idle))
		p.batch()
	})
	q, err := s.Query(background, Text{SQL: "select $1"}, args(int64(1)))
	must(t, err)
	if _, err := q.Next(); !errors.As(err, new(*ResultError)) {
		t.Errorf("the error is %v", err)
	}
	must(t, q.Close())
	must(t, s.Ping(background))
}

func TestMistakesAreFoundBeforeAnythingIsSent(t *testing.T) {
	a := newAnswer()
	s := start(t, Options{Cache: 1}, a.play)
	for _, c := range []struct {
		text string
		args []any
	}{
		{"select ?", nil}, {"select $2", []any{int64(1)}}, {"select 1", []any{int64(1)}}, {"select $0", []any{int64(1)}}, {"select '\x00'", nil},
		{"select '\x00', ?", []any{int64(1)}},
	} {
		_, execErr := s.Exec(background, Text{SQL: c.text}, args(c.args...))
		_, queryErr := s.Query(background, Text{SQL: c.text}, args(c.args...))
		for _, err := range []error{execErr, queryErr} {
			if !errors.As(err, new(*ArgumentError)) {
				t.Errorf("%q: the error is %v", c.text, err)
			}
		}
	}
	if _, err := s.Exec(background, Text{SQL: "select ?"}, args(struct{}{})); !errors.As(err, new(*ArgumentError)) {
		t.Errorf("the error is %v", err)
	}
	a.letters(t)
}

func TestACopyThatComesAsAStatementIsRefused(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(msg(wire.CopyInResponse, "\x00\x00\x00"))
		p.batch() // CopyFail
		p.say(refusal("ERROR", "57014", "COPY from stdin failed"), ready(wire.Idle))
		p.batch()
		p.say(msg(wire.CopyOutResponse, "\x00\x00\x00"), msg(wire.CopyData, "1\n"), msg(wire.CopyDone, ""), tag("COPY 1"), ready(wire.Idle))
		p.batch()
	})
	if _, err := s.Exec(background, Text{SQL: "copy t from stdin"}, nil); !errors.Is(err, ErrCopyIn) {
		t.Errorf("the error is %v", err)
	}
	if _, err := s.Exec(background, Text{SQL: "copy t to stdout"}, nil); !errors.Is(err, ErrCopyOut) {
		t.Errorf("the error is %v", err)
	}
	if !s.Alive() || s.Busy() {
		t.Error("the session is not at rest")
	}
}
