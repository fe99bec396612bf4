package store_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

// recorded.json has what a TDengine 3.3.7.5 answered to the statements of its recorded
// conversations; seed.sql makes the tables they are about.
type recording struct {
	Conversations []struct {
		Name  string
		Steps []step
	}
	Prepares []struct {
		Name, DB, SQL string
		Code          int
		Message       string
		Insert        bool
		Count         int
		Fields        []struct {
			Name      string
			Type      uint8 `json:"field_type"`
			Precision uint8
			Scale     uint8
			Bytes     int32
			BindType  uint8 `json:"bind_type"`
		}
	}
}

type step struct {
	DB, Zone, SQL string
	Code          int
	Message       string
	Affected      *int64
	Columns       [][]any // name, type, length, precision, scale
	Precision     int
	Rows          [][]any
	Complete      bool    // Rows are all
	Elided        bool    // Rows were too long to record
	Meta          [][]any // of REST: name, type name, length
	Count         int
}

// outside are the recorded statements that the store does not run, with the reason.
var outside = map[string]string{
	"close-during-query":   "INTERVAL with FILL(VALUE), millions of windows",
	"connection-list":      "performance_schema is the server's, not the store's",
	"schemaless-errors":    "tables made by schemaless writing",
	"schemaless-json":      "tables made by schemaless writing",
	"schemaless-line":      "tables made by schemaless writing",
	"schemaless-telnet":    "tables made by schemaless writing",
	"rest-vgid-upload":     "a table filled by a CSV upload",
	"interleaved-queries/": "INTERVAL with FILL(VALUE), millions of windows",
	// Not values of DECIMAL: 3.3.7.5 stores the text of a bound one as if it were a number.
	"stmt2-insert-all-types/": "values that the recorded server had corrupted",
}

// How many recorded statements are replayed, and how many are outside.
const wantReplayed, wantOutside = 187, 14

func skipped(conversation, statement string) bool {
	if outside[conversation] != "" {
		return true
	}
	return outside[conversation+"/"] != "" && (strings.Contains(statement, "fill(value") || strings.Contains(statement, "s2all"))
}

func load(t *testing.T) recording {
	t.Helper()
	b, err := os.ReadFile("testdata/recorded.json")
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	var r recording
	if err := d.Decode(&r); err != nil {
		t.Fatal(err)
	}
	return r
}

// bound is what the conversations bound to statements before they asked.
var bound = map[string][]struct {
	sql  string
	args [][]any
}{
	"stmt1-insert-binary": {{"insert into ? using gold_stmt.s1b tags(?,?) values(?,?,?,?,?)", [][]any{
		{"gold_stmt.s1b_a", 7, "标签", int64(1700000000000), 1, 0.5, "a", "中"},
		{"gold_stmt.s1b_a", 7, "标签", int64(1700000000001), nil, 1.5, "", nil},
		{"gold_stmt.s1b_a", 7, "标签", int64(1700000000002), 3, nil, nil, "😀"},
	}}},
	"stmt1-insert-json": {
		{"insert into ? using gold_stmt.s1 tags(?,?,?) values(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", [][]any{
			append([]any{"gold_stmt.s1_a", 1, "标签", time.UnixMilli(1700000000000)}, s1Row(1700000000000)...),
			{
				"gold_stmt.s1_a", 1, "标签", 0, int64(1700000000001), false, -128, -32768, -2147483648, int64(-9223372036854775808), 255, 65535, int64(4294967295),
				uint64(18446744073709551615), -2.5, 1e300, "", "x", []byte{}, point,
			},
			append([]any{"gold_stmt.s1_a", 1, "标签", 0, int64(1700000000002)}, make([]any, 15)...),
			append([]any{"gold_stmt.s1_a", 1, "标签", 0, int64(1700000000010)}, make([]any, 15)...),
			append([]any{"gold_stmt.s1_b", nil, nil, nil}, s1Row(1700000000000)...),
		}},
	},
	"stmt2-float-specials": {{"insert into gold_stmt.s2f values (?,?,?)", [][]any{
		{int64(1700000000000), inf(1), inf(1)}, {int64(1700000000001), inf(-1), inf(-1)}, {int64(1700000000002), nan, nan}, {int64(1700000000003), 0.1, 0.1},
	}}},
	"stmt2-insert-multi-table": {
		{"insert into ? using gold_stmt.s2m tags(?,?) values(?,?,?)", [][]any{
			{"gold_stmt.s2m_a", 1, "标签", int64(1700000000000), 10, "x"}, {"gold_stmt.s2m_a", 1, "标签", int64(1700000000001), nil, nil},
			{"gold_stmt.s2m_b", nil, nil, int64(1700000000000), 20, "y"}, {"gold_stmt.s2m_a", 1, "标签", int64(1700000000005), 11, "again"},
			{"gold_stmt.s2m_c", 3, "", int64(1700000000000), 1, ""}, {"gold_stmt.s2m_c", 3, "", int64(1700000000001), 2, "z"},
			{"gold_stmt.s2m_c", 3, "", int64(1700000000002), 3, "zz"}, {"gold_stmt.s2m_d", 4, "d", int64(1700000000000), 40, "d"},
		}},
	},
	"stmt2-insert-single-table": {{"insert into gold_stmt.s2n values(?,?,?,?,?)", [][]any{
		{int64(1700000000000), 1, 0.5, "a", "中"}, {int64(1700000000001), nil, 1.5, "", nil}, {int64(1700000000002), 3, nil, nil, "😀"},
		{int64(1700000000003), nil, nil, nil, nil},
	}}},
	"stmt2-insert-us-ns": {
		{"insert into gold_types_us.s2 values(?,?)", [][]any{{int64(1700000000000007), int64(1699999999999993)}}},
		{"insert into gold_types_ns.s2 values(?,?)", [][]any{{int64(1700000000000000007), int64(1699999999999999993)}}},
	},
}

