package rpc

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"testing"
)

func ptr[T any](v T) *T { return &v }

// messages has each struct with a value in every field.
func messages() map[string]Struct {
	status := Status{
		Code: 302, Message: "several", NeedRetry: ptr(false), RedirectNode: &Endpoint{IP: "127.0.0.1", Port: 6668},
		SubStatus: []Status{{Code: 200}, {Code: 507, Message: "type", RedirectNode: &Endpoint{IP: "::1", Port: 1}}},
	}
	big := bytes.Repeat([]byte("block"), 10_000)
	return map[string]Struct{
		"openSession": &OpenSessionRequest{ProtocolV3, "UTC", "root", "secret", map[string]string{"sql_dialect": "table", "db": "d"}},
		"openReply":   &OpenSessionReply{status, 2, ptr(int64(-1)), map[string]string{"timestamp_precision": "ns"}},
		"close":       &CloseSessionRequest{7},
		"zone":        &TimeZoneReply{Status{Code: 200}, "Asia/Shanghai"},
		"setZone":     &SetTimeZoneRequest{7, "UTC"},
		"properties":  &Properties{"2.0.1-beta", []string{"sum", "avg"}, "ms", 1000, ptr(int32(64 << 20)), ptr(true), "build", "logo"},
		"statement":   &StatementRequest{7, "SELECT '''", 8, 5000, ptr(int64(60000)), ptr(true), ptr(false)},
		"result": &StatementReply{
			status, ptr(int64(1 << 40)), []string{"time", "v", "v"}, "QUERY", ptr(true), []string{"TIMESTAMP", "INT32", "INT32"},
			map[string]int32{"time": 0, "v": 1}, [][]byte{{}, []byte("small"), big}, ptr(true), ptr("db"), ptr(true), []int32{1, 0, 0},
		},
		"batch":          &BatchRequest{7, []string{"a", "", "c"}},
		"fetch":          &FetchRequest{7, "", 5000, 1 << 40, true, ptr(int64(0)), ptr(int64(8))},
		"fetchReply":     &FetchReply{Status{Code: 200}, true, true, [][]byte{big, big[:large]}, ptr(false)},
		"closeOperation": &CloseOperationRequest{7, ptr(int64(9)), ptr(int64(8)), ptr("p")},
		"cancel":         &CancelOperationRequest{7, 9},
		"prepare":        &PrepareRequest{7, "SELECT ?", "p"},
		"prepareReply":   &PrepareReply{Status{Code: 200}, ptr(int32(1))},
		"prepared":       &ExecutePreparedRequest{7, "p", []byte{0, 0, 0, 0}, 1, ptr(int64(1)), 8},
		"deallocate":     &DeallocateRequest{7, "p"},
		"tablet": &TabletRequest{
			7, "t", []string{"tag", "v"}, big, big[:8000], []int32{11, 4}, 1000, ptr(true), ptr(true), []int8{0, 1},
			ptr(false), []int8{0, 8}, ptr(int8(7)),
		},
		"tablets": &TabletsRequest{7, []string{"root.a", "root.b"}, [][]string{{"v"}, {}}, [][]byte{big, {}}, [][]byte{{1}, {}}, [][]int32{{4}, {}}, []int32{1, 0}, ptr(true)},
		"record":  &RecordRequest{7, "t", []string{"v"}, []byte{4}, -1, ptr(false), ptr(true), []int8{1}},
		"records": &RecordsRequest{7, []string{"root.a"}, [][]string{{"v"}}, [][]byte{{4}}, []int64{-1, 1 << 62}, ptr(false)},
		"device":  &DeviceRecordsRequest{7, "root.a", [][]string{{"v"}}, [][]byte{{4}}, []int64{0}, ptr(true)},
	}
}

// body is a frame without its length, which is checked.
func body(t testing.TB, parts net.Buffers) []byte {
	t.Helper()
	all := bytes.Join(parts, nil)
	if len(all) < LengthSize || int(binary.BigEndian.Uint32(all)) != len(all)-LengthSize {
		t.Fatalf("a frame of %d bytes says it has %d", len(all)-LengthSize, binary.BigEndian.Uint32(all))
	}
	return all[LengthSize:]
}

