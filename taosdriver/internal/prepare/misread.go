package prepare

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// Misread reports whether a query has a placeholder where TDengine 3.3.7.5 does
// not take the bound value for what it is, see [Misreads].
func Misread(sql string) bool {
	minus, limits := Misreads(sql)
	return minus || limits != nil
}

// Misreads tells where TDengine 3.3.7.5 does not take a value that is bound to a
// query for what it is. negated reports that a minus sign stands in front of a
// placeholder, which it forgets. limits are the placeholders, counted from 0, behind
// LIMIT or OFFSET: it reads anything but an integer there as no limit at all. In
// the text of a statement it does as it should.
func Misreads(sql string) (negated bool, limits []int) {
	s := placeholder.TDengine.Scan(sql)
	minus, limit := false, false
	for n := 0; ; {
		t, ok := s.Next()
		if !ok {
			return negated, limits
		}
		text := sql[t.Start:t.End]
		switch {
		case t.Kind == placeholder.Question:
			negated = negated || minus
			if limit {
				limits = append(limits, n)
			}
			n++
		case t.Kind == placeholder.Word:
			limit = isLimit(text)
		case text == ")":
			limit = false
		}
		minus = text == "-"
	}
}

func isLimit(word string) bool {
	switch strings.ToLower(word) {
	case "limit", "offset", "slimit", "soffset":
		return true
	}
	return false
}
