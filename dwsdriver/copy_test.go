package dwsdriver

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"io"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// store is what a scripted server was told.
type store struct {
	mu         sync.Mutex
	statements []string
	copies     []string // data of each COPY that was not given up
	aborted    []string // reasons of those that were
	refuse     *wire.Fields
	columns    []wire.Column
	out        [][]byte
}

func (s *store) answer(sql string) script.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case strings.HasPrefix(sql, "SELECT version()"):
		return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
	case strings.Contains(sql, "FROM STDIN"):
		s.statements = append(s.statements, sql)
		return script.Answer{CopyIn: true, Done: s.done}
	case strings.Contains(sql, "TO STDOUT"):
		s.statements = append(s.statements, sql)
		return script.Answer{CopyOut: s.out, Tag: "COPY 3"}
	case strings.HasSuffix(sql, "LIMIT 0"):
		return script.Answer{Columns: s.columns}
	}
	s.statements = append(s.statements, sql)
	return script.Answer{Tag: "OK"}
}

func (s *store) done(data []byte, failed string) script.Answer {
	s.mu.Lock()
	defer s.mu.Unlock()
	if failed != "" {
		s.aborted = append(s.aborted, failed)
		return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "57014", Message: "COPY from stdin failed: " + failed}}
	}
	if s.refuse != nil {
		return script.Answer{Error: s.refuse}
	}
	s.copies = append(s.copies, string(data))
	return script.Answer{Tag: "COPY " + strconv.Itoa(strings.Count(string(data), "\n"))}
}

// storing starts a server with a store, and a pool of one connection to it.
func storing(t testing.TB) (*store, *sql.DB) {
	t.Helper()
	s := &store{columns: []wire.Column{{Name: "a", Type: wire.Int8}, {Name: "b", Type: wire.TextType}}}
	srv := script.New(t, func(srv *script.Server) { srv.Session = script.Statements(s.answer) })
	c, err := NewConnector(configOf(srv))
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return s, db
}

func copying(t testing.TB, db *sql.DB, f func(driver.Copier) error) error {
	t.Helper()
	return driver.WithDB(context.Background(), db, f)
}

func TestCopyFrom(t *testing.T) {
	s, db := storing(t)
	long := strings.Repeat("1\tline of a long text\n", 50000)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, r := range map[string]func() io.Reader{
		"in memory": func() io.Reader { return strings.NewReader(long) },
		"a stream":  func() io.Reader { return io.MultiReader(strings.NewReader(long)) },
		"slow":      func() io.Reader { return iotest.HalfReader(io.MultiReader(strings.NewReader(long))) },
	} {
		s.copies = nil
		err := copying(t, db, func(c driver.Copier) error {
			n, err := c.CopyFrom(ctx, "COPY t FROM STDIN", r())
			if n != 50000 {
				t.Errorf("%s: %d rows", name, n)
			}
			return err
		})
		if err != nil || len(s.copies) != 1 || s.copies[0] != long {
			t.Errorf("%s: %v, %d copies", name, err, len(s.copies))
		}
	}
}

func TestAReaderThatFailsTakesTheRowsBack(t *testing.T) {
	s, db := storing(t)
	broken := errors.New("disk on fire")
	err := copying(t, db, func(c driver.Copier) error {
		_, err := c.CopyFrom(context.Background(), "COPY t FROM STDIN", io.MultiReader(strings.NewReader("1\ta\n"), iotest.ErrReader(broken)))
		return err
	})
	if !errors.Is(err, broken) || !errors.Is(err, driver.ErrInterface) || len(s.copies) != 0 || len(s.aborted) != 1 {
		t.Errorf("%v; %d copies, aborted %q", err, len(s.copies), s.aborted)
	}
	if _, err := db.Exec("after"); err != nil {
		t.Errorf("the connection is of no more use: %v", err)
	}
	if n := db.Stats().MaxIdleClosed + db.Stats().MaxLifetimeClosed; n != 0 || db.Stats().OpenConnections != 1 {
		t.Error("the connection has left the pool")
	}
}

func TestARefusedCopyIsTheServersError(t *testing.T) {
	s, db := storing(t)
	s.refuse = &wire.Fields{Severity: "ERROR", Code: "22P02", Message: "invalid input syntax for integer", Where: "COPY t, line 7, column a: \"x\""}
	err := copying(t, db, func(c driver.Copier) error {
		_, err := c.CopyFrom(context.Background(), "COPY t FROM STDIN", strings.NewReader("x\n"))
		return err
	})
	if !errors.Is(err, driver.ErrData) || SQLState(err) != "22P02" || !strings.Contains(err.Error(), "line 7") {
		t.Error(err)
	}
	if _, err := db.Exec("after"); err != nil {
		t.Error(err)
	}
}

// stuck is a reader and writer that never returns until it is released.
type stuck struct{ release chan struct{} }

func (s stuck) Read([]byte) (int, error)  { <-s.release; return 0, io.EOF }
func (s stuck) Write([]byte) (int, error) { <-s.release; return 0, io.ErrClosedPipe }

