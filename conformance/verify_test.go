package conformance_test

import (
	"context"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
)

// only returns a target whose checks are the extra ones.
func only(t *testing.T, checks ...conformance.Check) conformance.Target {
	target := referenceTarget(t)
	target.Extra = checks
	target.Timeout = 200 * time.Millisecond
	return target
}

func verifyExtra(t *testing.T, target conformance.Target) *conformance.Report {
	t.Helper()
	known := len(conformance.Checks())
	report, err := conformance.VerifySome(context.Background(), target, false, func(i int, _ string) bool { return i >= known })
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestHowChecksEnd(t *testing.T) {
	cleaned := 0
	cases := []struct {
		name, message string
		status        conformance.Status
		run           func(e *conformance.Env)
	}{
		{"a check that reports nothing", "", conformance.Pass, func(e *conformance.Env) { e.Cleanup(func() { cleaned++ }) }},
		{"a check that reports two failures", "one\ntwo", conformance.Fail, func(e *conformance.Env) {
			e.Cleanup(func() { cleaned++ })
			e.Errorf("one")
			e.Fatalf("two")
			e.Errorf("three")
		}},
		{"a check that panics", "panic: ouch", conformance.Fail, func(e *conformance.Env) {
			e.Cleanup(func() { cleaned++ })
			panic("ouch")
		}},
		{"a check whose goroutines panic", "panic: deep", conformance.Fail, func(e *conformance.Env) {
			e.Parallel(2, func(int) error { panic("deep") })
		}},
		{"a check that waits for its context", "context deadline exceeded", conformance.Fail, func(e *conformance.Env) {
			<-e.Context().Done()
			e.Errorf("%v", e.Context().Err())
		}},
		{"a check that ends its goroutine", "", conformance.Pass, func(e *conformance.Env) { runtime.Goexit() }},
		{"a known failure", "it is known", conformance.KnownFailure, func(e *conformance.Env) { e.Errorf("fails") }},
		{"a known failure that passes", "passes, but is a known failure", conformance.Fail, func(e *conformance.Env) {}},
	}
	var checks []conformance.Check
	for _, c := range cases {
		checks = append(checks, conformance.Check{Group: "own", Name: c.name, Run: c.run})
	}
	target := only(t, checks...)
	target.KnownFailures = map[string]string{"a known failure": "it is known", "a known failure that passes": "it was known"}
	report := verifyExtra(t, target)
	for i, c := range cases {
		got := report.Results[i]
		if got.Status != c.status || !strings.Contains(got.Message, c.message) {
			t.Errorf("%s: %s %q", c.name, got.Status, got.Message)
		}
	}
	if cleaned != 3 {
		t.Errorf("%d cleanups ran, not 3", cleaned)
	}
}

func TestSkipsFollowFromCapabilities(t *testing.T) {
	fails := func(e *conformance.Env) { e.Errorf("it ran") }
	target := only(t,
		conformance.Check{Group: "own", Name: "needs what is not there", Needs: []conformance.Capability{conformance.NamedArguments}, Run: fails},
		conformance.Check{Group: "own", Name: "is for drivers without what is there", Without: []conformance.Capability{conformance.Transactions}, Run: fails},
	)
	report := verifyExtra(t, target)
	want := map[string]int{"target without named arguments": 1, "target with transactions": 1}
	if got := report.Skips(); len(got) != 2 || got["target without named arguments"] != want["target without named arguments"] || got["target with transactions"] != 1 {
		t.Errorf("skips %v", got)
	}
	if text := report.Summary(); !strings.Contains(text, "skipped 1: target with transactions") {
		t.Errorf("the summary does not count the skips:\n%s", text)
	}
}

func TestIncompleteTargetsAreRefused(t *testing.T) {
	for want, spoil := range map[string]func(*conformance.Target){
		"Name is empty":             func(t *conformance.Target) { t.Name = "" },
		"Dialect.Key.Value is nil":  func(t *conformance.Target) { t.Dialect.Key.Value = nil },
		"has no samples":            func(t *conformance.Target) { t.Dialect.Types[2].Samples = nil },
		"KnownFailures names no":    func(t *conformance.Target) { t.KnownFailures = map[string]string{"nothing": "x"} },
		"Engine is empty":           func(t *conformance.Target) { t.Engine = "" },
		"does not exist":            func(t *conformance.Target) { t.Declared = append(t.Declared, "magic") },
		"no extension named Magic":  func(t *conformance.Target) { t.Extensions = []string{"Magic"} },
		"two checks are named":      func(t *conformance.Target) { t.Extra = conformance.Checks()[:1] },
		"neither Open nor":          func(t *conformance.Target) { t.Open, t.DriverName = nil, "" },
		"no type of sort text":      func(t *conformance.Target) { t.Dialect.Types = slices.Delete(t.Dialect.Types, 1, 2) },
		"Dialect.Key.Type is empty": func(t *conformance.Target) { t.Dialect.Key.Type = "" },
	} {
		target := referenceTarget(t)
		spoil(&target)
		if err := target.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestChecksAreNamedOnceAndInGroups(t *testing.T) {
	names := make(map[string]bool)
	for _, c := range conformance.Checks() {
		if c.Name == "" || c.Group == "" || c.Run == nil || names[c.Name] {
			t.Errorf("the check %q of the group %q", c.Name, c.Group)
		}
		names[c.Name] = true
	}
	if len(names) < 60 {
		t.Errorf("%d checks", len(names))
	}
}

func TestMatrixShowsEveryCheckAndTarget(t *testing.T) {
	first := &conformance.Report{Target: "a", Server: "one", Results: []conformance.Result{
		{Group: "query", Name: "x", Status: conformance.Pass},
		{Group: "query", Name: "y", Status: conformance.Skip, Message: "target without tea"},
	}}
	second := &conformance.Report{Target: "b", Server: "two", Results: []conformance.Result{
		{Group: "query", Name: "x", Status: conformance.Fail, Message: "broken"},
		{Group: "query", Name: "y", Status: conformance.KnownFailure, Message: "the moon"},
	}}
	page := conformance.Matrix(first, second)
	for _, line := range []string{
		"| a | one | 1 | 0 | 0 | 1 |", "| b | two | 0 | 1 | 1 | 0 |", "## Query", "| check | a | b |",
		"| x | ✓ | **fails** |", "| y | – | known |", "- 1: target without tea", "- b, y: the moon",
	} {
		if !strings.Contains(page, line+"\n") {
			t.Errorf("the page lacks %q:\n%s", line, page)
		}
	}
}
