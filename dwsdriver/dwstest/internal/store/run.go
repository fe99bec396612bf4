package store

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// result is what a statement answers.
type result struct {
	columns []column
	next    func() ([]any, error) // io.EOF after the last row; nil if there are none
	free    func()
	tag     string
	counts  string // begin of a tag that ends in the number of rows
	count   int
	copyIn  *copyIn
	copyOut func(row []any) []byte
}

func (r *result) close() {
	if r.free != nil {
		r.free()
		r.free = nil
	}
	if r.counts != "" {
		r.tag = fmt.Sprintf("%s %d", r.counts, r.count)
		r.counts = ""
	}
}

// listed is a result of rows that are there.
func listed(tag string, columns []column, rows [][]any) *result {
	return &result{columns: columns, counts: tag, next: func() ([]any, error) {
		if len(rows) == 0 {
			return nil, io.EOF
		}
		row := rows[0]
		rows = rows[1:]
		return row, nil
	}}
}

// allowed refuses everything but an end to a transaction that has failed.
func (s *session) allowed(w []lex.Token) error {
	if s.tx == nil || !s.tx.failed || len(w) == 0 {
		return nil
	}
	for _, word := range []string{"commit", "end", "rollback", "abort"} {
		if w[0].Is(word) {
			return nil
		}
	}
	return failf("25P02", "current transaction is aborted, commands ignored until end of transaction block")
}

// run runs a statement. st is nil for one without parameters.
func (s *session) run(ctx context.Context, w []lex.Token, st *prepared, params []any) (*result, error) {
	if err := s.allowed(w); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if res, err := s.control(ctx, w, st, params); res != nil || err != nil {
		return res, err
	}
	var types []*typ
	if st != nil {
		types = slices.Clone(st.types)
	}
	q, err := s.compile(ctx, w, &types)
	if err != nil {
		return nil, err
	}
	return s.execute(ctx, w, q, params)
}

// compile translates a statement.
func (s *session) compile(ctx context.Context, w []lex.Token, types *[]*typ) (q query, err error) {
	cat, err := s.catalog(ctx)
	if err != nil {
		return query{}, err
	}
	err = compile(func() { q = newCompiler(w, s, cat, types).statement() })
	return q, err
}

// columnsOf finds the columns and the types of the parameters of a statement without
// running it.
func (s *session) columnsOf(st *prepared) ([]column, error) {
	ctx := s.statement()
	w := st.words
	switch {
	case w[0].Is("show"):
		return []column{{showName(w), named("text"), -1}}, nil
	case w[0].Is("fetch"):
		if c := s.cursors[w[len(w)-1].Name()]; c != nil {
			return c.result.columns, nil
		}
		return nil, failf("34000", "cursor %q does not exist", w[len(w)-1].Name())
	case w[0].Is("explain"):
		return []column{{"QUERY PLAN", named("text"), -1}}, nil
	case isControl(w) && !w[0].Is("declare"):
		return nil, nil
	}
	declares := w[0].Is("declare")
	if declares {
		w = queryOf(w)
	}
	q, err := s.compile(ctx, w, &st.types)
	if err != nil {
		return nil, err
	}
	if declares {
		q.columns = nil
	}
	for i, t := range st.types {
		if t == nil {
			st.types[i] = named("text")
		}
	}
	return q.columns, nil
}