func TestCopiesEndWithTheirContext(t *testing.T) {
	s, db := storing(t)
	s.out = [][]byte{bytes.Repeat([]byte("x"), 1<<20), []byte("y\n")}
	blocked := stuck{make(chan struct{})}
	defer close(blocked.release)
	for name, run := range map[string]func(context.Context, driver.Copier) error{
		"from": func(ctx context.Context, c driver.Copier) error {
			_, err := c.CopyFrom(ctx, "COPY t FROM STDIN", blocked)
			return err
		},
		"to": func(ctx context.Context, c driver.Copier) error {
			_, err := c.CopyTo(ctx, "COPY t TO STDOUT", blocked)
			return err
		},
	} {
		for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
			end := time.Now().Add(50 * time.Millisecond)
			ctx, cancel := context.WithDeadline(context.Background(), end)
			if cause == context.Canceled {
				cancel()
				ctx, cancel = context.WithCancel(context.Background())
				time.AfterFunc(time.Until(end), cancel)
			}
			err := copying(t, db, func(c driver.Copier) error { return run(ctx, c) })
			late := time.Since(end)
			cancel()
			if !errors.Is(err, cause) || late > time.Second {
				t.Errorf("%s: %v, %v late", name, err, late)
			}
		}
	}
	if len(s.copies) != 0 {
		t.Errorf("copied %q", s.copies)
	}
	if _, err := db.Exec("after"); err != nil {
		t.Error(err)
	}
}

func TestCopyTo(t *testing.T) {
	s, db := storing(t)
	s.out = [][]byte{[]byte("1\ta\n"), bytes.Repeat([]byte("2"), 100<<10), []byte("\n3\tc\n")}
	want := string(bytes.Join(s.out, nil))
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var inMemory bytes.Buffer
	var text strings.Builder
	for name, w := range map[string]io.Writer{"in memory": &inMemory, "a stream": io.MultiWriter(&text)} {
		err := copying(t, db, func(c driver.Copier) error {
			n, err := c.CopyTo(ctx, "COPY t TO STDOUT", w)
			if n != 3 {
				t.Errorf("%s: %d rows", name, n)
			}
			return err
		})
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if inMemory.String() != want || text.String() != want {
		t.Errorf("%d and %d bytes, want %d", inMemory.Len(), text.Len(), len(want))
	}
	// A writer that fails.
	broken := errors.New("disk full")
	for name, w := range map[string]io.Writer{"failing": failing{broken}, "short": failing{nil}} {
		err := copying(t, db, func(c driver.Copier) error {
			_, err := c.CopyTo(ctx, "COPY t TO STDOUT", w)
			return err
		})
		if !errors.Is(err, driver.ErrInterface) || name == "failing" && !errors.Is(err, broken) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := db.Exec("after"); err != nil {
		t.Error(err)
	}
}

type failing struct{ err error }

func (f failing) Write(p []byte) (int, error) { return len(p) / 2, f.err }

func TestCopyStatements(t *testing.T) {
	for _, tt := range []struct{ got, want string }{
		{CopyFromStdin("t", CopyOptions{}), `COPY "t" FROM STDIN`},
		{CopyFromStdin("s.T", CopyOptions{Columns: []string{"a", `b"c`}}), `COPY "s"."T" ("a", "b""c") FROM STDIN`},
		{CopyFromStdin(`s."a.b"`, CopyOptions{Delimiter: "|", Null: "NULL"}), `COPY s."a.b" FROM STDIN WITH (DELIMITER '|', NULL 'NULL')`},
		{CopyFromStdin("t", CopyOptions{Null: `\N`}), `COPY "t" FROM STDIN WITH (NULL  E'\\N')`},
		{CopyToStdout("t", CopyOptions{Format: "csv", NullSet: true, Header: true, Quote: "'", Escape: `"`, Encoding: "GBK"}),
			`COPY "t" TO STDOUT WITH (FORMAT 'csv', NULL '', HEADER true, QUOTE '''', ESCAPE '"', ENCODING 'GBK')`},
		{CopyToStdout("(SELECT 1)", CopyOptions{Columns: []string{"ignored"}, More: "EOL 'x'"}), `COPY (SELECT 1) TO STDOUT WITH (EOL 'x')`},
	} {
		if tt.got != tt.want {
			t.Errorf("got %s, want %s", tt.got, tt.want)
		}
	}
}

// COPY (DELETE FROM t RETURNING a) TO STDOUT has deleted by then.
func TestTheOutcomeOfACopyThatIsNoCopyIsUnknown(t *testing.T) {
	_, db := telling(t, func(string) script.Answer { return script.Answer{CopyOut: [][]byte{[]byte("1\n")}, Tag: "COPY 1"} })
	_, err := db.Exec("COPY (DELETE FROM t RETURNING a) TO STDOUT")
	var e *driver.Error
	if !errors.As(err, &e) || !errors.Is(err, driver.ErrNotSupported) || !e.OutcomeUnknown {
		t.Errorf("the error is %v", err)
	}
}

func TestANameIsTakenForNoStatement(t *testing.T) {
	for name, want := range map[string]string{
		"t": `"t"`, "s.t": `"s"."t"`, "Größe": `"Größe"`, `"T x".u`: `"T x".u`, `s."a""b"`: `s."a""b"`, `größe."t"`: `größe."t"`,
		`t"; DROP TABLE u; --`: `"t""; DROP TABLE u; --"`, `"t"; DROP TABLE u`: `"""t""; DROP TABLE u"`, `"t" u`: `"""t"" u"`, `"`: `""""`,
		"\"t\"\n": "\"\"\"t\"\"\n\"",
	} {
		if got := quoteTable(name); got != want {
			t.Errorf("%q: %s, want %s", name, got, want)
		}
	}
}
