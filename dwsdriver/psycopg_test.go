package dwsdriver

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// told is a server that remembers its statements and answers by a function.
type told struct {
	mu   sync.Mutex
	list []string
}

func (s *told) statements() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := slices.Clone(s.list)
	s.list = nil
	return list
}

func telling(t testing.TB, answer func(sql string) script.Answer) (*told, *sql.DB) {
	t.Helper()
	s := new(told)
	srv := script.New(t, func(srv *script.Server) {
		srv.Session = script.Statements(func(sql string) script.Answer {
			if strings.HasPrefix(sql, "SELECT version()") {
				return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "42883", Message: "no"}}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			s.list = append(s.list, sql)
			return answer(sql)
		})
	})
	c, err := NewConnector(configOf(srv))
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(c)
	db.SetMaxOpenConns(1)
	t.Cleanup(func() { db.Close() })
	return s, db
}

var fetch = regexp.MustCompile(`^FETCH FORWARD (\d+) FROM "(.*)"$`)

// cursorOf answers for a cursor of n rows, of which every third has a NULL.
func cursorOf(n int) func(string) script.Answer {
	given := 0
	status := wire.Idle
	return func(text string) script.Answer {
		switch {
		case text == "BEGIN":
			status = wire.InTransaction
			return script.Answer{Tag: "BEGIN", Status: status}
		case text == "ROLLBACK", text == "COMMIT":
			return script.Answer{Tag: text, Status: wire.Idle}
		}
		m := fetch.FindStringSubmatch(text)
		if m == nil {
			word, _, _ := strings.Cut(text, " ")
			return script.Answer{Tag: word, Status: status}
		}
		want, _ := strconv.Atoi(m[1])
		a := script.Answer{Columns: []wire.Column{{Name: "a", Type: wire.Int8}, {Name: "b", Type: wire.TextType}}, Status: status}
		for ; want > 0 && given < n; want-- {
			row := [][]byte{[]byte(strconv.Itoa(given)), []byte("text " + strconv.Itoa(given))}
			if given%3 == 0 {
				row[1] = nil
			}
			a.Rows = append(a.Rows, row)
			given++
		}
		a.Tag = fmt.Sprintf("FETCH %d", len(a.Rows))
		return a
	}
}

func TestACursorHandsOutAllRows(t *testing.T) {
	for _, size := range []int{0, 1, 7, 100, 3000} {
		s, db := telling(t, cursorOf(100+29*size))
		ctx := context.Background()
		tx, err := db.Begin()
		must(t, err)
		c, err := DeclareCursor(ctx, tx, CursorOptions{Name: "my c", Size: size}, "SELECT a, b FROM t;")
		must(t, err)
		n := 0
		for row, err := range c.Rows(ctx) {
			must(t, err)
			var a int
			var b sql.NullString
			must(t, row.Scan(&a, &b))
			if a != n || b.Valid == (n%3 == 0) || b.Valid && b.String != fmt.Sprintf("text %d", n) {
				t.Fatalf("size %d, row %d: %d, %v", size, n, a, b)
			}
			if n++; n%50 == 0 {
				_, err := tx.Exec("UPDATE t SET x = 1 WHERE CURRENT OF \"my c\"")
				must(t, err)
			}
		}
		if n != 100+29*size {
			t.Errorf("size %d: %d rows", size, n)
		}
		must(t, c.Close(ctx))
		must(t, tx.Rollback())
		list := s.statements()
		if list[1] != `DECLARE "my c" NO SCROLL CURSOR FOR SELECT a, b FROM t` || list[len(list)-2] != `CLOSE "my c"` {
			t.Errorf("size %d: %q", size, list)
		}
	}
}

