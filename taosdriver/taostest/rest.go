package taostest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// What REST answers to a request that it cannot use. The HTTP status is 400.
var (
	errNoBody = &codeError{0x1106, "request is empty"}
	errNoSQL  = &codeError{0x1107, "no sql input"}
)

// restParams are what the query string asks for.
type restParams struct {
	reqID    int64
	zone     *time.Location // of the session
	output   *time.Location // of timestamps in the body
	withMeta bool           // rows are objects
	timing   bool
	app, ip  string
}

func parseRestParams(r *http.Request) (p restParams, err error) {
	query := r.URL.Query()
	p.zone, p.output = time.UTC, time.UTC
	if text := query.Get("req_id"); text != "" {
		if p.reqID, err = strconv.ParseInt(text, 10, 64); err != nil {
			return p, fmt.Errorf("illegal param, req_id must be numeric %w", err)
		}
	}
	switch {
	case query.Has("conn_tz"):
		if p.zone, err = time.LoadLocation(query.Get("conn_tz")); err != nil {
			return p, err
		}
		p.output = p.zone
	case query.Has("tz"):
		if p.output, err = time.LoadLocation(query.Get("tz")); err != nil {
			return p, err
		}
	}
	if text := query.Get("row_with_meta"); text != "" {
		if p.withMeta, err = strconv.ParseBool(text); err != nil {
			return p, fmt.Errorf("illegal param, row_with_meta must be boolean %w", err)
		}
	}
	p.timing = query.Get("timing") == "true"
	p.app, p.ip = query.Get("app"), query.Get("ip")
	return p, nil
}

// restReply is one answer over HTTP. Without faults a body is streamed; with
// faults it is collected first.
type restReply struct {
	w     http.ResponseWriter
	r     *http.Request
	x     *exchange
	began time.Time

	gzip *gzip.Writer
	held *bytes.Buffer
}

func (l *life) newReply(w http.ResponseWriter, r *http.Request, names ...string) *restReply {
	return &restReply{w: w, r: r, x: &exchange{ctx: l.Context, names: names}, began: time.Now()}
}

// refuse answers with an error of the adapter's own.
func (p *restReply) refuse(status int, err error) {
	code, text := codeOf(err)
	p.whole(status, restErrorBody(code, text, p.began))
}

// fail answers with an error of the database. The status stays 200.
func (p *restReply) fail(err error) { p.refuse(http.StatusOK, err) }

// fault handles what a fault answered before the request was served.
func (p *restReply) fault(err error) {
	switch {
	case errors.Is(err, errHangUp):
		panic(http.ErrAbortHandler)
	case errors.Is(err, errSilent):
		p.stall()
	default:
		p.fail(err)
	}
}

// stall keeps the request open until the client or the server gives up.
func (p *restReply) stall() {
	select {
	case <-p.r.Context().Done():
	case <-p.x.ctx.Done():
	}
	panic(http.ErrAbortHandler)
}

// whole sends a body that is there already, with its length.
func (p *restReply) whole(status int, body []byte) {
	m := p.spoil(body)
	p.w.Header().Set("Content-Type", "application/json; charset=utf-8")
	p.w.WriteHeader(status)
	_, _ = p.w.Write(m.data)
	p.last(m)
}

// begin opens a body of unknown length. It is compressed if the client allows.
func (p *restReply) begin() io.Writer {
	if len(p.x.faults) > 0 {
		p.held = &bytes.Buffer{}
		return p.held
	}
	return p.open()
}

func (p *restReply) open() io.Writer {
	h := p.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	if !strings.Contains(p.r.Header.Get("Accept-Encoding"), "gzip") {
		return p.w
	}
	h.Set("Content-Encoding", "gzip")
	h.Set("Vary", "Accept-Encoding")
	p.gzip = gzip.NewWriter(p.w)
	return p.gzip
}

// flush sends what has been written so far.
func (p *restReply) flush() {
	if p.held != nil {
		return
	}
	if p.gzip != nil {
		_ = p.gzip.Flush()
	}
	_ = http.NewResponseController(p.w).Flush()
}

