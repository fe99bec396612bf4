package session

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// traits are what can be told of a statement by its text.
type traits struct {
	// several: there is more than one statement in the text.
	several bool
	// reads: it changes nothing, as far as its own words go, calls no function that
	// could, and may be cancelled when nobody wants the rest of its rows.
	reads bool
	// outer: a column of a table that cannot be NULL may be so in the result, by an
	// outer join or a union.
	outer bool
	// varies: what it returns depends on more than its text, and has other columns
	// when a cursor or statement of the same name is made anew. The server does not
	// notice that, so that each use is described by itself, in text.
	varies bool
	// effect on the session that its tag does not tell.
	effect effects
}

// effects are what statements leave behind in a session.
type effects uint8

const (
	// settings may have changed, or the role.
	settings effects = 1 << iota
	// cursors were opened that outlive their transaction.
	cursors
	// prepared statements were made by PREPARE.
	prepared
	// lasting things were left that only the end of the session takes away:
	// temporary tables, locks, subscriptions.
	lasting
)

// traitsOf reads a text. What is inserted, updated or deleted by a single
// statement is not looked through: such texts can be long.
func traitsOf(text string) (t traits) {
	if strings.IndexByte(text, ';') >= 0 {
		_, rest := placeholder.DWS.First(text)
		t.several = rest != ""
	}
	first := ""
	if words := placeholder.DWS.Words(text, make([]string, 0, 1)); len(words) > 0 {
		first = strings.ToUpper(words[0])
	}
	if !t.several {
		switch first {
		case "INSERT", "UPDATE", "DELETE", "MERGE", "REPLACE", "COPY", "BEGIN", "START", "COMMIT", "ROLLBACK", "":
			t.outer = true // it was not looked
			return t
		case "SELECT", "WITH", "VALUES", "TABLE", "SHOW", "EXPLAIN":
			t.reads = true
		case "FETCH":
			t.varies = true
		case "DO", "CALL", "EXECUTE":
			t.varies = first == "EXECUTE"
			// What a procedure sets may stay set.
			t.effect |= settings
		}
	}
	s := placeholder.DWS.Scan(text)
	before, of := "", "" // the token before, and the one before that
	for {
		token, ok := s.Next()
		if !ok {
			return t
		}
		if token.Kind != placeholder.Word {
			switch text[token.Start] {
			case '+':
				t.outer = t.outer || before == "(" // (+) is Oracle's outer join
			case '(':
				t.reads = t.reads && (strings.HasPrefix(text[token.End:], "+)") || !mayCall(before, of))
			}
			before, of = text[token.Start:token.End], before
			continue
		}
		word := text[token.Start:token.End]
		if len(word) > 32 {
			before, of = unknownName, before
			continue
		}
		word = strings.ToUpper(word)
		switch word {
		case "INSERT", "UPDATE", "DELETE", "MERGE", "INTO", "ANALYZE", "ANALYSE", "PERFORMANCE", "NEXTVAL":
			t.reads = false
		case "LEFT", "RIGHT", "FULL", "UNION", "INTERSECT", "EXCEPT", "MINUS", "ROLLUP", "CUBE", "GROUPING":
			t.outer = true
		case "TEMP", "TEMPORARY", "VOLATILE":
			switch before {
			case "CREATE", "LOCAL", "GLOBAL", "REPLACE", "INTO":
				t.effect |= lasting
			}
		case "HOLD":
			if before == "WITH" {
				t.effect |= cursors
			}
		case "SET_CONFIG":
			t.effect |= settings
			t.reads = false
		case "PG_ADVISORY_LOCK", "PG_ADVISORY_LOCK_SHARED", "PG_TRY_ADVISORY_LOCK", "PG_TRY_ADVISORY_LOCK_SHARED":
			t.effect |= lasting
			t.reads = false
		}
		before, of = word, before
	}
}

// unknownName stands for a word that is too long to be one of SQL's.
const unknownName = "\""

// mayCall reports whether a parenthesis calls a function that may write: one behind
// a name that is not known, is quoted, or is of a schema.
func mayCall(name, before string) bool {
	if name == "" {
		return false
	}
	c := name[0] | 0x20
	if isName := 'a' <= c && c <= 'z' || c == '_' || c == '"' || c >= 0x80; !isName {
		return false
	}
	return before == "." || !harmless[name]
}

// effectOf is what a command's tag tells.
func effectOf(tag string) effects {
	switch tag {
	case "SET", "RESET", "DO", "CALL", "ANONYMOUS BLOCK EXECUTE", "ALTER SESSION":
		return settings
	case "PREPARE":
		return prepared
	case "LISTEN", "LOAD":
		return lasting
	}
	return 0
}
