package placeholder

import (
	"fmt"
	"strconv"
	"strings"
)

// Mark is a placeholder of a statement.
type Mark struct {
	// Start and End are its place: sql[Start:End] is "?" or "$n".
	Start, End int
	// Arg is the index of its argument: of the n-th "?" n-1, of "$n" also.
	Arg int
}

// maxArgs is PostgreSQL's limit, and more than others take.
const maxArgs = 65535

// Marks returns the placeholders of sql in order and the number of arguments
// that they want. It is an error if a "$n" is not from $1 to $65535.
func (d *Dialect) Marks(sql string) (marks []Mark, args int, err error) {
	if !d.mayHave(sql) {
		return nil, 0, nil
	}
	numbered := false
	s := d.Scan(sql)
	for {
		t, ok := s.Next()
		switch {
		case !ok:
			return marks, args, nil
		case t.Kind == Question && !numbered:
			marks = append(marks, Mark{t.Start, t.End, args})
			args++
		case t.Kind == Dollar:
			n, err := strconv.Atoi(sql[t.Start+1 : t.End])
			if err != nil || n < 1 || n > maxArgs {
				return nil, 0, fmt.Errorf("placeholder at byte %d is not from $1 to $%d", t.Start, maxArgs)
			}
			if !numbered {
				numbered, marks, args = true, nil, 0
			}
			marks = append(marks, Mark{t.Start, t.End, n - 1})
			args = max(args, n)
		}
	}
}

// Has reports whether sql has a placeholder.
func (d *Dialect) Has(sql string) bool {
	if !d.mayHave(sql) {
		return false
	}
	s := d.Scan(sql)
	for {
		t, ok := s.Next()
		if !ok || t.Kind == Question || t.Kind == Dollar {
			return ok
		}
	}
}

// mayHave spares most statements without placeholders the scan.
func (d *Dialect) mayHave(sql string) bool {
	return strings.IndexByte(sql, '?') >= 0 || d.Numbered && strings.IndexByte(sql, '$') >= 0
}

// Number writes each "?" of sql as "$1", "$2" and so on, and returns the
// number of arguments. A statement that has "$n" or no placeholder is returned
// as it is.
func (d *Dialect) Number(sql string) (numbered string, args int, err error) {
	marks, args, err := d.Marks(sql)
	if err != nil || args == 0 || sql[marks[0].Start] == '$' {
		return sql, args, err
	}
	b := make([]byte, 0, len(sql)+4*len(marks))
	last := 0
	for _, m := range marks {
		b = append(b, sql[last:m.Start]...)
		b = append(b, '$')
		b = strconv.AppendInt(b, int64(m.Arg+1), 10)
		last = m.End
	}
	return string(append(b, sql[last:]...)), args, nil
}
