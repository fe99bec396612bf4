package dsn

import (
	"net/netip"
	"strconv"
	"strings"
)

// Parse takes a DSN apart. See the package's description for the grammar.
//
// An error is of kind [driver.ErrInterface]. It names the component and its
// problem and shows nothing of the DSN but names of parameters.
func Parse(s string) (*URL, error) {
	for i := range len(s) {
		if s[i] < ' ' || s[i] == 0x7f {
			return nil, errorf("control character at byte %d; write it percent-encoded", i)
		}
	}
	scheme, rest, ok := strings.Cut(s, "://")
	if !ok {
		return nil, errorf(`no scheme; a DSN begins with one, as in "taos+ws://" or "iotdb://"`)
	}
	u := new(URL)
	if u.Driver, u.Protocol, ok = parseScheme(scheme); !ok {
		return nil, errorf(`malformed scheme; want <driver>:// or <driver>+<protocol>:// of letters, digits, "-" and "."`)
	}

	authority, path, query := split(rest)
	if strings.IndexByte(rest[len(authority):], '@') >= 0 {
		// Not only tidiness: it is what a password with a raw "/" or "?" leaves
		// behind, parts of which would else be taken for a name to show.
		return nil, errorf(`"@" after the hosts; write it as %%40 there, and "/" and "?" in a user name or password as %%2F and %%3F`)
	}
	if i := strings.LastIndexByte(authority, '@'); i >= 0 {
		if err := u.parseUser(authority[:i]); err != nil {
			return nil, err
		}
		authority = authority[i+1:]
	}
	if err := u.parseHosts(authority); err != nil {
		return nil, err
	}
	if err := u.parseDatabase(path); err != nil {
		return nil, err
	}
	var err error
	if u.Params, err = parseParams(query, "&", "parameter"); err != nil {
		return nil, err
	}
	return u, nil
}

// split cuts what follows the scheme into authority, path without its slash,
// and query without its question mark.
func split(s string) (authority, path, query string) {
	s, query, _ = strings.Cut(s, "?")
	authority, path, _ = strings.Cut(s, "/")
	return authority, path, query
}

func parseScheme(s string) (name, protocol string, ok bool) {
	s = strings.ToLower(s)
	name, protocol, plus := strings.Cut(s, "+")
	return name, protocol, schemePart(name) && letter(name[0]) && (!plus || schemePart(protocol))
}

func schemePart(s string) bool {
	for i := range len(s) {
		if c := s[i]; !letter(c) && !digit(c) && c != '-' && c != '.' {
			return false
		}
	}
	return s != ""
}

func (u *URL) parseUser(s string) error {
	user, password, hasPassword := strings.Cut(s, ":")
	var ok bool
	if u.User, ok = unescape(user); !ok {
		return errorf(`user name: %s`, badEscape)
	}
	if u.Password, ok = unescape(password); !ok {
		return errorf(`password: %s`, badEscape)
	}
	u.HasUser, u.HasPassword = true, hasPassword
	return nil
}

const badEscape = `"%" is not followed by two hexadecimal digits; write a percent sign as %25`

func (u *URL) parseDatabase(s string) error {
	if strings.IndexByte(s, '/') >= 0 {
		return errorf(`database: more than one "/"; write one that belongs to the name as %%2F`)
	}
	var ok bool
	if u.Database, ok = unescape(s); !ok {
		return errorf(`database: %s`, badEscape)
	}
	return nil
}

func (u *URL) parseHosts(s string) error {
	if s == "" {
		return nil
	}
	type address struct {
		name string
		port int
	}
	seen := make(map[address]int)
	for i, text := range strings.Split(s, ",") {
		h, err := parseHost(text, i+1)
		if err != nil {
			return err
		}
		a := address{strings.ToLower(h.Name), h.Port}
		if first := seen[a]; first != 0 {
			return errorf("host %d is the same as host %d", i+1, first)
		}
		seen[a] = i + 1
		u.Hosts = append(u.Hosts, h)
	}
	return nil
}

func parseHost(s string, n int) (h Host, err error) {
	if s == "" {
		return h, errorf("host %d is empty", n)
	}
	s, options, _ := strings.Cut(s, ";")
	name, port, hasPort := s, "", false
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return h, errorf(`host %d: "[" without "]"`, n)
		}
		after := s[end+1:]
		if name = s[1:end]; after != "" && after[0] != ':' {
			return h, errorf(`host %d: text between "]" and the port`, n)
		}
		hasPort, port = after != "", strings.TrimPrefix(after, ":")
		if h.Name, err = parseIPv6(name, n); err != nil {
			return h, err
		}
	} else {
		name, port, hasPort = strings.Cut(s, ":")
		if strings.IndexByte(port, ':') >= 0 {
			return h, errorf(`host %d: more than one ":"; an IPv6 address stands in brackets`, n)
		}
		if h.Name, err = parseName(name, n); err != nil {
			return h, err
		}
	}
	if hasPort {
		if h.Port, err = parsePort(port, n); err != nil {
			return h, err
		}
	}
	if h.Options, err = parseParams(options, ";", "option of host "+strconv.Itoa(n)+":"); err != nil {
		return h, err
	}
	if h.Name == "" && h.Port == 0 && h.Options == nil {
		return h, errorf("host %d is empty", n)
	}
	return h, nil
}

func parseIPv6(s string, n int) (string, error) {
	name, ok := unescape(s)
	if !ok {
		return "", errorf(`host %d: %s, also before the zone of an IPv6 address`, n, badEscape)
	}
	if ip, err := netip.ParseAddr(name); err != nil || !ip.Is6() {
		return "", errorf("host %d: brackets hold no IPv6 address", n)
	}
	return name, nil
}

func parseName(s string, n int) (string, error) {
	name, ok := unescape(s)
	if !ok {
		return "", errorf("host %d: %s", n, badEscape)
	}
	if strings.HasPrefix(name, "/") { // the path of a Unix socket
		if strings.IndexByte(name, 0) >= 0 {
			return "", errorf("host %d: NUL in a socket's path", n)
		}
		return name, nil
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c == 0x7f || strings.IndexByte(`/\?#@[]:,;%"<>`, c) >= 0 {
			return "", errorf("host %d: byte %#02x cannot be part of a host name", n, c)
		}
	}
	return name, nil
}

func parsePort(s string, n int) (int, error) {
	port, err := strconv.ParseUint(s, 10, 16)
	if err != nil || port == 0 {
		// Not shown: it is a password's beginning if the "@" got lost.
		return 0, errorf(`host %d: port is not a number from 1 to 65535`, n)
	}
	return int(port), nil
}

// parseParams reads key=value pairs. A key alone means true, as in TDengine's
// own grammar; empty pairs are passed over.
func parseParams(s, separator, noun string) (Params, error) {
	if s == "" {
		return nil, nil
	}
	var params Params
	seen := make(map[string]bool)
	n := 0
	for _, pair := range strings.Split(s, separator) {
		if pair == "" {
			continue
		}
		n++
		key, value, hasValue := strings.Cut(pair, "=")
		if !validKey(key) {
			return nil, errorf(`%s number %d: its name holds something other than letters, digits, ".", "_" and "-"`, noun, n)
		}
		if seen[key] {
			return nil, errorf("%s %q is given twice", noun, key)
		}
		seen[key] = true
		value, ok := unescape(value)
		if !ok {
			return nil, errorf("%s %q: %s", noun, key, badEscape)
		}
		if !hasValue {
			value = "true"
		}
		params = append(params, Param{key, value})
	}
	return params, nil
}
