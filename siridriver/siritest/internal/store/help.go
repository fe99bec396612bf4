package store

import "strings"

// help is the page of a topic. The pages of the real server are longer.
func help(topic string) string {
	title := strings.ReplaceAll(strings.TrimPrefix(topic, "help_"), "_", " ")
	return title + "\n" + strings.Repeat("=", len(title)) + "\n\nThe embedded server has no help pages. See the documentation of SiriDB's query language.\n"
}
