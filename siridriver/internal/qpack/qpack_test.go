package qpack_test

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	. "github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/transcript"
)

type vector struct {
	Hex       string
	HexPrefix string `json:"hex_prefix"`
	Length    int
	Note      string
	Value     json.RawMessage
}

func vectors(t testing.TB) (file struct {
	Encode     []vector
	DecodeOnly []vector `json:"decode_only"`
}) {
	t.Helper()
	raw, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	return file
}

func equal(a, b any) bool {
	x, ok := a.(float64)
	y, ok2 := b.(float64)
	if ok && ok2 {
		return x == y || math.IsNaN(x) && math.IsNaN(y)
	}
	return reflect.DeepEqual(a, b)
}

func TestOfficialVectors(t *testing.T) {
	for _, v := range vectors(t).Encode {
		var value any
		if v.HexPrefix != "" {
			value = strings.Repeat("x", v.Length)
		} else {
			value, _ = transcript.Value(v.Value)
		}
		got, err := AppendValue(nil, value)
		text := hex.EncodeToString(got)
		if err != nil || v.HexPrefix == "" && text != v.Hex || !strings.HasPrefix(text, v.HexPrefix) {
			t.Errorf("%s: encoded %.80s, %v; want %.80s", v.Value, text, err, v.Hex+v.HexPrefix)
			continue
		}
		back, err := Decode(got)
		if err != nil || !equal(back, value) {
			t.Errorf("%.80s: decoded %v, %v; want %v", text, back, err, value)
		}
	}
}

func TestDecodeForeignForms(t *testing.T) {
	decoded := 0
	for _, v := range vectors(t).DecodeOnly {
		data, err := hex.DecodeString(v.Hex)
		if err != nil {
			t.Fatal(err)
		}
		got, err := Decode(data)
		want, ok := transcript.Value(v.Value)
		switch {
		case ok && (err != nil || !equal(got, want)):
			t.Errorf("%s (%s): got %v, %v; want %v", v.Hex, v.Note, got, err, want)
		case !ok && !errors.Is(err, ErrMalformed):
			t.Errorf("%s (%s): got %v, %v; want an error", v.Hex, v.Note, got, err)
		}
		if ok {
			decoded++
		}
		d := NewDecoder(data)
		d.Skip()
		if d.Close(); (d.Err() == nil) != (err == nil) {
			t.Errorf("%s (%s): Skip says %v, Decode %v", v.Hex, v.Note, d.Err(), err)
		}
	}
	if decoded < 8 {
		t.Errorf("only %d vectors had a value", decoded)
	}
}

func TestHostileInput(t *testing.T) {
	for name, data := range map[string][]byte{
		"nesting without end":              []byte(strings.Repeat("\xfc", 1<<20)),
		"maps as keys without end":         []byte(strings.Repeat("\xfd", 1<<20)),
		"a raw longer than the data":       []byte("\xe6\xff\xff\xff\xffx"),
		"a raw of 2^64-1 bytes":            []byte("\xe7\xff\xff\xff\xff\xff\xff\xff\xffx"),
		"a raw without its length":         []byte("\xe5\x01"),
		"an array closed as a map":         []byte("\xfc\x01\xff"),
		"a map closed after a key":         []byte("\xfd\x81a\xff"),
		"a map that ends after a key":      []byte("\xfd\x81a"),
		"a fixed map that ends early":      []byte("\xf4\x81a"),
		"a close where a value must stand": []byte("\xee\xfe"),
		"a double cut short":               []byte("\xec\x00"),
	} {
		if v, err := Decode(data); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s: got %v, %v", name, v, err)
		}
		d := NewDecoder(data)
		d.Skip()
		if d.Err() == nil {
			t.Errorf("%s: Skip found nothing wrong", name)
		}
	}
}

func TestWrongKindIsAnErrorAndSticks(t *testing.T) {
	d := NewDecoder([]byte{0x01, 0x02})
	if s := d.Raw(); s != nil || d.Err() == nil {
		t.Fatalf("an integer read as a raw gave %q, %v", s, d.Err())
	}
	first := d.Err()
	if n := d.Int(); n != 0 || d.Err() != first || d.Offset() != 0 {
		t.Fatalf("after an error: %d, %v, offset %d", n, d.Err(), d.Offset())
	}
	if d.Kind() != End {
		t.Fatalf("after an error: %v", d.Kind())
	}
}

func TestValueRefusesWhatHasNoForm(t *testing.T) {
	if _, err := AppendValue(nil, uint64(math.MaxUint64)); !errors.Is(err, ErrOverflow) {
		t.Errorf("MaxUint64: %v", err)
	}
	if _, err := AppendValue(nil, []any{struct{}{}}); err == nil {
		t.Error("a struct was packed")
	}
}

func FuzzDecode(f *testing.F) {
	file := vectors(f)
	for _, v := range append(file.Encode, file.DecodeOnly...) {
		if data, err := hex.DecodeString(v.Hex); err == nil && len(data) < 200 {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		value, err := Decode(data)
		s := NewDecoder(data)
		s.Skip()
		s.Close()
		if (err == nil) != (s.Err() == nil) {
			t.Fatalf("Decode: %v; Skip: %v", err, s.Err())
		}
		if err != nil {
			return
		}
		// What was decoded packs to a canonical form that decodes to the same.
		packed, err := AppendValue(nil, value)
		if err != nil {
			t.Fatal(err)
		}
		again, err := Decode(packed)
		if err != nil {
			t.Fatalf("%x: %v", packed, err)
		}
		twice, err := AppendValue(nil, again)
		if err != nil || string(twice) != string(packed) {
			t.Fatalf("%x became %x, %v", packed, twice, err)
		}
	})
}
