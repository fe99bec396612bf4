package taostest

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// perfColumn is a column of performance_schema.perf_queries.
type perfColumn struct {
	field block.Field
	value func(*query) any
}

// perfColumns are the columns in the order of SELECT * (TDengine 3.3.7.5).
var perfColumns = []perfColumn{
	{textColumn("kill_id", 26), func(q *query) any { return q.killID }},
	{numberColumn("query_id", block.UBigInt), func(q *query) any { return q.reqID }},
	{numberColumn("conn_id", block.UInt), func(q *query) any { return q.by.number }},
	{textColumn("app", 24), func(*query) any { return "taostest" }},
	{numberColumn("pid", block.Int), func(*query) any { return os.Getpid() }},
	{textColumn("user", 24), func(q *query) any { return q.by.user }},
	{textColumn("end_point", 22), func(*query) any { return "127.0.0.1:0" }},
	{numberColumn("create_time", block.Timestamp), func(q *query) any { return q.began }},
	{numberColumn("exec_usec", block.BigInt), func(q *query) any { return time.Since(q.began).Microseconds() }},
	{numberColumn("stable_query", block.Bool), func(*query) any { return false }},
	{numberColumn("sub_query", block.Bool), func(*query) any { return false }},
	{numberColumn("sub_num", block.Int), func(*query) any { return 0 }},
	{textColumn("sub_status", 1000), func(*query) any { return "" }},
	{textColumn("sql", 2048), func(q *query) any { return q.sql[:min(len(q.sql), 2048)] }},
	{textColumn("user_app", 24), func(q *query) any { app, _ := q.by.client(); return app }},
	{textColumn("user_ip", 22), func(q *query) any { _, ip := q.by.client(); return ip }},
}

func textColumn(name string, length int32) block.Field {
	return block.Field{Name: name, Type: block.VarChar, Bytes: length}
}

func numberColumn(name string, t block.Type) block.Field {
	return block.Field{Name: name, Type: t, Bytes: int32(t.Width())}
}

var (
	perfSelect = regexp.MustCompile("(?is)^select\\s+(.+?)\\s+from\\s+`?performance_schema`?\\.`?perf_queries`?(?:\\s+where\\s+(\\w+)\\s*=\\s*'?([\\w:]+)'?)?\\s*;?$")
	killQuery  = regexp.MustCompile(`(?is)^kill\s+query\s+(?:'([^']*)'|"([^"]*)")\s*;?$`)
)

// answer answers the statements about running queries, which the server knows
// and the database does not: SHOW QUERIES, SELECT from
// performance_schema.perf_queries with at most one condition of the form
// column = value, and KILL QUERY; and for a database that is not TDengine those
// of standIn. own is false for all other statements.
func (s *session) answer(st statement) (out outcome, own bool, err error) {
	text := strings.TrimSpace(st.sql)
	if s.srv.options.db != nil {
		if out, own = s.standIn(text); own {
			return out, true, nil
		}
	}
	if begins(text, "show", "queries") {
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

// standIn answers what clients ask a TDengine without being told to, and another
// database would not understand or a script not expect.
func (s *session) standIn(text string) (outcome, bool) {
	if name, ok := useTarget(text); ok {
		s.setDatabase(name)
		return outcome{}, true
	}
	src := &listSource{}
	switch strings.ToLower(strings.TrimSuffix(text, ";")) {
	case "select 1":
		src.columns, src.rows = []block.Field{numberColumn("1", block.BigInt)}, [][]any{{1}}
	case strings.ToLower(transport.PingSQL):
		src.columns, src.rows = []block.Field{textColumn("name", 64)}, [][]any{{"information_schema"}}
	case "select server_version()":
		version := s.srv.options.version
		src.columns, src.rows = []block.Field{textColumn("server_version()", int32(len(version)))}, [][]any{{version}}
	default:
		return outcome{}, false
	}
	return outcome{result: newResult(nil, src, nil)}, true
}

// killByID kills a query. One that has ended is no error as long as its
// connection is known.
func (s *session) killByID(id string) error {
	for _, q := range s.srv.running.visible(0) {
		if q.killID == id {
			q.kill()
			return nil
		}
	}
	conn, query, found := strings.Cut(id, ":")
	at, err := strconv.ParseUint(conn, 16, 32)
	if _, err2 := strconv.ParseUint(query, 10, 64); !found || err != nil || err2 != nil {
		return errQueryID
	}
	if first := uint64(firstConnID); at <= first || at > first+uint64(s.srv.Opened()) {
		return errConnID
	}
	return nil
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
