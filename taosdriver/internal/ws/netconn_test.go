package ws

import (
	"net"
	"testing"
)

// TestInterruptOfAnEarlierWrite: a context that ends while its write does must
// not cut short what the next user of the connection writes.
func TestInterruptOfAnEarlierWrite(t *testing.T) {
	a, b := net.Pipe()
	defer a.Close()
	defer b.Close()
	c := newNetConn(a)
	before, late := c.beginWrite()
	c.endWrite(before, true)
	before, own := c.beginWrite()
	late()
	if c.interrupted {
		t.Error("interrupted by an earlier write's context")
	}
	own()
	if !c.interrupted {
		t.Error("not interrupted by its own")
	}
	c.endWrite(before, false)
}
