package taostest

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha1" //nolint:gosec // what RFC 6455 prescribes
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// player plays the clients of a conversation.
type player struct {
	t     *testing.T
	srv   *Server
	conns map[int]*playedConn
	skips map[string]string
	used  map[string]bool
	// vgroups are the recorded numbers of vgroups with ours.
	vgroups map[string]string
}

type playedConn struct {
	ws      *websocket.Conn
	pool    []played          // received and not asked for yet
	ids     map[uint64]uint64 // of results and statements: recorded to ours
	request *http.Request
	raw     net.Conn
	reader  *bufio.Reader
	// unmasked is set where the client breaks the protocol.
	unmasked bool
}

type played struct {
	kind int
	data []byte
	err  error
}

func (p *player) play(m *recordedMessage) {
	p.t.Helper()
	switch m.Dir + " " + m.Op {
	case "c>s http-request":
		p.request(m)
	case "s>c http-response":
		p.response(m)
	case "c>s text", "c>s binary":
		if statement, ok := strings.CutPrefix(m.Step, "after: "); ok {
			if _, err := p.srv.db.Exec(statement); err != nil {
				p.t.Fatalf("%s: %v", statement, err)
			}
		}
		p.send(m)
	case "s>c text", "s>c binary":
		p.expect(m)
	case "c>s ping":
		p.control(m, websocket.PingMessage)
	case "c>s close":
		p.control(m, websocket.CloseMessage)
	case "s>c tcp":
		p.expectEnd(m)
	case "s>c close":
		p.expectClose(m)
	case "c>s tcp", "s>c pong", "c>s pong":
	default:
		p.t.Fatalf("%s %s", m.Dir, m.Op)
	}
}

func (p *player) request(m *recordedMessage) {
	method, rest, _ := strings.Cut(m.FirstLine, " ")
	target, proto, _ := strings.Cut(rest, " ")
	body := ""
	if m.Body != nil {
		body = *m.Body
	}
	if m.GzipBody != "" {
		data, err := hex.DecodeString(m.GzipBody)
		if err != nil {
			p.t.Fatal(err)
		}
		body = string(data)
	}
	var text strings.Builder
	fmt.Fprintf(&text, "%s %s %s\r\n", method, target, proto)
	for _, h := range m.Headers {
		fmt.Fprintf(&text, "%s: %s\r\n", h[0], h[1])
	}
	text.WriteString("\r\n" + body)
	c := p.conns[m.Conn]
	if c == nil {
		var raw net.Conn
		waitFor(p.t, "the server's restart", func() (ok bool) {
			var err error
			raw, err = net.Dial("tcp", p.srv.Addr())
			return err == nil
		})
		p.t.Cleanup(func() { _ = raw.Close() })
		c = &playedConn{raw: raw, reader: bufio.NewReader(raw), ids: map[uint64]uint64{}}
		p.conns[m.Conn] = c
	}
	c.unmasked = strings.Contains(m.Step, "unmasked")
	var err error
	if c.request, err = http.NewRequest(method, target, nil); err != nil {
		p.t.Fatal(err)
	}
	if _, err := io.WriteString(c.raw, text.String()); err != nil {
		p.t.Fatal(err)
	}
}

func (p *player) response(m *recordedMessage) {
	c := p.conns[m.Conn]
	_ = c.raw.SetReadDeadline(time.Now().Add(10 * time.Second))
	resp, err := http.ReadResponse(c.reader, c.request)
	if err != nil {
		p.t.Fatal(err)
	}
	if got := resp.Proto + " " + resp.Status; got != m.FirstLine {
		p.t.Errorf("%s: %s, want %s", c.request.URL, got, m.FirstLine)
	}
	chunked := false
	for _, h := range m.Headers {
		switch name, want := h[0], h[1]; name {
		case "Content-Type", "Location", "Upgrade", "Connection", "Sec-WebSocket-Accept", "Sec-Websocket-Version", "Content-Encoding", "Vary", "Sec-WebSocket-Extensions":
			if got := resp.Header.Get(name); got != want {
				p.t.Errorf("%s: header %s: %q, want %q", c.request.URL, name, got, want)
			}
		case "Transfer-Encoding":
			chunked = true
		}
	}
	if got := len(resp.TransferEncoding) > 0; got != chunked {
		p.t.Errorf("%s: chunked %v, want %v", c.request.URL, got, chunked)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		c.ws = clientOver(p.t, c, m)
		return
	}
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	if resp.Header.Get("Content-Encoding") == "gzip" {
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			p.t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			p.t.Fatal(err)
		}
	}
	want := ""
	if m.Body != nil {
		want = *m.Body
	}
	p.compare(c.request.URL.String(), timing.ReplaceAllString(string(data), `"timing":0`), timing.ReplaceAllString(want, `"timing":0`))
}