// before and after are what stands in the tables during one conversation only.
var (
	before = map[string][]string{"query-json-tag": {
		`insert into gold_types_ms.j0 using gold_types_ms.st tags ('{"a":null,"s":"x"}') (ts, c_i32) values (1700000000100, 0)`,
		`insert into gold_types_ms.j1 using gold_types_ms.st tags (null) (ts, c_i32) values (1700000000101, 1)`,
		`insert into gold_types_ms.j2 using gold_types_ms.st tags ('{}') (ts, c_i32) values (1700000000102, 2)`,
		`insert into gold_types_ms.j9 using gold_types_ms.st tags ('') (ts, c_i32) values (1700000000109, 9)`,
	}}
	after = map[string][]string{"query-json-tag": {
		"drop table gold_types_ms.j0, gold_types_ms.j1, gold_types_ms.j2, gold_types_ms.j9",
	}}
)

// boundBetween are bound after a conversation's first question.
var boundBetween = map[string]string{
	"stmt2-insert-multi-table": "insert into gold_stmt.s2m(tbname, t1, ts, i) values('s2m_e', 5, 1700000000000, 50)",
}

var point, _ = hex.DecodeString("0101000000000000000000f03f0000000000000040")

func s1Row(ts int64) []any {
	return []any{ts, true, -1, 1, 2, 3, 4, 5, 6, 7, 1.5, 2.5, "abc", "中文😀", []byte{1, 2, 255}, point}
}

func TestRecordedAnswers(t *testing.T) {
	ran, left := 0, 0
	db := seeded(t)
	for _, c := range load(t).Conversations {
		t.Run(c.Name, func(t *testing.T) {
			s := newSession(t, db)
			s.exec(before[c.Name]...)
			defer s.exec(after[c.Name]...)
			for _, b := range bound[c.Name] {
				if err := s.raw(func(c extended) error {
					_, err := c.ExecMany(context.Background(), b.sql, b.args)
					return err
				}); err != nil {
					t.Fatalf("%s: %v", b.sql, err)
				}
			}
			for i, st := range c.Steps {
				if skipped(c.Name, st.SQL) {
					left++
					continue
				}
				if q := boundBetween[c.Name]; q != "" && i == 1 {
					s.exec(q)
				}
				ran++
				replay(t, db, st)
			}
		})
	}
	t.Logf("%d recorded statements replayed, %d outside the subset", ran, left)
	if ran != wantReplayed || left != wantOutside {
		t.Errorf("%d statements replayed, %d left out, want %d and %d", ran, left, wantReplayed, wantOutside)
	}
}

