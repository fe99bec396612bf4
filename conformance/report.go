package conformance

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// Status is how a check ended.
type Status string

// The statuses.
const (
	Pass         Status = "pass"
	Fail         Status = "fail"
	Skip         Status = "skip"          // the target lacks a capability
	KnownFailure Status = "known failure" // the target says so
)

// Result is the outcome of a check.
type Result struct {
	Group, Name string
	Status      Status
	// Message tells why it failed or was skipped.
	Message string
	// Notes tell what was measured.
	Notes []string
	Took  time.Duration
}

// tell reports the result to a test.
func (r Result) tell(t *testing.T) {
	t.Helper()
	for _, note := range r.Notes {
		t.Log(note)
	}
	switch r.Status {
	case Fail:
		t.Error(r.Message)
	case Skip:
		t.Skip(r.Message)
	case KnownFailure:
		t.Log("known failure: " + r.Message)
	}
}

// Report is the outcome of the suite for one target.
type Report struct {
	Target, Server string
	Results        []Result
}

// Count returns the number of checks that ended so.
func (r *Report) Count(s Status) int {
	n := 0
	for _, result := range r.Results {
		if result.Status == s {
			n++
		}
	}
	return n
}

// Failed returns the names of the checks that failed, in their order.
func (r *Report) Failed() []string {
	var list []string
	for _, result := range r.Results {
		if result.Status == Fail {
			list = append(list, result.Name)
		}
	}
	return list
}

// Skips returns the reasons of the skips and how often each applied.
func (r *Report) Skips() map[string]int {
	reasons := make(map[string]int)
	for _, result := range r.Results {
		if result.Status == Skip {
			reasons[result.Message]++
		}
	}
	return reasons
}

// reasons are those of Skips in their order.
func (r *Report) reasons() []string { return slices.Sorted(maps.Keys(r.Skips())) }

// Summary tells target, server and counts in a few lines, and each failure.
func (r *Report) Summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s against %s: %d passed, %d failed, %d known failures, %d skipped",
		r.Target, r.Server, r.Count(Pass), r.Count(Fail), r.Count(KnownFailure), r.Count(Skip))
	for _, reason := range r.reasons() {
		fmt.Fprintf(&b, "\n  skipped %d: %s", r.Skips()[reason], reason)
	}
	for _, result := range r.Results {
		if result.Status == Fail {
			message, _, _ := strings.Cut(result.Message, "\n")
			fmt.Fprintf(&b, "\n  FAILED %s/%s: %s", result.Group, result.Name, message)
		}
	}
	return b.String()
}

// filtered tells whether go test runs some subtests only.
func filtered() bool {
	for _, name := range []string{"test.run", "test.skip"} {
		if f := flag.Lookup(name); f != nil && f.Value.String() != "" {
			return true
		}
	}
	return false
}
