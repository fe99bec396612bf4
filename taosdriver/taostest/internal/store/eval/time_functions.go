package eval

import (
	"fmt"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

func instant(c *Compiler, name string, _ []Node) (Node, error) {
	t := c.Now
	if name == "today" {
		t = literal.Today(t.In(c.locationOf()))
	}
	ts, err := c.Precision.Unix(t)
	if err != nil {
		return Node{}, sqlerr.Newf(sqlerr.Internal, "taostest: %v", err)
	}
	return constant(field(block.Timestamp), ts), nil
}

// session are the functions about the session and the server.
func session(c *Compiler, name string, _ []Node) (Node, error) {
	var s string
	switch name {
	case "server_status":
		return constant(field(block.Int), int64(1)), nil
	case "server_version", "client_version":
		s = c.Version
	case "database":
		if c.Database == "" {
			return null, nil
		}
		s = c.Database
	case "user", "current_user":
		s = c.User
	case "timezone":
		loc := c.locationOf()
		zone := c.Now.In(loc)
		short := zone.Format("MST")
		if short == loc.String() { // time.FixedZone, which is how an unknown zone comes here: UTC under its name
			short = "UTC"
		}
		s = fmt.Sprintf("%s (%s, %s)", loc, short, zone.Format("-0700"))
	}
	return constant(text(len(s)), s), nil
}

// timestampOf compiles the argument of a function of time: a timestamp, a number in the unit of the
// query, or a text.
func (c *Compiler) timestampOf(x Node, name string) (func(*Row) (int64, bool), error) {
	switch {
	case x.Field.Type == block.Timestamp || isInteger(x.Field.Type):
		return func(r *Row) (int64, bool) { return integerOf(x.Eval(r)) }, nil
	case isText(x.Field.Type):
		loc := c.locationOf()
		return func(r *Row) (int64, bool) {
			s, ok := x.Eval(r).(string)
			if !ok {
				return 0, false
			}
			return literal.Time(s, c.Precision, loc)
		}, nil
	}
	return nil, argType(name)
}

func toISO8601(c *Compiler, name string, args []Node) (Node, error) {
	ts, err := c.timestampOf(args[0], name)
	if err != nil {
		return Node{}, err
	}
	loc := c.locationOf()
	if len(args) == 2 {
		s, ok := args[1].Eval(&Row{}).(string)
		if !ok || !args[1].Const {
			return Node{}, argType(name)
		}
		t, err := time.Parse("-0700", strings.Replace(strings.Replace(s, "z", "+0000", 1), ":", "", 1))
		if err != nil {
			return Node{}, argType(name)
		}
		_, offset := t.Zone()
		loc = time.FixedZone("", offset)
	}
	return Node{text(62), allConst(args), func(r *Row) any {
		if v, ok := ts(r); ok {
			return formatTime(c.Precision.Time(v, loc), c.Precision, "2006-01-02T15:04:05", "-0700")
		}
		return nil
	}}, nil
}

// charFormats are the patterns of TO_CHAR that the store knows, longer before shorter.
var charFormats = []struct{ pattern, layout string }{
	{"yyyy", "2006"}, {"month", "January"}, {"mon", "Jan"}, {"hh24", "15"}, {"hh12", "03"}, {"day", "Monday"}, {"yy", "06"}, {"mm", "01"},
	{"dd", "02"}, {"hh", "03"}, {"mi", "04"}, {"ss", "05"}, {"ms", ".000"}, {"us", ".000000"}, {"ns", ".000000000"}, {"am", "PM"}, {"pm", "PM"},
	{"dy", "Mon"},
}

// toChar is TO_CHAR, which does not look at the session's time zone.
func toChar(c *Compiler, name string, args []Node) (Node, error) {
	if args[0].Field.Type != block.Timestamp || !isText(args[1].Field.Type) {
		return Node{}, argType(name)
	}
	return Node{text(4094), allConst(args), func(r *Row) any {
		v, ok := args[0].Eval(r).(int64)
		format, ok2 := args[1].Eval(r).(string)
		if !ok || !ok2 {
			return nil
		}
		t := c.Precision.Time(v, time.UTC)
		var b strings.Builder
	next:
		for format != "" {
			for _, f := range charFormats {
				if len(format) >= len(f.pattern) && strings.EqualFold(format[:len(f.pattern)], f.pattern) {
					b.WriteString(strings.TrimPrefix(t.Format(f.layout), "."))
					format = format[len(f.pattern):]
					continue next
				}
			}
			b.WriteByte(format[0])
			format = format[1:]
		}
		return b.String()
	}}, nil
}

func toUnix(c *Compiler, name string, args []Node) (Node, error) {
	if !isText(args[0].Field.Type) {
		return Node{}, argType(name)
	}
	ts, err := c.timestampOf(args[0], name)
	if err != nil {
		return Node{}, err
	}
	f := field(block.BigInt)
	if len(args) == 2 {
		if n, ok := integerOf(args[1].Eval(&Row{})); ok && n == 1 {
			f = field(block.Timestamp)
		}
	}
	return Node{f, allConst(args), func(r *Row) any {
		if v, ok := ts(r); ok {
			return v
		}
		return nil
	}}, nil
}

// unitOf is a constant duration argument in the unit of the query, which is how durations compile.
func unitOf(n Node) (int64, bool) {
	if !n.Const || !isInteger(n.Field.Type) {
		return 0, false
	}
	v, ok := n.Eval(nil).(int64)
	return v, ok && v > 0
}

func timeTruncate(c *Compiler, name string, args []Node) (Node, error) {
	ts, err := c.timestampOf(args[0], name)
	if err != nil {
		return Node{}, err
	}
	unit, ok := unitOf(args[1])
	if !ok {
		return Node{}, argType(name)
	}
	useZone := true
	if len(args) == 3 {
		n, _ := integerOf(args[2].Eval(&Row{}))
		useZone = n != 0
	}
	loc := c.locationOf()
	day, _ := literal.Duration{N: 1, Unit: 'd'}.Units(c.Precision)
	return Node{field(block.Timestamp), allConst(args), func(r *Row) any {
		v, ok := ts(r)
		if !ok {
			return nil
		}
		shift := int64(0)
		if useZone && unit >= day {
			_, seconds := c.Precision.Time(v, loc).Zone()
			shift = int64(seconds) * (day / 86400)
		}
		return FloorTo(v+shift, unit) - shift
	}}, nil
}

func timeDiff(c *Compiler, name string, args []Node) (Node, error) {
	a, err := c.timestampOf(args[0], name)
	if err != nil {
		return Node{}, err
	}
	b, err := c.timestampOf(args[1], name)
	if err != nil {
		return Node{}, err
	}
	unit := int64(1)
	if len(args) == 3 {
		var ok bool
		if unit, ok = unitOf(args[2]); !ok {
			return Node{}, argType(name)
		}
	}
	return Node{field(block.BigInt), allConst(args), func(r *Row) any {
		x, ok1 := a(r)
		y, ok2 := b(r)
		if !ok1 || !ok2 {
			return nil
		}
		return (x - y) / unit
	}}, nil
}

// FloorTo is the greatest multiple of unit that is not above v.
func FloorTo(v, unit int64) int64 {
	m := v % unit
	if m < 0 {
		m += unit
	}
	return v - m
}

// sleep is taostest_sleep(ms), the store's own function: it waits so many milliseconds for each
// row, or until the query is cancelled, and gives its argument back.
func sleep(c *Compiler, name string, args []Node) (Node, error) {
	if !isNumeric(args[0].Field.Type) {
		return Node{}, argType(name)
	}
	return Node{field(block.BigInt), false, func(r *Row) any {
		ms, ok := integerOf(args[0].Eval(r))
		if !ok {
			return nil
		}
		t := time.NewTimer(time.Duration(min(max(ms, 0), 3_600_000)) * time.Millisecond)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.Ctx.Done():
		}
		return ms
	}}, nil
}
