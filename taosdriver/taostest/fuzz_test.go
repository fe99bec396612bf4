package taostest

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// FuzzMessages sends anything to a session. Whatever it is, the server must
// answer the next message of another session, or have crashed in the way it
// says, and give back everything at the end.
func FuzzMessages(f *testing.F) {
	for _, name := range []string{"invalid-requests", "binary-query", "stmt2-query", "stmt1-insert-binary", "options-connection"} {
		for _, m := range loadConversation(f, name).Messages {
			if m.Dir == "c>s" && m.Op == "text" {
				f.Add(false, []byte(*m.Text))
			}
			if m.Dir == "c>s" && m.Op == "binary" && m.Gzip == "" {
				f.Add(true, m.payload(f))
			}
		}
	}
	srv := NewServer()
	f.Cleanup(srv.Close)
	for _, sql := range []string{"CREATE DATABASE d", "CREATE TABLE d.t (ts TIMESTAMP, v INT)"} {
		if _, err := srv.db.Exec(sql); err != nil {
			f.Fatal(err)
		}
	}
	f.Fuzz(func(t *testing.T, isBinary bool, data []byte) {
		if strings.Contains(strings.ToLower(string(data)), "sleep") {
			return
		}
		// A message that crashed the server may have its effect only now.
		err := sendAny(t, srv, isBinary, data)
		for range 2 {
			if err != nil {
				err = sendAny(t, srv, isBinary, data)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	})
}

// sendAny sends a message to a session with a statement of each kind, and another
// whose answer shows that the session lives.
func sendAny(t *testing.T, srv *Server, isBinary bool, data []byte) error {
	before := len(srv.Crashes())
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+srv.Addr()+"/ws", nil)
	if err != nil {
		waitFor(t, "the restart", func() bool { return srv.lives.Current() != nil })
		return err
	}
	defer ws.Close()
	c := &client{t: t, ws: ws}
	c.tell("conn", `"user":"root","password":"taosdata","db":"d"`)
	c.hear()
	for _, args := range [][2]string{
		{"stmt2_init", ""}, {"stmt2_prepare", `"stmt_id":1,"sql":"insert into t values(?,?)","get_fields":true`},
		{"init", ""}, {"prepare", `"stmt_id":2,"sql":"insert into t values(?,?)"`},
	} {
		c.tell(args[0], args[1])
		c.hear()
	}
	kind := websocket.TextMessage
	if isBinary {
		kind = websocket.BinaryMessage
	}
	_ = ws.WriteMessage(kind, data) // an error shows at the next read
	id := c.tell("version", "")
	for range 3 {
		data, err := c.read()
		if err != nil && len(srv.Crashes()) > before {
			return nil
		}
		if err != nil {
			return err
		}
		var r reply
		if json.Unmarshal(data, &r) == nil && r.Action == "version" && r.ReqID == id {
			return nil
		}
	}
	return errors.New("no answer")
}

// FuzzBindData holds that no bind data makes the server panic or lay out rows
// that differ in length from the statement's parameters.
func FuzzBindData(f *testing.F) {
	for _, m := range loadConversation(f, "stmt2-insert-multi-table").Messages {
		if m.Dir != "c>s" || m.Op != "binary" {
			continue
		}
		if req, err := frame.ParseRequest(m.payload(f)); err == nil && req.Action == frame.Bind {
			_, data, err := req.BindData()
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	params := []param{
		tableParam,
		{name: "t1", typ: 4, bytes: 4, bind: bindTag}, {name: "t2", typ: 10, bytes: 82, bind: bindTag},
		{name: "ts", typ: 9, bytes: 8, bind: bindColumn}, {name: "i", typ: 4, bytes: 4, bind: bindColumn},
		{name: "v", typ: 8, bytes: 22, bind: bindColumn},
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		tables, err := decodeBind(data)
		if err != nil {
			return
		}
		for _, table := range tables {
			rows, err := rowsOf(params, table)
			if err != nil {
				continue
			}
			for _, r := range rows {
				if len(r.args) != len(params) {
					t.Fatalf("%d arguments for %d parameters", len(r.args), len(params))
				}
			}
		}
	})
}

// FuzzSQLText holds that the scanners of statements take any text, and that a
// table's name put in the place of its question mark leaves one less.
func FuzzSQLText(f *testing.F) {
	for _, sql := range []string{
		"INSERT INTO ? USING st TAGS(?) VALUES(?,?)", "insert into d.t (ts, `V v`) values (?, '?')", "USE `a``b`", "/* ? */ select ? -- ?",
		"SELECT kill_id FROM performance_schema.perf_queries WHERE query_id = 5", "KILL QUERY '1:2'", "insert into",
	} {
		f.Add(sql, "db.t")
	}
	f.Fuzz(func(t *testing.T, sql, name string) {
		returnsRows(sql)
		useTarget(sql)
		insertColumns(sql)
		perfSelect.FindStringSubmatch(sql)
		killQuery.FindStringSubmatch(sql)
		if before := countParams(sql); wantsTable(sql) {
			if after := countParams(nameTable(sql, name)); after != before-1 && !strings.ContainsAny(name, "`?") {
				t.Errorf("%d parameters, %d after naming the table", before, after)
			}
		}
	})
}

// FuzzTaosdToken holds that every token that can be decoded comes from an
// account that makes it again, up to its padding.
func FuzzTaosdToken(f *testing.F) {
	f.Add("/KfeAzX/f9na8qdtNZmtONryp201ma04bEl8LcvLUd7a8qdtNZmtONryp201ma04")
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, token string) {
		user, password, err := decodeTaosd(token)
		if err != nil {
			return
		}
		again, err := encodeTaosd(user, password)
		if err != nil {
			t.Fatal(err)
		}
		if u, p, err := decodeTaosd(again); u != user || p != password || err != nil {
			t.Errorf("%q %q came back as %q %q %v", user, password, u, p, err)
		}
	})
}
