package store

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// alone is a cluster of one server.
type alone struct{}

func (alone) Nodes() []Node           { return []Node{{Name: "one:1", Version: "2.0.55", Status: Running}} }
func (alone) SetLogLevel(int, string) {}
func (alone) SetBackupMode(int, bool) {}
func request(d *Database) Request {
	return Request{Database: d, User: d.users[0], Cluster: alone{}, Now: time.Unix(1, 0)}
}
func fresh(p Precision) *Database { return newDatabase("db", p, 1024, 1, 1) }

func TestPools(t *testing.T) {
	for pools := 1; pools <= 5; pools++ {
		counts := make([]int, pools)
		for _, p := range lookup(pools) {
			counts[p]++
		}
		for p, n := range counts {
			if n < slots/pools-5 || n > slots/pools+5 {
				t.Errorf("pool %d of %d has %d slots", p, pools, n)
			}
		}
	}
	// A pool that is added takes from all others and moves nothing else.
	two, three := lookup(2), lookup(3)
	for i := range two {
		if three[i] != two[i] && three[i] != 2 {
			t.Fatalf("slot %d went from pool %d to %d", i, two[i], three[i])
		}
	}
	if poolOf("anything", 1) != 0 || poolOf("\xff\xfe", 4) >= 4 {
		t.Error("pools of names")
	}
}

