package login

import (
	"bytes"
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// lib/pq works on the proof without looking at the context.
func TestContextEndsTheWorkOnAProofOfSCRAM(t *testing.T) {
	asked := make(chan struct{})
	srv := script.New(t, func(s *script.Server) {
		s.Play = func(c *script.Client) {
			c.Write(wire.Append(nil, wire.Authentication, []byte("\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00")))
			_, first := c.Message()
			_, nonce, _ := bytes.Cut(first, []byte("r="))
			c.Write(wire.Append(nil, wire.Authentication, []byte("\x00\x00\x00\x0br="+string(nonce)+"x,s=MTIzNDU2Nzg=,i=1000000")))
			close(asked)
			io.Copy(io.Discard, c.In)
		}
	})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ended := make(chan time.Time, 1)
	go func() {
		<-asked
		time.Sleep(20 * time.Millisecond)
		ended <- time.Now()
		cancel()
	}()
	_, err := Open(ctx, target(srv))
	if late := time.Since(<-ended); !errors.Is(err, context.Canceled) || late > 200*time.Millisecond {
		t.Errorf("%v, %v after the end", err, late)
	}
	// The goroutine that works ends with its work.
	stacks := make([]byte, 1<<20)
	for end := time.Now().Add(time.Minute); bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte("lib/pq/scram")); {
		if time.Sleep(20 * time.Millisecond); time.Now().After(end) {
			t.Fatal("the work does not end")
		}
	}
}
