package session

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// The rows have a context of their own, and the server takes its time for them.
func TestAStatementThatWaitsForOpenRowsEndsWithItsContext(t *testing.T) {
	for name, own := range map[string]bool{"rows without a context": false, "rows with one": true} {
		t.Run(name, func(t *testing.T) {
			goOn := make(chan struct{})
			s := start(t, Options{Cancel: func(context.Context) error { return nil }}, func(p *peer) {
				p.batch()
				row := dataRow("8")
				p.say(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.Int8), msg(wire.BindComplete, ""), dataRow("7"), row[:4])
				<-goOn
				p.say(row[4:], tag("SELECT 2"), ready(wire.Idle))
				p.batch()
				p.say(ready(wire.Idle))
				p.batch()
			})
			of := background
			if own {
				ctx, cancel := context.WithCancel(background)
				defer cancel()
				of = ctx
			}
			q, err := s.Query(of, Text{SQL: "select $1"}, args(int64(1)))
			must(t, err)
			ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
			defer cancel()
			began := time.Now()
			var c *CanceledError
			if err := s.Ping(ctx); !errors.As(err, &c) || c.Unknown || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the error is %v", err)
			}
			if d := time.Since(began); d > 120*time.Millisecond {
				t.Errorf("it took %v", d)
			}
			close(goOn)
			for _, want := range []int64{7, 8} {
				b, err := q.Next()
				must(t, err)
				if v := b.Columns[0].At(0); v != want || b.Rows != 1 {
					t.Errorf("got %v of %d, want %d", v, b.Rows, want)
				}
			}
			if _, err := q.Next(); err != io.EOF {
				t.Errorf("the end is %v", err)
			}
			must(t, q.Close())
			must(t, s.Ping(background))
		})
	}
}

func TestBothContextsMayEndAtOnce(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	s := start(t, Options{Cancel: func(context.Context) error { return nil }}, func(p *peer) {
		p.batch()
		p.say(msg(wire.ParseComplete, ""), params(wire.Int8), columns(wire.Int8), msg(wire.BindComplete, ""), dataRow("7"))
		<-end
	})
	ctx, cancel := context.WithTimeout(background, 10*time.Millisecond)
	defer cancel()
	q, err := s.Query(ctx, Text{SQL: "select $1"}, args(int64(1)))
	must(t, err)
	began := time.Now()
	if err := s.Ping(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error is %v", err)
	}
	q.Close()
	if d := time.Since(began); d > 140*time.Millisecond || s.Alive() {
		t.Errorf("it took %v", d)
	}
}
