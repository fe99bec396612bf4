package frame

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// recorded is a binary message between a client and taosAdapter 3.3.7.5, with
// what another decoder made of it and how the server replied to a request.
type recorded struct {
	Source, Step, Hex string
	Server            bool // sent by the server
	Fields            struct {
		ReqID    uint64 `json:"req_id"`
		ID       uint64
		Action   Action
		Version  uint16
		SQL      string
		Column   int32 `json:"col_index"`
		Timing   uint64
		Code     uint32
		Message  string
		ResultID uint64 `json:"result_id"`
		Finished uint8
		Block    int `json:"block_length"`
	}
	Reply *struct {
		Code    int
		Message string
		Action  string
	}
}

func loadRecorded(t testing.TB) (requests, replies []recorded) {
	t.Helper()
	text, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	var all []recorded
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.Server {
			replies = append(replies, r)
		} else {
			requests = append(requests, r)
		}
	}
	if len(requests) < 80 || len(replies) < 5 {
		t.Fatalf("only %d requests and %d replies", len(requests), len(replies))
	}
	return requests, replies
}

func (r *recorded) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := hex.DecodeString(r.Hex)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refusals are the replies that this package's errors are for; others come from
// what stands behind it.
var refusals = map[string]bool{
	"message length is too short":                                true,
	"unknown binary query version:2":                             true,
	"unknown binary query version:3":                             true,
	"uncompleted message, sql length:100, remainMessageLength:8": true,
	"unknown fetch raw block version":                            true,
	"unknown stmt2 bind version":                                 true,
}

