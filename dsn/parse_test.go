package dsn_test

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
)

func TestParse(t *testing.T) {
	tests := []struct {
		name, in string
		want     dsn.URL
	}{
		{"scheme alone", "taos://", dsn.URL{Driver: "taos"}},
		{"scheme in upper case", "TAOS+WS://h", dsn.URL{Driver: "taos", Protocol: "ws", Hosts: []dsn.Host{{Name: "h"}}}},
		{
			"several hosts and a parameter",
			"taos+ws://root:taosdata@h1:6041,h2:6041/power?timezone=Asia/Shanghai",
			dsn.URL{
				Driver: "taos", Protocol: "ws", User: "root", Password: "taosdata", HasUser: true, HasPassword: true,
				Hosts: []dsn.Host{{Name: "h1", Port: 6041}, {Name: "h2", Port: 6041}}, Database: "power",
				Params: dsn.Params{{Key: "timezone", Value: "Asia/Shanghai"}},
			},
		},
		{
			"options of hosts",
			"siridb://iris:siri@s1:9000;weight=3;zone=a%3Bb,s2:9001,b1;backup/dbtest",
			dsn.URL{
				Driver: "siridb", User: "iris", Password: "siri", HasUser: true, HasPassword: true,
				Hosts: []dsn.Host{
					{Name: "s1", Port: 9000, Options: dsn.Params{{Key: "weight", Value: "3"}, {Key: "zone", Value: "a;b"}}},
					{Name: "s2", Port: 9001},
					{Name: "b1", Options: dsn.Params{{Key: "backup", Value: "true"}}},
				},
				Database: "dbtest",
			},
		},
		{
			"parameters without a path",
			"taos+https://gw.cloud.example?token=a%26b",
			dsn.URL{
				Driver: "taos", Protocol: "https", Hosts: []dsn.Host{{Name: "gw.cloud.example"}},
				Params: dsn.Params{{Key: "token", Value: "a&b"}},
			},
		},
		{"empty database and empty query", "dws://h/?", dsn.URL{Driver: "dws", Hosts: []dsn.Host{{Name: "h"}}}},
		{"database alone", "taos:///db", dsn.URL{Driver: "taos", Database: "db"}},
		{"database decoded", "taos:///a%2Fb%20%C3%A9", dsn.URL{Driver: "taos", Database: "a/b é"}},
		{"port without host", "taos://:6041", dsn.URL{Driver: "taos", Hosts: []dsn.Host{{Port: 6041}}}},
		{"user without password", "taos://u@h", dsn.URL{Driver: "taos", User: "u", HasUser: true, Hosts: []dsn.Host{{Name: "h"}}}},
		{"empty user", "taos://@h", dsn.URL{Driver: "taos", HasUser: true, Hosts: []dsn.Host{{Name: "h"}}}},
		{"empty password", "taos://u:@", dsn.URL{Driver: "taos", User: "u", HasUser: true, HasPassword: true}},
		{
			"password with raw separators and a plus", "taos://u:a:b@c+d#e;f,g=h@h",
			dsn.URL{
				Driver: "taos", User: "u", Password: "a:b@c+d#e;f,g=h", HasUser: true, HasPassword: true,
				Hosts: []dsn.Host{{Name: "h"}},
			},
		},
		{
			"everything encoded", "taos://%75%3A:%70%2f%3F%40%25@h",
			dsn.URL{
				Driver: "taos", User: "u:", Password: "p/?@%", HasUser: true, HasPassword: true,
				Hosts: []dsn.Host{{Name: "h"}},
			},
		},
		{"IPv6", "taos://[::1]:6041,[2001:db8::2]", dsn.URL{Driver: "taos", Hosts: []dsn.Host{{Name: "::1", Port: 6041}, {Name: "2001:db8::2"}}}},
		{"IPv6 with a zone", "taos://[fe80::1%25eth0]", dsn.URL{Driver: "taos", Hosts: []dsn.Host{{Name: "fe80::1%eth0"}}}},
		{"Unix socket", "dws://%2Frun%2Fpg:5432/db", dsn.URL{Driver: "dws", Hosts: []dsn.Host{{Name: "/run/pg", Port: 5432}}, Database: "db"}},
		{
			"bare key is true, empty value is empty, empty pairs are nothing", "taos://?&compression&app=&&",
			dsn.URL{Driver: "taos", Params: dsn.Params{{Key: "compression", Value: "true"}, {Key: "app"}}},
		},
		{
			"value with equals and question marks", "taos://?a=b=c?d",
			dsn.URL{Driver: "taos", Params: dsn.Params{{Key: "a", Value: "b=c?d"}}},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got, err := dsn.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, tt.want) {
				t.Errorf("got  %+v\nwant %+v", *got, tt.want)
			}
			again, err := dsn.Parse(got.String())
			if err != nil || !reflect.DeepEqual(again, got) {
				t.Errorf("%s parses to %+v, %v", got, again, err)
			}
			if c := got.Clone(); !reflect.DeepEqual(c, got) {
				t.Errorf("clone is %+v", c)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"empty", "", "no scheme"},
		{"no scheme", "hunter2@h:6041/db", "no scheme"},
		{"scheme of other letters", "hun ter2://h", "malformed scheme"},
		{"scheme beginning with a digit", "2taos://h", "malformed scheme"},
		{"empty protocol", "taos+://h", "malformed scheme"},
		{"two protocols", "taos+ws+x://h", "malformed scheme"},
		{"newline at the end", "taos://h\n", "control character at byte 8"},
		{"bad escape in the user", "taos://%zz:hunter2@h", `user name: "%" is not followed`},
		{"bad escape in the password", "taos://u:hunter2%@h", `password: "%" is not followed`},
		{"bad escape in the database", "taos://h/%4", `database: "%"`},
		{"bad escape in a host", "taos://h%x", `host 1: "%"`},
		{"bad escape in a value", "taos://h?token=hunter2%ag", `parameter "token": "%"`},
		{"bad escape in an option", "taos://h,i;a=%", `option of host 2: "a": "%"`},
		{"two path segments", "taos://h/a/b", `more than one "/"`},
		{"empty host in a list", "taos://a,,b", "host 2 is empty"},
		{"host of separators only", "taos://;", "host 1 is empty"},
		{"comma at the end", "taos://a,", "host 2 is empty"},
		{"host twice", "taos://a:1,b:1,A:1", "host 3 is the same as host 1"},
		{"port zero", "taos://h:0", "host 1: port"},
		{"port too high", "taos://h:65536", "host 1: port"},
		{"port signed", "taos://h:+1", "host 1: port"},
		{"port empty", "taos://h:", "host 1: port"},
		{"IPv6 without brackets", "taos://::1", "stands in brackets"},
		{"bracket open", "taos://[::1", `"[" without "]"`},
		{"IPv4 in brackets", "taos://[127.0.0.1]", "no IPv6 address"},
		{"zone not encoded", "taos://[fe80::1%eth0]", "zone of an IPv6 address"},
		{"text after bracket", "taos://[::1]6041", `between "]" and the port`},
		{"space in a host", "taos://a b", "byte 0x20"},
		{"encoded slash inside a host", "taos://a%2Fb", "byte 0x2f"},
		{"NUL in a socket's path", "dws://%2Fa%00", "NUL"},
		{"parameter twice", "taos://h?a=1&a=2", `parameter "a" is given twice`},
		{"option twice", "taos://h;a=1;a=1", `"a" is given twice`},
		{"empty name", "taos://h?=hunter2", "parameter number 1"},
		{"name with other letters", "taos://h?ok&hunter2!=1", "parameter number 2"},
		{"password with a raw slash", "taos://u:hunter2/x@h:6041/db", "after the hosts"},
		{"password with a raw question mark", "taos://u:1?hunter2=x@h:6041/db", "after the hosts"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := dsn.Parse(tt.in)
			if err == nil {
				t.Fatalf("got %+v", u)
			}
			if !errors.Is(err, driver.ErrInterface) {
				t.Errorf("%v is not an interface error", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q does not say %q", err, tt.want)
			}
			if strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%q shows the secret", err)
			}
		})
	}
}

