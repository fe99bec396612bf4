package dwsdriver

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// naming makes a server whose catalogue names the servers.
func naming(asked *int, fail *bool, names func() []string) func(*script.Server) {
	return func(s *script.Server) {
		s.Session = script.Statements(func(sql string) script.Answer {
			if sql != coordinators {
				return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
			}
			*asked++
			if *fail {
				return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42P01", Message: `relation "pgxc_node" does not exist`}}
			}
			a := script.Answer{Columns: []wire.Column{{Name: "node_host", Type: 19}, {Name: "node_port", Type: wire.Int4}}}
			for _, name := range names() {
				host, port, _ := strings.Cut(name, ":")
				a.Rows = append(a.Rows, [][]byte{[]byte(host), []byte(port)})
			}
			return a
		})
	}
}

func TestCoordinatorsAreFoundInTheCatalogue(t *testing.T) {
	asked, fail := 0, false
	second := script.New(t, nil)
	var first *script.Server
	first = script.New(t, naming(&asked, &fail, func() []string {
		return []string{first.Addr, second.Addr, "bad host:1", "h:0", "/tmp:5", second.Addr}
	}))
	c := configOf(first)
	c.HostRefresh, c.Balance = time.Hour, LeastConnections
	connector, err := NewConnector(c)
	must(t, err)
	to := map[string]int{}
	for range 4 {
		cn, err := connectBy(t, connector)
		must(t, err)
		to[cn.host.Addr]++
	}
	if asked != 1 || to[first.Addr] != 2 || to[second.Addr] != 2 {
		t.Errorf("asked %d times, connected to %v", asked, to)
	}
	if n := len(connector.hosts.Candidates()); n != 2 {
		t.Errorf("%d hosts", n)
	}
}

func TestACatalogueThatCannotBeReadChangesNothing(t *testing.T) {
	asked, fail := 0, true
	srv := script.New(t, naming(&asked, &fail, nil))
	c := configOf(srv)
	c.HostRefresh = time.Nanosecond
	connector, err := NewConnector(c)
	must(t, err)
	for range 2 {
		cn, err := connectBy(t, connector)
		must(t, err)
		if !cn.IsValid() {
			t.Error("the connection is of no use")
		}
	}
	if asked != 2 || len(connector.hosts.Candidates()) != 1 {
		t.Errorf("asked %d times, %d hosts", asked, len(connector.hosts.Candidates()))
	}
	// Without the option nobody asks.
	c.HostRefresh = 0
	if _, err := connect(t, c); err != nil || asked != 2 {
		t.Errorf("%v, asked %d times", err, asked)
	}
}

// A host by its address in the DSN and in the catalogue is one.
func TestHostaddrIsTheCataloguesName(t *testing.T) {
	asked, fail := 0, false
	var srv *script.Server
	srv = script.New(t, naming(&asked, &fail, func() []string { return []string{srv.Addr} }))
	_, port, _ := net.SplitHostPort(srv.Addr)
	c := configOf()
	c.Hosts = []Host{{Addr: "cn1.example:" + port, IP: "127.0.0.1"}}
	c.HostRefresh = time.Hour
	connector, err := NewConnector(c)
	must(t, err)
	if _, err := connectBy(t, connector); err != nil {
		t.Fatal(err)
	}
	if n := len(connector.hosts.Candidates()); n != 1 || asked != 1 {
		t.Errorf("%d hosts, asked %d times", n, asked)
	}
}
