package conformance_test

import (
	"context"
	sqldriver "database/sql/driver"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/conformance/internal/reference"
	"github.com/gaugesql/gaugesql/conformance/internal/sabotage"
)

// exhaustive runs all checks against every sabotaged driver. Otherwise a driver
// meets those that must fail and an eighth of the others, another for each.
var exhaustive = flag.Bool("exhaustive", false, "run all checks against every sabotaged driver")

// spoiled is a way to spoil the reference driver. What must fail then is in the
// table noticed.
type spoiled struct {
	name string
	// hooks are made anew for each run.
	hooks func() *sabotage.Hooks
	// target spoils what hooks cannot reach.
	target func(*conformance.Target)
	// heap: it shows in the checks that measure the heap.
	heap bool
}

func allSpoiled() []spoiled {
	return slices.Concat(spoiledConnections, spoiledStatements, spoiledResults, spoiledValues, spoiledContexts, spoiledErrors, spoiledExtensions)
}

// TestSabotage spoils one behaviour after the other and expects the checks that
// are for it to fail, and those only.
func TestSabotage(t *testing.T) {
	for n, s := range allSpoiled() {
		t.Run(s.name, func(t *testing.T) {
			if !s.heap {
				t.Parallel()
			}
			s.run(t, n)
		})
	}
}

// TestEveryCheckHasFailed holds the suite to its own rule: a check that no
// sabotage makes fail proves nothing.
func TestEveryCheckHasFailed(t *testing.T) {
	proven := make(map[string]bool)
	for name, checks := range noticed {
		if !slices.ContainsFunc(allSpoiled(), func(s spoiled) bool { return s.name == name }) {
			t.Errorf("there is no sabotage named %q", name)
		}
		for _, check := range checks {
			proven[check] = true
		}
	}
	for _, c := range conformance.Checks() {
		if reason, ok := neverSpoiled[c.Name]; !proven[c.Name] && !ok {
			t.Errorf("no sabotage makes this check fail: %s", c.Name)
		} else if proven[c.Name] && ok {
			t.Errorf("%s is spoiled, though %s", c.Name, reason)
		}
	}
}

// attempts are how often a sabotage may try to be noticed by its checks alone:
// some of them measure time, and a busy machine fails one by itself.
const attempts = 3

func (s spoiled) run(t *testing.T, n int) {
	want := slices.Sorted(slices.Values(noticed[s.name]))
	for attempt := 1; ; attempt++ {
		report := s.verify(t, n, want)
		got := slices.Sorted(slices.Values(report.Failed()))
		if len(want) > 0 && slices.Equal(got, want) {
			return
		}
		if attempt < attempts {
			t.Logf("attempt %d: noticed by %q", attempt, got)
			continue
		}
		var list strings.Builder
		for _, name := range report.Failed() {
			fmt.Fprintf(&list, "\t\t%q,\n", name)
		}
		t.Fatalf("noticed by\n\t%q: {\n%s\t},\nand not by %q\n%s", s.name, list.String(), want, report.Summary())
	}
}

// verify holds the spoiled driver to the checks in want and to a share of the
// others.
func (s spoiled) verify(t *testing.T, n int, want []string) *conformance.Report {
	target := referenceTarget(t)
	target.Prompt = 800 * time.Millisecond
	target.LargeRows = 3000
	if s.heap {
		target.ServerMemory = 0
	}
	target.Timeout = 10 * time.Second
	if s.hooks != nil {
		hooks := s.hooks()
		target.Open = func(dsn string) (sqldriver.Connector, error) {
			c, err := reference.Driver{}.OpenConnector(dsn)
			if err != nil {
				return nil, err
			}
			return sabotage.Wrap(c, hooks), nil
		}
	}
	if s.target != nil {
		s.target(&target)
	}
	report, err := conformance.VerifySome(context.Background(), target, s.heap, func(i int, name string) bool {
		return *exhaustive || others > 0 && (i+n)%max(1, others) == 0 || slices.Contains(want, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestUntrustedCertificateIsNoticed is the sabotage of the one check for which
// the reference driver lacks what it needs.
func TestUntrustedCertificateIsNoticed(t *testing.T) {
	const check = "an untrusted certificate is refused"
	target := taosEmbedded(t, "ws")
	target.DSNs.Untrusted += "?tls_skip_verify=true"
	report, err := conformance.VerifySome(context.Background(), target, false, func(_ int, name string) bool { return name == check })
	if err != nil {
		t.Fatal(err)
	}
	if failed := report.Failed(); !slices.Equal(failed, []string{check}) {
		t.Errorf("a driver that trusts every certificate passes: %s", report.Summary())
	}
}
