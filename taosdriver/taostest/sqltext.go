package taostest

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// backquote makes an identifier of a name.
func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// words returns the first n words of a statement in lower case.
func words(sql string, n int) []string {
	list := placeholder.TDengine.Words(sql, make([]string, 0, n))
	for i, w := range list {
		list[i] = strings.ToLower(w)
	}
	return list
}

// begins reports whether these are a statement's first words.
func begins(sql string, list ...string) bool {
	got := words(sql, len(list))
	for i, w := range list {
		if i >= len(got) || got[i] != w {
			return false
		}
	}
	return true
}

// returnsRows reports whether a statement is one that returns rows.
func returnsRows(sql string) bool {
	for _, w := range []string{"select", "show", "describe", "desc", "explain", "with", "values", "pragma"} {
		if begins(sql, w) {
			return true
		}
	}
	return false
}

// countParams returns the number of question marks in a statement.
func countParams(sql string) int {
	marks, _, err := placeholder.TDengine.Marks(sql)
	if err != nil {
		return 0 // TDengine has no other placeholders that could be wrong
	}
	return len(marks)
}

// useTarget returns the database that a USE statement names.
func useTarget(sql string) (string, bool) {
	if !begins(sql, "use") {
		return "", false
	}
	scan := placeholder.TDengine.Scan(sql)
	scan.Next() // use
	t, ok := scan.Next()
	if !ok {
		return "", false
	}
	name := sql[t.Start:t.End]
	if unquoted, found := strings.CutPrefix(name, "`"); found {
		name = strings.ReplaceAll(strings.TrimSuffix(unquoted, "`"), "``", "`")
	}
	return name, true
}

// nameTable returns an INSERT with its first question mark, that of the table,
// replaced by a name, which may have the database before a point.
func nameTable(sql, name string) string {
	marks, _, err := placeholder.TDengine.Marks(sql)
	if err != nil || len(marks) == 0 {
		return sql
	}
	if db, table, found := strings.Cut(name, "."); found && !strings.HasPrefix(name, "`") {
		name = backquote(db) + "." + backquote(table)
	} else if !strings.HasPrefix(name, "`") {
		name = backquote(name)
	}
	return sql[:marks[0].Start] + name + sql[marks[0].End:]
}

// wantsTable reports whether the table of an INSERT is a question mark.
func wantsTable(sql string) bool {
	scan := placeholder.TDengine.Scan(sql)
	for range 2 { // insert into
		scan.Next()
	}
	t, ok := scan.Next()
	return ok && t.Kind == placeholder.Question
}
