package store

import (
	"context"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// controls are the statements that concern the session and not data.
var controls = map[string]func(s *session, ctx context.Context, w []lex.Token) (*result, error){}

func init() {
	controls = map[string]func(s *session, ctx context.Context, w []lex.Token) (*result, error){
		"begin": (*session).beginBlock, "start": (*session).beginBlock,
		"commit": (*session).endBlock, "end": (*session).endBlock, "rollback": (*session).endBlock, "abort": (*session).endBlock,
		"savepoint": (*session).mark, "release": (*session).mark,
		"set": (*session).setParameter, "reset": (*session).resetParameter, "show": (*session).showParameter,
		"declare": nil, "fetch": (*session).fetch, "move": (*session).fetch, "close": (*session).closeCursor,
		"deallocate": (*session).deallocate, "copy": (*session).copy, "explain": (*session).explain,
		"lock": nothing, "analyze": nothing, "vacuum": nothing, "grant": nothing, "revoke": nothing, "comment": nothing, "checkpoint": nothing,
		"do": unsupported, "call": unsupported, "prepare": unsupported, "execute": unsupported,
	}
}

func isControl(w []lex.Token) bool {
	_, ok := controls[w[0].Name()]
	return ok && w[0].Kind == lex.Word
}

// control runs such a statement; both nil if it is none.
func (s *session) control(ctx context.Context, w []lex.Token, st *prepared, params []any) (*result, error) {
	if !isControl(w) {
		return nil, nil
	}
	if w[0].Is("declare") {
		return s.declare(ctx, w, st, params)
	}
	for _, t := range w {
		if t.Kind == lex.Param {
			return nil, failf("42601", "syntax error at or near %q", t.Text)
		}
	}
	return controls[w[0].Name()](s, ctx, w)
}

func nothing(_ *session, _ context.Context, w []lex.Token) (*result, error) {
	return &result{tag: strings.ToUpper(w[0].Text)}, nil
}

func unsupported(_ *session, _ context.Context, w []lex.Token) (*result, error) {
	return nil, failf("0A000", "the embedded store has no %s", strings.ToUpper(w[0].Text))
}

func has(w []lex.Token, words ...string) bool {
	for i := range w {
		if i+len(words) > len(w) {
			return false
		}
		if slices.EqualFunc(w[i:i+len(words)], words, lex.Token.Is) {
			return true
		}
	}
	return false
}

func (s *session) beginBlock(_ context.Context, w []lex.Token) (*result, error) {
	if s.tx != nil && s.tx.explicit {
		s.notice("WARNING", "25001", "there is already a transaction in progress")
		return &result{tag: "BEGIN"}, nil
	}
	if s.tx != nil && s.tx.writer == nil {
		_ = s.finish(true)
	}
	tx := s.open()
	tx.explicit = true
	s.modes(tx, w)
	if w[0].Is("start") {
		return &result{tag: "START TRANSACTION"}, nil
	}
	return &result{tag: "BEGIN"}, nil
}

func (s *session) modes(tx *transaction, w []lex.Token) {
	switch {
	case has(w, "repeatable", "read"), has(w, "serializable"):
		tx.snapshot = true
	case has(w, "read", "committed"), has(w, "read", "uncommitted"):
		tx.snapshot = false
	}
	switch {
	case has(w, "read", "only"):
		tx.readOnly = true
	case has(w, "read", "write"):
		tx.readOnly = false
	}
	s.setLocal("transaction_isolation", map[bool]string{true: "repeatable read", false: "read committed"}[tx.snapshot])
	s.setLocal("transaction_read_only", map[bool]string{true: "on", false: "off"}[tx.readOnly])
}

func (s *session) setLocal(name, value string) {
	if _, ok := s.tx.local[name]; !ok {
		s.tx.local[name] = s.settings.values[name]
	}
	s.settings.values[name] = value
}

func (s *session) endBlock(ctx context.Context, w []lex.Token) (*result, error) {
	if has(w, "to") {
		if s.tx == nil || !s.tx.explicit {
			return nil, failf("25P01", "ROLLBACK TO SAVEPOINT can only be used in transaction blocks")
		}
		if err := s.savepoint(ctx, "ROLLBACK TO "+quote(w[len(w)-1].Name())); err != nil {
			return nil, failf("3B001", "savepoint %q does not exist", w[len(w)-1].Name())
		}
		s.tx.failed = false
		return &result{tag: "ROLLBACK"}, nil
	}
	commit := w[0].Is("commit") || w[0].Is("end")
	if s.tx == nil || !s.tx.explicit {
		s.notice("WARNING", "25P01", "there is no transaction in progress")
	} else if s.tx.failed {
		commit = false
	}
	if err := s.finish(commit); err != nil {
		return nil, err
	}
	if commit {
		return &result{tag: "COMMIT"}, nil
	}
	return &result{tag: "ROLLBACK"}, nil
}

func (s *session) mark(ctx context.Context, w []lex.Token) (*result, error) {
	tag := strings.ToUpper(w[0].Text)
	name := quote(w[len(w)-1].Name())
	if err := s.savepoint(ctx, tag+" "+name); err != nil {
		return nil, err
	}
	return &result{tag: tag}, nil
}

// report tells the client the value of a parameter.
func (s *session) report(name string) {
	if slices.Contains(reported, name) {
		s.send('S', message.Text(report(name)), message.Text(s.settings.values[name]))
	}
}

func (s *session) setParameter(_ context.Context, w []lex.Token) (*result, error) {
	res := &result{tag: "SET"}
	w = w[1:]
	local := false
	if len(w) > 0 && (w[0].Is("session") || w[0].Is("local")) && !(len(w) > 1 && w[1].Is("authorization")) {
		local = w[0].Is("local")
		w = w[1:]
	}
	if len(w) == 0 {
		return nil, failf("42601", "syntax error at end of input")
	}
	switch {
	case w[0].Is("transaction"):
		if s.tx != nil && s.tx.explicit {
			s.modes(s.tx, w)
		}
		return res, nil
	case w[0].Is("characteristics"):
		level := "read committed"
		if has(w, "repeatable", "read") {
			level = "repeatable read"
		}
		return res, s.change("default_transaction_isolation", level, false)
	case w[0].Is("session") && len(w) > 2:
		return res, s.change("session_authorization", w[2].Name(), local)
	}
	name, value := w[0].Name(), ""
	w = w[1:]
	if name == "time" && len(w) > 0 && w[0].Is("zone") {
		name, w = "timezone", w[1:]
	} else if name == "names" {
		name = "client_encoding"
	} else {
		for len(w) > 1 && w[0].IsOp(".") {
			name += "." + w[1].Name()
			w = w[2:]
		}
		if len(w) == 0 || !w[0].IsOp("=") && !w[0].Is("to") {
			return nil, failf("42601", "syntax error at end of input")
		}
		w = w[1:]
	}
	if len(w) == 1 && w[0].Is("default") {
		return res, s.change(name, s.settings.defaults[name], local)
	}
	for _, t := range w {
		switch text, ok := t.Value(); {
		case ok:
			value += text
		case t.IsOp(","):
			value += ", "
		case t.Kind == lex.Word:
			value += strings.ToLower(t.Text)
		default:
			value += t.Text
		}
	}
	return res, s.change(name, value, local)
}

func (s *session) change(name, value string, local bool) error {
	before := s.settings.values[name]
	if err := s.settings.set(name, value); err != nil {
		return err
	}
	if local && s.tx != nil {
		if _, ok := s.tx.local[name]; !ok {
			s.tx.local[name] = before
		}
	}
	if s.settings.values[name] != before {
		s.report(name)
	}
	return nil
}

func (s *session) resetParameter(_ context.Context, w []lex.Token) (*result, error) {
	res := &result{tag: "RESET"}
	if len(w) < 2 {
		return nil, failf("42601", "syntax error at end of input")
	}
	if w[1].Is("all") {
		before := maps.Clone(s.settings.values)
		keep := map[string]string{"session_authorization": before["session_authorization"], "transaction_isolation": before["transaction_isolation"], "transaction_read_only": before["transaction_read_only"]}
		s.settings.restore(s.settings.defaults)
		maps.Copy(s.settings.values, keep)
		for _, name := range reported {
			if before[name] != s.settings.values[name] {
				s.report(name)
			}
		}
		return res, nil
	}
	name := w[1].Name()
	if name == "time" {
		name = "timezone"
	}
	if name == "session" {
		name = "session_authorization"
	}
	return res, s.change(name, s.settings.defaults[name], false)
}

func showName(w []lex.Token) string {
	if has(w, "time", "zone") {
		return "TimeZone"
	}
	if has(w, "transaction", "isolation", "level") {
		return "transaction_isolation"
	}
	var b strings.Builder
	for _, t := range w[1:] {
		b.WriteString(t.Text)
	}
	return report(strings.ToLower(b.String()))
}

func (s *session) showParameter(_ context.Context, w []lex.Token) (*result, error) {
	name := showName(w)
	text := named("text")
	if name == "all" {
		var rows [][]any
		for _, n := range slices.Sorted(maps.Keys(s.settings.values)) {
			rows = append(rows, []any{report(n), s.settings.values[n], ""})
		}
		return listed("SHOW", []column{{"name", text, -1}, {"setting", text, -1}, {"description", text, -1}}, rows), nil
	}
	v, ok := s.settings.values[strings.ToLower(name)]
	if !ok {
		return nil, failf("42704", "unrecognized configuration parameter %q", name)
	}
	res := listed("", []column{{name, text, -1}}, [][]any{{v}})
	res.tag = "SHOW"
	return res, nil
}

func (s *session) declare(ctx context.Context, w []lex.Token, st *prepared, params []any) (*result, error) {
	if s.tx == nil || !s.tx.explicit {
		return nil, failf("25P01", "DECLARE CURSOR can only be used in transaction blocks")
	}
	inner := queryOf(w)
	if len(inner) == 0 {
		return nil, failf("42601", "syntax error at end of input")
	}
	name := w[1].Name()
	if s.cursors[name] != nil {
		return nil, failf("42P03", "cursor %q already exists", name)
	}
	var types []*typ
	if st != nil {
		types = slices.Clone(st.types)
	}
	q, err := s.compile(ctx, inner, &types)
	if err != nil {
		return nil, err
	}
	conn, err := s.conn(ctx)
	if err != nil {
		return nil, err
	}
	// It outlives this request, and ends with the transaction.
	rows, err := conn.QueryContext(s.ctx, q.sql, params...)
	if err != nil {
		return nil, err
	}
	s.cursors[name] = &cursor{s.stream(rows, q.columns)}
	return &result{tag: "DECLARE CURSOR"}, nil
}

// queryOf is the query of a DECLARE.
func queryOf(w []lex.Token) []lex.Token {
	at := slices.IndexFunc(w, func(t lex.Token) bool { return t.Is("for") })
	if at < 2 {
		return nil
	}
	return w[at+1:]
}

func (s *session) fetch(_ context.Context, w []lex.Token) (*result, error) {
	name := w[len(w)-1].Name()
	c := s.cursors[name]
	if c == nil {
		return nil, failf("34000", "cursor %q does not exist", name)
	}
	limit := 1
	for _, t := range w[1 : len(w)-1] {
		switch n, err := strconv.Atoi(t.Text); {
		case err == nil:
			limit = n
		case t.Is("all"):
			limit = -1
		}
	}
	var rows [][]any
	for limit < 0 || len(rows) < limit {
		row, err := c.result.next()
		if err != nil {
			if err != io.EOF {
				return nil, err
			}
			c.result.next = func() ([]any, error) { return nil, err }
			break
		}
		rows = append(rows, slices.Clone(row))
	}
	if w[0].Is("move") {
		return &result{tag: "MOVE " + strconv.Itoa(len(rows))}, nil
	}
	return listed("FETCH", c.result.columns, rows), nil
}

func (s *session) closeCursor(_ context.Context, w []lex.Token) (*result, error) {
	name := w[len(w)-1].Name()
	if name == "all" {
		for _, c := range s.cursors {
			c.result.close()
		}
		s.cursors = map[string]*cursor{}
		return &result{tag: "CLOSE CURSOR ALL"}, nil
	}
	c := s.cursors[name]
	if c == nil {
		return nil, failf("34000", "cursor %q does not exist", name)
	}
	c.result.close()
	delete(s.cursors, name)
	return &result{tag: "CLOSE CURSOR"}, nil
}

func (s *session) deallocate(_ context.Context, w []lex.Token) (*result, error) {
	name := w[len(w)-1].Name()
	if name == "all" {
		s.prepared = map[string]*prepared{}
		return &result{tag: "DEALLOCATE ALL"}, nil
	}
	if s.prepared[name] == nil {
		return nil, failf("26000", "prepared statement %q does not exist", name)
	}
	delete(s.prepared, name)
	return &result{tag: "DEALLOCATE"}, nil
}

func (s *session) explain(ctx context.Context, w []lex.Token) (*result, error) {
	return listed("EXPLAIN", []column{{"QUERY PLAN", named("text"), -1}}, [][]any{{"Streaming (type: GATHER)"}}), nil
}