func TestRights(t *testing.T) {
	for words, want := range map[[3]string]string{
		{}:                            "no access",
		{"full"}:                      "full",
		{"select", "show"}:            "select and show",
		{"read", "insert"}:            "read and insert",
		{"modify", "grant", "revoke"}: "full",
		{"write", "grant", "drop"}:    "write, drop and grant",
	} {
		if got := rightsOf(words[:]).String(); got != want {
			t.Errorf("%q: %s, want %s", words, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	amsterdam, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	for s, want := range map[string]int64{
		"1970": -1, "1970Z": 0, "2023-07-01": 1688162400, "2023-07-01T00:00:00Z": 1688169600, "2023-2-30": 1677711600, "2023-11-14 22:13:20-01": 1700003600,
		"2023-07-01 00+0200": 1688162400, "": -1, "23": -1, "2023-": -1, "2023-13": -1, "2023-0": -1, "2023-11-14 24": -1, "2023-11-14 22:13:20.5": -1,
		"2023-0100": -1, "2023-11-14  22": -1, "20231114": -1, "2023\n": -1,
	} {
		if got := parseDate(s, amsterdam); got != want {
			t.Errorf("%q: %d, want %d", s, got, want)
		}
	}
}

func TestConversionToTheTypeOfASeries(t *testing.T) {
	for text, want := range map[string]int64{"": 0, " 12a": 12, "-7": -7, "+3": 3, "abc": 0, "1.7": 1, "99999999999999999999": math.MaxInt64} {
		if got := leadingInt(text); got != want {
			t.Errorf("%q as an integer: %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]float64{"": 0, "1.75x": 1.75, "-.5": -.5, "abc": 0, "1.2.3": 1.2} {
		if got := leadingFloat(text); got != want {
			t.Errorf("%q as a float: %v, want %v", text, got, want)
		}
	}
	for f, want := range map[float64]int64{2.9: 2, -2.9: -2, 1e300: math.MinInt64, math.NaN(): math.MinInt64, math.Inf(1): math.MinInt64} {
		if got := truncate(f); got != want {
			t.Errorf("%v as an integer: %d, want %d", f, got, want)
		}
	}
}

func TestServiceRequests(t *testing.T) {
	s := New("2.0.55")
	call := func(account, password string, n wire.ServiceRequest, options qpack.Pairs) (wire.Type, string) {
		data, err := wire.AppendService(nil, account, password, n, options)
		if err != nil {
			t.Fatal(err)
		}
		r := s.Service(data)
		return r.Type, wire.Message(r.Data)
	}
	o := func(kv ...any) (p qpack.Pairs) {
		for i := 0; i < len(kv); i += 2 {
			p = append(p, qpack.Pair{Key: kv[i], Value: kv[i+1]})
		}
		return p
	}
	for _, test := range []struct {
		name    string
		request wire.ServiceRequest
		options qpack.Pairs
		want    wire.Type
		text    string
	}{
		{"database", wire.NewDatabase, o("dbname", "one"), wire.ServiceOK, ""},
		{"the same again", wire.NewDatabase, o("dbname", "one"), wire.ErrService, "database name already exists: 'one'"},
		{"bad name", wire.NewDatabase, o("dbname", "1"), wire.ErrService, "invalid database name: '1'"},
		{"all options", wire.NewDatabase, o("dbname", "two", "time_precision", "ns", "buffer_size", int64(512), "duration_num", "6h", "duration_log", "1d"), wire.ServiceOK, ""},
		{"bad precision", wire.NewDatabase, o("dbname", "x1", "time_precision", "m"), wire.ErrService, "invalid time precision: 'm' (expecting s, ms, us or ns)"},
		{"bad buffer", wire.NewDatabase, o("dbname", "x1", "buffer_size", int64(1000)), wire.ErrService, "invalid buffer size: 1000 (expecting a multiple of 512 with a maximum of 10485760)"},
		{"buffer as text", wire.NewDatabase, o("dbname", "x1", "buffer_size", "512"), wire.ErrServiceRequest, ""},
		{"bad duration", wire.NewDatabase, o("dbname", "x1", "duration_num", "1m"), wire.ErrService, "invalid number duration: '1m' (valid examples: 6h, 2d or 1w)"},
		{"huge duration", wire.NewDatabase, o("dbname", "x1", "time_precision", "ns", "duration_log", "2000000000w"), wire.ErrService, "invalid number duration: '' (valid examples: 6h, 2d or 1w)"},
		{"unknown option", wire.NewDatabase, o("dbname", "x1", "color", "red"), wire.ErrServiceRequest, ""},
		{"no option", wire.NewDatabase, nil, wire.ErrServiceRequest, ""},
		{"drop", wire.DropDatabase, o("database", "two", "ignore_offline", true), wire.ServiceOK, ""},
		{"drop what is not there", wire.DropDatabase, o("database", "two"), wire.ErrService, "cannot find database 'two'"},
		{"drop nothing", wire.DropDatabase, o("dbname", "two"), wire.ErrServiceRequest, ""},
		{"account", wire.NewAccount, o("account", "ops", "password", "pw"), wire.ServiceOK, ""},
		{"account again", wire.NewAccount, o("account", "ops", "password", "pw"), wire.ErrService, "service account 'ops' already exists"},
		{"short account", wire.NewAccount, o("account", "o", "password", "pw"), wire.ErrService, "service account name should have at least 2 characters"},
		{"password", wire.ChangePassword, o("account", "ops", "password", "new"), wire.ServiceOK, ""},
		{"password of nobody", wire.ChangePassword, o("account", "no", "password", "new"), wire.ErrService, "cannot find service account 'no'"},
		{"drop account", wire.DropAccount, o("account", "ops"), wire.ServiceOK, ""},
		{"drop the last", wire.DropAccount, o("account", "sa"), wire.ErrService, "at least one service account is required, cannot drop the last service account"},
		{"replica", wire.NewReplica, o("dbname", "one"), wire.ErrService, "the embedded server cannot join another"},
		{"unknown request", 99, nil, wire.ErrServiceRequest, ""},
	} {
		if tp, text := call("sa", "siri", test.request, test.options); tp != test.want || text != test.text {
			t.Errorf("%s: %d %q, want %d %q", test.name, tp, text, test.want, test.text)
		}
	}
	if tp, text := call("sa", "no", wire.GetVersion, nil); tp != wire.ErrService || text != "incorrect password for service account 'sa'" {
		t.Error(tp, text)
	}
	if tp, text := call("no", "no", wire.GetVersion, nil); tp != wire.ErrService || text != "cannot find service account 'no'" {
		t.Error(tp, text)
	}
	if r := s.Service([]byte{0xed}); r.Type != wire.ErrServiceRequest {
		t.Error(r.Type)
	}
}

// FuzzInsert stores any request and sees that what was counted is what is there,
// and that the points of each series are in order.
func FuzzInsert(f *testing.F) {
	f.Add([]byte{0xf3})
	f.Add([]byte("\xf4\x81x\xfc\xef\x01\x02\xef\x00\xec\x00\x00\x00\x00\x00\x00\xf0\x3f\xfe"))
	f.Add([]byte("\xee\xf5\x86points\xee\xef\x01\x81y\x84name\x81x"))
	f.Add([]byte("\xfd\x81x\xfc\xfc\x05\x81y\xfe\xfc\x04\x7e\xfe\xfe\x81y\xfc\xef\x01\x05"))
	f.Fuzz(func(t *testing.T, data []byte) {
		d := fresh(Milli)
		n, err := d.insert(data, 3, 0)
		stored := 0
		for _, s := range d.order {
			stored += s.Points.Len()
			if s.Points.Len() == 0 {
				t.Errorf("%q has no point", s.Name)
			}
			for i := 1; i < s.Points.Len(); i++ {
				if s.Points.Times[i] < s.Points.Times[i-1] {
					t.Errorf("%q is not in order", s.Name)
				}
			}
		}
		if err != nil && stored != 0 {
			t.Errorf("%v, but %d points", err, stored)
		}
		if err == nil && stored != n {
			t.Errorf("%d points of %d", stored, n)
		}
		Names(data, 10)
		// What is there can be read.
		r := Query(request(d), "select * from *", -1)
		if r.Type != wire.QueryResult {
			t.Errorf("%d %q", r.Type, r.Data)
		}
		if _, err := qpack.Decode(r.Data); err != nil {
			t.Error(err)
		}
	})
}

// FuzzQuery runs any statement on a small database: it is answered with a result
// that can be read, or an error that has a text.
func FuzzQuery(f *testing.F) {
	for _, q := range []string{
		"select mean(1h) => offset(5), limit(2, sum) prefix 'a' from * where length > 1 merge as 'm' using max(2)", "select filter(~ 'a') from 's'",
		"list shards sid, type, size, start, end", "alter series * tag `t`", "drop shards set ignore_threshold true", "show", "count series length /.*/",
		"select difference(3), median(2) suffix 'x', derivative(1, 2) suffix 'y' from /i|f/ tail 2", "create group `g` for /i/", "alter database set timezone 'UTC'",
		"select first(1) from 's'", "list users where access >= read", "grant read to user 'iris' set password 'abcd'",
	} {
		f.Add(q, 0)
	}
	f.Fuzz(func(t *testing.T, text string, precision int) {
		d := fresh(Precision(uint(precision) % 4))
		for name, p := range map[string]Points{
			"i": {Kind: Int, Times: []int64{0, 1, 1, 9}, Ints: []int64{math.MinInt64, 5, -5, math.MaxInt64}},
			"f": {Kind: Float, Times: []int64{3, 1 << 32}, Floats: []float64{math.NaN(), 1e308}},
			"s": {Kind: String, Times: []int64{0, math.MaxInt64}, Strings: []string{"", "a"}},
		} {
			d.lastID++
			s := &Series{ID: d.lastID, Name: name, Points: p}
			d.series[name], d.order = s, append(d.order, s)
		}
		r := Query(request(d), text, precision%5)
		if _, err := qpack.Decode(r.Data); err != nil {
			t.Errorf("%d %x: %v", r.Type, r.Data, err)
		}
		if r.Type != wire.QueryResult && wire.Message(r.Data) == "" {
			t.Errorf("error %d without a text", r.Type)
		}
	})
}

func TestPointsAreACopy(t *testing.T) {
	d := fresh(Milli)
	if _, err := d.insert([]byte("\xf4\x81x\xee\xef\x05\x07"), 1, 0); err != nil {
		t.Fatal(err)
	}
	p := d.Points("x")
	p.Ints[0] = 8
	if got := d.Points("x"); !reflect.DeepEqual(got.Ints, []int64{7}) || d.Points("y") != nil {
		t.Errorf("%+v", got)
	}
}
