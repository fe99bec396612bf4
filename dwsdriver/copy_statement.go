package dwsdriver

import (
	"regexp"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// CopyOptions are those of a COPY statement. The zero value is the text format:
// fields separated by tabs, NULL as \N.
type CopyOptions struct {
	// Columns in the order of the data. None means all of the table.
	Columns []string
	// Format is "text", "csv", "binary", or, on DWS, "fixed". Empty means text.
	Format string
	// Delimiter between fields, psycopg2's sep. Empty means a tab, in csv a comma.
	Delimiter string
	// Null is the text of NULL, where NullSet is true or it is not empty. The default
	// is \N, in csv the empty text without quotes.
	Null    string
	NullSet bool
	// Header says that csv has a line of names at its beginning.
	Header bool
	// Quote and Escape of csv. Empty means the double quote.
	Quote, Escape string
	// Encoding of the data. Empty means UTF8, as the session's.
	Encoding string
	// More is added to the options as it is, such as "EOL '\r\n'" on DWS.
	More string
}

// CopyFromStdin writes the statement for [driver.Copier.CopyFrom] that psycopg2's
// copy_from(file, table, sep, null, columns) makes. The name of the table may have
// its schema in front; names are quoted, so that they are taken as they are.
func CopyFromStdin(table string, o CopyOptions) string {
	return "COPY " + quoteTable(table) + o.columns() + " FROM STDIN" + o.with()
}

// CopyToStdout writes the statement for [driver.Copier.CopyTo] that psycopg2's
// copy_to(file, table, sep, null, columns) makes. In place of the name of a table
// there may be a query in parentheses.
func CopyToStdout(table string, o CopyOptions) string {
	if strings.HasPrefix(table, "(") {
		return "COPY " + table + " TO STDOUT" + o.with()
	}
	return "COPY " + quoteTable(table) + o.columns() + " TO STDOUT" + o.with()
}

// columns is the list of columns in parentheses.
func (o CopyOptions) columns() string {
	if len(o.Columns) == 0 {
		return ""
	}
	return " (" + o.list("") + ")"
}

func (o CopyOptions) list(all string) string {
	if len(o.Columns) == 0 {
		return all
	}
	quoted := slices.Clone(o.Columns)
	for i := range quoted {
		quoted[i] = pq.QuoteIdentifier(quoted[i])
	}
	return strings.Join(quoted, ", ")
}

func (o CopyOptions) with() string {
	var options []string
	add := func(name, value string) {
		if value != "" {
			options = append(options, name+" "+pq.QuoteLiteral(value))
		}
	}
	add("FORMAT", o.Format)
	add("DELIMITER", o.Delimiter)
	if o.NullSet && o.Null == "" {
		options = append(options, "NULL ''")
	}
	add("NULL", o.Null)
	if o.Header {
		options = append(options, "HEADER true")
	}
	add("QUOTE", o.Quote)
	add("ESCAPE", o.Escape)
	add("ENCODING", o.Encoding)
	if o.More != "" {
		options = append(options, o.More)
	}
	if len(options) == 0 {
		return ""
	}
	return " WITH (" + strings.Join(options, ", ") + ")"
}

// quotedName is a name and the schema in front of it of which the one or the other
// is quoted: nothing else can stand in it.
var quotedName = regexp.MustCompile(`^("([^"\x00]|"")+"|[\pL_][\pL\pN_$]*)(\.("([^"\x00]|"")+"|[\pL_][\pL\pN_$]*))*$`)

// quoteTable quotes a name and the schema in front of it, unless they are quoted.
func quoteTable(name string) string {
	if strings.Contains(name, `"`) && quotedName.MatchString(name) {
		return name
	}
	parts := strings.Split(name, ".")
	for i := range parts {
		parts[i] = pq.QuoteIdentifier(parts[i])
	}
	return strings.Join(parts, ".")
}
