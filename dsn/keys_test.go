package dsn_test

import (
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
)

type mode string

type config struct {
	App      string
	Token    string
	Compress bool
	Fetch    int
	Buffer   int64
	Read     time.Duration
	Zone     *time.Location
	Mode     mode
}

var keys = dsn.NewKeys("parameter",
	dsn.String("app", func(c *config) *string { return &c.App }, "name shown by the server").Default("gauge"),
	dsn.SecretString("token", func(c *config) *string { return &c.Token }, "cloud token"),
	dsn.Bool("compression", func(c *config) *bool { return &c.Compress }, "compress").Alias("enableCompression"),
	dsn.Int("fetch_size", func(c *config) *int { return &c.Fetch }, 1, 10000, "rows a block").Default("5000"),
	dsn.Size("buffer", func(c *config) *int64 { return &c.Buffer }, 0, 1<<40, "read buffer").Default("64KiB"),
	dsn.Duration("read_timeout", func(c *config) *time.Duration { return &c.Read }, "longest wait").Default("5m").Alias("readTimeout"),
	dsn.Location("timezone", func(c *config) **time.Location { return &c.Zone }, "zone of the session").Default("UTC"),
	dsn.Enum("mode", func(c *config) *mode { return &c.Mode }, []mode{"table", "tree"}, "a|b").Default("table"),
)

func TestKeysRead(t *testing.T) {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, query string
		want        func(*config)
		written     string
	}{
		{"nothing", "", func(*config) {}, ""},
		{"text", "app=a%20b", func(c *config) { c.App = "a b" }, "app=a%20b"},
		{"text emptied", "app=", func(c *config) { c.App = "" }, "app="},
		{"secret", "token=t", func(c *config) { c.Token = "t" }, "token=t"},
		{"bare key", "compression", func(c *config) { c.Compress = true }, "compression=true"},
		{"alias", "enableCompression=ON", func(c *config) { c.Compress = true }, "compression=true"},
		{"default said", "compression=0&fetch_size=5000&read_timeout=300&mode=TABLE&timezone=UTC", func(*config) {}, ""},
		{"number", "fetch_size=1", func(c *config) { c.Fetch = 1 }, "fetch_size=1"},
		{"bytes", "buffer=100", func(c *config) { c.Buffer = 100 }, "buffer=100"},
		{"mebibytes", "buffer=2m", func(c *config) { c.Buffer = 2 << 20 }, "buffer=2MiB"},
		{"largest size", "buffer=1024GB", func(c *config) { c.Buffer = 1 << 40 }, "buffer=1024GiB"},
		{"duration", "readTimeout=1h0m0.5s", func(c *config) { c.Read = time.Hour + time.Second/2 }, "read_timeout=1h0m0.5s"},
		{"seconds", "read_timeout=3600", func(c *config) { c.Read = time.Hour }, "read_timeout=1h"},
		{"no limit", "read_timeout=0", func(c *config) { c.Read = 0 }, "read_timeout=0s"},
		{"zone by name", "timezone=Asia/Shanghai", func(c *config) { c.Zone = zone }, "timezone=Asia/Shanghai"},
		{"zone of the machine", "timezone=Local", func(c *config) { c.Zone = time.Local }, "timezone=Local"},
		{"zone by offset", "timezone=-03:30", func(c *config) { c.Zone = time.FixedZone("-03:30", -12600) }, "timezone=-03:30"},
		{"word", "mode=Tree", func(c *config) { c.Mode = "tree" }, "mode=tree"},
		{"order of writing is that of declaring", "mode=tree&app=x", func(c *config) { c.Mode, c.App = "tree", "x" }, "app=x&mode=tree"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var got, want config
			keys.Defaults(&got)
			keys.Defaults(&want)
			tt.want(&want)
			if err := keys.Read(&got, query(t, tt.query)); err != nil {
				t.Fatal(err)
			}
			if got.Zone.String() != want.Zone.String() {
				t.Errorf("zone %s, want %s", got.Zone, want.Zone)
			}
			written := strings.TrimPrefix((&dsn.URL{Driver: "x", Params: keys.Format(&got)}).String(), "x://")
			if strings.TrimPrefix(written, "?") != tt.written {
				t.Errorf("written as %s, want %s", written, tt.written)
			}
			got.Zone, want.Zone = nil, nil
			if got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
		})
	}
}

func TestKeysDefaults(t *testing.T) {
	want := config{App: "gauge", Fetch: 5000, Buffer: 64 << 10, Read: 5 * time.Minute, Zone: time.UTC, Mode: "table"}
	var got config
	keys.Defaults(&got)
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestKeysErrors(t *testing.T) {
	tests := []struct{ name, query, want string }{
		{"letters swapped", "raed_timeout=5", `unknown parameter "raed_timeout"; did you mean "read_timeout"?`},
		{"case of an alias", "readtimeout=5", `unknown parameter "readtimeout"; did you mean "read_timeout"?`},
		{"nothing near", "zzz=5", `unknown parameter "zzz"; known are app, buffer, compression, fetch_size, mode, read_timeout, timezone, token`},
		{"twice by two names", "read_timeout=1&readTimeout=1", `"readTimeout" says the same as "read_timeout"`},
		{"bad yes or no", "compression=maybe", `parameter "compression" has value "maybe": want true or false`},
		{"bad duration", "read_timeout=5min", `parameter "read_timeout" has value "5min": want a duration such as 500ms, 5m or 300 (seconds)`},
		{"negative duration", "read_timeout=-1s", "want a duration"},
		{"negative seconds", "read_timeout=-1", "want a duration"},
		{"seconds beyond all time", "read_timeout=9223372037", "want a duration"},
		{"number too low", "fetch_size=0", `parameter "fetch_size" has value "0": want a number from 1 to 10000`},
		{"number too high", "fetch_size=10001", "want a number from 1 to 10000"},
		{"no number", "fetch_size=1e3", "want a number"},
		{"size without a unit we know", "buffer=1TB", "want a size from 0 to 1024GiB"},
		{"size over the limit", "buffer=1025GiB", "want a size"},
		{"size over all limits", "buffer=9223372036854775807K", "want a size"},
		{"unknown zone", "timezone=Nope/Zone", "want a time zone such as Asia/Shanghai"},
		{"empty zone", "timezone=", "want a time zone"},
		{"path for a zone", "timezone=../../etc/passwd", "want a time zone"},
		{"offset too far", "timezone=%2B24:00", "want a time zone"},
		{"unknown word", "mode=graph", `parameter "mode" has value "graph": want table or tree`},
		{"long value not shown", "mode=" + strings.Repeat("g", 41), `parameter "mode": want table or tree`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			err := keys.Read(new(config), query(t, tt.query))
			if err == nil {
				t.Fatal("no error")
			}
			if !errors.Is(err, driver.ErrInterface) {
				t.Errorf("%v is not an interface error", err)
			}
			if !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%q does not say %q", err, tt.want)
			}
		})
	}
}

