package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"
	"testing/iotest"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// FuzzDecode: whatever arrives, the decoder does not panic, answers the same
// however the bytes are split, keeps its buffer within its limit, and accepts
// only what encoding/json accepts too, raw control characters in strings apart.
func FuzzDecode(f *testing.F) {
	for _, name := range []string{"rest-sql-select", "rest-sql-write", "rest-sql-errors"} {
		for _, m := range readRecording(f, name).Messages {
			// Long seeds are slow to minimize.
			if m.Op == "http-response" && len(m.Body) < 400 {
				f.Add([]byte(m.Body), false)
			}
		}
	}
	f.Add([]byte(body(3, `\u00e9\n`)), true)
	f.Add([]byte(one("TIMESTAMP", `"2023-11-14T22:13:20.000000001Z"`)), false)
	f.Add([]byte(one("BIGINT UNSIGNED", "18446744073709551615")), false)
	f.Add([]byte(one("DOUBLE", "-1.5e-7")), false)
	f.Add([]byte(one("DECIMAL(20,4)", `"-12.3456"`)), false)
	f.Add([]byte(one("BLOB", `"00ff"`)), false)
	f.Add([]byte(one("JSON", `{"a":[1,2,{"b":"}\""}]}`)), false)
	f.Add([]byte(`{"code":0,"column_meta":[["affected_rows","INT",4]],"data":[[5000000000]],"rows":1,"timing":5}`), true)
	f.Fuzz(func(t *testing.T, body []byte, update bool) {
		const limit = 1 << 16
		opts := DecoderOptions{Update: update, MaxValue: limit}
		whole := decodeAll(bytes.NewReader(body), opts)
		split := decodeAll(iotest.OneByteReader(bytes.NewReader(body)), opts)
		if a, b := whole.String(), split.String(); a != b {
			t.Fatalf("in one piece %s\nbyte by byte %s", a, b)
		}
		d := NewDecoder(bytes.NewReader(body), opts)
		if _, err := d.Header(); err == nil {
			for err == nil {
				_, err = d.Next()
			}
		}
		if len(d.s.buf) > limit {
			t.Fatalf("a buffer of %d bytes", len(d.s.buf))
		}
		if whole.err != nil {
			return
		}
		var reference struct {
			Data [][]any
			Rows int
		}
		if err := json.Unmarshal(body, &reference); err != nil {
			if bytes.ContainsFunc(body, func(r rune) bool { return r < ' ' }) || !json.Valid(body) && lenient(whole.fields) {
				return
			}
			t.Fatalf("accepted, but encoding/json says %v", err)
		}
		if len(reference.Data) != len(whole.rows) || reference.Rows != len(whole.rows) {
			t.Fatalf("%d rows, encoding/json has %d and %d", len(whole.rows), len(reference.Data), reference.Rows)
		}
		for i, row := range reference.Data {
			for k, v := range row {
				if (v == nil) != (whole.rows[i][k] == nil) {
					t.Fatalf("row %d column %d: %v, encoding/json has %v", i, k, whole.rows[i][k], v)
				}
				if s, ok := v.(string); ok && whole.fields[k].Type == block.VarChar && string(bytes.ToValidUTF8([]byte(whole.rows[i][k].(string)), []byte("\ufffd"))) != s && json.Valid(body) && !bytes.ContainsRune(body, '\ufffd') && validUTF8(body) {
					t.Fatalf("row %d column %d: %q, encoding/json has %q", i, k, whole.rows[i][k], s)
				}
			}
		}
	})
}

func (d decoded) String() string {
	return fmt.Sprint(d.fields, d.rows, d.precision, " ", d.err)
}

// lenient: numbers of floating-point columns are read by strconv, which takes
// "1." and ".5" too.
func lenient(fields []block.Field) bool {
	for _, f := range fields {
		if f.Type == block.Float || f.Type == block.Double {
			return true
		}
	}
	return false
}

func validUTF8(b []byte) bool { return bytes.Equal(b, bytes.ToValidUTF8(b, nil)) }

// FuzzUnescape: the text of a JSON string is what encoding/json makes of it.
func FuzzUnescape(f *testing.F) {
	for _, s := range []string{`a`, `\"\\\/\b\f\n\r\t`, `\u4e2d\ud83d\ude00`, `\ud83d`, `\ud83d\u0041`, `\x`, `\u12`, `é`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := unescape(nil, b)
		var want string
		quoted := append(append([]byte{'"'}, b...), '"')
		if json.Unmarshal(quoted, &want) != nil {
			return // it has more against it than escapes
		}
		if !ok || !validUTF8(b) && string(bytes.ToValidUTF8(got, []byte("\ufffd"))) == "" && want != "" {
			t.Fatalf("%q: %q, %v", b, got, ok)
		}
		if validUTF8(b) && string(got) != want {
			t.Fatalf("%q: %q, encoding/json has %q", b, got, want)
		}
	})
}

// FuzzTimestamp: what is read is printed again as it was, up to the zone.
func FuzzTimestamp(f *testing.F) {
	f.Add([]byte("2023-11-14T22:13:20.001Z"))
	f.Add([]byte("1969-12-31T23:59:59.999999999-05:00"))
	f.Add([]byte("12345-02-29T00:00:00.000000+08:00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		got, ok := parseTimestamp(b)
		if !ok {
			return
		}
		v, fits := got.unix()
		if !fits || !got.utc || b[0] == '-' {
			return
		}
		at := got.precision.Time(v, nil)
		again, ok := parseTimestamp([]byte(at.Format(layouts[got.precision])))
		if at.Year() >= 0 && (!ok || again != got) {
			t.Fatalf("%q: %+v, again %+v", b, got, again)
		}
	})
}
