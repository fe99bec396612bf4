// Package dialect is what DWS makes of statements before PostgreSQL would: what it
// refuses, what it changes silently, and what PostgreSQL does not know.
package dialect

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// Rules say what depends on the cluster.
type Rules struct {
	// Version is what the function version() returns.
	Version string
	// Maintenance is the mode in which prepared transactions may be made and ended.
	Maintenance bool
	// Coordinators are the rows of pgxc_node: "host:port".
	Coordinators []string
}

// Refusal is what DWS says to a statement that PostgreSQL would run.
type Refusal struct{ State, Text string }

func (r *Refusal) Error() string { return r.Text }

func notSupported(format string, args ...any) *Refusal {
	return &Refusal{"0A000", fmt.Sprintf(format, args...)}
}

// Refuse tells whether a statement of the text is one that DWS refuses.
func (r Rules) Refuse(text string) *Refusal {
	for _, statement := range lex.Split(lex.Tokens(text)) {
		if refusal := r.refuse(lex.Words(statement)); refusal != nil {
			return refusal
		}
	}
	return nil
}

func (r Rules) refuse(w []lex.Token) *Refusal {
	is := func(words ...string) bool {
		if len(w) < len(words) {
			return false
		}
		for i, word := range words {
			if !w[i].Is(word) {
				return false
			}
		}
		return true
	}
	has := func(words ...string) bool { return find(w, words...) >= 0 }
	switch {
	case is("discard"):
		return notSupported("DISCARD statement is not yet supported.")
	case is("listen"), is("unlisten"), is("notify"):
		return notSupported("%s statement is not yet supported.", strings.ToUpper(w[0].Text))
	case is("prepare", "transaction") && !r.Maintenance:
		return notSupported("Explicit prepare transaction is not supported.")
	case (is("commit", "prepared") || is("rollback", "prepared")) && !r.Maintenance:
		return notSupported("%s PREPARED is only supported in maintenance mode.", strings.ToUpper(w[0].Text))
	case is("declare") && has("scroll") && !has("no", "scroll"):
		return notSupported("SCROLL CURSOR is not yet supported.")
	case is("declare") && has("with", "hold"):
		return notSupported("WITH HOLD CURSOR is not yet supported.")
	case is("move") && has("backward"):
		return notSupported("MOVE BACKWARD is not yet supported.")
	case is("fetch") && (has("backward") || has("prior") || has("last") || has("absolute") || has("relative")):
		return notSupported("SCROLL CURSOR is not yet supported.")
	case is("set") && has("default_transaction_read_only"):
		return &Refusal{"55P02", `parameter "default_transaction_read_only" cannot be changed in a session`}
	case is("set") && has("session", "characteristics") && (has("read", "only") || has("read", "write")):
		return &Refusal{"55P02", `parameter "default_transaction_read_only" cannot be changed in a session`}
	case is("create", "domain"), is("create", "extension"), is("create", "rule"), is("create", "or", "replace", "rule"):
		return notSupported("CREATE %s is not yet supported.", strings.ToUpper(after(w[1:], "or", "replace")[0].Text))
	case (is("create") || is("alter")) && has("foreign", "key"), is("create", "table") && has("references"):
		return notSupported("FOREIGN KEY ... REFERENCES constraint is not yet supported.")
	case is("create") && has("inherits"):
		return notSupported("CREATE TABLE ... INHERITS is not yet supported.")
	case is("create") && has("exclude"):
		return notSupported("EXCLUDE constraint is not yet supported.")
	case is("copy") && serverFile(w):
		return notSupported("COPY to or from a file on the server is disabled; use STDIN or STDOUT.")
	}
	for i, t := range w {
		if i+1 < len(w) && w[i+1].IsOp("(") && largeObject[t.Name()] {
			return notSupported("large object is not supported: %s", t.Name())
		}
	}
	return nil
}

var largeObject = map[string]bool{
	"lo_create": true, "lo_creat": true, "lo_open": true, "lo_import": true, "lo_export": true, "lo_unlink": true,
	"lo_from_bytea": true, "lo_put": true, "lo_get": true, "loread": true, "lowrite": true, "lo_close": true,
}

// serverFile tells whether a COPY names a file or a program.
func serverFile(w []lex.Token) bool {
	depth := 0
	for i, t := range w {
		switch {
		case t.IsOp("("):
			depth++
		case t.IsOp(")"):
			depth--
		case depth == 0 && (t.Is("from") || t.Is("to")) && i+1 < len(w):
			return !w[i+1].Is("stdin") && !w[i+1].Is("stdout")
		}
	}
	return false
}

// find returns where the words stand in a row, -1 if nowhere.
func find(w []lex.Token, words ...string) int {
next:
	for i := range w {
		if i+len(words) > len(w) {
			break
		}
		for j, word := range words {
			if !w[i+j].Is(word) {
				continue next
			}
		}
		return i
	}
	return -1
}

// after returns what follows the words if the tokens begin with them.
func after(w []lex.Token, words ...string) []lex.Token {
	if find(w, words...) == 0 {
		return w[len(words):]
	}
	return w
}

// Rewrite returns the text as PostgreSQL is to be given it. Most texts stay as
// they are.
func (r Rules) Rewrite(text string) string {
	lower := strings.ToLower(text)
	touched := false
	for _, mark := range []string{"distribute", "orientation", "serializable", "uncommitted", "version", "pgxc_node", "ignore", "duplicate"} {
		touched = touched || strings.Contains(lower, mark)
	}
	if !touched {
		return text
	}
	var out []string
	for _, statement := range lex.Split(lex.Tokens(text)) {
		out = append(out, r.rewrite(statement))
	}
	if len(out) == 0 {
		return text
	}
	return strings.Join(out, ";")
}

