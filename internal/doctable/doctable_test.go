package doctable

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// recorder is a testing.TB whose failure can be looked at.
type recorder struct {
	testing.TB
	message string
}

func (r *recorder) Helper() {}

func (r *recorder) Fatalf(format string, _ ...any) {
	r.message = format
	panic(r)
}

func failed(t *testing.T, path, want string) (r *recorder) {
	r = &recorder{TB: t}
	defer func() {
		if p := recover(); p != nil && p != r {
			panic(p)
		}
	}()
	Check(r, path, "part", want)
	return r
}

func TestCheck(t *testing.T) {
	path := filepath.Join(t.TempDir(), "page.md")
	if err := os.WriteFile(path, []byte("a\n<!-- begin part -->\nold\r\n<!-- end part -->\nb\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if r := failed(t, path, "old\n"); r.message != "" {
		t.Errorf("a true page fails: %s", r.message)
	}
	if r := failed(t, path, "new\n"); !strings.Contains(r.message, "-update-docs") {
		t.Errorf("a stale page says %q", r.message)
	}
	*update = true
	defer func() { *update = false }()
	failed(t, path, "new\n")
	text, err := os.ReadFile(path)
	if want := "a\n<!-- begin part -->\nnew\n<!-- end part -->\nb\n"; err != nil || string(text) != want {
		t.Errorf("got %q, %v", text, err)
	}
}

func TestReplaceWantsBothLines(t *testing.T) {
	for _, page := range []string{"", "<!-- begin part -->\n", "<!-- end part -->\n"} {
		if _, err := replace(page, "part", ""); err == nil {
			t.Errorf("%q is no error", page)
		}
	}
}
