package taostest

import (
	"encoding/json"
	"fmt"
	"time"
)

// loginActions are those that need no login: how a connection begins.
func loginActions() map[string]action {
	return map[string]action{
		"version":             early(versionAction),
		"conn":                early(on("connect", serveConn, "login")),
		"check_server_status": early(on("check server status", serveStatus)),
	}
}

func early(a action) action {
	a.early = true
	return a
}

type versionMember struct {
	Version string `json:"version"`
}

// versionAction is the only one that may come without arguments.
var versionAction = action{words: "version", open: func(r *request, raw json.RawMessage) (func() (any, error), error) {
	var a reqArgs
	if raw != nil {
		if err := json.Unmarshal(raw, &a); err != nil {
			return nil, err
		}
	}
	r.reqID = a.ReqID
	return func() (any, error) { return versionMember{r.sock.srv.options.version}, nil }, nil
}}

type connArgs struct {
	reqArgs
	User        string `json:"user"`
	Password    string `json:"password"`
	DB          string `json:"db"`
	Mode        *int   `json:"mode"`
	TZ          string `json:"tz"`
	App         string `json:"app"`
	IP          string `json:"ip"`
	TOTPCode    string `json:"totp_code"`
	BearerToken string `json:"bearer_token"`
}

// serveConn logs in. It can be tried again after a failure.
func serveConn(r *request, a connArgs) (any, error) {
	s := r.sock
	s.login.Lock()
	defer s.login.Unlock()
	if s.session.Load() != nil {
		return nil, errDuplicateLogin
	}
	o := s.srv.options
	user := a.User
	if o.bearer != "" && a.BearerToken != "" {
		if a.BearerToken != o.bearer {
			return nil, errBadPassword
		}
		user = o.user
	} else if err := o.authenticate(a.User, a.Password); err != nil {
		return nil, err
	}
	if o.totp != "" && a.TOTPCode != o.totp {
		return nil, errBadPassword
	}
	if a.Mode != nil && *a.Mode != 0 {
		return nil, &codeError{adapterCode, fmt.Sprintf("unexpected mode:%d", *a.Mode)}
	}
	n := &session{srv: s.srv, ctx: s.ctx, user: user, number: s.number, zone: zoneNamed(a.TZ), app: a.App, ip: a.IP}
	if a.DB != "" {
		if err := n.checkDatabase(a.DB); err != nil {
			return nil, err
		}
		n.db = a.DB
	}
	s.session.Store(n)
	return versionMember{o.version}, nil
}

// authenticate checks an account.
func (o *options) authenticate(user, password string) error {
	want, known := o.users[user]
	switch {
	case user == "":
		return errEmptyUser
	case !known:
		return errNoUser
	case want != password:
		return errBadPassword
	}
	return nil
}

// zoneNamed returns a time zone as the WebSocket takes it: UTC if there is no
// name, and UTC under that name if nobody knows it.
func zoneNamed(name string) *time.Location {
	if name == "" {
		return time.UTC
	}
	if loc, err := time.LoadLocation(name); err == nil {
		return loc
	}
	loc, err := time.LoadLocationFromTZData(name, utcZone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// utcZone is a time zone file (RFC 8536, version 1) of one type: UTC, no offset.
var utcZone = append([]byte("TZif"+
	"\x00"+"\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"+
	"\x00\x00\x00\x00"+"\x00\x00\x00\x00"+"\x00\x00\x00\x00"+"\x00\x00\x00\x00"+"\x00\x00\x00\x01"+"\x00\x00\x00\x04"+
	"\x00\x00\x00\x00"+"\x00"+"\x00"), "UTC\x00"...)

type statusArgs struct {
	reqArgs
	FQDN string `json:"fqdn"`
	Port int32  `json:"port"`
}

type statusMembers struct {
	Status  int    `json:"status"`
	Details string `json:"details"`
}

// serviceOK is the status of a server that serves.
const serviceOK = 2

func serveStatus(*request, statusArgs) (any, error) {
	return statusMembers{Status: serviceOK}, nil
}
