package tsblock

import (
	"bufio"
	"context"
	"database/sql/driver"
	"encoding/hex"
	"flag"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// recordFrom writes testdata/replies.txt anew from a real server with timestamps in
// milliseconds, in databases "recorded" that are dropped:
//
//	go test ./iotdbdriver/internal/tsblock -run Recorded -record-from 127.0.0.1:6667
var recordFrom = flag.String("record-from", "", "address of a real IoTDB server to record replies of")

const recordedFile = "testdata/replies.txt"

// recordedStatements are run in this order; the replies to queries are kept.
var recordedStatements = map[string][]string{
	"table": {
		"DROP DATABASE IF EXISTS recorded", "CREATE DATABASE recorded", "USE recorded",
		"CREATE TABLE t (tg STRING TAG, b BOOLEAN, i INT32, l INT64, f FLOAT, d DOUBLE, tx TEXT, st STRING, bl BLOB, da DATE, ts TIMESTAMP)",
		"INSERT INTO t (time, tg, b, i, l, f, d, tx, st, bl, da, ts) VALUES " +
			"(1, 'a', true, -2147483648, -9223372036854775808, 0.1, 1e300, 'x''y\\z', '日本', X'00ff', '2024-02-29', 1700000000123), " +
			"(2, 'a', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), " +
			"(3, 'a', false, 2147483647, 9223372036854775807, -3.4028235e38, 'NaN', '', '', X'', '9999-12-31', -1)",
		"INSERT INTO t (time, tg, i, b) VALUES (4, 'b', 4, true), (5, 'b', NULL, NULL), (6, 'b', 6, false), (7, 'b', NULL, true), (8, 'b', 8, NULL), (9, 'b', 9, true), (10, 'b', 10, true), (11, 'b', 11, false), (12, 'b', NULL, true)",
		"SELECT * FROM t ORDER BY time",
		"SELECT i, i AS again, tg, l AS i FROM t ORDER BY time DESC",
		"SELECT b, i FROM t WHERE tg = 'b' ORDER BY time",
		"SELECT tx FROM t WHERE tg = 'b'",
		"SELECT count(*), sum(i), avg(d), max(st), last(da) FROM t",
		"SELECT * FROM t WHERE i = 12345",
		"SHOW CURRENT_DATABASE", "SHOW DATABASES", "DESC t", "SHOW QUERIES",
		"DROP DATABASE recorded",
	},
	"tree": {
		"CREATE DATABASE root.recorded",
		"INSERT INTO root.recorded.d (time, i, b) VALUES (1, 1, true)",
		"INSERT INTO root.recorded.d (time, i, b) VALUES (2, NULL, false)",
		"INSERT INTO root.recorded.e (time, s) VALUES (2, 'text')",
		"SELECT * FROM root.recorded.*",
		"SELECT i, i, b FROM root.recorded.d",
		"SELECT count(i) FROM root.recorded.d",
		"SELECT count(i) FROM root.recorded.d GROUP BY ([0, 10), 5ms)",
		"SELECT * FROM root.recorded.* ALIGN BY DEVICE",
		"SELECT nope FROM root.recorded.d",
		"DROP DATABASE root.recorded",
	},
}

type recording struct {
	statement string
	frame     []byte
	rows      []string
}

// record runs the statements and returns the replies to queries.
func record(t *testing.T, addr string) (list []recording) {
	t.Helper()
	ctx := context.Background()
	for _, dialect := range []string{"table", "tree"} {
		c, err := client.Dial(ctx, &client.Settings{Dial: new(net.Dialer).DialContext, MaxFrame: 1 << 26}, addr)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		call := func(method string, arguments, result rpc.Struct) {
			if err := c.Do(ctx, &client.Call{Method: method, Arguments: arguments, Result: result}); err != nil {
				t.Fatal(err)
			}
		}
		var login rpc.OpenSessionReply
		call(rpc.OpenSession, rpc.Arguments(&rpc.OpenSessionRequest{
			ClientProtocol: rpc.ProtocolV3, ZoneID: "UTC", Username: "root", Password: "root",
			Configuration: map[string]string{"sql_dialect": dialect, "version": "V_1_0"},
		}), rpc.Result(&login))
		var id rpc.NumberResult
		call(rpc.RequestStatementID, &rpc.SessionArgument{SessionID: *login.SessionID}, &id)
		for _, statement := range recordedStatements[dialect] {
			var reply rpc.StatementReply
			call(rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{
				SessionID: *login.SessionID, StatementID: id.Value, Statement: statement, FetchSize: 5000,
			}), rpc.Result(&reply))
			if reply.Status.Code != 200 {
				t.Fatalf("%s: %+v", statement, reply.Status)
			}
			if reply.QueryID == nil {
				continue
			}
			// What was read, written again, is what the server wrote.
			parts, err := rpc.Encode(rpc.Binary, rpc.ExecuteStatement, rpc.Reply, 1, rpc.Result(&reply))
			if err != nil {
				t.Fatal(err)
			}
			var frame []byte
			for _, part := range parts {
				frame = append(frame, part...)
			}
			list = append(list, recording{statement: statement, frame: frame[rpc.LengthSize:]})
		}
	}
	return list
}