func TestRedacted(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"password", "taos://u:hunter2@h", "taos://u:xxxxx@h"},
		{"empty password", "taos://u:@h", "taos://u:xxxxx@h"},
		{"no password", "taos://u@h", "taos://u@h"},
		{"token", "taos://h?token=hunter2&app=x", "taos://h?token=xxxxx&app=x"},
		{
			"whatever sounds secret", "taos://?td.connect.pass=hunter2&totpCode=hunter2&tls-key=hunter2&client_SECRET=hunter2&bearerToken=hunter2&pwd=hunter2",
			"taos://?td.connect.pass=xxxxx&totpCode=xxxxx&tls-key=xxxxx&client_SECRET=xxxxx&bearerToken=xxxxx&pwd=xxxxx",
		},
		{"option of a host", "siridb://a;password=hunter2;weight=1,b", "siridb://a;password=xxxxx;weight=1,b"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			u, err := dsn.Parse(tt.in)
			if err != nil {
				t.Fatal(err)
			}
			if got := u.Redacted(); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
			if got := u.LogValue().String(); got != tt.want {
				t.Errorf("logged as %s", got)
			}
		})
	}
}

func TestStringOfFieldsSetByHand(t *testing.T) {
	u := dsn.URL{Driver: "dws", Password: "p w", Hosts: []dsn.Host{{Name: "::1"}}, Params: dsn.Params{{Key: "a", Value: "1+1 %/:,;"}}}
	if got, want := u.String(), "dws://:p%20w@[::1]?a=1%2B1%20%25/:,%3B"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestHostAddress(t *testing.T) {
	tests := []struct {
		host dsn.Host
		want string
	}{
		{dsn.Host{}, "tcp localhost:6041"},
		{dsn.Host{Name: "h"}, "tcp h:6041"},
		{dsn.Host{Port: 1}, "tcp localhost:1"},
		{dsn.Host{Name: "fe80::1%eth0", Port: 2}, "tcp [fe80::1%eth0]:2"},
		{dsn.Host{Name: "/run/s", Port: 3}, "unix /run/s"},
	}
	for _, tt := range tests {
		network, address := tt.host.Address("localhost", 6041)
		if got := network + " " + address; got != tt.want {
			t.Errorf("%+v: got %s, want %s", tt.host, got, tt.want)
		}
	}
}

func TestForEngine(t *testing.T) {
	_, err := dsn.Parse("")
	named := dsn.ForEngine("tdengine", fmt.Errorf("wrapped: %w", err))
	if got := named.Error(); !strings.HasPrefix(got, "tdengine: dsn: no scheme") {
		t.Errorf("got %q", got)
	}
	if strings.HasPrefix(err.Error(), "tdengine") {
		t.Error("the error given was changed")
	}
	if dsn.ForEngine("x", nil) != nil {
		t.Error("nil became an error")
	}
	other := errors.New("other")
	if dsn.ForEngine("x", other) != other {
		t.Error("another error was changed")
	}
}