// clientOver makes a client of a connection that was upgraded by hand.
func clientOver(t *testing.T, c *playedConn, m *recordedMessage) *websocket.Conn {
	t.Helper()
	header := http.Header{}
	for _, h := range m.Headers {
		header.Add(h[0], h[1])
	}
	d := websocket.Dialer{
		NetDial:           func(string, string) (net.Conn, error) { return &upgraded{Conn: c.raw, m: m}, nil },
		EnableCompression: header.Get("Sec-WebSocket-Extensions") != "",
	}
	ws, _, err := d.Dial("ws://127.0.0.1/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	return ws
}

// upgraded is a connection on which the handshake has been done: it swallows the
// client's request and makes up the answer to it.
type upgraded struct {
	net.Conn
	m      *recordedMessage
	asked  bytes.Buffer
	answer *strings.Reader
}

func (u *upgraded) Write(b []byte) (int, error) {
	if u.answer != nil {
		return u.Conn.Write(b)
	}
	u.asked.Write(b)
	if !bytes.HasSuffix(u.asked.Bytes(), []byte("\r\n\r\n")) {
		return len(b), nil
	}
	req, err := http.ReadRequest(bufio.NewReader(&u.asked))
	if err != nil {
		return 0, err
	}
	text := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
	for _, h := range u.m.Headers {
		if h[0] == "Sec-WebSocket-Extensions" {
			text += h[0] + ": " + h[1] + "\r\n"
		}
	}
	text += "Sec-WebSocket-Accept: " + acceptKey(req.Header.Get("Sec-WebSocket-Key")) + "\r\n\r\n"
	u.answer = strings.NewReader(text)
	return len(b), nil
}

func (u *upgraded) Read(b []byte) (int, error) {
	if u.answer != nil && u.answer.Len() > 0 {
		return u.answer.Read(b)
	}
	return u.Conn.Read(b)
}

func (p *player) send(m *recordedMessage) {
	c := p.conns[m.Conn]
	data := m.payload(p.t)
	kind := websocket.TextMessage
	if m.Op == "binary" {
		kind = websocket.BinaryMessage
		if len(data) >= 24 {
			if id, ok := c.ids[binary.LittleEndian.Uint64(data[8:])]; ok {
				binary.LittleEndian.PutUint64(data[8:], id)
			}
		}
	}
	if c.unmasked && string(data) == "{}" {
		if _, err := c.raw.Write([]byte{0x81, 2, '{', '}'}); err != nil {
			p.t.Fatal(err)
		}
		return
	}
	if err := c.ws.WriteMessage(kind, data); err != nil {
		p.t.Fatal(err)
	}
	if m := unanswered.FindSubmatch(data); m != nil {
		id, err := strconv.ParseUint(string(m[2]), 10, 64)
		if err != nil {
			p.t.Fatal(err)
		}
		p.awaitEnd(string(m[1]), id)
	}
}

// awaitEnd waits for what the client waited for by the clock: that a result or a
// statement is gone, of which there is no reply.
func (p *player) awaitEnd(action string, id uint64) {
	waitFor(p.t, action, func() bool {
		gone := true
		p.srv.eachSocket(func(k *socket) {
			if action == "close" {
				gone = gone && k.stmts[id] == nil
			} else {
				gone = gone && k.results[id] == nil
			}
		})
		return gone
	})
}

func (p *player) control(m *recordedMessage, kind int) {
	if err := p.conns[m.Conn].ws.WriteControl(kind, m.payload(p.t), time.Now().Add(time.Second)); err != nil {
		p.t.Fatal(err)
	}
}

// receive returns the next message of a connection.
func (c *playedConn) receive() played {
	_ = c.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	kind, data, err := c.ws.ReadMessage()
	return played{kind, data, err}
}

// reqIDOf returns the request id in a reply, and whether it has one: replies to
// fetch_block do not.
func reqIDOf(binaryMessage bool, data []byte) (uint64, bool) {
	if !binaryMessage {
		m := reqIDMember.FindSubmatch(data)
		if m == nil {
			return 0, false
		}
		id, err := strconv.ParseUint(string(m[1]), 10, 64)
		return id, err == nil
	}
	if len(data) >= 34 && binary.LittleEndian.Uint64(data) == 1<<64-1 {
		return binary.LittleEndian.Uint64(data[26:]), true
	}
	return 0, false
}

// expect takes the reply with the request id of a recorded one, in whatever
// order replies come, and compares it.
func (p *player) expect(m *recordedMessage) {
	c := p.conns[m.Conn]
	want := m.payload(p.t)
	isBinary := m.Op == "binary"
	id, has := reqIDOf(isBinary, want)
	for i := 0; ; i++ {
		if i == len(c.pool) {
			got := c.receive()
			if got.err != nil {
				p.t.Fatalf("conn %d: %v, want %s", m.Conn, got.err, show200(want))
			}
			c.pool = append(c.pool, got)
		}
		got := c.pool[i]
		gotID, gotHas := reqIDOf(got.kind == websocket.BinaryMessage, got.data)
		if gotHas != has || gotID != id {
			continue
		}
		c.pool = append(c.pool[:i:i], c.pool[i+1:]...)
		if isBinary != (got.kind == websocket.BinaryMessage) {
			p.t.Errorf("got %s, want %s", show200(got.data), show200(want))
		}
		p.match(c, isBinary, got.data, want)
		return
	}
}

var (
	vgroupMember = regexp.MustCompile(`"vgroup_id":([1-9]\d*)`)
	offsetMember = regexp.MustCompile(`"offset":\d+`)
)

// places makes replies equal that differ in the numbers of vgroups, and in offsets,
// which on the real server count more than what clients write.
func (p *player) places(isBinary bool, got, want []byte) (_, _ []byte) {
	if isBinary {
		for _, data := range [][]byte{got, want} {
			at := 38 // of fetch_raw
			if binary.LittleEndian.Uint64(data) == 1<<64-1 {
				at = 56 + int(binary.LittleEndian.Uint32(data[38:]))
			}
			if len(data) > at+23 && data[at] == 100 {
				clear(data[at+6 : at+14])
				clear(data[at+15 : at+23])
			}
		}
		return got, want
	}
	ours, recorded := vgroupMember.FindSubmatch(got), vgroupMember.FindSubmatch(want)
	if ours != nil && recorded != nil {
		number, known := p.vgroups[string(recorded[1])]
		if !known {
			number = string(ours[1])
			p.vgroups[string(recorded[1])] = number
		}
		want = bytes.Replace(want, recorded[0], []byte(`"vgroup_id":`+number), 1)
	}
	return offsetMember.ReplaceAll(got, []byte(`"offset":0`)), offsetMember.ReplaceAll(want, []byte(`"offset":0`))
}

func (p *player) match(c *playedConn, isBinary bool, got, want []byte) {
	if strings.Contains(c.request.URL.Path, "tmq") {
		got, want = p.places(isBinary, got, want)
	}
	if !isBinary {
		a, b := timing.ReplaceAllString(string(got), `"timing":0`), timing.ReplaceAllString(string(want), `"timing":0`)
		// Results that are made at the same time get their ids in any order.
		ours, recorded := idMember.FindStringSubmatch(a), idMember.FindStringSubmatch(b)
		if ours != nil && recorded != nil && ours[1] != recorded[1] {
			from, _ := strconv.ParseUint(recorded[1], 10, 64)
			to, _ := strconv.ParseUint(ours[1], 10, 64)
			c.ids[from] = to
			b = strings.Replace(b, recorded[0], ours[0], 1)
		}
		p.compare("reply", a, b)
		return
	}
	for _, data := range [][]byte{got, want} {
		switch {
		case len(data) >= 51 && binary.LittleEndian.Uint64(data) == 1<<64-1:
			clear(data[18:26])
			at := 42 + int(binary.LittleEndian.Uint32(data[38:]))
			if id, ok := c.ids[binary.LittleEndian.Uint64(data[at:])]; ok && &data[0] == &want[0] {
				binary.LittleEndian.PutUint64(data[at:], id)
			}
		case len(data) >= 16:
			clear(data[:8])
		}
	}
	id, _ := reqIDOf(true, want)
	if text := fmt.Sprintf("binary reply to %d", id); p.skips[text] != "" {
		p.used[text] = !bytes.Equal(got, want)
		return
	}
	if !bytes.Equal(got, want) {
		p.t.Errorf("binary reply differs from byte %d\n got %x\nwant %x", firstDifference(got, want), clip(got), clip(want))
	}
}

// compare compares texts, unless a known deviation explains the difference.
func (p *player) compare(what, got, want string) {
	p.t.Helper()
	for text := range p.skips {
		if strings.Contains(want, text) {
			p.used[text] = got != want
			return
		}
	}
	if got != want {
		p.t.Errorf("%s\n got %s\nwant %s", what, clip(got), clip(want))
	}
}

// expectClose takes the close frame that answers a broken protocol.
func (p *player) expectClose(m *recordedMessage) {
	data := m.payload(p.t)
	got := p.conns[m.Conn].receive()
	var end *websocket.CloseError
	if !errors.As(got.err, &end) || end.Code != int(binary.BigEndian.Uint16(data)) || end.Text != string(data[2:]) {
		p.t.Errorf("got %v, want close %x", got.err, data)
	}
}

func (p *player) expectEnd(m *recordedMessage) {
	c := p.conns[m.Conn]
	if c.ws == nil {
		_ = c.raw.Close()
		return
	}
	got := c.receive()
	var end *websocket.CloseError
	if errors.As(got.err, &end) && end.Code != websocket.CloseAbnormalClosure && !strings.Contains(end.Text, "MASK") {
		p.t.Errorf("the server sent close %d", end.Code)
	}
	if got.err == nil {
		p.t.Errorf("got %s, want the end of the connection", show200(got.data))
	}
	if errors.Is(got.err, os.ErrDeadlineExceeded) {
		p.t.Error("the connection did not end")
	}
}

func firstDifference(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return i
		}
	}
	return min(len(a), len(b))
}

func clip[T string | []byte](v T) T { return v[:min(len(v), 1500)] }

func show200(data []byte) string { return fmt.Sprintf("%.200q", data) }

// acceptKey answers a handshake (RFC 6455, section 4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
