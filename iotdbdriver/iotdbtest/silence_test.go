package iotdbtest

import (
	"net"
	"time"
)

// silence is a connection that takes everything and says nothing.
type silence struct{}

func (silence) Read([]byte) (int, error)         { return 0, net.ErrClosed }
func (silence) Write(b []byte) (int, error)      { return len(b), nil }
func (silence) Close() error                     { return nil }
func (silence) LocalAddr() net.Addr              { return &net.TCPAddr{} }
func (silence) RemoteAddr() net.Addr             { return &net.TCPAddr{} }
func (silence) SetDeadline(time.Time) error      { return nil }
func (silence) SetReadDeadline(time.Time) error  { return nil }
func (silence) SetWriteDeadline(time.Time) error { return nil }
