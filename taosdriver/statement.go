package taosdriver

import (
	"strings"

	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// effect is what a statement does to the session that it runs in.
type effect int

const (
	noEffect effect = iota
	// databaseEffect is undone by selecting the DSN's database again.
	databaseEffect
	// lastingEffect cannot be undone.
	lastingEffect
)

// effectOf looks at the first words of a statement: USE selects a database,
// ALTER LOCAL changes the settings of the client library that serves the
// session. No other statement of TDengine changes a session.
func effectOf(sql string) effect {
	var buf [2]string
	words := placeholder.TDengine.Words(sql, buf[:0])
	switch {
	case len(words) > 0 && strings.EqualFold(words[0], "use"):
		return databaseEffect
	case len(words) > 1 && strings.EqualFold(words[0], "alter") && strings.EqualFold(words[1], "local"):
		return lastingEffect
	}
	return noEffect
}

// preparable reports whether the server can prepare the statement if it has a
// placeholder.
func preparable(sql string) bool { return isInsert(sql) || begins(sql, "select") }

func isInsert(sql string) bool { return begins(sql, "insert") }

// begins reports whether the statement's first word is the given one.
func begins(sql, word string) bool {
	var buf [1]string
	words := placeholder.TDengine.Words(sql, buf[:0])
	return len(words) > 0 && strings.EqualFold(words[0], word)
}
