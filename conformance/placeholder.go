package conformance

import (
	"database/sql"
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
)

// hostile are texts that have ended statements, started others, or been taken
// for placeholders.
var hostile = []string{
	"plain", "a'b", "''", "'", `"`, "`", `\`, `\'`, `\\'`, `a\nb`, "line\nbreak\r\n\t", "?", "??", "$1", ":v", "@v", "%s %d %%",
	"1); DROP TABLE t; --", "' OR '1'='1", "x' -- ", "x'/*", "*/ x", "/* ? */", "-- ?", ";", "'; ?", "\\", `x\`, `'\''`,
	"NULL", "null", "0x41", `\x41`, "{{.}}", "é", "日本語", "🚗", "\u202e", "e\u0301", " padded ", "true", "1e5",
}

var placeholderChecks = []Check{
	{Group: "placeholders", Name: "a text as argument stays a text, whatever it says", Run: func(e *Env) {
		e.texts(hostile, func(db *sql.DB, query string, args []any) error {
			_, err := db.ExecContext(e.ctx, query, args...)
			return err
		})
	}},
	{Group: "placeholders", Name: "a text as argument of a prepared statement stays a text", Run: func(e *Env) {
		var stmt *sql.Stmt
		e.texts(hostile, func(db *sql.DB, query string, args []any) error {
			if stmt == nil {
				stmt = e.Prepare(db, query)
			}
			_, err := stmt.ExecContext(e.ctx, args...)
			return err
		})
	}},
	{Group: "placeholders", Name: "a text in a condition selects its row and no other", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Text)
		texts := hostile[:20]
		for n, text := range texts {
			e.Put(e.DB(), table, n, text)
		}
		query := d.selects(table, []string{"v"}, "v = "+d.placeholder(1))
		for _, text := range texts {
			if got := All[string](e, e.DB(), query, text); !slices.Equal(got, []string{text}) {
				e.Errorf("asked for %q, got %q", text, got)
			}
		}
	}},
	{Group: "placeholders", Name: "a placeholder in a literal is text", Needs: needs(hasColumns), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Text, Text)
		literal := "is " + d.placeholder(1) + " here, it's " + d.placeholder(2)
		query := d.insert(table, names(2), []string{d.placeholder(1), d.text(literal), d.placeholder(2)})
		e.Exec(e.DB(), query, d.Key.Value(1), "yes")
		stmt := e.Prepare(e.DB(), query)
		_, err := stmt.ExecContext(e.ctx, d.Key.Value(2), "yes")
		e.Must(err)
		rows := e.Query(e.DB(), d.selects(table, names(2), ""))
		n := 0
		for ; rows.Next(); n++ {
			var a, b string
			e.Must(rows.Scan(e.Dest(&a, &b)...))
			if a != literal || b != "yes" {
				e.Errorf("row %d is %q and %q", n, a, b)
			}
		}
		if n != 2 {
			e.Errorf("%d rows", n)
		}
	}},
	{Group: "placeholders", Name: "a placeholder in a comment is a comment", Needs: needs(hasComments), Run: func(e *Env) {
		d := e.Dialect()
		for _, comment := range d.Comments {
			table := e.Of(Integer)
			query := e.putting(table, 1)
			if at := strings.Index(strings.ToUpper(query), "VALUES"); at > 0 && !d.QueryComments {
				query = query[:at] + comment + query[at:]
			}
			e.Exec(e.DB(), query, d.Key.Value(1), 5)
			query = comment + d.selects(table, []string{"v"}, comment+"v = "+d.placeholder(1))
			if got := All[int](e, e.DB(), query, 5); !slices.Equal(got, []int{5}) {
				e.Errorf("%q: got %v", comment, got)
			}
		}
	}},
	{Group: "placeholders", Name: "a placeholder in a quoted identifier is a name", Needs: needs(hasQuoting), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		e.Put(e.DB(), table, 1, 5)
		name := d.Quote("is it ?")
		rows := e.Query(e.DB(), d.selects(table, []string{"v AS " + name}, "v = "+d.placeholder(1)), 5)
		columns, err := rows.Columns()
		e.Must(err)
		if len(columns) != d.Leading+1 || columns[d.Leading] != "is it ?" {
			e.Errorf("columns %q", columns)
		}
		if !rows.Next() {
			e.Errorf("no row: %v", rows.Err())
		}
	}},
	{Group: "placeholders", Name: "a wrong number of arguments is refused and nothing runs", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		db := e.Single()
		for _, args := range [][]any{{}, {d.Key.Value(1)}, {d.Key.Value(1), 1, 1}} {
			_, err := db.ExecContext(e.ctx, e.putting(table, 1), args...)
			if err == nil {
				e.Errorf("%d arguments for 2 placeholders are accepted", len(args))
			}
			e.kind(err, driver.ErrProgramming)
		}
		if rows, err := db.QueryContext(e.ctx, e.column(table), 1); err == nil {
			rows.Close()
			e.Errorf("an argument without a placeholder is accepted")
		}
		if got := All[int](e, db, e.column(table)); len(got) > 0 {
			e.Errorf("the table holds %v", got)
		}
		e.Works(db, e.Of(Text), 1)
	}},
	{Group: "placeholders", Name: "a named argument is refused where there are none", Without: needs(NamedArguments), Run: func(e *Env) {
		table := e.Of(Integer)
		_, err := e.DB().ExecContext(e.ctx, e.putting(table, 1), sql.Named("k", e.Dialect().Key.Value(1)), sql.Named("v", 1))
		if err == nil {
			e.Errorf("it is accepted")
		}
		e.kind(err, driver.ErrNotSupported)
	}},
	{Group: "placeholders", Name: "arguments go to the placeholders in their order", Needs: needs(hasColumns), Run: func(e *Env) {
		table := e.Of(Text, Text, Text, Text)
		e.Put(e.DB(), table, 1, "first", "second", "third", "fourth")
		row := e.DB().QueryRowContext(e.ctx, e.Dialect().selects(table, names(4), ""))
		got := make([]string, 4)
		e.Must(row.Scan(e.Dest(&got[0], &got[1], &got[2], &got[3])...))
		if !slices.Equal(got, []string{"first", "second", "third", "fourth"}) {
			e.Errorf("got %q", got)
		}
	}},
	{Group: "placeholders", Name: "a hundred placeholders are a hundred arguments", Run: func(e *Env) {
		d := e.Dialect()
		table := e.Of(Integer)
		rows, args := make([][]string, 50), []any{}
		for n := range rows {
			rows[n] = []string{d.placeholder(2*n + 1), d.placeholder(2*n + 2)}
			args = append(args, d.Key.Value(n), n)
		}
		e.Exec(e.DB(), d.insert(table, names(1), rows...), args...)
		got := All[int](e, e.DB(), e.column(table))
		for n := range rows {
			if len(got) != len(rows) || got[n] != n {
				e.Fatalf("got %v", got)
			}
		}
	}},
}

// texts writes each text by put and reads all of them back.
func (e *Env) texts(texts []string, put func(db *sql.DB, query string, args []any) error) {
	table := e.Of(Text)
	query := e.putting(table, 1)
	for n, text := range texts {
		if err := put(e.DB(), query, []any{e.Dialect().Key.Value(n), text}); err != nil {
			e.Fatalf("write %q: %v", text, err)
		}
	}
	got := All[string](e, e.DB(), e.column(table))
	if len(got) != len(texts) {
		e.Fatalf("%d rows of %d", len(got), len(texts))
	}
	for n, text := range texts {
		if got[n] != text {
			e.Errorf("wrote %q, read %q", text, got[n])
		}
	}
}
