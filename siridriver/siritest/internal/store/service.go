package store

import (
	"regexp"
	"strconv"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

var (
	validDatabase = regexp.MustCompile(`^[a-zA-Z][a-zA-Z0-9-_]{0,18}[a-zA-Z0-9]$`)
	validDuration = regexp.MustCompile(`^([1-9][0-9]*)([hdw])$`)
)

// maxBuffer is the largest buffer of a series in bytes.
const maxBuffer = 10485760

func refuseService(format string, args ...any) *Error {
	return fail(wire.ErrService, format, args...)
}

// invalid is the answer to requests that are none.
var invalid = &Error{Type: wire.ErrServiceRequest}

// Service answers a request of the service account. Pools and replicas cannot be
// added.
func (s *Store) Service(data []byte) Reply {
	name, password, request, options, err := wire.ParseService(data)
	if err != nil {
		return invalid.Reply()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(name)
	if a == nil {
		return refuseService("cannot find service account '%s'", name).Reply()
	}
	if a.password != password {
		return refuseService("incorrect password for service account '%s'", name).Reply()
	}
	var list []string
	var failure *Error
	switch request {
	case wire.GetVersion:
		list = []string{s.version}
	case wire.GetAccounts:
		for _, a := range s.accounts {
			list = append(list, a.name)
		}
	case wire.GetDatabases:
		for _, d := range s.databases {
			list = append(list, d.Name)
		}
	case wire.NewDatabase:
		failure = s.newDatabase(options)
	case wire.DropDatabase:
		failure = s.dropDatabase(options)
	case wire.NewAccount, wire.ChangePassword, wire.DropAccount:
		failure = s.changeAccount(request, options)
	case wire.NewPool, wire.NewReplica:
		failure = refuseService("the embedded server cannot join another")
	default:
		failure = invalid
	}
	if failure != nil {
		return failure.Reply()
	}
	if request < wire.GetVersion {
		return Reply{Type: wire.ServiceOK}
	}
	out := qpack.OpenArray(nil)
	for _, v := range list {
		out = qpack.AppendRaw(out, v)
	}
	return Reply{wire.ServiceData, out}
}

func (s *Store) account(name string) *account {
	for i := range s.accounts {
		if s.accounts[i].name == name {
			return &s.accounts[i]
		}
	}
	return nil
}

// texts reads options that are strings. An unknown or missing one makes the
// request invalid.
func texts(options qpack.Pairs, into map[string]*string, needed ...string) bool {
	seen := map[string]bool{}
	for _, p := range options {
		key, _ := p.Key.(string)
		value, isText := p.Value.(string)
		target := into[key]
		if target == nil || !isText {
			return false
		}
		*target, seen[key] = value, true
	}
	for _, key := range needed {
		if !seen[key] {
			return false
		}
	}
	return true
}

func (s *Store) changeAccount(request wire.ServiceRequest, options qpack.Pairs) *Error {
	var name, password string
	known := map[string]*string{"account": &name}
	needed := []string{"account"}
	if request != wire.DropAccount {
		known["password"] = &password
		needed = append(needed, "password")
	}
	if !texts(options, known, needed...) {
		return invalid
	}
	a := s.account(name)
	switch {
	case request == wire.NewAccount && a != nil:
		return refuseService("service account '%s' already exists", name)
	case request == wire.NewAccount && len(name) < 2:
		return refuseService("service account name should have at least 2 characters")
	case request == wire.NewAccount && len(password) < 2:
		return refuseService("service account password should have at least 2 characters")
	case request == wire.NewAccount:
		s.accounts = append(s.accounts, account{name, password})
	case a == nil:
		return refuseService("cannot find service account '%s'", name)
	case request == wire.ChangePassword:
		a.password = password
	case len(s.accounts) == 1:
		return refuseService("at least one service account is required, cannot drop the last service account")
	default:
		*a = s.accounts[len(s.accounts)-1]
		s.accounts = s.accounts[:len(s.accounts)-1]
	}
	return nil
}

// duration reads 6h, 2d or 1w in seconds; empty is 0.
func duration(s string) (int64, bool) {
	if s == "" {
		return 0, true
	}
	m := validDuration.FindStringSubmatch(s)
	if m == nil {
		return 0, false
	}
	n, err := strconv.ParseInt(m[1], 10, 32)
	return n * map[string]int64{"h": 3600, "d": 86400, "w": 604800}[m[2]], err == nil
}

func (s *Store) newDatabase(options qpack.Pairs) *Error {
	buffer := int64(1024)
	rest := qpack.Pairs{}
	for _, p := range options {
		if p.Key != "buffer_size" {
			rest = append(rest, p)
			continue
		}
		n, ok := p.Value.(int64)
		if !ok {
			return invalid
		}
		if n <= 0 || n%512 != 0 || n > maxBuffer {
			return refuseService("invalid buffer size: %d (expecting a multiple of 512 with a maximum of %d)", n, maxBuffer)
		}
		buffer = n
	}
	name, unit, num, log := "", "ms", "", ""
	if !texts(rest, map[string]*string{"dbname": &name, "time_precision": &unit, "duration_num": &num, "duration_log": &log}, "dbname") {
		return invalid
	}
	p, err := ParsePrecision(unit)
	if err != nil {
		return refuseService("%s", err)
	}
	n, ok := duration(num)
	if !ok {
		return refuseService("invalid number duration: '%s' (valid examples: 6h, 2d or 1w)", num)
	}
	l, ok := duration(log)
	if !ok {
		return refuseService("invalid log duration: '%s' (valid examples: 6h, 2d or 1w)", log)
	}
	if float64(max(n, l))*float64(p.second()) > 1<<62 {
		return refuseService("invalid number duration: '%s' (valid examples: 6h, 2d or 1w)", num)
	}
	return s.create(name, newDatabase(name, p, buffer, n*p.second(), l*p.second()))
}

func (s *Store) dropDatabase(options qpack.Pairs) *Error {
	name := ""
	for _, p := range options {
		switch v := p.Value.(type) {
		case string:
			if p.Key != "database" {
				return invalid
			}
			name = v
		case bool:
			if p.Key != "ignore_offline" {
				return invalid
			}
		default:
			return invalid
		}
	}
	if name == "" {
		return invalid
	}
	d := s.database(name)
	if d == nil {
		return refuseService("cannot find database '%s'", name)
	}
	s.drop(d)
	return nil
}
