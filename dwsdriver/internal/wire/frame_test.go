package wire

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"testing"
)

func TestNextCutsMessages(t *testing.T) {
	b := Append(nil, Query, []byte("select 1\x00"))
	b, mark := Begin(b, Sync)
	b = End(b, mark)
	whole := b
	typ, body, rest, length, ok, err := Next(b)
	if typ != Query || string(body) != "select 1\x00" || length != 14 || !ok || err != nil {
		t.Fatalf("%q %q %d %v %v", typ, body, length, ok, err)
	}
	if typ, body, rest, _, ok, err = Next(rest); typ != Sync || len(body) != 0 || len(rest) != 0 || !ok || err != nil {
		t.Fatalf("%q %q %v %v", typ, body, ok, err)
	}
	for n := range 14 {
		want := 0
		if n >= HeaderSize {
			want = 14
		}
		if _, _, rest, length, ok, err := Next(whole[:n]); ok || err != nil || length != want || len(rest) != n {
			t.Errorf("%d bytes: %d %v %v", n, length, ok, err)
		}
	}
}

func TestALengthThatCannotBeIsAnError(t *testing.T) {
	for _, s := range []string{"D\x00\x00\x00\x03", "D\x00\x00\x00\x00", "D\xff\xff\xff\xff", "D\x40\x00\x00\x00"} {
		if _, _, _, _, ok, err := Next([]byte(s)); ok || err == nil {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestStartup(t *testing.T) {
	b := AppendStartup(nil, Protocol351, "user", "u", "database", "", "x", "1")
	n, ok := FirstLength(b)
	if n != len(b) || !ok {
		t.Fatal(n, ok)
	}
	version, params, err := ParseStartup(b[4:])
	if version != Protocol351 || !slices.Equal(params, []string{"user", "u", "database", "", "x", "1"}) || err != nil {
		t.Fatal(version, params, err)
	}
	if version, params, err := ParseStartup(AppendSSLRequest(nil)[4:]); version != SSLCode || params != nil || err != nil {
		t.Fatal(version, params, err)
	}
	b = AppendCancel(nil, 7, 0xffffffff)
	if pid, secret, err := ParseCancel(b[8:]); pid != 7 || secret != 0xffffffff || err != nil || len(b) != 16 {
		t.Fatal(pid, secret, err)
	}
	for _, s := range []string{"", "\x00\x03\x00\x00", "\x00\x03\x00\x00user\x00", "\x00\x03\x00\x00user\x00u"} {
		if _, _, err := ParseStartup([]byte(s)); err == nil {
			t.Errorf("%q: no error", s)
		}
	}
}

func TestGaussDBsFieldsAreNotTakenForPostgreSQLs(t *testing.T) {
	gauss := Fields{
		Severity: "FATAL", Code: "28P01", Message: "Invalid username/password,login denied.",
		InternalCode: "0", Module: "SECURITY", File: "auth.cpp", Line: "1", Routine: "auth_failed",
	}
	postgres := Fields{
		Severity: "ОШИБКА", Plain: "ERROR", Code: "23502", Message: "null value", Detail: "Failing row", Hint: "h", Position: "3",
		Schema: "public", Table: "t", Column: "c", DataType: "d", Constraint: "n", Where: "w", InternalPosition: "1", InternalQuery: "q",
	}
	for _, f := range []Fields{gauss, postgres} {
		got, err := ParseFields(ErrorResponse, f.Append(nil))
		if err != nil || !reflect.DeepEqual(*got, f) {
			t.Errorf("got %+v, %v, want %+v", got, err, f)
		}
	}
	if !gauss.Fatal() || postgres.Fatal() {
		t.Error("severity")
	}
	if e := gauss.PQ(); e.Column != "" || e.DataTypeName != "" || e.Code != "28P01" || !e.Fatal() {
		t.Errorf("%+v", e)
	}
	if e := postgres.PQ(); e.Column != "c" || e.DataTypeName != "d" || e.Severity != "ERROR" || e.Fatal() {
		t.Errorf("%+v", e)
	}
}

func TestPlainError(t *testing.T) {
	f := PlainError([]byte("Ecould not fork new process for connection: no memory\n\x00rest"))
	if f.Message != "could not fork new process for connection: no memory" || !f.Fatal() {
		t.Errorf("%+v", f)
	}
}

func FuzzNext(f *testing.F) {
	f.Add(Append(nil, DataRow, []byte("abc")))
	f.Fuzz(func(t *testing.T, b []byte) {
		typ, body, rest, length, ok, err := Next(b)
		if !ok || err != nil {
			return
		}
		if again := Append(nil, typ, body); !bytes.Equal(again, b[:length]) || len(rest) != len(b)-length {
			t.Fatalf("%x, then %x", b, again)
		}
	})
}

func FuzzStartup(f *testing.F) {
	f.Add(AppendStartup(nil, Protocol30, "user", "u")[4:])
	f.Fuzz(func(t *testing.T, b []byte) {
		version, params, err := ParseStartup(b)
		if err != nil || params == nil {
			return
		}
		again, same, err := ParseStartup(AppendStartup(nil, version, params...)[4:])
		if again != version || !slices.Equal(params, same) || err != nil {
			t.Fatalf("%d %q, then %d %q, %v", version, params, again, same, err)
		}
	})
}

func FuzzFields(f *testing.F) {
	f.Add([]byte("SFATAL\x00C28P01\x00MInvalid\x00c0\x00dSECURITY\x00\x00"))
	f.Add([]byte("SERROR\x00VERROR\x00C23502\x00Mnull\x00sx\x00tx\x00cx\x00\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		PlainError(b)
		fields, err := ParseFields(ErrorResponse, b)
		if err != nil {
			return
		}
		again, err := ParseFields(ErrorResponse, fields.Append(nil))
		if err != nil || *again != *fields {
			t.Fatalf("%+v, then %+v, %v", fields, again, err)
		}
		if e := fields.PQ(); strings.ContainsRune(e.Message, 0) {
			t.Fatal("a NUL")
		}
	})
}
