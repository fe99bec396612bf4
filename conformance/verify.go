package conformance

import (
	"context"
	"database/sql"
	"fmt"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// Run holds the target to all checks, each as a subtest. It fails if one fails, if
// the target is incomplete, or if nothing ran.
func Run(t *testing.T, target Target) *Report {
	t.Helper()
	if err := target.Validate(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s runs against %s", target.Name, target.Server)
	r := newRun(&target)
	report := &Report{Target: target.Name, Server: target.Server}
	ctx := context.Background()
	for _, group := range groups(r.checks) {
		t.Run(group, func(t *testing.T) {
			for _, c := range r.checks {
				if c.Group != group {
					continue
				}
				t.Run(c.Name, func(t *testing.T) {
					result := r.check(ctx, c)
					report.Results = append(report.Results, result)
					result.tell(t)
				})
			}
		})
	}
	r.close(ctx)
	t.Log(report.Summary())
	if report.Count(Pass) == 0 && !filtered() {
		t.Errorf("nothing ran against %s", target.Name)
	}
	return report
}

// Verify is Run without a test. The error tells that the target is incomplete.
func Verify(ctx context.Context, target Target) (*Report, error) {
	if err := target.Validate(); err != nil {
		return nil, err
	}
	r := newRun(&target)
	defer r.close(ctx)
	report := &Report{Target: target.Name, Server: target.Server}
	for _, c := range r.checks {
		report.Results = append(report.Results, r.check(ctx, c))
	}
	return report, nil
}

// SkipUnset skips a test whose server is named by an environment variable that
// is not set. The skip is counted and says what would run it.
func SkipUnset(t *testing.T, variable string) {
	t.Helper()
	t.Skipf("skipped: no server is named by %s", variable)
}

// run is one pass of the suite over a target.
type run struct {
	target *Target
	checks []Check
	large  string // the table of the large result, made by the first who needs it
}

func newRun(t *Target) *run {
	return &run{target: t, checks: append(Checks(), t.Extra...)}
}

func groups(checks []Check) []string {
	var list []string
	for _, c := range checks {
		if !slices.Contains(list, c.Group) {
			list = append(list, c.Group)
		}
	}
	return list
}

// exclusive keeps everything else away from checks that measure the heap, also
// when several targets are verified at the same time.
var exclusive sync.RWMutex

var labelSerial atomic.Int64

// check runs one check with its time limit.
func (r *run) check(ctx context.Context, c Check) Result {
	result := Result{Group: c.Group, Name: c.Name}
	if reason := c.skip(r.target); reason != "" {
		result.Status, result.Message = Skip, reason
		return result
	}
	if c.alone {
		exclusive.Lock()
		defer exclusive.Unlock()
	} else {
		exclusive.RLock()
		defer exclusive.RUnlock()
	}
	limit := r.target.timeout()
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()

	e := &Env{Target: r.target, run: r, label: fmt.Sprint(labelSerial.Add(1))}
	e.ctx = pprof.WithLabels(ctx, pprof.Labels(goroutineLabel, e.label))
	started := time.Now()
	done := make(chan struct{})
	go func() {
		defer close(done)
		pprof.SetGoroutineLabels(e.ctx)
		e.perform(c.Run)
	}()
	select {
	case <-done:
	case <-time.After(limit + 5*time.Second):
		// The goroutine is stuck in the driver and cannot be stopped.
		e.Errorf("is not back %v after the check's time of %v ended", 5*time.Second, limit)
	}
	result.Took = time.Since(started)
	return e.result(result)
}

// perform runs the check's body, then what it left to be cleaned up.
func (e *Env) perform(body func(*Env)) {
	defer func() {
		for {
			e.mu.Lock()
			n := len(e.cleanups)
			if n == 0 {
				e.mu.Unlock()
				return
			}
			f := e.cleanups[n-1]
			e.cleanups = e.cleanups[:n-1]
			e.mu.Unlock()
			f()
		}
	}()
	defer e.recovered()
	body(e)
}

// result judges what the check reported.
func (e *Env) result(r Result) Result {
	e.mu.Lock()
	defer e.mu.Unlock()
	r.Notes = slices.Clone(e.notes)
	reason, known := e.Target.KnownFailures[r.Name]
	switch {
	case len(e.failures) == 0 && known:
		r.Status, r.Message = Fail, "passes, but is a known failure: "+reason
	case len(e.failures) == 0:
		r.Status = Pass
	case known:
		r.Status, r.Message = KnownFailure, reason
		r.Notes = append(r.Notes, e.failures...)
	default:
		r.Status, r.Message = Fail, strings.Join(e.failures, "\n")
	}
	return r
}

// close removes what the checks shared.
func (r *run) close(ctx context.Context) {
	if r.large == "" {
		return
	}
	c, err := r.target.connector(r.target.DSN)
	if err != nil {
		return
	}
	db := sql.OpenDB(c)
	defer db.Close()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	db.ExecContext(ctx, r.target.Dialect.drop(r.large))
}