// shown decodes a reply and its blocks.
func shown(frame []byte) ([]string, error) {
	m, err := rpc.ParseMessage(rpc.Binary, frame)
	if err != nil {
		return nil, err
	}
	var reply rpc.StatementReply
	if err := m.Decode(rpc.Result(&reply)); err != nil {
		return nil, err
	}
	l, err := layoutOf(&reply)
	if err != nil {
		return nil, err
	}
	var lines []string
	row := make([]driver.Value, len(l.Types))
	for _, raw := range reply.QueryResult {
		b, err := l.Decode(raw)
		if err != nil {
			return nil, err
		}
		for i := range min(b.Rows, 1000) {
			b.Row(i, row)
			lines = append(lines, show(row))
		}
	}
	return lines, nil
}

func layoutOf(reply *rpc.StatementReply) (*Layout, error) {
	l := Layout{Units: 1e3}
	if reply.IgnoreTimestamp == nil || !*reply.IgnoreTimestamp {
		l.Types, l.Blocks = append(l.Types, datatype.Timestamp), append(l.Blocks, TimeColumn)
	}
	for i, name := range reply.DataTypes {
		typ, _ := datatype.Of(name)
		l.Types = append(l.Types, typ)
		if i < len(reply.BlockColumns) {
			l.Blocks = append(l.Blocks, int(reply.BlockColumns[i]))
		} else {
			l.Blocks = append(l.Blocks, i)
		}
	}
	return NewLayout(l)
}

func show(row []driver.Value) string {
	texts := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case time.Time:
			texts[i] = v.Format(time.RFC3339Nano)
		case []byte:
			texts[i] = "0x" + hex.EncodeToString(v)
		case string:
			texts[i] = fmt.Sprintf("%q", v)
		default:
			texts[i] = fmt.Sprint(v)
		}
	}
	return strings.Join(texts, " | ")
}

// recordings reads the file: a statement after ">", the reply in hexadecimal, the
// rows after "=".
func recordings(t testing.TB) (list []recording) {
	t.Helper()
	f, err := os.Open(filepath.FromSlash(recordedFile))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s := bufio.NewScanner(f)
	s.Buffer(nil, 1<<20)
	for s.Scan() {
		line := s.Text()
		switch {
		case strings.HasPrefix(line, "> "):
			list = append(list, recording{statement: line[2:]})
		case strings.HasPrefix(line, "= "):
			list[len(list)-1].rows = append(list[len(list)-1].rows, line[2:])
		case line != "":
			raw, err := hex.DecodeString(line)
			if err != nil {
				t.Fatal(err)
			}
			list[len(list)-1].frame = append(list[len(list)-1].frame, raw...)
		}
	}
	if s.Err() != nil || len(list) == 0 {
		t.Fatalf("%d recordings, %v", len(list), s.Err())
	}
	return list
}

func TestRecorded(t *testing.T) {
	if *recordFrom != "" {
		var b strings.Builder
		for _, r := range record(t, *recordFrom) {
			fmt.Fprintf(&b, "> %s\n", r.statement)
			for rest := r.frame; len(rest) > 0; rest = rest[min(60, len(rest)):] {
				fmt.Fprintf(&b, "%x\n", rest[:min(60, len(rest))])
			}
			rows, err := shown(r.frame)
			if err != nil {
				t.Fatal(r.statement, err)
			}
			for _, row := range rows {
				fmt.Fprintf(&b, "= %s\n", row)
			}
			b.WriteString("\n")
		}
		if err := os.WriteFile(recordedFile, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, r := range recordings(t) {
		got, err := shown(r.frame)
		if err != nil {
			t.Errorf("%s: %v", r.statement, err)
		}
		if a, b := strings.Join(got, "\n"), strings.Join(r.rows, "\n"); a != b {
			t.Errorf("%s: got\n%s\nwant\n%s", r.statement, a, b)
		}
	}
}

// No truncation of a recorded reply is taken for a reply, nor of a block for a block.
func TestTruncated(t *testing.T) {
	for _, r := range recordings(t) {
		for n := range r.frame {
			if _, err := shown(r.frame[:n]); err == nil {
				t.Errorf("%s: %d of %d bytes were enough", r.statement, n, len(r.frame))
			}
		}
		m, err := rpc.ParseMessage(rpc.Binary, r.frame)
		if err != nil {
			t.Fatal(err)
		}
		var reply rpc.StatementReply
		if err := m.Decode(rpc.Result(&reply)); err != nil {
			t.Fatal(err)
		}
		l, err := layoutOf(&reply)
		if err != nil {
			t.Fatal(err)
		}
		for _, raw := range reply.QueryResult {
			for n := range raw {
				if _, err := l.Decode(raw[:n]); err == nil {
					t.Errorf("%s: %d of %d bytes of a block were enough", r.statement, n, len(raw))
				}
			}
			if _, err := l.Decode(append(raw[:len(raw):len(raw)], 0)); err == nil {
				t.Errorf("%s: a byte after the block is not noticed", r.statement)
			}
		}
	}
}
