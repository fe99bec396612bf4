package rest

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// kind is what the transport has to know of a statement.
type kind struct {
	// query tells that the statement returns rows. A reply to any other is the
	// count of affected rows, which has the form of a result.
	query bool
	// use tells that the statement is USE, database which one it selects; that is
	// empty if the statement is malformed.
	use      bool
	database string
}

func classify(sql string) kind {
	s := placeholder.TDengine.Scan(sql)
	t, ok := s.Next()
	for ok && sql[t.Start:t.End] == "(" {
		t, ok = s.Next()
	}
	if !ok {
		return kind{}
	}
	switch strings.ToUpper(sql[t.Start:t.End]) {
	case "SELECT", "SHOW", "DESC", "DESCRIBE", "EXPLAIN", "WITH":
		return kind{query: true}
	case "USE":
		return kind{use: true, database: databaseOf(sql, &s)}
	}
	return kind{}
}

// databaseOf reads the rest of a USE statement.
func databaseOf(sql string, s *placeholder.Scanner) string {
	t, ok := s.Next()
	if !ok {
		return ""
	}
	name := sql[t.Start:t.End]
	switch {
	case t.Kind == placeholder.Quoted && len(name) > 2 && name[0] == '`':
		name = strings.ReplaceAll(name[1:len(name)-1], "``", "`")
	case t.Kind == placeholder.Word:
		name = strings.ToLower(name) // as the server folds it
	default:
		return ""
	}
	for {
		t, ok := s.Next()
		if !ok {
			return name
		}
		if t.Kind != placeholder.Semicolon {
			return ""
		}
	}
}

// useStatement is the USE statement of a database.
func useStatement(database string) string {
	return "use `" + strings.ReplaceAll(database, "`", "``") + "`"
}
