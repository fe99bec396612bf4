package hosts

import (
	"context"
	"time"
)

// leastShare is the time that a host gets of a caller's deadline however many
// hosts are left to try.
const leastShare = time.Second

// Dial tries the hosts of s in order until connect succeeds with one, and
// returns what connect made and its host. The connection is counted as opened;
// whoever closes it calls [Set.Closed].
//
// Connect must return soon after its context ends. That is when the caller's
// context does, when [Config.Timeout] is over, or when the host has used up
// its share of the caller's deadline. Dial returns at once when the caller's
// context ends or an error is final; then, and when every host has failed, the
// error is or wraps a [*Failure] for each host tried, and the context's error
// if it is why.
func Dial[T any](ctx context.Context, s *Set, connect func(context.Context, Host) (T, error)) (T, Host, error) {
	var none T
	var failed Failures
	candidates := s.Candidates()
	for i, h := range candidates {
		if ctx.Err() != nil {
			return none, h, interrupted(ctx, failed)
		}
		s.probe(h)
		timeout, bounded := s.timeout(ctx, len(candidates)-i)
		v, late, err := attempt(ctx, timeout, bounded, h, connect)
		switch {
		case err == nil:
			s.OK(h)
			s.Opened(h)
			return v, h, nil
		case s.config.Final != nil && s.config.Final(err):
			s.OK(h) // it did answer
			return none, h, &Failure{Host: h, Err: err}
		case late:
			err = &TimeoutError{After: timeout}
		}
		if ctx.Err() != context.Canceled {
			// A deadline that passed counts against the host that it passed at,
			// or a silent host would be the first to be tried for ever.
			s.Failed(h)
		}
		failed = append(failed, &Failure{Host: h, Err: err})
		if ctx.Err() != nil {
			return none, h, interrupted(ctx, failed)
		}
	}
	switch len(failed) {
	case 0:
		return none, Host{}, errNoHosts
	case 1:
		return none, failed[0].Host, failed[0]
	}
	return none, failed[len(failed)-1].Host, failed
}

// attempt calls connect with a context of its own. Late is true if the
// attempt's time ran out and not the caller's.
func attempt[T any](ctx context.Context, timeout time.Duration, bounded bool, h Host,
	connect func(context.Context, Host) (T, error),
) (v T, late bool, err error) {
	if !bounded {
		v, err = connect(ctx, h)
		return v, false, err
	}
	own, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	v, err = connect(own, h)
	return v, own.Err() != nil && ctx.Err() == nil, err
}

// timeout is how long the next of n hosts may take.
func (s *Set) timeout(ctx context.Context, n int) (d time.Duration, bounded bool) {
	d, bounded = s.config.Timeout, s.config.Timeout > 0
	if deadline, ok := ctx.Deadline(); ok && n > 1 {
		share := max(time.Until(deadline)/time.Duration(n), leastShare)
		if !bounded || share < d {
			d, bounded = share, true
		}
	}
	return d, bounded
}
