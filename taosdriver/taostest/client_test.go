package taostest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start starts a server that lives as long as the test.
func start(t *testing.T, opts ...Option) *Server {
	t.Helper()
	srv := NewServer(opts...)
	t.Cleanup(srv.Close)
	return srv
}

// client is a WebSocket client that knows nothing but the protocol.
type client struct {
	t    *testing.T
	ws   *websocket.Conn
	last uint64
}

// reply is the reply to a text message.
type reply struct {
	Code    int
	Message string
	Action  string
	ReqID   uint64 `json:"req_id"`
	ID      uint64
	StmtID  uint64   `json:"stmt_id"`
	Rows    int64    `json:"affected_rows"`
	Fields  int      `json:"fields_count"`
	Names   []string `json:"fields_names"`
	Types   []int    `json:"fields_types"`
	DB      string
	Update  bool `json:"is_update"`

	Precision int
	Affected  int64
	err       error
}

// dial connects without a login.
func dial(t *testing.T, srv *Server) *client {
	t.Helper()
	ws, _, err := websocket.DefaultDialer.Dial("ws://"+srv.Addr()+"/ws", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = ws.Close() })
	return &client{t: t, ws: ws}
}

// connect connects and logs in.
func connect(t *testing.T, srv *Server, database string) *client {
	t.Helper()
	c := dial(t, srv)
	if r := c.ask("conn", `"user":"root","password":"taosdata","db":"`+database+`"`); r.Code != 0 || r.err != nil {
		t.Fatalf("login: %+v", r)
	}
	return c
}

// tell sends a text message and returns its request id.
func (c *client) tell(action, args string) uint64 {
	c.last++
	if args != "" {
		args = "," + args
	}
	// An error shows when the reply is read.
	_ = c.ws.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"action":%q,"args":{"req_id":%d%s}}`, action, c.last, args))
	return c.last
}

// ask sends a text message and waits for the reply to it.
func (c *client) ask(action, args string) reply {
	c.t.Helper()
	id := c.tell(action, args)
	r := c.hear()
	if r.err == nil && r.ReqID != id {
		c.t.Fatalf("reply to %d, want %d", r.ReqID, id)
	}
	return r
}

// hear waits for a reply.
func (c *client) hear() (r reply) {
	data, err := c.read()
	if err != nil {
		return reply{err: err}
	}
	r.err = json.Unmarshal(data, &r)
	return r
}

func (c *client) read() ([]byte, error) {
	_ = c.ws.SetReadDeadline(time.Now().Add(10 * time.Second))
	_, data, err := c.ws.ReadMessage()
	return data, err
}

// silent fails the test if a message comes within a moment.
func (c *client) silent() {
	c.t.Helper()
	_ = c.ws.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
	if _, data, err := c.ws.ReadMessage(); err == nil {
		c.t.Fatalf("got %q, want nothing", data)
	}
}

func (c *client) query(sql string) reply {
	c.t.Helper()
	text, err := json.Marshal(sql)
	if err != nil {
		c.t.Fatal(err)
	}
	return c.ask("query", `"sql":`+string(text))
}

// must runs a statement that is to succeed.
func (c *client) must(sql string) reply {
	c.t.Helper()
	r := c.query(sql)
	if r.Code != 0 || r.err != nil {
		c.t.Fatalf("%s: %+v", sql, r)
	}
	return r
}

// sendFetch asks for the next block of a result.
func (c *client) sendFetch(id uint64) {
	c.last++
	_ = c.ws.WriteMessage(websocket.BinaryMessage, frame.AppendFetch(nil, c.last, id))
}

// fetch asks for the next block of a result and waits for it.
func (c *client) fetch(id uint64) (frame.FetchReply, error) {
	c.t.Helper()
	c.sendFetch(id)
	data, err := c.read()
	if err != nil {
		return frame.FetchReply{}, err
	}
	return frame.ParseFetchReply(data)
}

// rows reads a result to its end, in text.
func (c *client) rows(r reply) []string {
	c.t.Helper()
	var list []string
	for {
		f, err := c.fetch(r.ID)
		if err != nil || f.Code != 0 {
			c.t.Fatalf("fetch: %+v %v", f, err)
		}
		if f.Finished {
			return list
		}
		b, err := block.Decode(f.Block, block.Precision(r.Precision), nil)
		if err != nil {
			c.t.Fatal(err)
		}
		for i := range b.Rows {
			var row []string
			for k := range b.Columns {
				row = append(row, fmt.Sprint(b.Columns[k].Value(i)))
			}
			list = append(list, strings.Join(row, " "))
		}
	}
}

// post runs a statement over REST and returns the status and the body.
func post(t *testing.T, srv *Server, path, sql string) (int, string, error) {
	t.Helper()
	req, err := http.NewRequest(http.MethodPost, "http://"+srv.Addr()+path, strings.NewReader(sql))
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth("root", "taosdata")
	return do(t, req)
}

func do(t *testing.T, req *http.Request) (int, string, error) {
	t.Helper()
	tr := &http.Transport{}
	defer tr.CloseIdleConnections()
	resp, err := (&http.Client{Transport: tr, Timeout: 10 * time.Second}).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(data), err
}

// waitFor waits until a condition holds that another goroutine brings about.
func waitFor(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !holds(); {
		if time.Now().After(end) {
			t.Fatalf("%s did not happen", what)
		}
		time.Sleep(time.Millisecond)
	}
}