// execute runs a translated statement.
func (s *session) execute(ctx context.Context, w []lex.Token, q query, params []any) (*result, error) {
	tag := strings.ToUpper(w[0].Text)
	if !q.writes {
		conn, err := s.conn(ctx)
		if err != nil {
			return nil, err
		}
		rows, err := conn.QueryContext(ctx, q.sql, params...)
		if err != nil {
			return nil, err
		}
		return s.stream(rows, q.columns), nil
	}
	conn, err := s.write(ctx)
	if err != nil {
		return nil, err
	}
	for _, text := range q.notices {
		s.notice("NOTICE", "00000", text)
	}
	if q.columns != nil {
		rows, err := conn.QueryContext(ctx, q.sql, params...)
		if err != nil {
			return nil, err
		}
		// All of it is done before the first row goes out.
		streamed := s.stream(rows, q.columns)
		defer streamed.close()
		var list [][]any
		for {
			row, err := streamed.next()
			if err == io.EOF {
				break
			}
			if err != nil {
				return nil, err
			}
			list = append(list, slices.Clone(row))
		}
		return listed(writeTag(w), q.columns, list), nil
	}
	if q.sql == "" {
		return &result{tag: ddlTag(w)}, nil
	}
	res, err := conn.ExecContext(ctx, q.sql, params...)
	if err != nil {
		return nil, err
	}
	if q.then != "" {
		res, err := conn.ExecContext(ctx, q.then, params...)
		if err != nil {
			return nil, err
		}
		n, _ := res.RowsAffected()
		return &result{tag: fmt.Sprintf("SELECT %d", n)}, nil
	}
	switch tag {
	case "INSERT", "UPDATE", "DELETE", "WITH":
		n, _ := res.RowsAffected()
		return &result{tag: fmt.Sprintf("%s %d", writeTag(w), n)}, nil
	}
	return &result{tag: ddlTag(w)}, nil
}

func writeTag(w []lex.Token) string {
	tag := strings.ToUpper(w[0].Text)
	switch tag {
	case "INSERT":
		return "INSERT 0"
	case "WITH":
		for _, t := range w {
			for _, word := range []string{"insert", "update", "delete"} {
				if t.Is(word) {
					return writeTag([]lex.Token{t})
				}
			}
		}
	}
	return tag
}

func ddlTag(w []lex.Token) string {
	tag := strings.ToUpper(w[0].Text)
	if tag == "TRUNCATE" {
		return "TRUNCATE TABLE"
	}
	for _, t := range w[1:] {
		for _, word := range []string{"table", "index", "view", "sequence", "schema"} {
			if t.Is(word) {
				return tag + " " + strings.ToUpper(word)
			}
		}
	}
	return tag
}

// stream reads rows as they are asked for.
func (s *session) stream(rows *sql.Rows, columns []column) *result {
	row, dest := make([]any, len(columns)), make([]any, len(columns))
	for i := range row {
		dest[i] = &row[i]
	}
	return &result{columns: columns, counts: "SELECT", free: func() { _ = rows.Close() }, next: func() ([]any, error) {
		if !rows.Next() {
			if err := rows.Err(); err != nil {
				return nil, err
			}
			return nil, io.EOF
		}
		if len(columns) == 0 {
			return row, nil
		}
		return row, rows.Scan(dest...)
	}}
}

// schema is the catalogue as a connection sees it.
type schema struct {
	ctx  context.Context
	conn *sql.Conn
}

func (s *session) catalog(ctx context.Context) (catalog, error) {
	conn, err := s.conn(ctx)
	return schema{ctx, conn}, err
}

func (c schema) columns(name string) ([]tableColumn, bool) {
	rows, err := c.conn.QueryContext(c.ctx, "SELECT name, type, `notnull`, pk, coalesce(dflt_value, '') FROM pragma_table_info(?1)", name)
	if err != nil {
		panic(explain(err))
	}
	defer rows.Close()
	var list []tableColumn
	for rows.Next() {
		var col tableColumn
		var decl string
		if err := rows.Scan(&col.name, &decl, &col.notNull, &col.key, &col.fallback); err != nil {
			panic(explain(err))
		}
		if col.typ, col.mod = declared(decl); col.typ == nil {
			col.typ, col.mod = named("text"), -1
		}
		list = append(list, col)
	}
	if err := rows.Err(); err != nil {
		panic(explain(err))
	}
	return list, len(list) > 0
}

func (c schema) relations() []string {
	rows, err := c.conn.QueryContext(c.ctx, "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name")
	if err != nil {
		panic(explain(err))
	}
	defer rows.Close()
	var list []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			panic(explain(err))
		}
		list = append(list, name)
	}
	return list
}
