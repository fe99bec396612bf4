package dwstest_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
)

// The protocol versions.
const (
	v30  = 3 << 16
	v350 = 3<<16 | 50
	v351 = 3<<16 | 51
)

// client speaks the protocol by hand.
type client struct {
	t           testing.TB
	nc          net.Conn
	r           *bufio.Reader
	parameters  map[string]string
	pid, secret uint32
}

func dial(t testing.TB, s *dwstest.Server) *client {
	t.Helper()
	nc, err := net.Dial("tcp", s.Addr())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { nc.Close() })
	_ = nc.SetDeadline(time.Now().Add(20 * time.Second))
	return &client{t: t, nc: nc, r: bufio.NewReader(nc), parameters: map[string]string{}}
}

func (c *client) send(typ byte, parts ...[]byte) {
	c.t.Helper()
	if _, err := c.nc.Write(message.Append(nil, typ, parts...)); err != nil {
		c.t.Logf("write: %v", err)
	}
}

// startup sends the first message.
func (c *client) startup(version uint32, parameters ...string) {
	c.t.Helper()
	body := message.Uint32(version)
	for _, p := range parameters {
		body = append(append(body, p...), 0)
	}
	c.send(0, body, []byte{0})
}

// login logs in and returns the SQLSTATE of a refusal, "" if there is none.
func (c *client) login(version uint32, user, password, database string) string {
	c.t.Helper()
	c.startup(version, "user", user, "database", database)
	for {
		m, err := message.Read(c.r)
		if err != nil {
			c.t.Fatalf("login: %v", err)
		}
		p := message.Parser{Body: m.Body}
		switch m.Type {
		case 'R':
			c.answer(m.Body, user, password)
		case 'S':
			name := p.Text()
			c.parameters[name] = p.Text()
		case 'K':
			c.pid, c.secret = uint32(p.Int32()), uint32(p.Int32())
		case 'E':
			return state(c.t, m.Body)
		case 'Z':
			return ""
		}
	}
}

func (c *client) answer(body []byte, user, password string) {
	c.t.Helper()
	switch code := binary.BigEndian.Uint32(body); code {
	case 0:
	case 3:
		c.send('p', message.Text(password))
	case 5, 10, 11:
		r, err := gaussauth.Parse(body)
		if err != nil {
			c.t.Fatal(err)
		}
		answer, err := r.Answer(nil, user, password)
		if err != nil {
			answer = "refused"
		}
		c.send('p', message.Text(answer))
	default:
		c.send('p', message.Text("what?"))
	}
}

func state(t testing.TB, body []byte) string {
	t.Helper()
	fields, err := message.Fields(body)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[byte]string{}
	for _, f := range fields {
		seen[f.Code] = f.Text
		if strings.ContainsRune("Vstn", rune(f.Code)) {
			t.Errorf("the error has PostgreSQL's field %c", f.Code)
		}
	}
	if seen['c'] == "" || seen['d'] == "" {
		t.Errorf("the error has not GaussDB's fields: %v", fields)
	}
	return seen['C']
}

// connect logs in as the server's user.
func connect(t testing.TB, s *dwstest.Server) *client {
	t.Helper()
	c := dial(t, s)
	user, password := s.User()
	if got := c.login(v351, user, password, "gaussdb"); got != "" {
		t.Fatalf("login is refused with %s", got)
	}
	return c
}

// reply reads messages up to ReadyForQuery and shows them, a word each: types, texts of
// rows, tags and SQLSTATEs.
func (c *client) reply(wait time.Duration) (string, error) {
	_ = c.nc.SetDeadline(time.Now().Add(wait))
	var words []string
	for {
		m, err := message.Read(c.r)
		if err != nil {
			return strings.Join(words, " "), err
		}
		p := message.Parser{Body: m.Body}
		switch m.Type {
		case 'E', 'N':
			words = append(words, string(m.Type)+state(c.t, m.Body))
		case 'C':
			words = append(words, strings.ReplaceAll(p.Text(), " ", "_"))
		case 'D':
			var cells []string
			for range p.Int16() {
				n := p.Int32()
				if n < 0 {
					cells = append(cells, "NULL")
					continue
				}
				cells = append(cells, string(p.Bytes(n)))
			}
			words = append(words, "("+strings.Join(cells, ",")+")")
		case 'Z':
			return strings.Join(append(words, "Z"+string(m.Body)), " "), nil
		case 'S':
			words = append(words, p.Text()+"="+p.Text())
		case 'd':
			words = append(words, fmt.Sprintf("%q", m.Body))
		default:
			words = append(words, string(m.Type))
		}
		if p.Err != nil {
			words = append(words, "?")
		}
	}
}

func (c *client) query(text string) string {
	c.t.Helper()
	c.send('Q', message.Text(text))
	got, err := c.reply(10 * time.Second)
	if err != nil {
		c.t.Fatalf("%s: %v after %q", text, err, got)
	}
	return got
}

func (c *client) want(text, want string) {
	c.t.Helper()
	if got := c.query(text); got != want {
		c.t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
	}
}

// extended is a statement with parameters, in one batch.
func extended(text string, params ...string) []byte {
	bind := []byte{0, 0, 0, 0, 0, byte(len(params))}
	for _, p := range params {
		bind = append(append(bind, message.Uint32(uint32(len(p)))...), p...)
	}
	out := message.Append(nil, 'P', []byte{0}, message.Text(text), []byte{0, 0})
	out = message.Append(out, 'B', bind, []byte{0, 0})
	out = message.Append(out, 'D', []byte("P\x00"))
	return message.Append(out, 'E', []byte{0, 0, 0, 0, 0})
}
