package dwstest

import (
	"bufio"
	"crypto/rand"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/upstream"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
)

const (
	wrongPassword = "Invalid username/password,login denied."
	lockedAccount = "The account has been locked."
)

// authenticationTimeout is how long a client may take to log in: the server's default
// is a minute.
const authenticationTimeout = time.Minute

// errOver ends a connection without a word.
var errOver = errors.New("dwstest: over")

// login serves a connection until a session is open behind it. A refusal is sent to
// the client, every other error ends the connection silently.
func (c *conn) login() (*upstream.Session, error) {
	_ = c.nc.SetDeadline(time.Now().Add(authenticationTimeout))
	protocol, params, err := c.startup()
	if err != nil {
		return nil, err
	}
	c.life.srv.cluster.record.count(c.life.srv.index, func(t *tally) { t.logins++ })
	want := upstream.Request{PID: c.pid}
	for _, p := range params {
		switch p.Name {
		case "user":
			c.user = p.Value
		case "database":
			c.database = p.Value
		case "replication":
		default:
			want.Parameters = append(want.Parameters, p)
		}
	}
	if c.user == "" {
		return nil, &refusal{state: "28000", text: "no PostgreSQL user name specified in startup packet", fatal: true}
	}
	if c.database == "" {
		c.database = c.user
	}
	want.Database = c.database
	if _, plain := c.nc.(*tls.Conn); c.life.srv.cluster.options.requireTLS && !plain {
		return nil, &refusal{state: "28000", text: fmt.Sprintf(`no pg_hba.conf entry for host "127.0.0.1", user %q, database %q, SSL off`, c.user, c.database), fatal: true}
	}
	if err := c.exchange(nil, "", "startup").meet(); err != nil {
		return nil, err
	}
	if err := c.authenticate(protocol); err != nil {
		return nil, err
	}
	c.write(message.Append(nil, 'R', message.Uint32(0)), false)
	s, err := c.begin(want)
	if err != nil {
		return nil, err
	}
	c.greet(s)
	_ = c.nc.SetDeadline(time.Time{})
	return s, nil
}

// startup reads first messages until one asks for a session.
func (c *conn) startup() (protocol int, params []upstream.Parameter, err error) {
	cluster := c.life.srv.cluster
	for {
		code, body, err := message.ReadStartup(c.r)
		if err != nil {
			return 0, nil, err
		}
		switch code {
		case message.CodeTLS:
			if cluster.tls == nil {
				c.write([]byte{'N'}, true)
				continue
			}
			c.write([]byte{'S'}, true)
			if c.r.Buffered() > 0 {
				return 0, nil, errOver // sent before TLS: somebody in between
			}
			secure := tls.Server(c.nc, cluster.tls)
			if err := secure.HandshakeContext(c.life.Context); err != nil {
				return 0, nil, err
			}
			c.secure(secure)
			continue
		case message.CodeGSS:
			c.write([]byte{'N'}, true)
			continue
		case message.CodeCancel, message.CodeStop:
			c.cancelOther(body)
			return 0, nil, errOver
		}
		major, minor := int(code>>16), int(code&0xffff)
		if major != 3 || minor != 0 && minor != 50 && minor != 51 {
			return 0, nil, &refusal{state: "0A000", text: fmt.Sprintf("unsupported frontend protocol %d.%d: server supports 1.0 to 3.51", major, minor), fatal: true}
		}
		p := message.Parser{Body: body}
		for len(p.Body) > 1 {
			params = append(params, upstream.Parameter{Name: p.Text(), Value: p.Text()})
		}
		if p.Err != nil || len(p.Body) != 1 || p.Body[0] != 0 {
			return 0, nil, &refusal{state: "08P01", text: "invalid startup packet layout: expected terminator as last byte", fatal: true}
		}
		return 300 + minor, params, nil
	}
}

// secure goes on over TLS.
func (c *conn) secure(secure *tls.Conn) {
	c.writing.Lock()
	defer c.writing.Unlock()
	c.nc = secure
	c.r.Reset(secure)
	c.w = bufio.NewWriterSize(secure, bufferSize)
}

// cancelOther serves a request to cancel, which has a connection of its own.
func (c *conn) cancelOther(body []byte) {
	srv := c.life.srv
	srv.cluster.record.count(srv.index, func(t *tally) { t.cancels++ })
	if c.exchange(nil, "", "cancel").meet() != nil || len(body) != 8 {
		return
	}
	if other := c.life.session(binary.BigEndian.Uint32(body), binary.BigEndian.Uint32(body[4:])); other != nil {
		other.cancel()
	}
}

