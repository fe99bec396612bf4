package main

import (
	"io"
	"slices"
	"strings"
	"unicode/utf8"
)

// table is lines of cells, the first of them the head.
type table [][]string

func (t *table) add(cells ...string) { *t = append(*t, cells) }

// write prints the table with aligned columns and a rule below the head.
func (t table) write(out io.Writer) error {
	rule := make([]string, len(t[0]))
	for i := range rule {
		width := 0
		for _, line := range t {
			width = max(width, utf8.RuneCountInString(line[i]))
		}
		rule[i] = strings.Repeat("-", width)
	}
	var b strings.Builder
	for _, line := range slices.Insert(t, 1, rule) {
		text := "  "
		for i, cell := range line {
			text += " " + cell + strings.Repeat(" ", len(rule[i])-utf8.RuneCountInString(cell)+1)
		}
		b.WriteString(strings.TrimRight(text, " ") + "\n")
	}
	_, err := io.WriteString(out, b.String())
	return err
}
