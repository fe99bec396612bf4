package hosts

import (
	"strings"
	"testing"
)

func TestSplit(t *testing.T) {
	for _, tt := range []struct {
		text, name string
		port       int
	}{
		{"", "", 0}, {"h", "h", 0}, {"h:1", "h", 1}, {":65535", "", 65535}, {"[::1]", "::1", 0}, {"[fe80::1%eth0]:7", "fe80::1%eth0", 7},
		{"数据库:7", "数据库", 7},
	} {
		name, port, ok := Split(tt.text)
		if name != tt.name || port != tt.port || !ok {
			t.Errorf("%q: %q, %d, %v", tt.text, name, port, ok)
		}
		if back := Join(name, port); back != tt.text {
			t.Errorf("%q is joined as %q", tt.text, back)
		}
	}
	for _, text := range []string{"a b", "a/b", "/a", "h:", "h:0", "h:65536", "h:x", "h:1:2", "::1", "[::1", "[h]", "[127.0.0.1]", "[::1]7", "[::1]:", "h%41"} {
		if name, port, ok := Split(text); ok || name != "" || port != 0 {
			t.Errorf("%q: %q, %d, %v", text, name, port, ok)
		}
	}
}

func TestTCP(t *testing.T) {
	for given, want := range map[string]string{
		"h,[::1],:7,h:8": "h:6041 [::1]:6041 localhost:7 h:8",
		"h,":             "host 2 is not",
		"h,a b":          "host 2 is not",
		"h,h:6041":       "host 2 is given twice",
	} {
		list, err := TCP(strings.Split(given, ","), 6041)
		var got []string
		for _, h := range list {
			got = append(got, h.Addr)
			if h.Network != "tcp" {
				t.Errorf("%s: %q", h.Addr, h.Network)
			}
		}
		if text := strings.Join(got, " "); err == nil && text != want || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %s, %v; want %s", given, text, err, want)
		}
	}
	if list, err := TCP(nil, 1); err != nil || len(list) != 1 || list[0].Addr != "localhost:1" {
		t.Errorf("no hosts: %v, %v", list, err)
	}
}