func protocols(t *testing.T, fn func(*testing.T, Protocol)) {
	for _, p := range []Protocol{Binary, Compact} {
		t.Run(p.String(), func(t *testing.T) { fn(t, p) })
	}
}

func TestRoundTrip(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		for name, want := range messages() {
			parts, err := Encode(p, name, Call, 42, Arguments(want))
			if err != nil {
				t.Fatal(name, err)
			}
			frame := body(t, parts)
			m, err := ParseMessage(p, frame)
			if err != nil {
				t.Fatal(name, err)
			}
			if m.Name != name || m.Kind != Call || m.Sequence != 42 {
				t.Errorf("%s came back as %+v", name, m)
			}
			got := reflect.New(reflect.TypeOf(want).Elem()).Interface().(Struct)
			if err := m.Decode(Arguments(got)); err != nil {
				t.Fatal(name, err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: got\n%+v, want\n%+v", name, got, want)
			}
			for n := range len(frame) {
				if n > 300 && n < len(frame)-10 {
					continue
				}
				if m, err := ParseMessage(p, frame[:n]); err == nil {
					if err := m.Decode(Arguments(reflect.New(reflect.TypeOf(want).Elem()).Interface().(Struct))); err == nil {
						t.Errorf("%s: %d of %d bytes were enough", name, n, len(frame))
					}
				}
			}
		}
	})
}

// Optional fields without a value are not written, required ones are asked for.
func TestPresence(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		parts, err := Encode(p, ExecuteStatement, Reply, 1, Result(&StatementReply{Status: Status{Code: 200}}))
		if err != nil {
			t.Fatal(err)
		}
		m, err := ParseMessage(p, body(t, parts))
		if err != nil {
			t.Fatal(err)
		}
		var reply StatementReply
		if err := m.Decode(Result(&reply)); err != nil || !reflect.DeepEqual(reply, StatementReply{Status: Status{Code: 200}}) {
			t.Errorf("got %+v, %v", reply, err)
		}
		parts, err = Encode(p, "x", Reply, 1, Result(&NoArguments{}))
		if err != nil {
			t.Fatal(err)
		}
		if m, err = ParseMessage(p, body(t, parts)); err != nil {
			t.Fatal(err)
		}
		if err := m.Decode(Result(&reply)); err == nil || !strings.Contains(err.Error(), "required field 1") {
			t.Errorf("a reply without status: %v", err)
		}
	})
}

func TestExceptionInPlaceOfResult(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		parts, err := Encode(p, PrepareStatement, Exception, 3, &ApplicationError{"Invalid method name: 'prepareStatement'", CodeUnknownMethod})
		if err != nil {
			t.Fatal(err)
		}
		m, err := ParseMessage(p, body(t, parts))
		if err != nil {
			t.Fatal(err)
		}
		var reply PrepareReply
		err = m.Decode(Result(&reply))
		var e *ApplicationError
		if !errors.As(err, &e) || !UnknownMethod(err) || e.Message != "Invalid method name: 'prepareStatement'" {
			t.Errorf("got %v", err)
		}
	})
}

// A []byte is neither copied into a frame, if it is large, nor out of one.
func TestBinaryIsNotCopied(t *testing.T) {
	protocols(t, func(t *testing.T, p Protocol) {
		values := bytes.Repeat([]byte{1}, 1<<20)
		parts, err := Encode(p, InsertTablet, Call, 1, Arguments(&TabletRequest{Values: values, Timestamps: []byte{}}))
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, part := range parts {
			found = found || &part[0] == &values[0]
		}
		if !found {
			t.Error("the values were copied")
		}
		frame := body(t, parts)
		allocated := testing.Benchmark(func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				m, err := ParseMessage(p, frame)
				if err != nil {
					b.Fatal(err)
				}
				if err := m.Decode(Arguments(new(TabletRequest))); err != nil {
					b.Fatal(err)
				}
			}
		}).AllocedBytesPerOp()
		if allocated > 4096 {
			t.Errorf("reading a frame of %d bytes allocated %d", len(frame), allocated)
		}
	})
}

