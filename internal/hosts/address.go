package hosts

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Format is what [Split] takes, for errors.
const Format = `"host:port", "host" or "[ipv6]:port" with a port from 1 to 65535`

// Split takes a host as a Config has it apart. What is missing is empty, or 0.
func Split(s string) (name string, port int, ok bool) {
	var rest string
	if strings.HasPrefix(s, "[") {
		end := strings.IndexByte(s, ']')
		if end < 0 {
			return "", 0, false
		}
		name, rest = s[1:end], s[end+1:]
		if ip, err := netip.ParseAddr(name); err != nil || !ip.Is6() {
			return "", 0, false
		}
	} else {
		name, _, _ = strings.Cut(s, ":")
		rest = s[len(name):]
		if strings.ContainsFunc(name, notInName) {
			return "", 0, false
		}
	}
	if rest == "" {
		return name, 0, true
	}
	n, err := strconv.ParseUint(strings.TrimPrefix(rest, ":"), 10, 16)
	if err != nil || n == 0 || rest[0] != ':' {
		return "", 0, false
	}
	return name, int(n), true
}

func notInName(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`/\?#@[]:,;%"<>`, r)
}

// Join is the reverse of [Split].
func Join(name string, port int) string {
	if strings.IndexByte(name, ':') >= 0 {
		name = "[" + name + "]"
	}
	if port == 0 {
		return name
	}
	return name + ":" + strconv.Itoa(port)
}

// TCP makes hosts of what [Split] takes, localhost and port in the place of what is
// missing; of nothing it makes one. Errors count hosts from 1 and show nothing of them.
func TCP(given []string, port int) ([]Host, error) {
	if len(given) == 0 {
		given = []string{"localhost"}
	}
	list := make([]Host, len(given))
	seen := map[string]bool{}
	for i, text := range given {
		name, own, ok := Split(text)
		if !ok || text == "" {
			return nil, fmt.Errorf("host %d is not %s", i+1, Format)
		}
		if name == "" {
			name = "localhost"
		}
		if own == 0 {
			own = port
		}
		addr := net.JoinHostPort(name, strconv.Itoa(own))
		if seen[addr] {
			return nil, fmt.Errorf("host %d is given twice", i+1)
		}
		seen[addr] = true
		list[i] = Host{Network: "tcp", Addr: addr}
	}
	return list, nil
}
