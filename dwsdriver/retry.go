package dwsdriver

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/session"
)

// retryable are the SQLSTATEs of errors after which a coordinator tries a
// statement again by itself (its parameter retry_ecode_list by default): parts of
// the cluster that were lost or moved, and left nothing behind.
var retryable = []string{
	"YY001", "YY002", "YY003", "YY004", "YY005", "YY006", "YY007", "YY008", "YY009", "YY010", "YY011", "YY012", "YY013", "YY014",
	"YY015", "YY016", "53200", "08006", "08000", "57P01", "XX003", "XX009", "CG003", "CG004", "F0011", "F0012", "45003", "42P30",
}

type idempotent struct{}

// WithIdempotent returns a context under which statements may run more than once:
// that of a write which comes to the same when it is done twice. The driver then
// tries it again, at most Config.Retries times, where the server says that another
// try may do.
func WithIdempotent(ctx context.Context) context.Context {
	return context.WithValue(ctx, idempotent{}, true)
}

// mayRepeat reports whether a statement may be tried again after an error of the
// server.
func (c *Config) mayRepeat(ctx context.Context, text string) bool {
	if c.Retries == 0 {
		return false
	}
	if marked, _ := ctx.Value(idempotent{}).(bool); marked {
		return true
	}
	return c.RetryReads && onlyReads(text) && session.Reads(text)
}

// transient reports whether the server said that a statement may do better when
// it is tried again. It says so of errors that leave the session alive: after a
// FATAL the session is gone, and with it what would tell whether a transaction
// had begun.
func transient(err error) bool {
	var e *driver.Error
	var said *ServerError
	return errors.As(err, &e) && errors.As(err, &said) && !e.OutcomeUnknown && slices.Contains(retryable, said.Code) && !said.fatal()
}

// connectable reports whether a host may come to serve by itself: nothing has been
// run that could be run twice.
func connectable(err error) bool {
	return !final(err) && (errors.Is(err, driver.ErrConnection) || errors.Is(err, driver.ErrServer) || errors.Is(err, driver.ErrTimeout))
}

// retry calls f until it succeeds, its error is not of those to be tried again,
// ctx ends, or Config.Retries is used up. The error is f's last.
func (c *Connector) retry(ctx context.Context, op string, id uint64, again func(error) bool, f func() error) error {
	wait := c.config.RetryWait
	for try := 0; ; try++ {
		err := f()
		if err == nil || try >= c.config.Retries || ctx.Err() != nil || !again(err) {
			return err
		}
		d := wait/2 + time.Duration(rand.Int64N(int64(wait/2)+1))
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < d {
			return err // rather than the context's, which says less
		}
		c.debug(ctx, "trying again", "op", op, "request_id", id, "wait", d, "error", err)
		timer := time.NewTimer(d)
		select {
		case <-ctx.Done():
			timer.Stop()
			e := connectError(ctx, err)
			return &driver.Error{Kind: e.Kind, Engine: engine, Op: op, RequestID: id, Err: errors.Join(ctx.Err(), err)}
		case <-timer.C:
		}
		wait = min(2*wait, max(c.config.RetryMaxWait, wait))
	}
}

// onlyReads tells a statement that reads by its first word. A text of several
// statements reads only if there is none behind the first.
func onlyReads(text string) bool {
	word, rest := firstWord(text)
	switch strings.ToUpper(word) {
	case "SELECT", "SHOW", "VALUES", "TABLE":
	case "EXPLAIN":
		// With ANALYZE it runs the statement.
		if strings.Contains(strings.ToUpper(rest), "ANALY") || strings.Contains(strings.ToUpper(rest), "PERFORMANCE") {
			return false
		}
	default:
		return false
	}
	rest = strings.TrimRight(rest, "; \t\r\n")
	upper := strings.ToUpper(rest)
	return !strings.Contains(rest, ";") && !slices.Contains(strings.Fields(upper), "INTO") && !strings.Contains(upper, "NEXTVAL")
}

// firstWord is that behind blanks and comments.
func firstWord(text string) (word, rest string) {
	for {
		text = strings.TrimLeft(text, " \t\r\n(")
		switch {
		case strings.HasPrefix(text, "--"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text, "*/")
		default:
			end := strings.IndexFunc(text, func(r rune) bool { return (r|0x20 < 'a' || r|0x20 > 'z') && r != '_' })
			if end < 0 {
				end = len(text)
			}
			return text[:end], text[end:]
		}
	}
}

// inTransaction explains, in the error of a statement that the coordinator would
// otherwise have tried again, why it did not.
func inTransaction(e *driver.Error) *driver.Error {
	if slices.Contains(retryable, e.SQLState) {
		e.Hint = "the coordinator tries such statements again by itself (CN Retry), but none in a transaction: do the whole transaction again"
	}
	return e
}
