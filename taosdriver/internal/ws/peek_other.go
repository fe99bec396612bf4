//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package ws

// ended reports nothing here: the reader notices.
func (c *netConn) ended() bool { return false }
