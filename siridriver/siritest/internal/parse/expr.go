package parse

import (
	"strconv"
	"strings"
)

// ValueError is what is wrong with the value of an expression, in the server's
// words.
type ValueError string

func (e ValueError) Error() string { return string(e) }

// The faults of an expression.
const (
	ErrDivision  = ValueError("Division by zero error.")
	ErrModulo    = ValueError("Modulo by zero error.")
	ErrDate      = ValueError("Invalid date string.")
	ErrTimeRange = ValueError("Time expression out-of-range.")
	ErrTooDeep   = ValueError("Memory allocation error or maximum recursion depth reached.")
)

// Clock is what the value of a time depends on.
type Clock struct {
	// Now in units of the database.
	Now int64
	// Second is the number of units of the database in a second.
	Second int64
	// Max is the latest time of the database.
	Max int64
	// Date reads a date in seconds. It returns a negative number if it is none.
	Date func(string) int64
}

// moment reads an expression of times and computes it. It must be a time that
// the database can hold.
func (p *parser) moment() (int64, bool) {
	ts, ok := p.sum(true)
	if ok && (ts < 0 || ts > p.clock.Max) {
		p.fault(ErrTimeRange)
	}
	return ts, ok
}

// count reads an expression of integers and computes it.
func (p *parser) count() (int64, bool) { return p.sum(false) }

// fault keeps the first thing that is wrong with the value of an expression,
// which is told if the syntax is right.
func (p *parser) fault(err ValueError) {
	if p.value == nil {
		p.value = err
	}
}

// sum reads an expression; dates and durations are part of it if it is one of
// times. Results wrap around.
func (p *parser) sum(times bool) (int64, bool) {
	if p.depth++; p.depth > maxDepth {
		p.err = ErrTooDeep
		return 0, false
	}
	defer func() { p.depth-- }()
	product, ok := p.operand(times)
	if !ok {
		return 0, false
	}
	total := int64(0)
	for {
		op, ok := p.tokens("+ - * % /")
		if !ok {
			return total + product, true
		}
		x, ok := p.operand(times)
		if !ok {
			return 0, false
		}
		switch op {
		case "+":
			total, product = total+product, x
		case "-":
			total, product = total+product, -x
		case "*":
			product *= x
		case "%":
			if x == 0 {
				p.fault(ErrModulo)
				x = 1
			}
			product %= x
		case "/":
			if x == 0 {
				p.fault(ErrDivision)
				x = 1
			}
			product /= x
		}
	}
}

func (p *parser) operand(times bool) (int64, bool) {
	if times {
		if s, ok := p.duration(); ok {
			return p.seconds(s) * p.clock.Second, true
		}
		if p.is("now") {
			return p.clock.Now, true
		}
		if s, ok := p.text(); ok {
			ts := p.clock.Date(s)
			if ts < 0 {
				p.fault(ErrDate)
			}
			return ts * p.clock.Second, true
		}
	}
	if s, ok := p.integer(); ok {
		return wrapped(s), true
	}
	if !p.token("(") {
		return 0, false
	}
	x, ok := p.sum(times)
	return x, ok && p.token(")")
}

// seconds is the length of a duration like 3d.
func (p *parser) seconds(s string) int64 {
	n := wrapped(s[:len(s)-1])
	switch s[len(s)-1] {
	case 'm':
		n *= 60
	case 'h':
		n *= 3600
	case 'd':
		n *= 86400
	case 'w':
		n *= 604800
	}
	return n
}

// wrapped is an integer modulo 64 bits.
func wrapped(s string) (n int64) {
	for _, c := range s[sign(s):] {
		n = 10*n + int64(c-'0')
	}
	if s[0] == '-' {
		return -n
	}
	return n
}

// nearest is an integer, or the one nearest to it that has 64 bits.
func nearest(s string) int64 {
	n, _ := strconv.ParseInt(strings.TrimPrefix(s, "+"), 10, 64) // it is the nearest beside the error
	return n
}
