package message_test

import (
	"bufio"
	"bytes"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/message"
)

func TestFields(t *testing.T) {
	fields := []message.Field{{Code: 'S', Text: "ERROR"}, {Code: 'c', Text: "0"}, {Code: 'M', Text: ""}}
	m, err := message.Read(bufio.NewReader(bytes.NewReader(message.AppendFields(nil, 'E', fields...))))
	if err != nil || m.Type != 'E' {
		t.Fatalf("%q, %v", m.Type, err)
	}
	got, err := message.Fields(m.Body)
	if err != nil || len(got) != len(fields) {
		t.Fatalf("%v, %v", got, err)
	}
	for i := range got {
		if got[i] != fields[i] {
			t.Errorf("got %v", got[i])
		}
	}
}

// A length is not believed before the bytes are there.
func TestAnnouncedLength(t *testing.T) {
	hostile := []byte{'Q', 0x3f, 0xff, 0xff, 0xff, 'x'}
	n := testing.AllocsPerRun(1, func() {
		if _, err := message.Read(bufio.NewReader(bytes.NewReader(hostile))); err == nil {
			t.Error("it is read")
		}
	})
	if n > 20 {
		t.Errorf("%v allocations", n)
	}
	for _, length := range [][]byte{{0, 0, 0, 3}, {0x80, 0, 0, 0}} {
		if _, err := message.Read(bufio.NewReader(bytes.NewReader(append([]byte{'Q'}, length...)))); err == nil {
			t.Errorf("a length of %v is taken", length)
		}
		if _, _, err := message.ReadStartup(bufio.NewReader(bytes.NewReader(append(length, 0, 3, 0, 0)))); err == nil {
			t.Errorf("a length of %v is taken", length)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add(message.Append(nil, 'Q', message.Text("select 1")))
	f.Add(message.AppendFields(nil, 'E', message.Field{Code: 'S', Text: "ERROR"}))
	f.Add([]byte{0, 0, 0, 8, 4, 210, 22, 47})
	f.Fuzz(func(t *testing.T, data []byte) {
		_, _, _ = message.ReadStartup(bufio.NewReader(bytes.NewReader(data)))
		m, err := message.Read(bufio.NewReader(bytes.NewReader(data)))
		if err != nil || m.Type == 0 { // which Append takes for none
			return
		}
		if again := message.Append(nil, m.Type, m.Body); !bytes.Equal(again, data[:len(again)]) {
			t.Errorf("%q became %q", data, again)
		}
		_, _ = message.Fields(m.Body)
		p := message.Parser{Body: m.Body}
		for p.Err == nil && len(p.Body) > 0 {
			p.Text()
			p.Int16()
			p.Int32()
			p.Bytes(p.Int16())
		}
	})
}
