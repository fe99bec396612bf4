package login

import (
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// recorded is a connection to a server that says what it says whatever it is
// told.
type recorded struct {
	net.Conn
	in *strings.Reader
}

func (r *recorded) Read(p []byte) (int, error)  { return r.in.Read(p) }
func (r *recorded) Write(p []byte) (int, error) { return len(p), nil }
func (r *recorded) Close() error                { return nil }
func (r *recorded) LocalAddr() net.Addr         { return &net.TCPAddr{} }
func (r *recorded) RemoteAddr() net.Addr        { return &net.TCPAddr{} }
func (r *recorded) SetDeadline(time.Time) error { return nil }

// FuzzLogin: whatever a server says ends in a session or an error, and nothing of
// what it says behind the login is lost.
func FuzzLogin(f *testing.F) {
	ask := func(body string) string { return string(wire.Append(nil, wire.Authentication, []byte(body))) }
	greeting := ask("\x00\x00\x00\x00") + string(wire.Append(nil, wire.BackendKeyData, []byte("12345678"))) +
		string(wire.Append(nil, wire.ParameterStatus, []byte("a\x00b\x00")))
	ready := string(wire.Append(nil, wire.ReadyForQuery, []byte("I")))
	f.Add(greeting + ready + "rest")
	f.Add(ask("\x00\x00\x00\x0a\x00\x00\x00\x02"+strings.Repeat("0", 72)+"\x00\x00\x00\x01") + greeting + ready)
	f.Add(ask("\x00\x00\x00\x0a\x00\x00\x00\x02"+strings.Repeat("0", 72)) + greeting + ready)
	f.Add(ask("\x00\x00\x00\x05salt") + greeting + ready)
	f.Add(ask("\x00\x00\x00\x03") + greeting + ready)
	f.Add(ask("\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00") + ask("\x00\x00\x00\x0br=a,s=AAAA,i=4096") + ask("\x00\x00\x00\x0cv=a") + greeting + ready)
	f.Add(ask("\x00\x00\x00\x07") + ask("\x00\x00\x00\x08abc"))
	f.Add(string(wire.Append(nil, wire.NegotiateProtocolVersion, make([]byte, 8))) + greeting + ready)
	f.Add(string(wire.Append(nil, wire.ErrorResponse, []byte("SFATAL\x00C28000\x00Mno\x00\x00"))))
	f.Add("Ecould not fork\x00")
	f.Fuzz(func(t *testing.T, said string) {
		// A million iterations are allowed and take too long here.
		if strings.Contains(said, "i=") && !strings.Contains(said, "i=4096") {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), 500*time.Millisecond)
		defer cancel()
		conn := &recorded{in: strings.NewReader(said)}
		s, err := Open(ctx, Target{
			Network: "tcp", Addr: "h:1",
			Dial:   func(context.Context, string, string) (net.Conn, error) { return conn, nil },
			Config: pq.Config{User: "u", Password: "hunter2", Passfile: "/nonexistent"},
		})
		if err != nil {
			if strings.Contains(err.Error(), "hunter2") && !strings.Contains(said, "hunter2") {
				t.Fatalf("the password is in %v", err)
			}
			if errors.As(err, new(interface{ RuntimeError() })) {
				t.Fatal(err)
			}
			return
		}
		rest, _ := io.ReadAll(conn.in)
		if all := string(s.Unread) + string(rest); !strings.HasSuffix(said, all) || s.Status == 0 || s.Method == "" {
			t.Fatalf("%+v, then %q", s, all)
		}
	})
}
