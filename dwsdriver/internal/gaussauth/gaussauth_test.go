package gaussauth

import (
	"bytes"
	"crypto/pbkdf2"
	"crypto/sha1"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
)

// vector is one case of testdata/vectors.json: random inputs, and messages on
// which several independent clients agree.
type vector struct {
	User, Password string
	Random64Code   string
	Iteration      int
	Intermediate   struct {
		K         string
		ServerKey string `json:"server_key"`
		StoredKey string `json:"stored_key"`
	}
	V351   *exchange `json:"sha256_v351"`
	V350   *exchange `json:"sha256_v350"`
	V30    *exchange `json:"sha256_v30"`
	MD5    *exchange `json:"md5"`
	Over   *exchange `json:"sha256_stored_md5"`
	Under  *exchange `json:"md5_sha256"`
	SM3    *exchange `json:"sm3_v351"`
	SaltB  string    `json:"md5_salt_hex"`
	Random string    `json:"token"`
}

type exchange struct {
	Iteration      int
	Request, Reply string
}

func vectors(t testing.TB) []vector {
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ Cases []vector }
	if err := json.Unmarshal(text, &file); err != nil {
		t.Fatal(err)
	}
	if len(file.Cases) != 12 {
		t.Fatalf("%d cases", len(file.Cases))
	}
	return file.Cases
}

