package taostest

import "strings"

// backquote makes an identifier of a name.
func backquote(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }

// words returns the first n words of a statement in lower case, comments before
// them left out. A bracket is a word.
func words(sql string, n int) []string {
	var list []string
	for len(list) < n {
		sql = skipSpace(sql)
		if sql == "" {
			break
		}
		end := strings.IndexFunc(sql, func(r rune) bool {
			return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
		})
		switch end {
		case -1:
			end = len(sql)
		case 0:
			end = 1
		}
		list = append(list, strings.ToLower(sql[:end]))
		sql = sql[end:]
	}
	return list
}

// skipSpace removes white space and comments from the front.
func skipSpace(sql string) string {
	for {
		sql = strings.TrimLeft(sql, " \t\r\n")
		switch {
		case strings.HasPrefix(sql, "--"):
			_, sql, _ = strings.Cut(sql, "\n")
		case strings.HasPrefix(sql, "/*"):
			_, sql, _ = strings.Cut(sql, "*/")
		default:
			return sql
		}
	}
}

// returnsRows reports whether a statement is one that returns rows.
func returnsRows(sql string) bool {
	first := words(sql, 1)
	if len(first) == 0 {
		return false
	}
	switch first[0] {
	case "select", "show", "describe", "desc", "explain", "with", "values", "pragma", "(":
		return true
	}
	return false
}

// useTarget returns the database that a USE statement names.
func useTarget(sql string) (string, bool) {
	if w := words(sql, 1); len(w) == 0 || w[0] != "use" {
		return "", false
	}
	name, _, _ := strings.Cut(skipSpace(sql)[len("use"):], ";")
	return strings.Trim(strings.TrimSpace(name), "`"), true
}
