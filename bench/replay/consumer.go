package replay

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"sync"

	"github.com/gorilla/websocket"
)

// A topic has as many rows as the last number in its name. A message has a block's
// rows, spread over tables as one INSERT into several tables is.
const (
	// MessageRows is the number of rows of a message, the server's own.
	MessageRows   = BlockRows
	messageTables = 8
)

// consumerRequest is a message of a consumer.
type consumerRequest struct {
	Action string
	Args   struct {
		ReqID     uint64 `json:"req_id"`
		MessageID uint64 `json:"message_id"`
		Topics    []string
		Topic     string
	}
}

// consumer is a connection to /rest/tmq.
type consumer struct {
	ws    *websocket.Conn
	topic string
	left  int
	at    int64 // offset of the next message
	id    uint64
	rows  int // of the last message
}

func serveConsumer(w http.ResponseWriter, r *http.Request) {
	ws, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer ws.Close()
	c := &consumer{ws: ws}
	for {
		_, message, err := ws.ReadMessage()
		if err != nil {
			return
		}
		var request consumerRequest
		if err := json.Unmarshal(message, &request); err != nil {
			return
		}
		if err := c.answer(&request); err != nil {
			return
		}
	}
}

func (c *consumer) answer(r *consumerRequest) error {
	more := ""
	switch r.Action {
	case "version":
		more = `,"version":"3.3.7.5"`
	case "subscribe":
		if len(r.Args.Topics) != 1 {
			return fmt.Errorf("%d topics", len(r.Args.Topics))
		}
		c.topic = r.Args.Topics[0]
		c.left = rowsOf(c.topic)
	case "poll":
		c.rows = min(c.left, MessageRows)
		if c.rows == 0 {
			more = `,"have_message":false,"topic":"","database":"","vgroup_id":0,"message_type":0,"message_id":0,"offset":0`
			break
		}
		c.left -= c.rows
		c.id++
		more = fmt.Sprintf(`,"have_message":true,"topic":%q,"database":"power","vgroup_id":2,"message_type":1,"message_id":%d,"offset":%d`, c.topic, c.id, c.at)
		c.at += messageTables
	case "fetch_raw_data", "fetch_raw":
		return c.ws.WriteMessage(websocket.BinaryMessage, c.message(r))
	case "list_topics":
		more = fmt.Sprintf(`,"topics":[%q]`, c.topic)
	case "assignment":
		more = fmt.Sprintf(`,"assignment":[{"vgroup_id":2,"offset":%d,"begin":0,"end":%d}]`, c.at, c.at)
	case "committed", "position":
		more = fmt.Sprintf(`,%q:[%d]`, r.Action, c.at)
	case "commit", "commit_offset", "unsubscribe":
	default:
		return fmt.Errorf("action %s is not replayed", r.Action)
	}
	return c.ws.WriteMessage(websocket.TextMessage, reply(r.Action, r.Args.ReqID, more))
}

// messages are raw messages by their number of rows.
var messages sync.Map

// message is the reply to a fetch of the last message.
func (c *consumer) message(r *consumerRequest) []byte {
	made, ok := messages.Load(c.rows)
	if !ok {
		made, _ = messages.LoadOrStore(c.rows, rawMessage(c.rows))
	}
	raw := made.([]byte)
	le := binary.LittleEndian
	var b []byte
	if r.Action == "fetch_raw" {
		b = le.AppendUint64(make([]byte, 0, len(raw)+38), 1)
		b = le.AppendUint64(b, r.Args.ReqID)
		b = le.AppendUint64(b, c.id)
		b = le.AppendUint64(b, 3)
		b = le.AppendUint32(b, uint32(len(raw)))
		b = le.AppendUint16(b, 2)
	} else {
		b = le.AppendUint64(make([]byte, 0, len(raw)+56), math.MaxUint64)
		b = le.AppendUint64(b, 8)
		b = le.AppendUint16(b, 1)
		b = le.AppendUint64(b, 1)
		b = le.AppendUint64(b, r.Args.ReqID)
		b = le.AppendUint64(b, 0) // code, length of the text
		b = le.AppendUint64(b, c.id)
		b = le.AppendUint16(b, 2)
		b = le.AppendUint32(b, uint32(len(raw)))
	}
	at := len(b)
	b = append(b, raw...)
	le.PutUint64(b[at+6:], uint64(c.at-messageTables))
	le.PutUint64(b[at+15:], uint64(c.at))
	return b
}

// rawMessage is a message of n rows as the server sends it (taosAdapter 3.3.7.5,
// recorded). The offsets in its head are filled in by the sender.
func rawMessage(n int) []byte {
	le := binary.LittleEndian
	b := []byte{100, 18, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0, 0x11, 0, 0, 0, 0, 0, 0, 0, 0}
	tables := min(n, messageTables)
	b = append(le.AppendUint32(b, uint32(tables)), 1, 1)
	for t := range tables {
		rows := n / tables
		if t == 0 {
			rows += n % tables
		}
		raw := rawBlock(rows)
		raw[0] = 2
		b = binary.AppendUvarint(b, uint64(len(raw))+18)
		b = le.AppendUint64(b, 1)
		b = binary.BigEndian.AppendUint64(b, uint64(rows))
		b = append(append(b, 0, 0), raw...)
		b = binary.AppendVarint(b, 4)
		b = binary.AppendVarint(b, 0)
		for i, c := range []struct {
			typ   byte
			bytes int64
			name  string
		}{{9, 8, "ts"}, {4, 4, "current"}, {7, 8, "voltage"}, {8, 18, "location"}} {
			b = append(b, c.typ, 1)
			b = binary.AppendVarint(b, c.bytes)
			b = binary.AppendVarint(b, int64(i+1))
			b = appendName(b, c.name)
		}
		b = appendName(b, fmt.Sprintf("d%d", t))
	}
	return le.AppendUint64(b, 0)
}

func appendName(b []byte, name string) []byte {
	return append(append(binary.AppendUvarint(b, uint64(len(name))+1), name...), 0)
}