func TestRequestsRecorded(t *testing.T) {
	requests, _ := loadRecorded(t)
	made, refused := 0, 0
	for _, r := range requests {
		t.Run(r.Source+" "+r.Step, func(t *testing.T) {
			message := r.bytes(t)
			got, err := ParseRequest(message)
			if err != nil {
				t.Fatal(err)
			}
			if got.ReqID != r.Fields.ReqID || got.ID != r.Fields.ID || got.Action != r.Fields.Action {
				t.Errorf("header %+v, want %+v", got, r.Fields)
			}
			if r.Reply != nil && r.Reply.Action != "unknown" && r.Reply.Action != got.Action.String() {
				t.Errorf("the action is %q in the reply, want %q", got.Action, r.Reply.Action)
			}
			var again []byte
			switch got.Action {
			case Query, Validate:
				var sql string
				sql, err = got.SQL()
				if err == nil && sql != r.Fields.SQL {
					t.Errorf("statement %q, want %q", sql, r.Fields.SQL)
				}
				again = appendSQL(nil, got.ReqID, got.Action, sql)
			case Fetch:
				err = got.CheckFetch()
				again = AppendFetch(nil, got.ReqID, got.ID)
			case Bind:
				var column int32
				var data []byte
				column, data, err = got.BindData()
				if err == nil && column != r.Fields.Column {
					t.Errorf("column %d, want %d", column, r.Fields.Column)
				}
				again = append(AppendBind(nil, got.ReqID, got.ID, column), data...)
			default:
				return
			}
			if r.Reply != nil && refusals[r.Reply.Message] {
				refused++
				if err == nil || err.Error() != r.Reply.Message {
					t.Errorf("error %v, want %q", err, r.Reply.Message)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if r.Step == "sql length smaller than the bytes that follow: the rest is ignored" {
				return
			}
			made++
			if !bytes.Equal(again, message) {
				t.Errorf("made %x, want %x", again, message)
			}
		})
	}
	if made < 71 || refused < 8 {
		t.Errorf("only %d messages made again and %d refused", made, refused)
	}
}

func TestFetchRepliesRecorded(t *testing.T) {
	_, replies := loadRecorded(t)
	blocks := 0
	for _, r := range replies {
		message := r.bytes(t)
		got, err := ParseFetchReply(message)
		if err != nil {
			t.Fatalf("%s: %v", r.Source, err)
		}
		f := r.Fields
		if got.ReqID != f.ReqID || got.Timing != f.Timing || got.Code != f.Code || got.Message != f.Message ||
			got.ID != f.ResultID || got.Finished != (f.Finished == 1) || len(got.Block) != f.Block {
			t.Errorf("%s: %+v, want %+v", r.Source, got, f)
		}
		if again := got.AppendTo(nil); !bytes.Equal(again, message) {
			t.Errorf("%s: made %x, want %x", r.Source, again, message)
		}
		if got.Block != nil {
			blocks++
		}
	}
	if blocks == 0 {
		t.Error("no reply has a block")
	}
}

func TestMalformedRequests(t *testing.T) {
	long := AppendQuery(nil, 1, "select 1")
	for name, message := range map[string][]byte{
		"nothing":          nil,
		"one byte missing": AppendFetch(nil, 1, 1)[:HeaderSize-1],
	} {
		if _, err := ParseRequest(message); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for n := HeaderSize; n < len(long); n++ {
		r, err := ParseRequest(long[:n])
		if err != nil {
			t.Fatal(err)
		}
		if sql, err := r.SQL(); err == nil {
			t.Errorf("the first %d bytes give %q", n, sql)
		}
	}
	huge := append(appendHeader(nil, 1, 0, Query), 1, 0, 0xff, 0xff, 0xff, 0xff, 'x')
	if r, err := ParseRequest(huge); err != nil {
		t.Error(err)
	} else if _, err := r.SQL(); err == nil {
		t.Error("a length of 4 GiB gives no error")
	}
}

func TestMalformedReplies(t *testing.T) {
	good := FetchReply{Reply: Reply{ReqID: 7, Code: 0x218, Message: "text"}, ID: 3, Block: []byte("block")}
	message := good.AppendTo(nil)
	for n := range message {
		if _, err := ParseFetchReply(message[:n]); err == nil {
			t.Errorf("the first %d bytes give no error", n)
		}
	}
	end := good
	end.Finished, end.Block = true, nil
	for name, message := range map[string][]byte{
		"a byte after the block":     append(good.AppendTo(nil), 0),
		"a byte after the end":       append(end.AppendTo(nil), 0),
		"another marker":             append([]byte{0}, message[1:]...),
		"another action":             patched(message, 8, 8),
		"another version":            patched(message, 16, 2),
		"a message beyond the end":   patched(message, 41, 0x7f),
		"a negative message length":  patched(message, 41, 0xff),
		"a block longer than there":  patched(message, 42+4+8+1, 6),
		"a block shorter than there": patched(message, 42+4+8+1, 4),
	} {
		if r, err := ParseFetchReply(message); err == nil {
			t.Errorf("%s gives %+v", name, r)
		}
	}
}

func patched(message []byte, at int, b byte) []byte {
	out := bytes.Clone(message)
	out[at] = b
	return out
}

func TestBlockReply(t *testing.T) {
	message := AppendBlockReply(nil, 5, 6, []byte("block"))
	timing, id, block, err := ParseBlockReply(message)
	if err != nil || timing != 5 || id != 6 || string(block) != "block" {
		t.Errorf("%d, %d, %q, %v", timing, id, block, err)
	}
	if IsReply(message) {
		t.Error("taken for a reply with a marker")
	}
	if _, _, _, err := ParseBlockReply(message[:15]); err == nil {
		t.Error("15 bytes give no error")
	}
}

func FuzzRequest(f *testing.F) {
	requests, _ := loadRecorded(f)
	for _, r := range requests {
		f.Add(r.bytes(f))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := ParseRequest(message)
		if err != nil {
			return
		}
		if sql, err := r.SQL(); err == nil {
			made := appendSQL(nil, r.ReqID, r.Action, sql)
			again, err := ParseRequest(made)
			if err != nil {
				t.Fatal(err)
			}
			if same, err := again.SQL(); len(sql) > 0 && (err != nil || same != sql) {
				t.Fatalf("%q became %q, %v", sql, same, err)
			}
		}
		if r.CheckFetch() == nil {
			again, err := ParseRequest(AppendFetch(nil, r.ReqID, r.ID))
			if err != nil || again.ReqID != r.ReqID || again.ID != r.ID || again.Action != Fetch {
				t.Fatalf("%+v, %v", again, err)
			}
		}
		if column, data, err := r.BindData(); err == nil && r.Action == Bind {
			if made := append(AppendBind(nil, r.ReqID, r.ID, column), data...); !bytes.Equal(made, message) {
				t.Fatalf("%x became %x", message, made)
			}
		}
	})
}

func FuzzFetchReply(f *testing.F) {
	_, replies := loadRecorded(f)
	for _, r := range replies {
		f.Add(r.bytes(f))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := ParseFetchReply(message)
		if err != nil {
			return
		}
		made := r.AppendTo(nil)
		again, err := ParseFetchReply(made)
		if err != nil {
			t.Fatal(err)
		}
		if again.Reply != r.Reply || again.ID != r.ID || again.Finished != r.Finished || !bytes.Equal(again.Block, r.Block) {
			t.Fatalf("%+v became %+v", r, again)
		}
	})
}
