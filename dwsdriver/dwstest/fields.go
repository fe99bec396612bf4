package dwstest

import (
	"slices"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

// errorFields are those of an error of the server's own.
func errorFields(severity, state, text string) []message.Field {
	module := "COORDINATOR"
	if severity == "FATAL" {
		module = "SECURITY"
	}
	return []message.Field{{Code: 'S', Text: severity}, {Code: 'C', Text: state}, {Code: 'M', Text: text}, {Code: 'c', Text: "0"}, {Code: 'd', Text: module}}
}

func notice(state, text string) []byte {
	return message.AppendFields(nil, 'N', errorFields("NOTICE", state, text)...)
}

// gaussFields turns the fields of a PostgreSQL's error into those that GaussDB sends:
// it has none for names, and c and d mean something else, its own number of the error
// and the module that it comes from.
func gaussFields(fields []message.Field) []message.Field {
	list := slices.DeleteFunc(slices.Clone(fields), func(f message.Field) bool {
		return slices.Contains([]byte("Vstncd"), f.Code)
	})
	return append(list, message.Field{Code: 'c', Text: "0"}, message.Field{Code: 'd', Text: "EXECUTOR"})
}

func state(fields []message.Field) string {
	for _, f := range fields {
		if f.Code == 'C' {
			return f.Text
		}
	}
	return ""
}
