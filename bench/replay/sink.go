package replay

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"

	"github.com/gorilla/websocket"
)

// ServeSink takes what is written and forgets it, so that the time of a benchmark is
// the client's: prepared statements of both protocols, and INSERTs, on /ws. Every
// table has the columns of [Row] and the tag g INT.
func ServeSink(l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		s := &sink{ws: ws}
		for s.serve() == nil {
		}
	})
	return http.Serve(l, mux)
}

// sink is one connection.
type sink struct {
	ws      *websocket.Conn
	message []byte
	// bound are the rows bound and not executed.
	bound int
	// described tells that the description of the table was fetched.
	described bool
}

func (s *sink) serve() error {
	kind, r, err := s.ws.NextReader()
	if err != nil {
		return err
	}
	s.message = s.message[:0]
	for {
		if len(s.message) == cap(s.message) {
			s.message = append(s.message, make([]byte, max(64<<10, len(s.message)))...)[:len(s.message)]
		}
		n, err := r.Read(s.message[len(s.message):cap(s.message)])
		s.message = s.message[:len(s.message)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
	}
	if kind == websocket.TextMessage {
		return s.text(s.message)
	}
	return s.binary(s.message)
}

func (s *sink) binary(m []byte) error {
	if len(m) < 26 {
		return io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	reqID, id := le.Uint64(m), le.Uint64(m[8:])
	switch action := le.Uint64(m[16:]); action {
	case 1, 2, 9:
		s.take(action, m)
		return s.ws.WriteMessage(websocket.TextMessage, reply(bindNames[action], reqID, `,"stmt_id":1`))
	case 6:
		switch sql := string(m[30:]); {
		case strings.HasPrefix(sql, "DESCRIBE"):
			s.described = false
			return s.ws.WriteMessage(websocket.TextMessage, describeReply(reqID, 1))
		default:
			rows := strings.Count(sql, "(")
			return s.ws.WriteMessage(websocket.TextMessage, reply("binary_query", reqID, fmt.Sprintf(`,"id":0,"is_update":true,"affected_rows":%d`, rows)))
		}
	case 7:
		answer := fetchReply(0)
		if !s.described {
			s.described = true
			block := describeBlock()
			answer = append(le.AppendUint32(append(answer[:len(answer)-1], 0), uint32(len(block))), block...)
		}
		le.PutUint64(answer[replyReqID:], reqID)
		le.PutUint64(answer[replyResult:], id)
		return s.ws.WriteMessage(websocket.BinaryMessage, answer)
	default:
		return fmt.Errorf("action %d is not taken", action)
	}
}

func (s *sink) text(m []byte) error {
	var request struct {
		Action string
		Args   json.RawMessage
	}
	var args struct {
		ReqID uint64 `json:"req_id"`
		SQL   string
	}
	if err := json.Unmarshal(m, &request); err != nil {
		return err
	}
	json.Unmarshal(request.Args, &args)
	switch request.Action {
	case "free_result", "close":
		return nil // there is no reply
	}
	return s.ws.WriteMessage(websocket.TextMessage, reply(request.Action, args.ReqID, s.more(request.Action, args.SQL)))
}

// placeholders of an INSERT into a super table as stmt2_prepare describes them.
const (
	columnFields = `{"name":"ts","field_type":9,"precision":0,"scale":0,"bytes":8,"bind_type":1},` +
		`{"name":"current","field_type":4,"precision":0,"scale":0,"bytes":4,"bind_type":1},` +
		`{"name":"voltage","field_type":7,"precision":0,"scale":0,"bytes":8,"bind_type":1},` +
		`{"name":"location","field_type":8,"precision":0,"scale":0,"bytes":18,"bind_type":1}`
	tableField = `{"name":"tbname","field_type":8,"precision":0,"scale":0,"bytes":271,"bind_type":4},`
	tagField   = `{"name":"g","field_type":4,"precision":0,"scale":0,"bytes":4,"bind_type":2},`
)

// more is what the reply to an action has beside its head.
func (s *sink) more(action, sql string) string {
	switch action {
	case "exec", "stmt2_exec":
		n := s.bound
		s.bound = 0
		return fmt.Sprintf(`,"stmt_id":1,"affected":%d`, n)
	case "prepare":
		return `,"stmt_id":1,"is_insert":true`
	case "stmt2_prepare":
		fields, count := columnFields, 4
		switch {
		case strings.Contains(sql, "USING"):
			fields, count = tableField+tagField+fields, 6
		case strings.Contains(sql, "tbname"):
			fields, count = tableField+fields, 5
		}
		return fmt.Sprintf(`,"stmt_id":1,"is_insert":true,"fields":[%s],"fields_count":%d`, fields, count)
	}
	return `,"version":"3.3.7.5","stmt_id":1`
}

// bindNames are the binary actions of prepared statements.
var bindNames = map[uint64]string{1: "set_tags", 2: "bind", 9: "stmt2_bind"}

// take counts the rows of a bind, which are those of the first column of each table.
func (s *sink) take(action uint64, m []byte) {
	le := binary.LittleEndian
	switch {
	case action == 2 && len(m) >= 36: // a raw block
		s.bound += int(le.Uint32(m[32:]))
	case action == 9 && len(m) >= 58:
		data := m[30:]
		tables, columns := int(le.Uint32(data[4:])), int(le.Uint32(data[24:]))
		at := columns + 4*tables
		for i := range tables {
			if at+12 > len(data) {
				return
			}
			s.bound += int(le.Uint32(data[at+8:]))
			at += int(le.Uint32(data[columns+4*i:]))
		}
	}
}

// describeReply answers DESCRIBE of the super table; its block follows.
func describeReply(reqID, id uint64) []byte {
	return reply("binary_query", reqID, fmt.Sprintf(
		`,"id":%d,"is_update":false,"affected_rows":0,"fields_count":4,"fields_names":["field","type","length","note"],"fields_types":[8,8,4,8],"fields_lengths":[64,32,4,12],"precision":0,"fields_precisions":%s,"fields_scales":%[2]s`,
		id, fieldZeros))
}

// describeBlock is the description of the super table.
func describeBlock() []byte {
	rows := [][4]string{
		{"ts", "TIMESTAMP", "\x08\x00\x00\x00", ""}, {"current", "INT", "\x04\x00\x00\x00", ""},
		{"voltage", "DOUBLE", "\x08\x00\x00\x00", ""}, {"location", "VARCHAR", "\x10\x00\x00\x00", ""}, {"g", "INT", "\x04\x00\x00\x00", "TAG"},
	}
	le := binary.LittleEndian
	var parts [4][]byte
	var lengths [4]int
	for k := range parts {
		if k == 2 {
			parts[k] = append(parts[k], make([]byte, (len(rows)+7)/8)...)
			for _, r := range rows {
				parts[k] = append(parts[k], r[k]...)
			}
			lengths[k] = 4 * len(rows)
			continue
		}
		var offsets, texts []byte
		for _, r := range rows {
			offsets = le.AppendUint32(offsets, uint32(len(texts)))
			texts = append(le.AppendUint16(texts, uint16(len(r[k]))), r[k]...)
		}
		parts[k], lengths[k] = append(offsets, texts...), len(texts)
	}
	return block(len(rows), []columnType{{8, 66}, {8, 34}, {4, 4}, {8, 14}}, parts[:], lengths[:])
}

// columnType is a column in a block's schema.
type columnType struct {
	typ   byte
	bytes uint32
}

// block puts columns together; their lengths do not count what stands in front of
// the values.
func block(n int, types []columnType, columns [][]byte, lengths []int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint32(nil, 1) // version
	b = le.AppendUint32(b, 0)    // total length, below
	b = le.AppendUint32(b, uint32(n))
	b = le.AppendUint32(b, uint32(len(types)))
	b = le.AppendUint32(b, 1<<31)
	b = le.AppendUint64(b, 0)
	for _, t := range types {
		b = le.AppendUint32(append(b, t.typ), t.bytes)
	}
	for _, length := range lengths {
		b = le.AppendUint32(b, uint32(length))
	}
	for _, c := range columns {
		b = append(b, c...)
	}
	b = append(b, 0)
	le.PutUint32(b[4:], uint32(len(b)))
	return b
}