// end closes a body that begin opened.
func (p *restReply) end() {
	m := &message{}
	if p.held != nil {
		m = p.spoil(p.held.Bytes())
		p.held = nil
		_, _ = p.open().Write(m.data)
	}
	if p.gzip != nil {
		_ = p.gzip.Close()
	}
	p.flush()
	p.last(m)
}

// spoil runs the faults on a body and cuts it.
func (p *restReply) spoil(body []byte) *message {
	m := &message{data: body}
	p.x.spoil(m)
	if m.hangUp && m.lose {
		panic(http.ErrAbortHandler)
	}
	if m.lose {
		p.stall()
	}
	if m.half {
		m.data = m.data[:len(m.data)/2]
	}
	return m
}

// last ends the connection if a fault wants it, in the middle of the body.
func (p *restReply) last(m *message) {
	if m.half || m.hangUp {
		_ = http.NewResponseController(p.w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// readSQL reads the statement from the body.
func readSQL(r *http.Request) (string, error) {
	body := io.Reader(r.Body)
	if strings.Contains(r.Header.Get("Content-Encoding"), "gzip") {
		z, err := gzip.NewReader(r.Body)
		if err != nil {
			return "", err
		}
		body = z
	}
	data, err := io.ReadAll(io.LimitReader(body, 64<<20))
	switch text := strings.TrimSpace(string(data)); {
	case err != nil:
		return "", err
	case len(data) == 0:
		return "", errNoBody
	case text == "":
		return "", errNoSQL
	default:
		return text, nil
	}
}

// serveSQL serves POST /rest/sql and /rest/sql/{db}. What is wrong is looked for
// in the order of the real server: authorization, parameters, body.
func (l *life) serveSQL(w http.ResponseWriter, r *http.Request, db string) {
	p := l.newReply(w, r, "rest", "query", "login")
	o := l.srv.options
	user, password, sure, err := o.credentials(r)
	if errors.Is(err, errBadPassword) {
		p.fail(err)
		return
	}
	if err != nil {
		p.refuse(http.StatusUnauthorized, err)
		return
	}
	params, err := parseRestParams(r)
	if err != nil {
		p.refuse(http.StatusBadRequest, err)
		return
	}
	text, err := readSQL(r)
	if err != nil {
		p.refuse(http.StatusBadRequest, err)
		return
	}
	p.x.sql = text
	l.srv.options.log.Debug("request", "action", "rest", "request_id", params.reqID, "sql", text)
	l.srv.rules.arm(p.x)
	if err := p.x.meet(); err != nil {
		p.fault(err)
		return
	}
	if !sure {
		if err := o.authenticate(user, password); err != nil {
			p.fail(err)
			return
		}
	}
	number, _ := r.Context().Value(connKey{}).(int)
	s := &session{srv: l.srv, ctx: l.Context, user: user, number: number, zone: params.zone, app: params.app, ip: params.ip}
	if db != "" && s.checkDatabase(db) == nil {
		s.db = db // an unknown one is passed over
	}
	out, err := s.run(statement{sql: text, reqID: uint64(params.reqID), action: "rest", kill: p.x.kill})
	if err != nil {
		p.fail(err)
		return
	}
	if out.result != nil {
		defer out.result.free()
	}
	p.rows(out, params, o.blockRows)
}

// serveLogin serves GET /rest/login/{user}/{password}, which hands out a token
// for the Authorization header.
func (l *life) serveLogin(w http.ResponseWriter, r *http.Request, user, password string) {
	p := l.newReply(w, r, "rest_login", "login")
	l.srv.rules.arm(p.x)
	if err := p.x.meet(); err != nil {
		p.fault(err)
		return
	}
	token, err := encodeTaosd(user, password)
	if err != nil {
		p.refuse(http.StatusBadRequest, err)
		return
	}
	if l.srv.options.authenticate(user, password) != nil {
		p.refuse(http.StatusUnauthorized, &codeError{3, "Authentication failure"})
		return
	}
	p.whole(http.StatusOK, []byte(`{"code":0,"desc":"`+token+`"}`))
}
