package taostest

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// perfColumn is a column of performance_schema.perf_queries.
type perfColumn struct {
	field block.Field
	value func(*query) any
}

// perfColumns are the columns in the order of SELECT *.
var perfColumns = []perfColumn{
	{block.Field{Name: "kill_id", Type: block.VarChar, Bytes: 26}, func(q *query) any { return q.killID }},
	{block.Field{Name: "query_id", Type: block.UBigInt, Bytes: 8}, func(q *query) any { return q.reqID }},
	{block.Field{Name: "conn_id", Type: block.UInt, Bytes: 4}, func(q *query) any { return q.by.number }},
	{block.Field{Name: "app", Type: block.VarChar, Bytes: 24}, func(*query) any { return "taostest" }},
	{block.Field{Name: "user", Type: block.VarChar, Bytes: 24}, func(q *query) any { return q.by.user }},
	{block.Field{Name: "create_time", Type: block.Timestamp, Bytes: 8}, func(q *query) any { return q.began }},
	{block.Field{Name: "exec_usec", Type: block.BigInt, Bytes: 8}, func(q *query) any { return time.Since(q.began).Microseconds() }},
	{block.Field{Name: "sql", Type: block.VarChar, Bytes: 2048}, func(q *query) any { return q.sql[:min(len(q.sql), 2048)] }},
}

var (
	perfSelect = regexp.MustCompile("(?is)^select\\s+(.+?)\\s+from\\s+`?performance_schema`?\\.`?perf_queries`?(?:\\s+where\\s+(\\w+)\\s*=\\s*'?([\\w:]+)'?)?\\s*;?$")
	killQuery  = regexp.MustCompile(`(?is)^kill\s+query\s+(?:'([^']*)'|"([^"]*)")\s*;?$`)
)

// answer answers the statements about running queries, which the server knows
// and the database does not: SHOW QUERIES, SELECT from
// performance_schema.perf_queries with at most one condition of the form
// column = value, and KILL QUERY. own is false for all other statements.
func (s *session) answer(st statement) (out outcome, own bool, err error) {
	text := strings.TrimSpace(st.sql)
	if w := words(text, 2); len(w) == 2 && w[0] == "show" && w[1] == "queries" {
		return s.perfQueries("*", "", ""), true, nil
	}
	if m := killQuery.FindStringSubmatch(text); m != nil {
		return outcome{}, true, s.killByID(m[1] + m[2])
	}
	m := perfSelect.FindStringSubmatch(text)
	if m == nil {
		return outcome{}, false, nil
	}
	for _, name := range strings.Split(m[1], ",") {
		if name = cleanName(name); name != "*" && perfColumnNamed(name) == nil {
			return outcome{}, true, &codeError{0x2602, "Invalid column name: " + name}
		}
	}
	if m[2] != "" && perfColumnNamed(cleanName(m[2])) == nil {
		return outcome{}, true, &codeError{0x2602, "Invalid column name: " + m[2]}
	}
	return s.perfQueries(m[1], cleanName(m[2]), m[3]), true, nil
}

func (s *session) killByID(id string) error {
	for _, q := range s.srv.running.visible(0) {
		if q.killID == id {
			q.kill()
			return nil
		}
	}
	return errNoQuery
}

// perfQueries lists the running queries, those of which a column has a value.
func (s *session) perfQueries(names, where, value string) outcome {
	var columns []perfColumn
	for _, name := range strings.Split(names, ",") {
		if name = cleanName(name); name == "*" {
			columns = append(columns, perfColumns...)
		} else {
			columns = append(columns, *perfColumnNamed(name))
		}
	}
	src := &listSource{}
	for _, c := range columns {
		src.columns = append(src.columns, c.field)
	}
	for _, q := range s.srv.running.visible(s.srv.options.killDelay) {
		if where != "" && show(perfColumnNamed(where).value(q)) != value {
			continue
		}
		row := make([]any, len(columns))
		for i, c := range columns {
			row[i] = c.value(q)
		}
		src.rows = append(src.rows, row)
	}
	return outcome{result: newResult(nil, src, nil)}
}

func cleanName(name string) string {
	return strings.ToLower(strings.Trim(strings.TrimSpace(name), "`"))
}

func perfColumnNamed(name string) *perfColumn {
	for i := range perfColumns {
		if perfColumns[i].field.Name == name {
			return &perfColumns[i]
		}
	}
	return nil
}

func show(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case uint64:
		return strconv.FormatUint(v, 10)
	case int:
		return strconv.Itoa(v)
	}
	return ""
}