// seeded is a store with the tables of the recordings.
func seeded(t testing.TB) *sql.DB {
	db := newStore(t)
	s := newSession(t, db)
	s.exec(lines(t, "testdata/seed.sql")...)
	if err := s.raw(func(c extended) error {
		var big [][]any
		for i := range 10000 {
			var d any
			if i%10 != 0 {
				d = float64(i) / 7
			}
			big = append(big, []any{int64(epoch + int64(1000*i)), i, d})
		}
		if _, err := c.ExecMany(context.Background(), "insert into gold_t.big values (?,?,?)", big); err != nil {
			return err
		}
		_, err := c.ExecMany(context.Background(), "insert into ? values (?,?)", [][]any{
			{"gold_t.lv1", int64(1700000000000), strings.Repeat("0123456789", 6000)}, {"gold_t.lv1", int64(1700000000001), "x"},
			{"gold_t.lv2", int64(1700000000000), bytes.Repeat([]byte{0, 255, 16}, 33333)}, {"gold_t.lv2", int64(1700000000001), []byte{1}},
			{"gold_t.lv3", int64(1700000000000), strings.Repeat("中😀", 2000)}, {"gold_t.lv3", int64(1700000000001), "字"},
		})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return db
}

// replay runs a step in a session of its own and compares the answer.
func replay(t *testing.T, db *sql.DB, st step) {
	t.Helper()
	s := newSession(t, db)
	defer s.Close()
	if st.DB != "" {
		// A wrong database of a REST request is passed over.
		_, _ = s.ExecContext(context.Background(), "use `"+st.DB+"`")
	}
	if err := s.raw(func(c extended) error { c.SetTimezone(zoneOf(st.Zone)); return nil }); err != nil {
		t.Fatal(err)
	}
	if st.Affected != nil {
		res, err := s.ExecContext(context.Background(), st.SQL)
		if err != nil {
			t.Errorf("%s: %v", st.SQL, err)
			return
		}
		if n, _ := res.RowsAffected(); n != *st.Affected {
			t.Errorf("%s: %d rows affected, recorded %d", st.SQL, n, *st.Affected)
		}
		return
	}
	rows, err := s.QueryContext(context.Background(), st.SQL)
	if st.Code != 0 {
		checkError(t, st.SQL, err, st.Code, st.Message)
		return
	}
	if err != nil {
		t.Errorf("%s: %v", st.SQL, err)
		return
	}
	defer rows.Close()
	checkRows(t, st, rows)
}

// zoneOf is a zone as the server has it: one it does not know is UTC under that name.
func zoneOf(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.FixedZone(name, 0)
	}
	return loc
}

func checkError(t *testing.T, query string, err error, code int, text string) {
	t.Helper()
	var e interface{ Code() int }
	switch {
	case err == nil:
		t.Errorf("%s: no error, want 0x%04x %s", query, code, text)
	case !errors.As(err, &e):
		t.Errorf("%s: %T without a code: %v", query, err, err)
	case e.Code() != code || err.Error() != text:
		t.Errorf("%s:\n got 0x%04x %s\nwant 0x%04x %s", query, e.Code(), err, code, text)
	}
}

func checkRows(t *testing.T, st step, rows *sql.Rows) {
	t.Helper()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	var got [][]any
	want := st.Columns
	precision := block.Milli
	for _, c := range types {
		kind, p, s, err := block.ParseType(c.DatabaseTypeName())
		if err != nil {
			t.Fatal(err)
		}
		length, sized := c.Length()
		if !sized {
			length = int64(kind.Width())
		}
		digits, scale, _ := c.DecimalSize()
		if kind.IsDecimal() {
			kind, p, s = block.DecimalType(uint8(digits)), uint8(digits), uint8(scale)
			length = int64(kind.Width())
		} else if kind == block.Timestamp {
			precision = block.Precision(digits/3 - 1)
		}
		if st.Meta != nil {
			name := block.Field{Type: kind, Precision: p, Scale: s}.TypeName()
			got = append(got, []any{c.Name(), name, num(length)})
		} else {
			got = append(got, []any{c.Name(), num(int64(kind)), num(length), num(int64(p)), num(int64(s))})
		}
	}
	if st.Meta != nil {
		want = st.Meta
	}
	if !reflect.DeepEqual(got, want) {
		if !strings.Contains(st.SQL, "current_user") { // which names the machine
			t.Errorf("%s:\n got columns %v\nrecorded    %v", st.SQL, got, want)
		}
	}
	if st.Meta == nil && int(precision) != st.Precision && slicesHas(st.Columns, "9") {
		t.Errorf("%s: precision %v, recorded %d", st.SQL, precision, st.Precision)
	}
	values, err := readAll(rows)
	if err != nil {
		t.Errorf("%s: %v", st.SQL, err)
	}
	switch {
	case st.Meta != nil:
		if len(values) != st.Count {
			t.Errorf("%s: %d rows, recorded %d", st.SQL, len(values), st.Count)
		}
	case !st.Elided && st.Complete:
		if len(values) != len(st.Rows) {
			t.Errorf("%s: %d rows, recorded %d", st.SQL, len(values), len(st.Rows))
			return
		}
		for i := range values {
			for j := range values[i] {
				if got, want := shown(values[i][j], precision), fmt.Sprint(st.Rows[i][j]); got != want && !strings.HasPrefix(want, "root@") {
					t.Errorf("%s: row %d column %d is %s, recorded %s", st.SQL, i, j, got, want)
				}
			}
		}
	}
}

func num(n int64) json.Number { return json.Number(strconv.FormatInt(n, 10)) }

func slicesHas(columns [][]any, kind string) bool {
	for _, c := range columns {
		if c[1] == json.Number(kind) {
			return true
		}
	}
	return false
}

// shown is a value in the form of the recording.
func shown(v any, p block.Precision) string {
	switch v := v.(type) {
	case time.Time:
		n, err := p.Unix(v)
		if err != nil {
			return err.Error()
		}
		return strconv.FormatInt(n, 10)
	case []byte:
		if json.Valid(v) {
			return string(v)
		}
		return fmt.Sprint(map[string]any{"hex": hex.EncodeToString(v)})
	case float32:
		return jsonNumber(float64(v), 32)
	case float64:
		return jsonNumber(v, 64)
	}
	return fmt.Sprint(v)
}

func jsonNumber(f float64, bits int) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	var b []byte
	if bits == 32 {
		b, _ = json.Marshal(float32(f))
	} else {
		b, _ = json.Marshal(f)
	}
	return string(b)
}