// authenticate asks for the password and checks it.
func (c *conn) authenticate(protocol int) error {
	o, accounts := c.life.srv.cluster.options, c.life.srv.cluster.accounts
	keys, locked := accounts.keys(c.user)
	denied := &refusal{state: "28P01", text: wrongPassword, fatal: true}
	ask, method := c.question(keys, protocol)
	answer := ""
	if ask != nil {
		c.write(message.Append(nil, 'R', ask), true)
		m, err := message.Read(c.r)
		if err != nil {
			return err
		}
		if m.Type != 'p' {
			return &refusal{state: "08P01", text: fmt.Sprintf("expected password response, got message type %d", m.Type), fatal: true}
		}
		answer = strings.TrimSuffix(string(m.Body), "\x00")
	}
	if err := c.exchange(nil, "", "login").meet(); err != nil {
		return err
	}
	if locked {
		return &refusal{state: "28000", text: lockedAccount, fatal: true}
	}
	ok := false
	switch o.auth {
	case AuthTrust:
		ok = true
	case AuthCleartext:
		now := gaussauth.NewKeys(c.user, answer, keys.Salt, keys.Iterations)
		ok = now.Stored == keys.Stored || keys.MD5 != "" && now.MD5 == keys.MD5
	case AuthSM3, AuthIAM, AuthUnknown:
	default:
		request, err := gaussauth.Parse(ask)
		if err != nil {
			return err
		}
		request.Method, request.Iterations = method, keys.Iterations
		ok = keys.Verify(request, answer)
	}
	accounts.tried(c.user, ok)
	if !ok {
		return denied
	}
	return nil
}

// question is the body of the request for authentication, nil if there is none.
func (c *conn) question(keys gaussauth.Keys, protocol int) ([]byte, gaussauth.Method) {
	o := c.life.srv.cluster.options
	var challenge [4]byte
	_, _ = rand.Read(challenge[:])
	method := gaussauth.SHA256
	switch o.auth {
	case AuthTrust:
		return nil, 0
	case AuthCleartext:
		return message.Uint32(3), 0
	case AuthIAM:
		return message.Uint32(14), 0
	case AuthUnknown:
		return message.Uint32(99), 0
	case AuthSM3:
		body := keys.Request(gaussauth.SHA256, protocol, challenge).Append(nil)
		binary.BigEndian.PutUint32(body, gaussauth.CodeSM3)
		binary.BigEndian.PutUint32(body[4:], 3)
		return body, 0
	case AuthMD5:
		method = gaussauth.MD5
	case AuthSHA256MD5:
		method = gaussauth.SHA256MD5
	case AuthMD5SHA256:
		method = gaussauth.MD5SHA256
	case AuthSHA256:
	default:
		if o.storage == StoreMD5 || o.storage == StoreBoth && protocol < 350 {
			method = gaussauth.MD5
		}
	}
	if protocol == 300 {
		protocol = 30
	}
	return keys.Request(method, protocol, challenge).Append(nil), method
}

// foreign are parameters of sessions that PostgreSQL does not have.
var foreign = map[string]bool{"connection_info": true, "session_timeout": true, "behavior_compat_options": true, "query_dop": true}

// begin makes the session behind the connection.
func (c *conn) begin(want upstream.Request) (*upstream.Session, error) {
	// What the server's version had as its default, unless the client asks otherwise.
	params := []upstream.Parameter{{Name: "extra_float_digits", Value: "0"}}
	for _, p := range want.Parameters {
		switch {
		case strings.EqualFold(p.Name, "default_transaction_read_only"):
			return nil, &refusal{state: "55P02", text: `parameter "default_transaction_read_only" cannot be changed in a session`, fatal: true}
		case p.Name == "extra_float_digits":
			params[0] = p
		case !foreign[strings.ToLower(p.Name)]:
			params = append(params, p)
		}
	}
	want.Parameters = params
	s, err := c.life.srv.cluster.open(c.life.Context, want)
	var foreignErr *upstream.Error
	switch {
	case errors.As(err, &foreignErr):
		c.write(message.AppendFields(nil, 'E', gaussFields(foreignErr.Fields)...), true)
		return nil, errOver
	case err != nil:
		return nil, &refusal{state: "08006", text: "the server behind this one cannot be reached: " + err.Error(), fatal: true}
	}
	return s, nil
}

// greet tells the parameters and the session's number.
func (c *conn) greet(s *upstream.Session) {
	var secret [4]byte
	_, _ = rand.Read(secret[:])
	c.secret = binary.BigEndian.Uint32(secret[:])
	c.life.loggedIn(c)
	var out []byte
	for _, p := range append(s.Parameters, upstream.Parameter{Name: "is_sysadmin", Value: "on"}) {
		switch {
		case p.Name == "server_version":
			p.Value = kernelVersion
		case p.Name == "session_authorization":
			p.Value = c.user
		case hidden[p.Name]:
			continue
		}
		out = message.Append(out, 'S', message.Text(p.Name), message.Text(p.Value))
	}
	out = message.Append(out, 'K', message.Uint32(c.pid), message.Uint32(c.secret))
	c.write(message.Append(out, 'Z', []byte{'I'}), true)
}

// hidden are parameters that PostgreSQL reports and GaussDB does not.
var hidden = map[string]bool{"in_hot_standby": true, "default_transaction_read_only": true, "is_superuser": true}
