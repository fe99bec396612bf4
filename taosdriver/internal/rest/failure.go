package rest

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// failed turns what ended an exchange into the error that the caller gets. sent
// says that the request, or a part of it, may have reached the server.
func (x *exchange) failed(ctx context.Context, err error, sent bool) error {
	c, o := x.conn, x.conn.origin
	if ctx.Err() != nil {
		x.abandon(sent)
		return o.Canceled(ctx, x.op, x.requestID, sent)
	}
	var server *ServerError
	var refused *refusal
	var body *BodyError
	switch {
	case errors.As(err, &server):
		return x.server(server)
	case errors.As(err, &refused):
		return x.refused(refused)
	case errors.As(err, &body):
		c.broken.Store(true)
		return x.malformed(body)
	}
	c.broken.Store(true)
	message, hint, kind := explain(err)
	e := o.Error(kind, x.op, x.requestID, message, err)
	e.Hint = hint
	if !sent {
		return transport.NotSent(e)
	}
	e.OutcomeUnknown = true
	if kind == driver.ErrTimeout {
		x.abandon(sent)
	} else if message == "" {
		e.Message = "connection lost before the reply was complete"
	}
	return e
}

// abandon tells that nobody waits for the request any more.
func (x *exchange) abandon(sent bool) {
	if f := x.conn.settings.Abandoned; f != nil && sent {
		// HTTP has no late replies: it stays unknown when the request ends.
		f(transport.Abandoned{Host: x.conn.origin.Host, RequestID: x.requestID, Ended: make(chan struct{})})
	}
}

// server is the error that the server reported in an orderly reply.
func (x *exchange) server(err *ServerError) error {
	o := x.conn.origin
	if err.Code == 0 {
		return o.Error(driver.ErrServer, x.op, x.requestID, err.Message, nil)
	}
	e := o.Server(x.op, x.requestID, err.Code, err.Message)
	if transport.NotExecuted(err.Code, err.Message) {
		x.conn.broken.Store(true)
		return transport.NotSent(e)
	}
	return e
}

// malformed is the error of a body that cannot be read.
func (x *exchange) malformed(err *BodyError) error {
	o := x.conn.origin
	e := o.Error(driver.ErrInternal, x.op, x.requestID, "the reply cannot be read", err)
	e.OutcomeUnknown = true
	switch {
	case errors.Is(err, ErrEmpty):
		e.Kind = driver.ErrResult
		e.Message, e.Err = "the reply is empty", err
		e.Hint = "taosAdapter up to 3.3.7 sends that for a FLOAT or DOUBLE that is infinite or not a number; over WebSocket it can be read"
	case errors.Is(err, ErrTruncated):
		return o.Lost(x.op, x.requestID, err)
	}
	return e
}

// explain says what a failed dial, handshake or exchange of bytes means.
func explain(err error) (message, hint string, kind error) {
	var plain tls.RecordHeaderError
	var handshake *handshakeError
	switch {
	case errors.Is(err, errReadTimeout), errors.Is(err, errWriteTimeout):
		return "", "", driver.ErrTimeout
	case errors.As(err, &plain):
		return "the server does not speak TLS", "use taos+http, or the port of https", driver.ErrConnection
	case errors.As(err, &handshake):
		return "", "", driver.ErrConnection
	case strings.Contains(err.Error(), "malformed HTTP"): // net/http has no other sign
		return "the server does not speak HTTP", "is it taosAdapter's port (6041), and does it want TLS (taos+https)?", driver.ErrConnection
	}
	return "", "", driver.ErrConnection
}

// maxRefusal is how much is read of a refusal's text.
const maxRefusal = 16 << 10

// refusal is a reply whose status is not 200.
type refusal struct {
	status   int
	location string // of a redirect, scheme and host alone
	code     int    // the server's, 0 for none
	message  string
}

func (r *refusal) Error() string {
	return fmt.Sprintf("HTTP status %d %s: %s", r.status, http.StatusText(r.status), r.message)
}

// readRefusal reads what such a reply says: {"code","desc"}, a JSON string, or
// text.
func readRefusal(response *http.Response) *refusal {
	r := &refusal{status: response.StatusCode}
	if u, err := response.Location(); err == nil {
		r.location = (&url.URL{Scheme: u.Scheme, Host: u.Host}).String()
	}
	text, _ := io.ReadAll(io.LimitReader(response.Body, maxRefusal)) // what arrived will do
	var object struct {
		Code int    `json:"code"`
		Desc string `json:"desc"`
	}
	switch {
	case json.Unmarshal(text, &object) == nil:
		r.code, r.message = object.Code&0xffff, object.Desc
	case json.Unmarshal(text, &r.message) == nil:
	default:
		line, _, _ := strings.Cut(strings.TrimSpace(string(text)), "\n")
		if strings.HasPrefix(line, "<") {
			line = "a web page"
		}
		r.message = strings.ToValidUTF8(line[:min(len(line), 200)], "")
	}
	return r
}

// refused is the error of such a reply. Most of them mean that the statement was
// not looked at; a gateway's tell nothing of that.
func (x *exchange) refused(r *refusal) error {
	o := x.conn.origin
	e := o.Error(driver.ErrServer, x.op, x.requestID, r.message, nil)
	if r.code != 0 {
		e = o.Server(x.op, x.requestID, r.code, r.message)
	}
	e.Message = strings.TrimSuffix(fmt.Sprintf("HTTP status %d: %s", r.status, e.Message), ": ")
	switch {
	case r.status >= 300 && r.status < 400:
		e.Kind = driver.ErrConnection
		e.Hint = "redirects are not followed; the server at the address refers to " + r.location
	case r.status == http.StatusUnauthorized:
		e.Kind = driver.ErrAuthentication
	case r.status == http.StatusForbidden:
		e.Kind = driver.ErrPermission
		e.Hint = "the client's address is not in the user's whitelist, or the adapter rejects the statement"
	case r.status == http.StatusNotFound:
		e.Kind = driver.ErrConnection
		e.Hint = "there is no /rest/sql: is it taosAdapter's port (6041)?"
	case r.status == http.StatusBadRequest && strings.Contains(r.message, "HTTPS"):
		e.Kind = driver.ErrConnection
		e.Hint = "the server wants TLS: use taos+https"
	case r.status == http.StatusBadRequest && r.code == 0xffff:
		e.Kind = driver.ErrProgramming // a parameter of the request
	case r.status == http.StatusRequestEntityTooLarge:
		e.Kind = driver.ErrData
	case r.status == http.StatusServiceUnavailable:
		e.Hint = "the adapter is out of connections or memory, or stopping: try again later"
	case r.status == http.StatusGatewayTimeout:
		e.Kind, e.OutcomeUnknown = driver.ErrTimeout, true
	case r.status >= 500 && r.code == 0:
		e.OutcomeUnknown = true
	case r.status < 500 && r.code == 0:
		e.Kind = driver.ErrConnection
	}
	return e
}