func (r Rules) rewrite(tokens []lex.Token) string {
	words := lex.Words(tokens)
	first := words[0]
	switch {
	case first.Is("create"):
		tokens = cut(tokens, distribution)
		tokens = cut(tokens, orientation)
	case first.Is("begin"), first.Is("start"), first.Is("set"):
		// DWS has two levels and gives the next one without a word.
		tokens = replace(tokens, []string{"level", "serializable"}, "level repeatable read")
		tokens = replace(tokens, []string{"level", "read", "uncommitted"}, "level read committed")
	case first.Is("select") && len(words) == 4 && words[1].Is("version") && words[2].IsOp("("):
		return "SELECT " + literal(r.Version) + "::text AS version"
	case first.Is("select"):
		tokens = version(tokens, r.Version)
	case first.Is("insert"):
		tokens = upsert(tokens)
	}
	text := lex.Join(tokens)
	if find(words, "pgxc_node") >= 0 && first.Is("select") {
		text = strings.NewReplacer("pg_catalog.pgxc_node", "pgxc_node").Replace(text)
		return "WITH pgxc_node(node_name, node_type, node_port, node_host, nodeis_active) AS (VALUES " + r.nodes() + ") " + text
	}
	return text
}

func (r Rules) nodes() string {
	var rows []string
	for i, addr := range r.Coordinators {
		host, port, _ := strings.Cut(addr, ":")
		rows = append(rows, fmt.Sprintf("(%s, 'C', %s, %s, true)", literal("cn_500"+strconv.Itoa(i+1)), port, literal(host)))
	}
	rows = append(rows, "('dn_6001_6002', 'D', 40000, '127.0.0.1', true)")
	return strings.Join(rows, ", ")
}

func literal(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// distribution is the length of a DISTRIBUTE BY clause at the begin of the words.
func distribution(w []lex.Token) int {
	if find(w, "distribute", "by") != 0 || len(w) < 3 {
		return 0
	}
	if len(w) > 3 && w[3].IsOp("(") {
		return 3 + parens(w[3:])
	}
	return 3
}

// orientation is the length of a WITH (...) clause that holds ORIENTATION.
func orientation(w []lex.Token) int {
	if !w[0].Is("with") || len(w) < 2 || !w[1].IsOp("(") {
		return 0
	}
	n := 1 + parens(w[1:])
	if find(w[:n], "orientation") < 0 {
		return 0
	}
	return n
}

// parens is the number of words from a parenthesis to the one that closes it.
func parens(w []lex.Token) int {
	depth := 0
	for i, t := range w {
		switch {
		case t.IsOp("("):
			depth++
		case t.IsOp(")"):
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(w)
}

// cut takes out the first clause of which length tells a length in words.
func cut(tokens []lex.Token, length func([]lex.Token) int) []lex.Token {
	for i, t := range tokens {
		if t.Kind == lex.Space {
			continue
		}
		n := length(lex.Words(tokens[i:]))
		if n == 0 {
			continue
		}
		end := i
		for ; n > 0; end++ {
			if tokens[end].Kind != lex.Space {
				n--
			}
		}
		return append(append([]lex.Token{}, tokens[:i]...), tokens[end:]...)
	}
	return tokens
}

// replace puts a text in the place of words.
func replace(tokens []lex.Token, words []string, text string) []lex.Token {
	for i := range tokens {
		if tokens[i].Kind == lex.Space || find(lex.Words(tokens[i:]), words...) != 0 {
			continue
		}
		end := i
		for n := len(words); n > 0; end++ {
			if tokens[end].Kind != lex.Space {
				n--
			}
		}
		return append(append(append([]lex.Token{}, tokens[:i]...), lex.Token{Kind: lex.Word, Text: text}), tokens[end:]...)
	}
	return tokens
}

// version puts the text of version() in its place.
func version(tokens []lex.Token, text string) []lex.Token {
	var out []lex.Token
	for i := 0; i < len(tokens); i++ {
		if i+2 >= len(tokens) || !tokens[i].Is("version") || !tokens[i+1].IsOp("(") || !tokens[i+2].IsOp(")") {
			out = append(out, tokens[i])
			continue
		}
		if n := len(out); n > 1 && out[n-1].IsOp(".") && out[n-2].Is("pg_catalog") {
			out = out[:n-2]
		}
		out = append(out, lex.Token{Kind: lex.Text, Text: literal(text) + "::text"})
		i += 2
	}
	return out
}

// upsert turns INSERT IGNORE and ON DUPLICATE KEY UPDATE NOTHING into what
// PostgreSQL has. An update needs to know the key and is left alone.
func upsert(tokens []lex.Token) []lex.Token {
	if w := lex.Words(tokens); len(w) > 1 && w[1].Is("ignore") {
		tokens = cut(tokens, func(w []lex.Token) int {
			if w[0].Is("ignore") {
				return 1
			}
			return 0
		})
		return append(append([]lex.Token{}, tokens...), lex.Token{Kind: lex.Word, Text: " ON CONFLICT DO NOTHING"})
	}
	return replace(tokens, []string{"on", "duplicate", "key", "update", "nothing"}, "ON CONFLICT DO NOTHING")
}
