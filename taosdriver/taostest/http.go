package taostest

import (
	"context"
	"encoding/json"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// route serves a request by its method and path, which are matched as they came:
// everything unknown is 404.
func (l *life) route(w http.ResponseWriter, r *http.Request) {
	path := strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/")
	for i, part := range path {
		if text, err := url.PathUnescape(part); err == nil {
			path[i] = text
		}
	}
	is := func(method string, parts ...string) bool {
		if r.Method != method || len(path) < len(parts) {
			return false
		}
		for i, part := range parts {
			if path[i] != part {
				return false
			}
		}
		return true
	}
	if !l.srv.options.admits(r) {
		http.Error(w, "invalid token", http.StatusUnauthorized)
		return
	}
	switch n := len(path); {
	case is("GET", "ws") && n == 1, is("GET", "rest", "ws") && n == 2:
		l.upgrade(w, r, wsActions, false)
	case is("GET", "rest", "tmq") && n == 2:
		l.upgrade(w, r, tmqActions, true)
	case is("GET", "-", "ping") && n == 2:
		w.WriteHeader(http.StatusOK)
	case r.Method == http.MethodOptions:
		w.WriteHeader(http.StatusNoContent)
	case is("POST", "rest", "sql", "") && n == 3:
		http.Redirect(w, r, "/rest/sql", http.StatusTemporaryRedirect)
	case is("POST", "rest", "sql") && n == 2:
		l.serveSQL(w, r, "")
	case is("POST", "rest", "sql") && n == 3:
		l.serveSQL(w, r, path[2])
	case is("GET", "rest", "login") && n == 4:
		l.serveLogin(w, r, path[2], path[3])
	default:
		w.Header().Set("Content-Type", "text/plain")
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, "404 page not found")
	}
}

// admits reports whether a request has the gateway's token, if there is one.
func (o *options) admits(r *http.Request) bool {
	return o.token == "" || r.URL.Query().Get("token") == o.token
}

// restError is the body of a REST error.
type restError struct {
	Code   int    `json:"code"`
	Desc   string `json:"desc"`
	Timing *int64 `json:"timing,omitempty"` // ns
}

// restErrorBody encodes an error. Its text is not escaped for HTML.
func restErrorBody(code int, text string, began time.Time) []byte {
	timing := int64(time.Since(began))
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(restError{code & 0xffff, text, &timing}) // a strings.Builder takes everything
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// newQuietLog hands what net/http has to say, about failed TLS handshakes for
// one, to the server's logger.
func newQuietLog(to *slog.Logger) *log.Logger {
	return log.New(logWriter{to}, "", 0)
}

type logWriter struct{ to *slog.Logger }

func (w logWriter) Write(p []byte) (int, error) {
	w.to.Log(context.Background(), slog.LevelDebug, strings.TrimSpace(string(p)))
	return len(p), nil
}
