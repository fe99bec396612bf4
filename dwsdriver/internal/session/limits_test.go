package session

import (
	"bufio"
	"context"
	"database/sql/driver"
	"errors"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

func TestWhatACursorReturnsIsDescribedEachTime(t *testing.T) {
	a := newAnswer()
	s := start(t, Options{Cache: 10}, a.play)
	s.SetBinaryResults([]wire.OID{wire.Int8})
	for _, text := range []string{"FETCH 10 FROM c", "/* a */ execute s"} {
		// Another cursor of this name may have other columns by now.
		for range 3 {
			must(t, seven(t, s, text))
			a.letters(t, "PDBES")
		}
		p, err := s.Prepare(background, text)
		must(t, err)
		a.letters(t, "PDS")
		for range 2 {
			q, err := p.Query(background, "", nil)
			must(t, err)
			must(t, q.Close())
			a.letters(t, "PDBES")
		}
		p.Close()
	}
}

// refusing is a connection whose writes fail from the second on.
type refusing struct {
	net.Conn
	writes int
}

func (c *refusing) Write(b []byte) (int, error) {
	if c.writes++; c.writes > 1 {
		return 0, errors.New("broken pipe")
	}
	return c.Conn.Write(b)
}

func TestALostRefusalOfACopyIsAnUnknownOutcome(t *testing.T) {
	near, far := net.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p := &peer{far, bufio.NewReader(far)}
		p.batch()
		p.say(tag("INSERT 0 1"), tag("COMMIT"), msg(wire.CopyInResponse, "\x00\x00\x00"))
		p.batch()
	}()
	conn := &refusing{Conn: near}
	s := New(conn, conn, nil, map[string]string{}, Options{})
	// The text has done something before it came to the COPY.
	_, err := s.Exec(background, Text{SQL: "insert into t values (1); commit; copy t from stdin"}, nil)
	if !errors.As(err, new(*LostError)) {
		t.Errorf("the error is %T %v", err, err)
	}
	s.Close()
	<-done
}

func TestAServerThatDoesNotStopToTalkHoldsNothingUp(t *testing.T) {
	notice := wire.Append(nil, wire.NoticeResponse, (&wire.Fields{Severity: "NOTICE", Code: "00000", Message: strings.Repeat("and another thing ", 200)}).Append(nil))
	var many []byte
	for range 100 {
		many = append(many, notice...)
	}
	slow := func(*wire.Fields) { time.Sleep(100 * time.Microsecond) }
	talking := make(chan struct{})
	s := start(t, Options{Notice: slow}, func(p *peer) {
		p.say(notice)
		close(talking)
		for {
			if _, err := p.Write(many); err != nil {
				return
			}
		}
	})
	<-talking
	ctx, cancel := context.WithTimeout(background, 200*time.Millisecond)
	defer cancel()
	over := make(chan error, 1)
	go func() { over <- s.Ping(ctx) }()
	select {
	case err := <-over:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("the call does not end with its context")
		s.conn.Close()
		<-over
	}
}

func TestParametersWithoutEndAreRefused(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		for i := range maxParameters + 1 {
			p.say(msg(wire.ParameterStatus, "p"+strconv.Itoa(i)+"\x00v\x00"))
		}
		p.say(ready(wire.Idle))
	})
	if err := s.Ping(background); !errors.As(err, new(*ProtocolError)) {
		t.Errorf("the error is %v", err)
	}
}

func TestAParameterWithoutEndIsRefused(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(msg(wire.ParameterStatus, "p\x00"+strings.Repeat("v", maxParameter)+"\x00"), ready(wire.Idle))
		p.batch()
	})
	if err := s.Ping(background); !errors.As(err, new(*ProtocolError)) {
		t.Errorf("the error is %v", err)
	}
}

func TestManyCallsOfAStaleStatementFailOnce(t *testing.T) {
	a := newAnswer()
	stale := true
	a.before = func(p *peer, letters string, _ []message) bool {
		if stale && letters == "BES" {
			stale = false
			p.say(refusal("ERROR", changedResult, "cached plan must not change result type"), ready(wire.Idle))
			return true
		}
		return false
	}
	a.types = []wire.OID{wire.Int8}
	s := start(t, Options{Cache: 10}, a.play)
	for i := range 2 {
		p, err := s.Prepare(background, "insert into t values ($1) returning *")
		must(t, err)
		given := false
		_, _, err = p.ExecMany(background, func() ([]driver.NamedValue, bool) {
			defer func() { given = true }()
			return args(int64(1)), !given
		})
		if (err != nil) != (i == 0) {
			t.Errorf("try %d: %v", i, err)
		}
		p.Close()
	}
	a.letters(t, "PDS", "BES", "CPDS", "BES")
}

func TestACopyKeepsAccountOfTheRestOfItsText(t *testing.T) {
	s := start(t, Options{}, func(p *peer) {
		p.batch()
		p.say(tag("CREATE TABLE"), msg(wire.CopyInResponse, "\x00\x00\x00"))
		p.batch()
		p.say(tag("COPY 0"), ready(wire.Idle))
	})
	if _, err := s.CopyIn(background, "copy t\x00 from stdin"); !errors.As(err, new(*ArgumentError)) {
		t.Errorf("the error is %v", err)
	}
	in, err := s.CopyIn(background, "create temp table x (a int); copy x from stdin")
	must(t, err)
	_, err = in.Close()
	must(t, err)
	if !s.Lasting() {
		t.Error("the temporary table is the next one's")
	}
}