// each calls f with every exchange, its method, protocol and iterations.
func (v vector) each(f func(method Method, protocol, iterations int, x *exchange)) {
	f(SHA256, 351, v.Iteration, v.V351)
	f(SHA256, 350, v.V350.Iteration, v.V350)
	f(SHA256, 30, v.V30.Iteration, v.V30)
	f(MD5, 0, 0, v.MD5)
	f(SHA256MD5, 0, 0, v.Over)
	f(MD5SHA256, 0, v.Under.Iteration, v.Under)
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// body is a message without its type and length.
func body(t testing.TB, message string) []byte { return unhex(t, message)[5:] }

func TestTheClientAnswersEveryVector(t *testing.T) {
	for i, v := range vectors(t) {
		v.each(func(method Method, protocol, iterations int, x *exchange) {
			request := body(t, x.Request)
			r, err := Parse(request)
			if err != nil {
				t.Fatalf("case %d, %v %d: %v", i, method, protocol, err)
			}
			if r.Method != method || r.Protocol != protocol || r.Iterations != iterations {
				t.Errorf("case %d: %v %d %d, want %v %d %d", i, r.Method, r.Protocol, r.Iterations, method, protocol, iterations)
			}
			if got := r.Append(nil); !bytes.Equal(got, request) {
				t.Errorf("case %d, %v %d: written as %x, was %x", i, method, protocol, got, request)
			}
			got, err := r.Answer(nil, v.User, v.Password)
			if want := strings.TrimSuffix(string(body(t, x.Reply)), "\x00"); err != nil || got != want {
				t.Errorf("case %d, %v %d: got %q, %v, want %q", i, method, protocol, got, err, want)
			}
			if code := request[3]; (code == 10 || code == 11) != IsGaussDB(request) {
				t.Errorf("case %d, %v %d: code %d, IsGaussDB %v", i, method, protocol, code, IsGaussDB(request))
			}
		})
	}
}

func TestTheServerVerifiesEveryVectorByItsKeysAlone(t *testing.T) {
	for i, v := range vectors(t) {
		var salt [32]byte
		copy(salt[:], unhex(t, v.Random64Code))
		keys := NewKeys(v.User, v.Password, salt, v.Iteration)
		if hex.EncodeToString(keys.Stored[:]) != v.Intermediate.StoredKey || hex.EncodeToString(keys.Server[:]) != v.Intermediate.ServerKey {
			t.Errorf("case %d: stored %x, server %x", i, keys.Stored, keys.Server)
		}
		wrong := NewKeys(v.User, v.Password+"x", salt, v.Iteration)
		v.each(func(method Method, protocol, iterations int, x *exchange) {
			keys, wrong := keys, wrong
			if iterations != 0 && iterations != v.Iteration {
				keys, wrong = NewKeys(v.User, v.Password, salt, iterations), NewKeys(v.User, "", salt, iterations)
			}
			var challenge [4]byte
			copy(challenge[:], unhex(t, map[bool]string{true: v.Random, false: v.SaltB}[method == SHA256]))
			r := keys.Request(method, protocol, challenge)
			if got := r.Append(nil); !bytes.Equal(got, body(t, x.Request)) {
				t.Errorf("case %d, %v %d: asks %x, want %x", i, method, protocol, got, body(t, x.Request))
			}
			answer := strings.TrimSuffix(string(body(t, x.Reply)), "\x00")
			if !keys.Verify(r, answer) {
				t.Errorf("case %d, %v %d: refused", i, method, protocol)
			}
			if wrong.Verify(r, answer) {
				t.Errorf("case %d, %v %d: another password is let in", i, method, protocol)
			}
			for _, a := range []string{"", answer[:len(answer)-1], answer + "0", strings.Repeat("0", len(answer))} {
				if keys.Verify(r, a) {
					t.Errorf("case %d, %v %d: %q is let in", i, method, protocol, a)
				}
			}
		})
	}
}

func TestSM3IsRefusedByName(t *testing.T) {
	for _, v := range vectors(t) {
		_, err := Parse(body(t, v.SM3.Request))
		var u *UnsupportedError
		if !errors.As(err, &u) || u.Code != 13 || !strings.Contains(err.Error(), "13 (SM3)") {
			t.Fatal(err)
		}
	}
	if _, err := Parse([]byte{0, 0, 0, 99}); err == nil || !strings.Contains(err.Error(), "method 99, which is unknown") {
		t.Error(err)
	}
}

func TestPostgreSQLsCodesAreNotGaussDBs(t *testing.T) {
	for _, text := range []string{
		"\x00\x00\x00\x0aSCRAM-SHA-256\x00\x00", "\x00\x00\x00\x0aSCRAM-SHA-256-PLUS\x00SCRAM-SHA-256\x00\x00", "\x00\x00\x00\x0a\x00",
		"\x00\x00\x00\x0br=abc,s=def,i=4096", "\x00\x00\x00\x0cv=abc", "\x00\x00\x00\x0a", "\x00\x00\x00", "\x00\x00\x00\x05abcd",
	} {
		if IsGaussDB([]byte(text)) {
			t.Errorf("%q is taken for GaussDB's", text)
		}
	}
}

func TestAServerThatDoesNotKnowThePasswordGetsNoProof(t *testing.T) {
	r, err := Parse(body(t, vectors(t)[0].V30.Request))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := r.Answer(nil, "dbadmin", "Gauss@124"); err != ErrSignature || answer != "" {
		t.Errorf("%q, %v", answer, err)
	}
}

func TestDeriveIsPBKDF2(t *testing.T) {
	for _, password := range []string{"", "p", strings.Repeat("x", 100), "口令"} {
		for _, n := range []int{1, 2, pause - 1, pause, pause + 1} {
			salt := []byte("0123456789abcdef0123456789abcdef")
			want, err := pbkdf2.Key(sha1.New, password, salt, n, 32)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := derive(nil, password, salt, n); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%q, %d iterations: %x, %v, want %x", password, n, got, err, want)
			}
		}
	}
}

func TestAnAnswerCanBeStopped(t *testing.T) {
	done := make(chan struct{})
	close(done)
	r := Request{Method: SHA256, Iterations: MaxIterations, Protocol: 351}
	if _, err := r.Answer(done, "u", "p"); err != ErrStopped {
		t.Error(err)
	}
}

// FuzzParse: what parses is written as it was, except for a salt in capitals or
// a password stored as plain text, and can be answered.
func FuzzParse(f *testing.F) {
	for _, v := range vectors(f)[:3] {
		v.each(func(_ Method, _, _ int, x *exchange) { f.Add(body(f, x.Request)) })
		f.Add(body(f, v.SM3.Request))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		IsGaussDB(b)
		r, err := Parse(b)
		if err != nil {
			return
		}
		again, err := Parse(r.Append(nil))
		if err != nil || again != r {
			t.Fatalf("%+v, then %+v, %v", r, again, err)
		}
		if r.Iterations <= DefaultIterations && !r.HasSignature {
			answer, err := r.Answer(nil, "u", "p")
			if err != nil || !NewKeys("u", "p", r.Salt, max(1, r.Iterations)).Verify(r, answer) {
				t.Fatalf("%+v: %q, %v", r, answer, err)
			}
		}
	})
}
