//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ebitengine/purego"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// folder has the libraries that tests build. They are loaded to the end of the
// process, so that it outlives tests.
var folder string

func setFolder(dir string) { folder = dir }

// builds are the libraries by their compiler flags.
var builds sync.Map

// buildStub builds testdata/stub.c and returns its path. Without a C compiler the
// test is skipped and says so.
func buildStub(t testing.TB, flags ...string) string {
	t.Helper()
	key := strings.Join(flags, " ")
	build, _ := builds.LoadOrStore(key, sync.OnceValues(func() (string, error) {
		cc := os.Getenv("CC")
		if cc == "" {
			cc = "cc"
		}
		if _, err := exec.LookPath(cc); err != nil {
			return "", errNoCompiler
		}
		dir, err := os.MkdirTemp(folder, "")
		if err != nil {
			return "", err
		}
		name := "libtaos.so"
		if runtime.GOOS == "darwin" {
			name = "libtaos.dylib"
		}
		path := filepath.Join(dir, name)
		args := append([]string{"-shared", "-fPIC", "-pthread", "-O1", "-o", path, filepath.Join("testdata", "stub.c")}, flags...)
		if out, err := exec.Command(cc, args...).CombinedOutput(); err != nil {
			return "", fmt.Errorf("%w\n%s", err, out)
		}
		return path, nil
	}))
	path, err := build.(func() (string, error))()
	if errors.Is(err, errNoCompiler) {
		skipped.Add(1)
		t.Skip("SKIPPED: no C compiler to build the stub of libtaos with")
	}
	if err != nil {
		t.Fatal(err)
	}
	return path
}

var errNoCompiler = errors.New("no C compiler")

// stub is a stub of libtaos and what a test asks of it.
type stub struct {
	t    testing.TB
	path string

	answer func(sql string, code int32, message string, affected int64, precision, columns int32, fields *columnField)
	block  func(data *byte, length, rows int32)
	delay  func(call, fetch, fetchCode int32)
	count  func(what int32) int64
	log    func(what int32) string

	// message hands one out; it is nil in a stub without subscriptions.
	message func(typ int32, topic, db string, vgroup int32, offset int64, raw *byte, length, rawType int32, meta string)
}

// What a stub counts and notes.
const (
	connections int32 = iota
	results
	statements
	kills
	stops
	confs
	lists
	consumers
	raws
	metas
)

const (
	logConnect int32 = iota
	logOptions
	logSession
	logBind
	logSQL
	logLines
	logTMQ
)

// newStub returns a stub of its own, of which nothing may be open at the test's end.
func newStub(t testing.TB, flags ...string) *stub {
	t.Helper()
	// A copy is a library of its own, with counters of its own.
	built, err := os.ReadFile(buildStub(t, flags...))
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(folder, "")
	if err != nil {
		t.Fatal(err)
	}
	s := &stub{t: t, path: filepath.Join(dir, filepath.Base(buildStub(t, flags...)))}
	if err := os.WriteFile(s.path, built, 0o755); err != nil {
		t.Fatal(err)
	}
	handle, err := purego.Dlopen(s.path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		t.Fatal(err)
	}
	purego.RegisterLibFunc(&s.answer, handle, "stub_answer")
	purego.RegisterLibFunc(&s.block, handle, "stub_block")
	purego.RegisterLibFunc(&s.delay, handle, "stub_delay")
	purego.RegisterLibFunc(&s.count, handle, "stub_count")
	purego.RegisterLibFunc(&s.log, handle, "stub_log")
	if address, err := purego.Dlsym(handle, "stub_message"); err == nil {
		purego.RegisterFunc(&s.message, address)
	}
	t.Cleanup(func() {
		for what, name := range map[int32]string{
			connections: "connections", results: "results", statements: "statements", confs: "configurations",
			lists: "lists", consumers: "consumers", raws: "raw messages", metas: "metadata",
		} {
			s.eventually(name+" freed", func() bool { return s.count(what) == 0 })
		}
	})
	return s
}

// eventually waits for what a goroutine does that nobody waits for.
func (s *stub) eventually(what string, ok func() bool) {
	s.t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			s.t.Errorf("not so in the end: %s", what)
			return
		}
	}
}

// fails answers a statement with an error.
func (s *stub) fails(sql string, code uint32, message string) {
	s.answer(sql, int32(code), message, 0, 0, 0, nil)
}

// writes answers a statement with a number of rows written.
func (s *stub) writes(sql string, affected int64) { s.answer(sql, 0, "", affected, 0, 0, nil) }

// returns answers a statement with blocks.
func (s *stub) returns(sql string, fields []block.Field, precision block.Precision, blocks ...[][]any) {
	s.t.Helper()
	s.describes(sql, precision, columnsOf(fields)...)
	for _, rows := range blocks {
		b := block.NewBuilder(fields, precision, nil)
		for _, row := range rows {
			for i, v := range row {
				if err := b.Column(i).Append(v); err != nil {
					s.t.Fatal(err)
				}
			}
		}
		raw, err := b.AppendTo(nil)
		if err != nil {
			s.t.Fatal(err)
		}
		s.block(&raw[0], int32(len(raw)), int32(len(rows)))
	}
}

// describes answers a statement with columns and no rows.
func (s *stub) describes(sql string, precision block.Precision, columns ...columnField) {
	s.answer(sql, 0, "", 0, int32(precision), int32(len(columns)), &columns[0])
}

func columnsOf(fields []block.Field) []columnField {
	columns := make([]columnField, len(fields))
	for i, f := range fields {
		columns[i] = columnField{typ: uint8(f.Type), precision: f.Precision, scale: f.Scale, bytes: f.Bytes}
		copy(columns[i].name[:], f.Name)
	}
	return columns
}

// settings are those of a connection to the stub.
func (s *stub) settings() transport.Settings {
	return transport.Settings{
		User: "root", Password: "taosdata", LibraryPath: s.path,
		MaxMessageBytes: 1 << 20, Location: time.UTC, ReadTimeout: time.Minute,
	}
}

// connect returns a connection, with changes to its settings.
func (s *stub) connect(changes ...func(*transport.Settings)) *Conn {
	s.t.Helper()
	settings := s.settings()
	for _, change := range changes {
		change(&settings)
	}
	d := NewDialer(settings)
	c, err := d.Connect(s.t.Context(), "")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	return c.(*Conn)
}

// wantError checks kind, code and parts of the text of an error.
func wantError(t testing.TB, err error, kind error, code int, parts ...string) *driver.Error {
	t.Helper()
	var e *driver.Error
	if !errors.As(err, &e) || !errors.Is(err, kind) || e.Code != code || e.Engine != transport.Engine || e.Transport != Name {
		t.Fatalf("got %#v, want kind %v and code %#x", err, kind, code)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q does not say %q", err, part)
		}
	}
	return e
}
