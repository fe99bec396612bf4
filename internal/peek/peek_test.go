package peek

import (
	"io"
	"net"
	"runtime"
	"testing"
	"time"
)

// pair returns the two ends of a TCP connection and the socket of the first.
func pair(t *testing.T) (near, far net.Conn, socket Socket) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if near, err = net.Dial("tcp", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { near.Close() })
	if far, err = l.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { far.Close() })
	return near, far, At(near)
}

// expect waits for a state: what one end does takes a moment to reach the other.
func expect(t *testing.T, socket Socket, want State) {
	t.Helper()
	switch runtime.GOOS {
	case "darwin", "dragonfly", "freebsd", "linux", "netbsd", "openbsd":
	default:
		want = Unknown
	}
	got := socket.Look()
	for end := time.Now().Add(5 * time.Second); got != want && time.Now().Before(end); got = socket.Look() {
		time.Sleep(time.Millisecond)
	}
	if got != want {
		t.Fatalf("state %d, want %d", got, want)
	}
}

func TestAnOpenConnectionIsQuietUntilSomethingComes(t *testing.T) {
	near, far, socket := pair(t)
	expect(t, socket, Quiet)
	if _, err := far.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	expect(t, socket, Readable)

	// Nothing was taken.
	b := make([]byte, 1)
	if _, err := io.ReadFull(near, b); err != nil || b[0] != 'x' {
		t.Fatalf("read %q, %v", b, err)
	}
	expect(t, socket, Quiet)
}

func TestAnEndIsSeenBehindWhatIsToBeRead(t *testing.T) {
	near, far, socket := pair(t)
	if _, err := far.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	far.Close()
	expect(t, socket, Readable)
	if _, err := io.ReadFull(near, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	expect(t, socket, Ended)
}

func TestAResetIsAnEnd(t *testing.T) {
	_, far, socket := pair(t)
	far.(*net.TCPConn).SetLinger(0)
	far.Close()
	expect(t, socket, Ended)
}

func TestWhatThisSideHasClosedHasEnded(t *testing.T) {
	near, _, socket := pair(t)
	near.Close()
	if got := socket.Look(); got != Ended {
		t.Errorf("state %d, want %d", got, Ended)
	}
}

func TestAConnectionWithoutASocketIsUnknown(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	for name, socket := range map[string]Socket{"a pipe": At(near), "the zero value": {}} {
		if got := socket.Look(); got != Unknown {
			t.Errorf("%s: state %d, want %d", name, got, Unknown)
		}
	}
}
