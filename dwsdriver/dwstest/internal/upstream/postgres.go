package upstream

import (
	"bufio"
	"context"
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// Error is an error of the PostgreSQL that refused a session.
type Error struct{ Fields []message.Field }

func (e *Error) Error() string {
	for _, f := range e.Fields {
		if f.Code == 'M' {
			return "the PostgreSQL behind it says: " + f.Text
		}
	}
	return "the PostgreSQL behind it refuses"
}

// Parse reads a URL, postgres://user:password@host:port/database, or with the folder of
// a Unix socket postgres://user:password@/database?host=/run/postgresql&port=5432. TLS
// is not spoken: such a PostgreSQL belongs on the same machine.
func Parse(dsn string) (Config, error) {
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.User == nil {
		return Config{}, fmt.Errorf("the PostgreSQL must be given as postgres://user:password@host:port/database")
	}
	q := u.Query()
	if mode := q.Get("sslmode"); mode != "" && mode != "disable" {
		return Config{}, fmt.Errorf("TLS is not spoken to the PostgreSQL: sslmode must be disable")
	}
	c := Config{Network: "tcp", User: u.User.Username(), Database: strings.TrimPrefix(u.Path, "/")}
	c.Password, _ = u.User.Password()
	host, port := u.Hostname(), u.Port()
	if folder := q.Get("host"); host == "" {
		host, port = folder, q.Get("port")
	}
	if port == "" {
		port = "5432"
	}
	switch {
	case host == "":
		return Config{}, fmt.Errorf("the PostgreSQL has no host")
	case strings.HasPrefix(host, "/"):
		c.Network, c.Addr = "unix", host+"/.s.PGSQL."+port
	default:
		c.Addr = net.JoinHostPort(host, port)
	}
	return c, nil
}

// Open logs in to a PostgreSQL. An error of its own is an *Error.
func (c Config) Open(ctx context.Context, want Request) (*Session, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var d net.Dialer
	nc, err := d.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = nc.SetDeadline(time.Unix(1, 0)) })
	s, err := c.login(nc, want)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return s, nil
}

const version3 = 3 << 16

func (c Config) login(nc net.Conn, want Request) (*Session, error) {
	database := want.Database
	if database == "" {
		database = c.Database
	}
	body := message.Uint32(version3)
	for _, p := range append([]Parameter{{"user", c.User}, {"database", database}}, want.Parameters...) {
		body = append(append(append(append(body, p.Name...), 0), p.Value...), 0)
	}
	if _, err := nc.Write(message.Append(nil, 0, body, []byte{0})); err != nil {
		return nil, err
	}
	s := &Session{Conn: nc, R: bufio.NewReaderSize(nc, 64<<10)}
	var proof *scram
	for {
		m, err := message.Read(s.R)
		if err != nil {
			return nil, err
		}
		p := message.Parser{Body: m.Body}
		switch m.Type {
		case 'R':
			reply, err := c.answer(&p, &proof)
			if err != nil {
				return nil, err
			}
			if reply != nil {
				if _, err := nc.Write(message.Append(nil, 'p', reply)); err != nil {
					return nil, err
				}
			}
		case 'S':
			s.Parameters = append(s.Parameters, Parameter{p.Text(), p.Text()})
		case 'K':
			pid, secret := uint32(p.Int32()), uint32(p.Int32())
			s.Cancel = func() { c.cancel(pid, secret) }
		case 'E':
			fields, err := message.Fields(m.Body)
			if err != nil {
				return nil, err
			}
			return nil, &Error{fields}
		case 'Z':
			return s, nil
		}
	}
}

// answer is what the password message to a request for authentication holds; nil
// if none is wanted.
func (c Config) answer(p *message.Parser, proof **scram) ([]byte, error) {
	switch code := p.Int32(); code {
	case 0:
		return nil, nil
	case 3:
		return message.Text(c.Password), nil
	case 5:
		inner := md5.Sum([]byte(c.Password + c.User))
		outer := md5.Sum(append([]byte(hex.EncodeToString(inner[:])), p.Bytes(4)...))
		return message.Text("md5" + hex.EncodeToString(outer[:])), p.Err
	case 10:
		*proof = newScram(c.Password)
		first := (*proof).first()
		return append(append(message.Text("SCRAM-SHA-256"), message.Uint32(uint32(len(first)))...), first...), nil
	case 11:
		return (*proof).final(string(p.Body))
	case 12:
		return nil, (*proof).verify(string(p.Body))
	default:
		return nil, fmt.Errorf("the PostgreSQL asks for authentication method %d", code)
	}
}

// cancel sends a CancelRequest. The server closes the connection when it has
// done its part.
func (c Config) cancel(pid, secret uint32) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var d net.Dialer
	nc, err := d.DialContext(ctx, c.Network, c.Addr)
	if err != nil {
		return
	}
	defer nc.Close()
	_ = nc.SetDeadline(time.Now().Add(patience))
	body := binary.BigEndian.AppendUint32(message.Uint32(message.CodeCancel), pid)
	if _, err := nc.Write(message.Append(nil, 0, body, message.Uint32(secret))); err == nil {
		_, _ = nc.Read(make([]byte, 1))
	}
}