func TestRecordedPrepares(t *testing.T) {
	ran := 0
	db := seeded(t)
	for _, p := range load(t).Prepares {
		t.Run(p.Name, func(t *testing.T) {
			s := newSession(t, db)
			if p.DB != "" {
				s.exec("use " + p.DB)
			}
			ran++
			err := s.raw(func(c extended) error {
				insert, fields, err := c.StmtFields(context.Background(), p.SQL)
				if err != nil {
					return err
				}
				if insert != p.Insert || len(fields) != p.Count {
					t.Errorf("%s: insert %v with %d fields, recorded %v with %d", p.SQL, insert, len(fields), p.Insert, p.Count)
				}
				for i, f := range p.Fields {
					want := store.StmtField{
						Name: f.Name, Type: f.Type, Precision: f.Precision, Scale: f.Scale, Bytes: f.Bytes, BindType: f.BindType,
						Digits: fields[i].Digits, Decimals: fields[i].Decimals,
					}
					if fields[i] != want {
						t.Errorf("%s: field %d is %+v, recorded %+v", p.SQL, i, fields[i], want)
					}
				}
				return nil
			})
			if p.Code == 0 {
				if err != nil {
					t.Errorf("%s: %v", p.SQL, err)
				}
				return
			}
			checkError(t, p.SQL, err, p.Code, p.Message)
		})
	}
	if ran < 30 {
		t.Errorf("only %d prepares recorded", ran)
	}
}
