package taostest

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// conversation is recorded traffic between clients and taosAdapter 3.3.7.5.
type conversation struct {
	Notes    string
	Messages []recordedMessage
}

type recordedMessage struct {
	Conn      int
	Dir, Op   string
	Step      string
	Text      *string
	Hex       string
	Gzip      string `json:"gzip_base64"`
	FirstLine string `json:"first_line"`
	Headers   [][2]string
	Body      *string
	GzipBody  string `json:"body_gzip_hex"`
	Chunks    int
	Event     string
}

// payload returns the bytes of a WebSocket message.
func (m *recordedMessage) payload(t testing.TB) []byte {
	t.Helper()
	switch {
	case m.Text != nil:
		return []byte(*m.Text)
	case m.Gzip != "":
		data, err := base64.StdEncoding.DecodeString(m.Gzip)
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
		return data
	}
	data, err := hex.DecodeString(m.Hex)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func loadConversation(t testing.TB, name string) *conversation {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "recorded", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	c := &conversation{}
	if err := json.Unmarshal(data, c); err != nil {
		t.Fatal(err)
	}
	return c
}

// deviations are the recorded conversations of which something is answered
// differently: a part of the recorded reply, or the request id of a binary one,
// and why.
var deviations = map[string]map[string]string{
	"query-expressions": {
		`"current_user()"`:   "the name of the recorded machine",
		"binary reply to 15": "the same",
	},
	"stmt1-errors": {
		`"message":"success","action":"set_tags"`:          staleText,
		`"message":"success","action":"add_batch"`:         staleText,
		`"action":"prepare","req_id":23`:                   staleText,
		`"action":"use_result"`:                            staleText,
		`"message":"stmt parse tag json:readUint32`:        "the words of the adapter's JSON library",
		`"message":"stmt parse column json:readUint32`:     "the same",
		`"message":"stmt parse column json:wrong row leng`: "the same",
	},
	"schemaless-errors": {`"message":"SML:0x74`: "the number of a schemaless write"},
	"schemaless-line":   {"binary reply to 24": "the embedded store keeps no TTL"},
	"server-info":       {`gitinfo:`: "the build that was recorded"},
	"tmq-meta": {
		"binary reply to 6":  rawChange,
		"binary reply to 11": rawChange,
		"binary reply to 21": rawChange,
		"binary reply to 28": rawChange,
		"binary reply to 37": rawChange,
		"binary reply to 41": rawChange,
		"binary reply to 45": rawChange,
		"binary reply to 49": rawChange,
		"binary reply to 53": rawChange,
		"binary reply to 57": rawChange,
		"binary reply to 61": rawChange,
		"binary reply to 65": rawChange,
	},
	"stmt2-insert-all-types": {
		"binary reply to 10": "the real server stores a DECIMAL that is bound as text as the bytes of the text",
	},
}

const rawChange = "a change of the schema is JSON in the raw form too"

const staleText = "the text of a step that fails after another has no meaning"

// unplayed are the recorded conversations about what the server does that are
// not played, and why.
var unplayed = map[string]string{
	"interleaved-queries":           "its slow query is not in the embedded store; TestServeEachMessageByItself",
	"close-during-query":            "its slow query is not in the embedded store; TestCloseLetsQueriesFinish",
	"query-multi-block-fetch-block": "the blocks of query-multi-block on the road of query-all-types-fetch-block",
	"ping-pong":                     "takes 54 s; TestPings",
	"no-pong-timeout":               "takes 114 s; TestSilentClientIsCutOff",
	"connection-list":               "performance_schema.perf_connections is not served",
	"server-killed-mid-query":       "TestRestart",
	"server-killed-rest":            "TestFaultsOverREST",
	"server-stopped-gracefully":     "TestRestart",
	"rest-vgid-upload":              "not served",
	"official-go378-sql":            "played by the client itself in conformance/clients/driver-go",
	"official-go378-stmt":           "played by the client itself in conformance/clients/driver-go",
	"official-py070-sql":            "played by the client itself in conformance/clients/taos-ws-py",
	"official-py070-stmt":           "played by the client itself in conformance/clients/taos-ws-py",
	"official-go382-*":              "version 3.8 of the client, not published as a module",
	"official-py070-tmq":            "played by the client itself in conformance/clients/taos-ws-py",
	"rest-schemaless":               "the HTTP plugins are not served",
	"tmq-offsets":                   "offsets count the writes alone; TestConsumerOffsets of taosdriver",
	"tmq-auto-commit":               "the same; the official clients in conformance/clients",
	"tmq-several-topics":            "the order of vgroups",
	"tmq-meta-batch":                "metadata in batches and raw messages are not served",
}

// TestRecordedConversations plays what clients sent to a real server and
// compares every answer byte for byte, but for the time it took.
func TestRecordedConversations(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "recorded", "*.json"))
	if err != nil || len(files) < 40 {
		t.Fatalf("%d conversations, %v", len(files), err)
	}
	t.Logf("%d conversations are played, %d kinds are not", len(files), len(unplayed))
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := NewServer()
			defer srv.Close()
			seed(t, srv, name)
			p := &player{t: t, srv: srv, conns: map[int]*playedConn{}, skips: deviations[name], used: map[string]bool{}, vgroups: map[string]string{}}
			for _, m := range loadConversation(t, name).Messages {
				p.play(&m)
				if t.Failed() {
					return
				}
			}
			for text := range p.skips {
				if !p.used[text] {
					t.Errorf("the deviation %q is not one any more", text)
				}
			}
		})
	}
}

