package dwstest_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// FuzzSession sends whatever there is behind a login. The server must live on.
func FuzzSession(f *testing.F) {
	f.Add(message.Append(nil, 'Q', message.Text("select 1")))
	f.Add(message.Append(extended("select $1::int", "1"), 'S'))
	f.Add([]byte{'Q', 0, 0, 0, 3})
	f.Add([]byte{'B', 0, 0, 0, 6, 0, 0})
	f.Add(append(message.Append(nil, 'Q', message.Text("copy pg_type to stdout")), 'd', 0, 0, 0, 4))
	s := dwstest.NewServer(dwstest.WithAuth(dwstest.AuthTrust))
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := connect(t, s)
		_ = c.nc.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = c.nc.Write(message.Append(data, 'X'))
		_ = c.nc.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c.r)
		c.nc.Close()
	})
}

// FuzzStartup sends whatever there is in the place of a login.
func FuzzStartup(f *testing.F) {
	f.Add([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	f.Add([]byte{0, 0, 0, 9, 0, 3, 0, 0, 0})
	f.Add([]byte("\x00\x00\x00\x1a\x00\x03\x00\x33user\x00x\x00database\x00\x00"))
	s := dwstest.NewServer(dwstest.WithTLS(nil))
	f.Cleanup(s.Close)
	f.Fuzz(func(t *testing.T, data []byte) {
		c := dial(t, s)
		_ = c.nc.SetDeadline(time.Now().Add(5 * time.Second))
		_, _ = c.nc.Write(data)
		_ = c.nc.(*net.TCPConn).CloseWrite()
		_, _ = io.Copy(io.Discard, c.r)
		c.nc.Close()
	})
}