func TestKeysNeverShowASecretValue(t *testing.T) {
	type code struct{ TOTP int }
	k := dsn.NewKeys("parameter", dsn.Int("totp_code", func(c *code) *int { return &c.TOTP }, 0, 999999, "second factor"))
	err := k.Read(new(code), query(t, "totp_code=hunter2"))
	if err == nil || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

func TestKeysReadKnownReturnsTheRest(t *testing.T) {
	var c config
	rest, err := keys.ReadKnown(&c, query(t, "x=1&app=a&y=2"))
	if err != nil {
		t.Fatal(err)
	}
	if want := (dsn.Params{{Key: "x", Value: "1"}, {Key: "y", Value: "2"}}); !reflect.DeepEqual(rest, want) || c.App != "a" {
		t.Errorf("got %v and %+v", rest, c)
	}
}

func TestKeysFormatLeavesOutWhatReadRefuses(t *testing.T) {
	c := config{App: "gauge", Fetch: -1, Buffer: 64 << 10, Read: math.MinInt64}
	if got := keys.Format(&c); got != nil {
		t.Errorf("got %v", got)
	}
}

func TestKeysFormatNamedFixedZone(t *testing.T) {
	var c config
	keys.Defaults(&c)
	for offset, want := range map[int]string{8 * 3600: "+08:00", -(3*3600 + 30*60): "-03:30", 29143: "+08:05:43"} {
		c.Zone = time.FixedZone("my own", offset)
		got := keys.Format(&c)
		if len(got) != 1 || got[0].Value != want {
			t.Errorf("offset %d: got %v, want %s", offset, got, want)
		}
		var again config
		if err := keys.Read(&again, got); err != nil {
			t.Fatal(err)
		}
		if _, o := time.Now().In(again.Zone).Zone(); o != offset {
			t.Errorf("offset %d came back as %d", offset, o)
		}
	}
}

func TestKeysMarkdown(t *testing.T) {
	got := keys.Markdown()
	for _, line := range []string{
		"| parameter | type | default | meaning |\n|---|---|---|---|\n| `app` | text | `gauge` | name shown by the server |\n",
		"| `compression`, `enableCompression` | boolean | `false` | compress |\n",
		"| `fetch_size` | 1 to 10000 | `5000` | rows a block |\n",
		"| `token` | secret |  | cloud token |\n",
		"| `mode` | table, tree | `table` | a\\|b |\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
}

func TestNewKeysRefusesContradictions(t *testing.T) {
	type c struct{ s string }
	field := func(c *c) *string { return &c.s }
	tests := map[string]func(){
		"name twice":      func() { dsn.NewKeys("p", dsn.String("a", field, "d"), dsn.String("b", field, "d").Alias("a")) },
		"malformed name":  func() { dsn.NewKeys("p", dsn.String("a b", field, "d")) },
		"unknown secret":  func() { dsn.NewKeys("p", dsn.SecretString("plain", field, "d")) },
		"refused default": func() { dsn.NewKeys("p", dsn.Enum("a", field, []string{"x"}, "d").Default("y")) },
	}
	for name, f := range tests {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func query(t testing.TB, s string) dsn.Params {
	t.Helper()
	u, err := dsn.Parse("x://?" + s)
	if err != nil {
		t.Fatal(err)
	}
	return u.Params
}

func TestKeysCheck(t *testing.T) {
	good := new(config)
	keys.Defaults(good)
	good.Zone, good.Mode = nil, "" // what no DSN can say, and is nothing wrong
	if err := keys.Check(good); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*config){
		`parameter "fetch_size" has value "0": want a number from 1 to 10000`: func(c *config) { c.Fetch = 0 },
		`parameter "buffer" has value "-1": want a size from 0 to 1024GiB`:    func(c *config) { c.Buffer = -1 },
		`parameter "read_timeout" has value "-1s": want a duration`:           func(c *config) { c.Read = -time.Second },
		`parameter "mode" has value "Tree": want table or tree`:               func(c *config) { c.Mode = "Tree" },
	} {
		c := *good
		spoil(&c)
		before := c
		if err := keys.Check(&c); err == nil || !strings.Contains(err.Error(), want) || !errors.Is(err, driver.ErrInterface) {
			t.Errorf("got %v, want %s", err, want)
		}
		if c != before {
			t.Error("Check changed what it checked")
		}
	}
}