// database finds the database that a line of seed.sql is about.
var database = regexp.MustCompile(`gold_\w+`)

// seed makes the databases that a conversation is about.
func seed(t *testing.T, srv *Server, name string) {
	t.Helper()
	run := func(where, text string) {
		if _, err := srv.db.Exec(text); err != nil {
			t.Fatalf("%s: %v", where, err)
		}
	}
	read := func(file string) string {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return string(data)
	}
	conversation := read(filepath.Join("recorded", name+".json"))
	for _, file := range []string{"seed.sql", "seed-" + name + ".sql"} {
		for i, line := range strings.Split(read(file), "\n") {
			if !strings.HasPrefix(line, "--") && strings.Contains(conversation, database.FindString(line)) && line != "" {
				run(fmt.Sprintf("%s:%d", file, i+1), line)
			}
		}
	}
	if strings.Contains(conversation, "gold_t.big") {
		seedBig(run)
	}
	if strings.Contains(conversation, "lv1") {
		run("lv1", "INSERT INTO gold_t.lv1 VALUES (1700000000000,'"+strings.Repeat("0123456789", 6000)+"')(1700000000001,'x')")
		run("lv2", `INSERT INTO gold_t.lv2 VALUES (1700000000000,'\x`+strings.Repeat("00ff10", 33333)+`aa')(1700000000001,'\x01')`)
		run("lv3", "INSERT INTO gold_t.lv3 VALUES (1700000000000,'"+strings.Repeat("中😀", 2000)+"')(1700000000001,'字')")
	}
	if name == "rest-sql-select" {
		if _, err := srv.db.Exec("INSERT INTO gold_stmt.s2f VALUES (1700000000000, ?, ?)", math.Inf(1), math.NaN()); err != nil {
			t.Fatal(err)
		}
	}
}

// seedBig fills the table of ten thousand rows.
func seedBig(run func(where, text string)) {
	var big strings.Builder
	for i := range 10000 {
		if i%1000 == 0 {
			big.WriteString("INSERT INTO gold_t.big VALUES")
		}
		d := "NULL"
		if i%10 != 0 {
			d = strconv.FormatFloat(float64(i)/7, 'g', -1, 64)
		}
		fmt.Fprintf(&big, "(%d,%d,%s)", 1700000000000+int64(i)*1000, i, d)
		if i%1000 == 999 {
			run("big", big.String())
			big.Reset()
		}
	}
}

// timing is what differs from run to run.
var timing = regexp.MustCompile(`"timing":\d+`)

var unanswered = regexp.MustCompile(`"action":"(free_result|close)".*"(?:stmt_)?id":(\d+)`)

var reqIDMember = regexp.MustCompile(`"req_id":(\d+)`)

var idMember = regexp.MustCompile(`"(?:id|result_id|stmt_id)":(\d+)`)
