package ws

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// explain returns the error of a connection that did not come to a WebSocket.
// secure tells that TLS was wanted; response is what the server answered
// instead of an upgrade, or nil.
func explain(o transport.Origin, endpoint string, secure bool, response *http.Response, err error) *driver.Error {
	if response != nil {
		return refusal(o, endpoint, response)
	}
	e := o.Error(driver.ErrConnection, "connect", 0, "", err)
	var (
		record  tls.RecordHeaderError
		alert   tls.AlertError
		verify  *tls.CertificateVerificationError
		timeout net.Error
	)
	switch {
	case secure && errors.As(err, &record):
		e.Message = "the server does not speak TLS on this port"
		e.Hint = "use ws in place of wss, or the port for TLS"
	case errors.As(err, &verify):
		e.Message = "the server's certificate is not accepted"
		e.Hint = certificateHint(err)
	case secure && (errors.As(err, &alert) || strings.Contains(err.Error(), "remote error: tls:")):
		e.Message = "the server refused the TLS handshake"
		e.Hint = "does it want a client certificate (tls_cert, tls_key)?"
	case !secure && strings.Contains(err.Error(), `malformed HTTP response "\x15\x03`):
		e.Message, e.Err = "the server speaks TLS on this port", nil
		e.Hint = "use wss in place of ws"
	case strings.Contains(err.Error(), "malformed HTTP"):
		e.Message = "the server does not speak HTTP on this port"
		e.Hint = "taosAdapter listens on port 6041; 6030 is for native connections"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Message = "the server ended the connection during the handshake"
		e.Hint = "is this taosAdapter, and does it want TLS (wss)?"
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Kind, e.Message = driver.ErrTimeout, "no answer"
	}
	return e
}

func certificateHint(err error) string {
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.As(err, &unknown):
		return "tls_ca names the file of the authority that signed it"
	case errors.As(err, &name):
		return "tls_server_name is the name to expect"
	}
	return ""
}

// refusal explains an HTTP answer in place of an upgrade.
func refusal(o transport.Origin, endpoint string, r *http.Response) *driver.Error {
	e := o.Error(driver.ErrConnection, "connect", 0, "", nil)
	e.Message = fmt.Sprintf("the server answered %q to the WebSocket upgrade", r.Status)
	body, _ := io.ReadAll(io.LimitReader(r.Body, 1024))
	said := strings.TrimSpace(string(body))
	var structured struct {
		Code int    `json:"code"`
		Desc string `json:"desc"`
	}
	if json.Unmarshal(body, &structured) == nil && structured.Desc != "" {
		e.Code, said = structured.Code&0xffff, structured.Desc
	}
	if printable(said) && len(said) <= 200 && said != "" && !strings.HasPrefix(said, "<") {
		e.Message += ": " + said
	}
	switch {
	case strings.Contains(said, "HTTP request to an HTTPS server"):
		e.Message, e.Hint = "the server speaks TLS on this port", "use wss in place of ws"
	case r.StatusCode == http.StatusUnauthorized:
		e.Kind = driver.ErrAuthentication
		e.Hint = "is the token right?"
	case r.StatusCode == http.StatusForbidden:
		e.Kind = driver.ErrPermission
		e.Hint = "is this client's address on the server's whitelist?"
	case r.StatusCode == http.StatusNotFound:
		e.Kind = driver.ErrInterface
		e.Hint = "there is no " + endpoint + ": is this taosAdapter 3.3.2 or newer, and the port right?"
	case r.StatusCode == http.StatusBadRequest, r.StatusCode == http.StatusMethodNotAllowed,
		r.StatusCode == http.StatusUpgradeRequired, r.StatusCode == http.StatusOK:
		e.Hint = "is this taosAdapter, and does every proxy on the way pass WebSocket upgrades?"
	case r.StatusCode >= 300 && r.StatusCode < 400:
		e.Hint = "a redirection is not followed; name the place itself"
	case r.StatusCode == http.StatusTooManyRequests, r.StatusCode >= 500:
		e.Kind = driver.ErrServer
	}
	return e
}

func printable(s string) bool {
	for _, r := range s {
		if r < ' ' && r != '\t' && r != '\n' || r == 0xfffd {
			return false
		}
	}
	return true
}