func TestACursorIsClosedWhenTheCallerStops(t *testing.T) {
	s, db := telling(t, cursorOf(100))
	ctx := context.Background()
	tx, err := db.Begin()
	must(t, err)
	c, err := DeclareCursor(ctx, tx, CursorOptions{Size: 10}, "SELECT 1")
	must(t, err)
	for _, err := range c.Rows(ctx) {
		must(t, err)
		break
	}
	must(t, tx.Commit())
	list := s.statements()
	if len(list) != 5 || list[3] != `CLOSE "`+c.Name()+`"` {
		t.Errorf("%q", list)
	}
	// fetchmany
	tx, err = db.Begin()
	must(t, err)
	c, err = DeclareCursor(ctx, tx, CursorOptions{}, "SELECT 1")
	must(t, err)
	rows, err := c.Fetch(ctx, 3)
	must(t, err)
	n := 0
	for rows.Next() {
		n++
	}
	if n != 3 || rows.Err() != nil {
		t.Errorf("%d rows, %v", n, rows.Err())
	}
	must(t, tx.Rollback())
}

func TestAnErrorEndsACursorsRows(t *testing.T) {
	answer := cursorOf(100)
	_, db := telling(t, func(text string) script.Answer {
		if strings.HasPrefix(text, "FETCH") {
			return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "22012", Message: "division by zero"}, Status: wire.InFailed}
		}
		return answer(text)
	})
	ctx := context.Background()
	tx, err := db.Begin()
	must(t, err)
	c, err := DeclareCursor(ctx, tx, CursorOptions{}, "SELECT 1/0")
	must(t, err)
	n := 0
	for row, err := range c.Rows(ctx) {
		if n++; row != nil || !errors.Is(err, driver.ErrData) {
			t.Errorf("%v, %v", row, err)
		}
	}
	if n != 1 {
		t.Errorf("%d errors", n)
	}
	must(t, tx.Rollback())
}

func TestWhatCursorsOfDWSCannotIsNotSupported(t *testing.T) {
	_, db := telling(t, cursorOf(1))
	ctx := context.Background()
	tx, err := db.Begin()
	must(t, err)
	defer tx.Rollback()
	for _, o := range []CursorOptions{{Scroll: true}, {Hold: true}} {
		if _, err := DeclareCursor(ctx, tx, o, "SELECT 1"); !errors.Is(err, driver.ErrNotSupported) {
			t.Errorf("%+v: %v", o, err)
		}
	}
	c, err := DeclareCursor(ctx, tx, CursorOptions{}, "SELECT 1")
	must(t, err)
	if err := c.Scroll(ctx, -1); !errors.Is(err, driver.ErrNotSupported) {
		t.Error(err)
	}
	if _, err := c.Fetch(ctx, -1); !errors.Is(err, driver.ErrNotSupported) {
		t.Error(err)
	}
}

