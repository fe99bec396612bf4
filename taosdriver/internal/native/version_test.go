package native

import "testing"

func TestParseVersion(t *testing.T) {
	for _, test := range []struct {
		text string
		want version
		ok   bool
	}{
		{"3.3.7.5", version{3, 3, 7}, true},
		{"3.4.0.0.alpha", version{3, 4, 0}, true},
		{"3.3", version{3, 3, 0}, true},
		{"3.x", version{3, 0, 0}, true},
		{"", version{}, false},
		{"community", version{}, false},
		{"99999999999999999999.1", version{}, false},
	} {
		got, ok := parseVersion(test.text)
		if got != test.want || ok != test.ok {
			t.Errorf("%q is %v, %v; want %v, %v", test.text, got, ok, test.want, test.ok)
		}
	}
	if (version{3, 3, 6}).less(version{3, 3, 2}) || !(version{3, 2, 9}).less(version{3, 3, 0}) {
		t.Error("versions are not ordered")
	}
}
