package hosts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

var errNoHosts = errors.New("no host to connect to")

// Failure is why one host could not be used. It unwraps to the error of
// connect.
type Failure struct {
	Host Host
	Err  error
}

// Error names the host, unless the error below does.
func (f *Failure) Error() string {
	var e *driver.Error
	if errors.As(f.Err, &e) && e.Host != "" {
		return f.Err.Error()
	}
	return f.Host.Addr + ": " + f.Err.Error()
}

func (f *Failure) Unwrap() error { return f.Err }

// Failures are those of several hosts, in the order tried. It unwraps to each.
type Failures []*Failure

func (f Failures) Error() string {
	texts := make([]string, len(f))
	for i, failure := range f {
		texts[i] = failure.Error()
	}
	return fmt.Sprintf("none of %d hosts could be used: %s", len(f), strings.Join(texts, "; "))
}

func (f Failures) Unwrap() []error {
	errs := make([]error, len(f))
	for i, failure := range f {
		errs[i] = failure
	}
	return errs
}

// TimeoutError is an attempt that took longer than it might. It is of kind
// [driver.ErrTimeout], and not [context.DeadlineExceeded]: that is said of the
// caller's own deadline only.
type TimeoutError struct {
	After time.Duration
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("no connection within %v", e.After.Round(time.Millisecond))
}

// Is reports whether target is [driver.ErrTimeout] or above it.
func (e *TimeoutError) Is(target error) bool {
	//lint:ignore SA1032 the kind is asked for its ancestors
	return errors.Is(driver.ErrTimeout, target)
}

// Timeout is true, as net.Error has it.
func (e *TimeoutError) Timeout() bool { return true }

// interruptedError is a caller's context that ended between or within
// attempts.
type interruptedError struct {
	cause  error
	failed Failures
}

func interrupted(ctx context.Context, failed Failures) error {
	return &interruptedError{ctx.Err(), failed}
}

func (e *interruptedError) Error() string {
	if len(e.failed) == 0 {
		return e.cause.Error()
	}
	last := e.failed[len(e.failed)-1]
	if len(e.failed) == 1 && errors.Is(last.Err, e.cause) {
		return last.Error()
	}
	return e.cause.Error() + ": " + e.failed.Error()
}

func (e *interruptedError) Unwrap() []error { return append([]error{e.cause}, e.failed.Unwrap()...) }
