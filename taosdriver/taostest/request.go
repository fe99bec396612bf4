package taostest

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// request is one message of a client and what its reply needs.
type request struct {
	exchange
	action string
	reqID  uint64
	began  time.Time
	stmtID *uint64 // shown in the errors of statement actions
	fetch  *uint64 // the result of a binary fetch, whose reply is binary
	// place is that of a poll in the line of polls, until it is taken.
	place chan bool
	// messageID is shown in the errors of actions on a message.
	messageID *uint64
}

// action is what the server does on one kind of message.
type action struct {
	words string // names it in "unmarshal %s request error"
	names []string
	early bool // needs no login
	// open reads the arguments and returns what is to be done. The reply's
	// members beside the common ones come from the returned value, nil for none.
	open func(*request, json.RawMessage) (func() (any, error), error)
}

// args is what a message's arguments can say about themselves.
type args interface{ tell(*request) }

// on makes an action of a function with typed arguments. names are what else
// the action is called in a fault's On.
func on[A any](words string, serve func(*request, A) (any, error), names ...string) action {
	return action{words: words, names: names, open: func(r *request, raw json.RawMessage) (func() (any, error), error) {
		var a A
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, err
		}
		if known, ok := any(a).(args); ok {
			known.tell(r)
		}
		return func() (any, error) { return serve(r, a) }, nil
	}}
}

// reqArgs are arguments of nothing but a request id.
type reqArgs struct {
	ReqID uint64 `json:"req_id"`
}

func (a reqArgs) tell(r *request) { r.reqID = a.ReqID }

// binaryReply is a reply that is not JSON.
type binaryReply []byte

// head is what every JSON reply begins with.
type head struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
	Action  string `json:"action"`
	ReqID   uint64 `json:"req_id"`
	Timing  int64  `json:"timing"` // ns
}

// serveText serves a text message. place is set for one that may be a poll.
func (s *socket) serveText(data []byte, place chan bool) {
	r := &request{exchange: exchange{ctx: s.ctx, sock: s}, began: time.Now(), place: place}
	defer func() {
		if r.place != nil {
			s.consumer.polls.giveUp(r.place)
		}
	}()
	var m struct {
		Action string          `json:"action"`
		Args   json.RawMessage `json:"args"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		r.absurd("unmarshal request error")
		return
	}
	r.action, r.names = m.Action, []string{m.Action}
	known, ok := s.actions[m.Action]
	switch {
	case m.Action == "":
		r.reqID = scanReqID(m.Args)
		r.absurd("request no action")
	case !known.early && s.session.Load() == nil:
		r.reqID = scanReqID(m.Args)
		if s.quiet {
			return
		}
		r.reply(nil, errNotConnected)
	case !ok:
		r.reqID = scanReqID(m.Args)
		r.absurd("unknown action " + m.Action)
	default:
		r.names = append(r.names, known.names...)
		do, err := known.open(r, m.Args)
		if err != nil {
			r.reqID = scanReqID(m.Args)
			r.absurd("unmarshal " + known.words + " request error")
			return
		}
		r.serve(do)
	}
}

// serve does what the request asks for, with its faults, and answers.
func (r *request) serve(do func() (any, error)) {
	r.sock.srv.options.log.Debug("request", "conn", r.sock.number, "action", r.action, "request_id", r.reqID, "sql", r.sql)
	r.sock.srv.rules.arm(&r.exchange)
	if err := r.meet(); err != nil {
		r.reply(nil, err)
		return
	}
	extra, err := do()
	r.reply(extra, err)
}

// absurd answers what makes no sense, but on /rest/tmq.
func (r *request) absurd(text string) {
	if !r.sock.quiet {
		r.refuse(text)
	}
}

// refuse answers with an error of the adapter's own.
func (r *request) refuse(text string) { r.reply(nil, &codeError{adapterCode, text}) }

// reply sends the answer: the members of extra, or the error.
func (r *request) reply(extra any, err error) {
	if errors.Is(err, errSilent) {
		return
	}
	if errors.Is(err, errHangUp) || err != nil && r.ctx.Err() != nil { // a process that ends says no goodbye
		r.sock.HangUp()
		return
	}
	m := &message{}
	if raw, ok := extra.(binaryReply); ok && err == nil {
		m.binary, m.data = true, raw
	} else if err != nil && r.fetch != nil {
		m.binary, m.data = true, r.fetchReply(err, nil)
	} else if err != nil && r.action == "fetch_raw_data" && r.messageID != nil {
		m.binary, m.data = true, r.messageError(err)
	} else {
		m.data = r.json(extra, err)
	}
	r.spoil(m)
	r.sock.send(m)
}

// json encodes a reply. The members of extra follow those of the head.
func (r *request) json(extra any, err error) []byte {
	h := head{Action: r.action, ReqID: r.reqID, Timing: int64(time.Since(r.began))}
	if err != nil {
		h.Code, h.Message = codeOf(err)
		extra = nil
		if r.stmtID != nil {
			extra = stmtMember{*r.stmtID}
		}
		if r.messageID != nil {
			extra = messageMember{*r.messageID}
		}
	}
	data := mustMarshal(h)
	if extra == nil {
		return data
	}
	more := mustMarshal(extra)
	if len(more) <= len("{}") {
		return data
	}
	return append(append(data[:len(data)-1], ','), more[1:]...)
}

// stmtMember is the member that replies about statements carry.
type stmtMember struct {
	StmtID uint64 `json:"stmt_id"`
}

// mustMarshal encodes one of this package's reply types, none of which can fail.
func mustMarshal(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return data
}

// scanReqID finds the request id in arguments that could not be decoded, as far
// as it can be read: digits after "req_id", quoted or not; 0 if there are none
// or they exceed 64 bits.
func scanReqID(raw json.RawMessage) uint64 {
	_, rest, found := bytes.Cut(raw, []byte(`"req_id"`))
	if !found {
		return 0
	}
	rest = bytes.TrimLeft(rest, " \t\r\n:\"")
	n := 0
	for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
		n++
	}
	id, err := strconv.ParseUint(string(rest[:n]), 10, 64)
	if err != nil {
		return 0
	}
	return id
}

// serveBinary serves a binary message.
func (s *socket) serveBinary(data []byte) {
	r := &request{exchange: exchange{ctx: s.ctx, sock: s}, action: "unknown", began: time.Now()}
	r.names = []string{r.action}
	if s.quiet {
		return
	}
	if len(data) == 0 {
		s.srv.crash("empty binary message")
		return
	}
	req, err := frame.ParseRequest(data)
	if err != nil {
		r.reply(nil, err)
		return
	}
	r.reqID = req.ReqID
	known, ok := binaryActions[req.Action]
	if ok {
		r.action = req.Action.String()
		r.names = append([]string{r.action}, known.names...)
	}
	switch {
	case s.session.Load() == nil:
		r.reply(nil, errNotConnected)
	case !ok:
		r.refuse("unknown binary action " + strconv.FormatUint(uint64(req.Action), 10))
	default:
		do, err := known.open(r, &req)
		if err != nil {
			r.reply(nil, err)
			return
		}
		r.serve(do)
	}
}

// binaryAction is what the server does on one kind of binary message.
type binaryAction struct {
	names []string // what else it is called in On
	open  func(*request, *frame.Request) (func() (any, error), error)
}