func TestTwoPhaseCommit(t *testing.T) {
	status := wire.Idle
	prepared := ""
	var refuse *wire.Fields
	s, db := telling(t, func(text string) script.Answer {
		word, _, _ := strings.Cut(text, " ")
		a := script.Answer{Tag: word}
		switch {
		case text == "BEGIN":
			status = wire.InTransaction
		case strings.HasPrefix(text, "PREPARE") && refuse != nil:
			status, a.Error = wire.InFailed, refuse
		case strings.HasPrefix(text, "PREPARE"):
			a.Tag, prepared = "PREPARE TRANSACTION", strings.Trim(strings.TrimPrefix(text, "PREPARE TRANSACTION "), "'")
			fallthrough
		case text == "COMMIT", text == "ROLLBACK":
			status = wire.Idle
		case strings.HasPrefix(text, "SELECT gid"):
			a = script.Answer{Columns: []wire.Column{{Name: "gid", Type: wire.TextType}}, Rows: [][][]byte{{[]byte(prepared)}, {[]byte("other's")}}}
		}
		a.Status = status
		return a
	})
	ctx := context.Background()
	conn, err := db.Conn(ctx)
	must(t, err)
	defer conn.Close()
	do := func(f func(driver.TwoPhase) error) error { return driver.With(conn, f) }
	begin := func(t driver.TwoPhase) error {
		return t.BeginTwoPhase(ctx, driver.TransactionID{FormatID: 42, Global: "global", Qualifier: "branch"})
	}
	prepare := func(t driver.TwoPhase) error { return t.Prepare(ctx) }
	commit := func(t driver.TwoPhase) error { return t.CommitTwoPhase(ctx) }
	rollback := func(t driver.TwoPhase) error { return t.RollbackTwoPhase(ctx) }
	const name = "'42_Z2xvYmFs_YnJhbmNo'" // psycopg2's

	expect := func(what string, want ...string) {
		t.Helper()
		if got := s.statements(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	must(t, errors.Join(do(begin), do(prepare), do(commit)))
	expect("two phases", "BEGIN", "PREPARE TRANSACTION "+name, "COMMIT PREPARED "+name)
	must(t, errors.Join(do(begin), do(commit)))
	expect("one phase", "BEGIN", "COMMIT")
	must(t, errors.Join(do(begin), do(prepare), do(rollback)))
	expect("rolled back", "BEGIN", "PREPARE TRANSACTION "+name, "ROLLBACK PREPARED "+name)
	must(t, do(func(tp driver.TwoPhase) error {
		ids, err := tp.Recover(ctx)
		want := []driver.TransactionID{{FormatID: 42, Global: "global", Qualifier: "branch"}, {FormatID: UnparsedFormat, Global: "other's"}}
		if !slices.Equal(ids, want) {
			t.Errorf("recovered %+v", ids)
		}
		return errors.Join(err, tp.CommitTwoPhase(ctx, ids[0]), tp.RollbackTwoPhase(ctx, ids[1]))
	}))
	expect("recovered", "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY prepared, gid",
		"COMMIT PREPARED "+name, "ROLLBACK PREPARED 'other''s'")

	// DWS.
	refuse = &wire.Fields{Severity: "ERROR", Code: "0A000", Message: "Explicit prepare transaction is not supported."}
	must(t, do(begin))
	if err := do(prepare); !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "Explicit prepare transaction is not supported") {
		t.Error(err)
	}
	must(t, do(rollback))
	expect("refused", "BEGIN", "PREPARE TRANSACTION "+name, "ROLLBACK")

	for what, f := range map[string]func(driver.TwoPhase) error{
		"prepare without begin": prepare, "commit without begin": commit, "rollback without begin": rollback,
		"bad id": func(tp driver.TwoPhase) error { return tp.BeginTwoPhase(ctx, driver.TransactionID{}) },
		"long id": func(tp driver.TwoPhase) error {
			return tp.BeginTwoPhase(ctx, driver.TransactionID{Global: strings.Repeat("x", 65)})
		},
	} {
		if err := do(f); !errors.Is(err, driver.ErrProgramming) && !errors.Is(err, driver.ErrInterface) {
			t.Errorf("%s: %v", what, err)
		}
	}
	must(t, do(begin))
	if err := do(begin); !errors.Is(err, driver.ErrProgramming) {
		t.Errorf("begun twice: %v", err)
	}
}

func TestExecManySendsManyRowsAtATime(t *testing.T) {
	fail := -1
	n := 0
	_, db := telling(t, func(text string) script.Answer {
		if !strings.HasPrefix(text, "INSERT") {
			return script.Answer{Tag: "OK"}
		}
		if n++; n-1 == fail {
			return script.Answer{Error: &wire.Fields{Severity: "ERROR", Code: "23505", Message: "duplicate key"}}
		}
		return script.Answer{Tag: "INSERT 0 1"}
	})
	many := func(count int) func(func([]any) bool) {
		return func(yield func([]any) bool) {
			for i := range count {
				if !yield([]any{i, "x"}) {
					return
				}
			}
		}
	}
	run := func(count int) (written int64, err error) {
		err = driver.WithDB(context.Background(), db, func(m ManyExecer) error {
			written, err = m.ExecMany(context.Background(), "INSERT INTO t VALUES ($1, $2)", many(count))
			return err
		})
		return written, err
	}
	if written, err := run(1300); written != 1300 || err != nil || n != 1300 {
		t.Errorf("%d, %v, %d calls", written, err, n)
	}
	n, fail = 0, 700
	written, err := run(1300)
	var failed *driver.AppendError
	if !errors.As(err, &failed) || written != 500 || failed.Written != 500 || failed.First != 500 || failed.Last != 999 || !errors.Is(err, driver.ErrIntegrity) {
		t.Errorf("%d, %v", written, err)
	}
	if _, err := db.Exec("after"); err != nil {
		t.Error(err)
	}
}

func TestExecManyNamesTheRowOfTheWrongLength(t *testing.T) {
	s, db := telling(t, func(string) script.Answer { return script.Answer{Tag: "INSERT 0 1"} })
	err := driver.WithDB(context.Background(), db, func(m ManyExecer) error {
		_, err := m.ExecMany(context.Background(), "INSERT INTO t VALUES ($1, $2)", slices.Values([][]any{{1, "a"}, {2, "b"}, {3}, {4, "d"}}))
		return err
	})
	var failed *driver.AppendError
	if !errors.As(err, &failed) || failed.Written != 2 || failed.First != 2 || failed.Last != 2 || failed.Unknown || !errors.Is(err, driver.ErrProgramming) {
		t.Errorf("the error is %v", err)
	}
	if n := len(s.statements()); n != 2 { // what is described is that of the first row
		t.Errorf("%d statements", n)
	}
}

func TestProceduresAreCalledByName(t *testing.T) {
	text, args := procedure("s.f", []any{1, sql.Named("b", "x")})
	if text != `"s"."f"($1, "b" := $2)` || !slices.Equal(args, []any{1, "x"}) {
		t.Errorf("%s %v", text, args)
	}
}

func TestMogrify(t *testing.T) {
	at := time.Date(2024, 1, 2, 3, 4, 5, 6000, time.FixedZone("", 8*3600))
	got, err := Mogrify(`SELECT '?', $1, $2, $3, $4, $5, $6, $7, $8 -- $9`, int64(-1), "o'k", `a\b`, nil, true, []byte{0, 255}, at, math.NaN())
	want := `SELECT '?', -1, 'o''k', E'a\\b', NULL, true, '\x00ff'::bytea, '2024-01-02 03:04:05.000006+08:00'::timestamptz, 'NaN'::float8 -- $9`
	if err != nil || got != want {
		t.Errorf("got %s, %v, want %s", got, err, want)
	}
	for year, want := range map[int]string{1890: "1890-01-01 00:00:00+08:05:43", -43: "0044-01-01 00:00:00+08:05:43 BC"} {
		at := time.Date(year, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 8*3600+5*60+43))
		if got, err := Mogrify("?", at); err != nil || got != "'"+want+"'::timestamptz" {
			t.Errorf("%s, %v, want %s", got, err, want)
		}
	}
	if got, err := Mogrify("SELECT -?", -1); err != nil || got != "SELECT - -1" {
		t.Errorf("%s, %v", got, err)
	}
	for _, f := range []func() (string, error){
		func() (string, error) { return Mogrify("SELECT $1") },
		func() (string, error) { return Mogrify("SELECT $1", "a\x00b") },
		func() (string, error) { return Mogrify("SELECT $1", make(chan int)) },
	} {
		if text, err := f(); err == nil {
			t.Errorf("%s", text)
		}
	}
}

func FuzzTransactionID(f *testing.F) {
	f.Add("42_Z2xvYmFs_YnJhbmNo")
	f.Add("other's")
	f.Fuzz(func(t *testing.T, s string) {
		id := parseGID(s)
		if again, err := gid(id); err == nil && again != s {
			t.Fatalf("%q is %+v, which is %q", s, id, again)
		}
	})
}
