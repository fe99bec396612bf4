package conformance

import (
	"fmt"
	"strings"
)

// Large returns a query of Target.LargeRows rows with two columns: the numbers
// from 0 and a text of about 200 bytes.
func (e *Env) Large() string {
	query, _ := e.MarkedLarge()
	return query
}

// MarkedLarge returns the query of Large and a marker that is in it and in no
// other statement.
func (e *Env) MarkedLarge() (query, marker string) {
	d := e.Dialect()
	marker = e.Name()
	if d.Large != nil {
		return d.Large(e.Target.largeRows(), marker), marker
	}
	if e.run.large == "" {
		table := e.Name()
		e.Exec(e.DB(), d.create(table, e.Columns(Integer, Text)))
		const batch = 1000
		for from := 0; from < e.Target.largeRows(); from += batch {
			rows := make([][]string, 0, batch)
			for n := from; n < min(from+batch, e.Target.largeRows()); n++ {
				text := strings.Repeat("x", 170) + fmt.Sprintf("%020d", n)
				rows = append(rows, []string{d.Key.Literal(n), fmt.Sprint(n), d.text(text)})
			}
			e.Exec(e.DB(), d.insert(table, names(2), rows...))
		}
		e.run.large = table
	}
	return d.selects(e.run.large, names(2), "b <> "+d.text(marker)), marker
}
