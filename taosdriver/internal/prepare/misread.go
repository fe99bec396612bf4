package prepare

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// Misread reports whether a query has a placeholder where TDengine 3.3.7.5 does
// not take the bound value for what it is: it forgets a minus sign in front of
// it, and reads any text or fraction behind LIMIT or OFFSET as no limit at all.
// In the text of a statement it does as it should.
func Misread(sql string) bool {
	s := placeholder.TDengine.Scan(sql)
	minus, limit := false, false
	for {
		t, ok := s.Next()
		if !ok {
			return false
		}
		text := sql[t.Start:t.End]
		switch {
		case t.Kind == placeholder.Question && (minus || limit):
			return true
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
