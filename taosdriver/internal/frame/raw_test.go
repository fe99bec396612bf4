package frame

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"os"
	"testing"
)

// recordedRaw is a reply to fetch_raw_data, or if Old to fetch_raw, as taosAdapter
// 3.3.7.5 sent it.
type recordedRaw struct {
	Source    string
	Old       bool
	Hex       string
	ReqID     uint64 `json:"req_id"`
	MessageID uint64 `json:"message_id"`
	Code      uint32
	Message   string
	Kind      uint16
	Length    int
}

func loadRaw(t testing.TB) []recordedRaw {
	t.Helper()
	packed, err := os.ReadFile("testdata/raw.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	var all []recordedRaw
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	if len(all) < 30 {
		t.Fatalf("only %d recorded replies", len(all))
	}
	return all
}

func TestRawRepliesRecorded(t *testing.T) {
	kinds := map[bool]int{}
	for _, r := range loadRaw(t) {
		message, err := hex.DecodeString(r.Hex)
		if err != nil {
			t.Fatal(err)
		}
		parse, again := ParseRawReply, (*RawReply).AppendTo
		if r.Old {
			parse, again = ParseOldRawReply, (*RawReply).AppendOldTo
		}
		got, err := parse(message)
		if err != nil {
			t.Errorf("%s: %v", r.Source, err)
			continue
		}
		if got.ReqID != r.ReqID || got.MessageID != r.MessageID || got.Code != r.Code || got.Message != r.Message ||
			got.Kind != r.Kind || len(got.Raw) != r.Length {
			t.Errorf("%s: got %+v, want %+v", r.Source, got, r)
		}
		if back := again(&got, nil); !bytes.Equal(back, message) {
			t.Errorf("%s: %x, want %x", r.Source, back, message)
		}
		kinds[r.Old]++
	}
	if kinds[true] < 3 || kinds[false] < 20 {
		t.Errorf("replies to fetch_raw and fetch_raw_data: %v", kinds)
	}
}

func TestMalformedRawReplies(t *testing.T) {
	whole := (&RawReply{MessageID: 7, Kind: 2, Raw: []byte("raw")}).AppendTo(nil)
	for n := range whole {
		if r, err := ParseRawReply(whole[:n]); err == nil {
			t.Errorf("%d of %d bytes were read: %+v", n, len(whole), r)
		}
	}
	refused := (&RawReply{Reply: Reply{Code: 0xffff, Message: "no"}}).AppendTo(nil)
	for name, message := range map[string][]byte{
		"more than an error":   append(refused, 0),
		"more than the length": append(bytes.Clone(whole), 0),
		"a reply to a fetch":   (&FetchReply{Finished: true}).AppendTo(nil),
	} {
		if r, err := ParseRawReply(message); err == nil {
			t.Errorf("%s: %+v", name, r)
		}
	}
	old := (&RawReply{MessageID: 7, Kind: 2, Raw: []byte("raw")}).AppendOldTo(nil)
	for n := range old {
		if r, err := ParseOldRawReply(old[:n]); err == nil {
			t.Errorf("%d of %d bytes were read: %+v", n, len(old), r)
		}
	}
}

func FuzzRawReply(f *testing.F) {
	for _, r := range loadRaw(f) {
		message, _ := hex.DecodeString(r.Hex)
		f.Add(message)
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		if r, err := ParseRawReply(message); err == nil {
			if again := r.AppendTo(nil); !bytes.Equal(again, message) {
				t.Errorf("%x became %x", message, again)
			}
		}
		if r, err := ParseOldRawReply(message); err == nil {
			if again, err := ParseOldRawReply(r.AppendOldTo(nil)); err != nil || !bytes.Equal(again.Raw, r.Raw) {
				t.Errorf("%+v became %+v (%v)", r, again, err)
			}
		}
	})
}
