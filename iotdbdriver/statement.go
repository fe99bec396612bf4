package iotdbdriver

import (
	"slices"
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// effect is what a statement does to the session that it runs in.
type effect uint8

const (
	// databaseEffect is undone by selecting the DSN's database again, if it has one.
	databaseEffect effect = 1 << iota
	// lastingEffect cannot be undone.
	lastingEffect
)

// effectOf looks at the first word of a statement: USE selects a database, EXECUTE may
// run one that does, SET may change whatever later servers let it, the dialect for
// one, and what PREPARE has named stays for as long as the session.
func effectOf(sql string) effect {
	var buf [1]string
	words := placeholder.IoTDB.Words(sql, buf[:0])
	switch {
	case len(words) == 0:
	case strings.EqualFold(words[0], "use"), strings.EqualFold(words[0], "execute"):
		return databaseEffect
	case strings.EqualFold(words[0], "set"), strings.EqualFold(words[0], "prepare"):
		return lastingEffect
	}
	return 0
}

// changesTables looks at the first word of a statement: DROP and ALTER change tables
// that are there, of one or of a database, and EXECUTE may run one of them.
func changesTables(sql string) bool {
	var buf [1]string
	words := placeholder.IoTDB.Words(sql, buf[:0])
	return len(words) > 0 && slices.ContainsFunc([]string{"drop", "alter", "execute"}, func(word string) bool {
		return strings.EqualFold(words[0], word)
	})
}

func isInsert(sql string) bool {
	var buf [1]string
	words := placeholder.IoTDB.Words(sql, buf[:0])
	return len(words) > 0 && strings.EqualFold(words[0], "insert")
}