// What a hostile peer can announce without sending it costs nothing.
func TestHostileLengths(t *testing.T) {
	lengths := map[string][]byte{
		"list":   {0x80, 1, 0, 2, 0, 0, 0, 1, 'x', 0, 0, 0, 1, 12, 0, 0, 12, 0, 1, 8, 0, 1, 0, 0, 0, 200, 15, 0, 3, 12, 0x7f, 0xff, 0xff, 0xff},
		"string": {0x80, 1, 0, 2, 0, 0, 0, 1, 'x', 0, 0, 0, 1, 12, 0, 0, 12, 0, 1, 8, 0, 1, 0, 0, 0, 200, 11, 0, 2, 0x7f, 0xff, 0xff, 0xff},
		"skip":   {0x80, 1, 0, 2, 0, 0, 0, 1, 'x', 0, 0, 0, 1, 12, 0, 0, 15, 0, 99, 2, 0x7f, 0xff, 0xff, 0xff},
		"binary": {0x80, 1, 0, 2, 0, 0, 0, 1, 'x', 0, 0, 0, 1, 12, 0, 0, 15, 0, 13, 11, 0, 0, 0, 1, 0x7f, 0xff, 0xff, 0xff},
		"depth":  append([]byte{0x80, 1, 0, 2, 0, 0, 0, 1, 'x', 0, 0, 0, 1, 12, 0, 0, 12, 0, 1}, bytes.Repeat([]byte{15, 0, 3, 12, 0, 0, 0, 1}, 1000)...),
	}
	for name, frame := range lengths {
		m, err := ParseMessage(Binary, frame)
		if err != nil {
			t.Fatal(name, err)
		}
		if err := m.Decode(Result(new(StatementReply))); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestOtherProtocol(t *testing.T) {
	parts, err := Encode(Compact, GetProperties, Call, 1, new(NoArguments))
	if err != nil {
		t.Fatal(err)
	}
	if m, err := ParseMessage(Binary, body(t, parts)); err == nil {
		t.Errorf("compact read as binary gave %+v", m)
	}
}

func FuzzMessage(f *testing.F) {
	for _, p := range []Protocol{Binary, Compact} {
		for name, s := range messages() {
			parts, err := Encode(p, name, Reply, 1, Result(s))
			if err != nil {
				f.Fatal(err)
			}
			if frame := body(f, parts); len(frame) < 10_000 {
				f.Add(frame, p == Compact)
			}
		}
	}
	f.Fuzz(func(t *testing.T, frame []byte, compact bool) {
		p := Binary
		if compact {
			p = Compact
		}
		for _, s := range messages() {
			m, err := ParseMessage(p, frame)
			if err != nil {
				return
			}
			got := reflect.New(reflect.TypeOf(s).Elem()).Interface().(Struct)
			if m.Decode(Result(got)) != nil {
				continue
			}
			again, err := Encode(p, m.Name, m.Kind, m.Sequence, Result(got))
			if err != nil {
				t.Fatalf("%T was read and cannot be written: %v", got, err)
			}
			m, err = ParseMessage(p, body(t, again))
			if err != nil {
				t.Fatal(err)
			}
			second := reflect.New(reflect.TypeOf(s).Elem()).Interface().(Struct)
			if err := m.Decode(Result(second)); err != nil {
				t.Fatal(err)
			}
			if a, b := fmt.Sprintf("%#v", flat(got)), fmt.Sprintf("%#v", flat(second)); a != b {
				t.Errorf("read %s, then %s", a, b)
			}
		}
	})
}

// flat is a struct without its pointers.
func flat(s Struct) string {
	parts, err := Encode(Binary, "", Reply, 0, Result(s))
	return fmt.Sprintf("%x %v", bytes.Join(parts, nil), err)
}
