// Package doctable keeps the generated parts of the documentation true: a test
// hands over what the code says, and fails when the page says otherwise.
//
//	go test ./taosdriver -run Docs -update-docs
//
// writes the page instead.
package doctable

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update-docs", false, "write the generated parts of docs/ instead of comparing them")

// Check compares the part of the file at path that stands between the lines
//
//	<!-- begin name -->
//	<!-- end name -->
//
// with want, which is whole lines.
func Check(t testing.TB, path, name, want string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	page := strings.ReplaceAll(string(text), "\r\n", "\n")
	changed, err := replace(page, name, want)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	if changed == page {
		return
	}
	if !*update {
		t.Fatalf("%s: the part %q is not what the code says; run this test with -update-docs", path, name)
	}
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// replace returns page with the part of that name changed.
func replace(page, name, part string) (string, error) {
	begin, end := "<!-- begin "+name+" -->\n", "<!-- end "+name+" -->\n"
	before, rest, ok := strings.Cut(page, begin)
	if !ok {
		return "", fmt.Errorf("no line %q", strings.TrimSpace(begin))
	}
	_, after, ok := strings.Cut(rest, end)
	if !ok {
		return "", fmt.Errorf("no line %q", strings.TrimSpace(end))
	}
	return before + begin + part + end + after, nil
}
