// Package replay answers queries as taosAdapter does, from blocks made
// beforehand, so that the time of a benchmark is the client's. Every query has
// the same columns and as many rows as the last number in its text:
//
//	SELECT * FROM meters LIMIT 1000000
package replay

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"sync"

	"github.com/gorilla/websocket"
)

// Serve answers /ws, /rest/sql and /rest/tmq on the listener until it is closed.
func Serve(l net.Listener) error {
	mux := http.NewServeMux()
	mux.HandleFunc("/ws", serveSocket)
	mux.HandleFunc("/rest/tmq", serveConsumer)
	mux.HandleFunc("/rest/sql", serveREST)
	mux.HandleFunc("/rest/sql/", serveREST)
	return http.Serve(l, mux)
}

var lastNumber = regexp.MustCompile(`(\d+)\D*$`)

// rowsOf returns the number of rows that a statement asks for.
func rowsOf(sql string) int {
	if m := lastNumber.FindStringSubmatch(sql); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 0
}

// replies are fetch replies by their number of rows.
var replies sync.Map

// replyOf returns a copy of a fetch reply, for one connection to fill in.
func replyOf(n int) []byte {
	made, ok := replies.Load(n)
	if !ok {
		made, _ = replies.LoadOrStore(n, fetchReply(n))
	}
	return append([]byte(nil), made.([]byte)...)
}

var upgrader = websocket.Upgrader{
	ReadBufferSize: 4 << 10, WriteBufferSize: 64 << 10,
	CheckOrigin: func(*http.Request) bool { return true },
}

// socket is one connection.
type socket struct {
	ws      *websocket.Conn
	last    uint64         // result id
	left    map[uint64]int // rows by result id
	replies map[int][]byte // by number of rows
}

func serveSocket(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	s := &socket{ws: ws, left: make(map[uint64]int), replies: make(map[int][]byte)}
	for {
		kind, message, err := ws.ReadMessage()
		if err != nil {
			return
		}
		if kind == websocket.BinaryMessage {
			err = s.binary(message)
		} else {
			err = s.text(message)
		}
		if err != nil {
			return
		}
	}
}

func (s *socket) binary(m []byte) error {
	if len(m) < 26 {
		return io.ErrUnexpectedEOF
	}
	le := binary.LittleEndian
	reqID, id := le.Uint64(m), le.Uint64(m[8:])
	switch action := le.Uint64(m[16:]); {
	case action == 6 && len(m) > 30:
		return s.query("binary_query", reqID, string(m[30:]))
	case action == 7:
		n := min(s.left[id], BlockRows)
		s.left[id] -= n
		reply, ok := s.replies[n]
		if !ok {
			reply = replyOf(n)
			s.replies[n] = reply
		}
		le.PutUint64(reply[replyReqID:], reqID)
		le.PutUint64(reply[replyResult:], id)
		return s.ws.WriteMessage(websocket.BinaryMessage, reply)
	default:
		return fmt.Errorf("action %d is not replayed", action)
	}
}

func (s *socket) query(action string, reqID uint64, sql string) error {
	s.last++
	s.left[s.last] = rowsOf(sql)
	return s.ws.WriteMessage(websocket.TextMessage, queryReply(action, reqID, s.last))
}

func (s *socket) text(m []byte) error {
	var request textRequest
	if err := json.Unmarshal(m, &request); err != nil {
		return err
	}
	switch request.Action {
	case "query":
		return s.query(request.Action, request.Args.ReqID, request.Args.SQL)
	case "free_result":
		delete(s.left, request.Args.ID)
		return nil
	}
	return s.ws.WriteMessage(websocket.TextMessage, plainReply(request.Action, request.Args.ReqID))
}

// restBlock is a whole block as JSON.
var restBlock = sync.OnceValue(func() []byte { return jsonRows(BlockRows) })

func serveREST(w http.ResponseWriter, r *http.Request) {
	sql, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	rows := rowsOf(string(sql))
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	fmt.Fprintf(w, `{"code":0,"column_meta":%s,"data":[`, columnMeta)
	block := restBlock()
	for left, skip := rows, 1; left > 0; skip = 0 {
		n := min(left, BlockRows)
		if n < BlockRows {
			block = jsonRows(n)
		}
		if _, err := w.Write(block[skip:]); err != nil {
			return
		}
		left -= n
	}
	fmt.Fprintf(w, `],"rows":%d}`, rows)
}
