//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// patience is how long a call that was asked to end may take to do so before its
// caller goes on without it.
const patience = 50 * time.Millisecond

// steady is how long a call has to be under way before it is asked to end. libtaos
// loses the answer to a query that is killed while it is being set up: the call never
// returns then (3.3.7.5, schedulerExecJob between schInitJob and SCH_OP_EXEC).
const steady = 250 * time.Millisecond

// flight is a call of the library that may take its time, in a goroutine of its
// own. The goroutine ends when the call has returned.
type flight struct {
	// ended is closed when the call has returned and, if nobody waited any more,
	// what it brought is freed.
	ended chan struct{}
	began time.Time

	mu       sync.Mutex
	returned bool
	left     bool
}

// fly starts call. Its outcome belongs to whoever waits; if nobody does any more
// when it has returned, late frees it. after runs in any case, at the very end.
func fly(call, late, after func()) *flight {
	f := &flight{ended: make(chan struct{}), began: time.Now()}
	go func() {
		runtime.LockOSThread() // the reason of a failure is the thread's
		call()
		runtime.UnlockOSThread()
		f.mu.Lock()
		f.returned = true
		left := f.left
		f.mu.Unlock()
		if left {
			late()
		}
		after()
		close(f.ended)
	}()
	return f
}

// leave gives the call up. It reports false if the call has returned: then its
// outcome is there.
func (f *flight) leave() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.returned {
		return false
	}
	f.left = true
	return true
}

// interrupt asks the library to end the call by stop, which must not wait, and
// reports whether it did. A call that is not steady is asked when it is, if it has
// not returned by then. What stop uses is there: it runs while the call has not
// returned.
func (f *flight) interrupt(stop func() bool) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.returned {
		return false
	}
	if age := time.Since(f.began); age < steady {
		time.AfterFunc(steady-age, func() { f.interrupt(stop) })
		return false
	}
	return stop()
}

// The ways in which a wait ends.
type landing int

const (
	returned landing = iota // the outcome is there
	canceled                // ctx has ended
	timedOut                // the time is up
)

// wait returns when the call has returned, ctx has ended or the time is up; 0 is no
// bound. stop, if not nil, asks the library to end the call, see interrupt; stopped
// tells that it was asked. The call is given a moment to end by that or by itself. If
// the landing is not returned, the call has been left.
func (f *flight) wait(ctx context.Context, limit time.Duration, stop func() bool) (l landing, stopped bool) {
	var timeUp <-chan time.Time
	if limit > 0 {
		timer := time.NewTimer(limit)
		defer timer.Stop()
		timeUp = timer.C
	}
	select {
	case <-f.ended:
		return returned, false
	case <-ctx.Done():
		l = canceled
	case <-timeUp:
		l = timedOut
	}
	select {
	case <-f.ended: // meanwhile
		return returned, false
	default:
	}
	if stop != nil {
		stopped = f.interrupt(stop)
		timer := time.NewTimer(patience)
		defer timer.Stop()
		select {
		case <-f.ended:
			return returned, stopped
		case <-timer.C:
		}
	}
	if !f.leave() {
		<-f.ended
		return returned, stopped
	}
	return l, stopped
}
