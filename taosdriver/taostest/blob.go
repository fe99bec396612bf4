package taostest

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// omitsBlob reports whether the statement is an INSERT whose list of columns
// leaves out a BLOB column of the table, which ends a real 3.3.7.5 server.
func (st *stmt2) omitsBlob() bool {
	table, columns := insertColumns(st.sql)
	if columns == nil {
		return false
	}
	if table == "?" {
		for _, r := range st.rows {
			for i, p := range st.params {
				if name, ok := r.args[i].(string); ok && p.bind == bindTable {
					table = backquote(name)
				}
			}
		}
	}
	l, err := st.by.borrowIn(st.by.ctx, st.db)
	if err != nil {
		return false
	}
	defer l.giveBack()
	if !l.stateful {
		return false
	}
	types, err := l.describe(st.by.ctx, table)
	if err != nil {
		return false // the INSERT will tell
	}
	for name, kind := range types {
		if kind == "BLOB" && !columns[name] {
			return true
		}
	}
	return false
}

// insertColumns returns the table whose columns an INSERT writes, the super
// table where it creates one of its children, and the columns it lists, nil
// without a list.
func insertColumns(sql string) (table string, columns map[string]bool) {
	scan := placeholder.TDengine.Scan(sql)
	next := func() string {
		t, ok := scan.Next()
		if !ok {
			return ""
		}
		return sql[t.Start:t.End]
	}
	next() // insert
	next() // into
	word := next()
	name := func() string {
		for full := word; ; {
			if word = next(); word != "." {
				return full
			}
			full += "." + next()
		}
	}
	table = name()
	if strings.EqualFold(word, "using") {
		word = next()
		table = name()
	}
	for word != "" && !strings.EqualFold(word, "values") {
		tags := strings.EqualFold(word, "tags")
		if tags {
			word = next()
		}
		if word != "(" {
			return table, nil
		}
		list := map[string]bool{}
		for word = next(); word != "" && word != ")"; word = next() {
			list[strings.ToLower(strings.Trim(word, "`"))] = true
		}
		word = next()
		// A list before TAGS is of tags, the one before VALUES of columns.
		if !tags && !strings.EqualFold(word, "tags") {
			columns = list
		}
	}
	return table, columns
}
