package driver_test

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"errors"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

// fixedRows are rows made beforehand.
type fixedRows struct {
	columns []string
	rows    [][]sqldriver.Value
	closed  bool
}

func (r *fixedRows) Columns() []string { return r.columns }
func (r *fixedRows) Close() error      { r.closed = true; return nil }

func (r *fixedRows) Next(dest []sqldriver.Value) error {
	if len(r.rows) == 0 {
		return io.EOF
	}
	copy(dest, r.rows[0])
	r.rows = r.rows[1:]
	return nil
}

type place struct{ Location string }

type reading struct {
	place
	TS       time.Time
	Current  float32
	Voltage  *int32
	Phase    sql.Null[float64] `db:"phase_angle"`
	Count    uint64
	Small    int8
	Ok       bool
	Raw      json.RawMessage
	Whatever any
	Hidden   string `db:"-"`
}

func TestScanStructs(t *testing.T) {
	at := time.Date(2024, 5, 1, 12, 0, 0, 0, time.UTC)
	rows := &fixedRows{
		columns: []string{"ts", "current", "voltage", "phase_angle", "count", "small", "OK", "raw", "whatever", "location"},
		rows: [][]sqldriver.Value{
			{at, float32(1.5), int64(220), 0.25, uint64(1 << 63), int64(-7), true, []byte(`{"a":1}`), "x", "San Francisco"},
			{at, float32(2.5), nil, nil, int64(3), int64(8), false, []byte{}, nil, ""},
		},
	}
	got, err := driver.ScanStructs[reading](rows)
	if err != nil || !rows.closed {
		t.Fatal(err, rows.closed)
	}
	voltage := int32(220)
	want := []reading{
		{
			place: place{"San Francisco"}, TS: at, Current: 1.5, Voltage: &voltage, Phase: sql.Null[float64]{V: 0.25, Valid: true},
			Count: 1 << 63, Small: -7, Ok: true, Raw: json.RawMessage(`{"a":1}`), Whatever: "x",
		},
		{TS: at, Current: 2.5, Count: 3, Small: 8, Raw: json.RawMessage{}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestScanStructsThatDoNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		column string
		value  sqldriver.Value
		kind   error
		text   string
	}{
		"no field":      {"nope", int64(1), driver.ErrInterface, `"nope"`},
		"a hidden one":  {"hidden", "x", driver.ErrInterface, `"hidden"`},
		"too large":     {"small", int64(128), driver.ErrOverflow, "row 1, column small: 128"},
		"negative":      {"count", int64(-1), driver.ErrOverflow, "-1"},
		"NULL":          {"small", nil, driver.ErrResult, "NULL"},
		"another type":  {"ts", "noon", driver.ErrResult, "string"},
		"not whole":     {"small", 1.5, driver.ErrResult, "float64"},
		"would round":   {"current", 0.1, driver.ErrResult, "float64"},
		"not a boolean": {"ok", int64(1), driver.ErrResult, "int64"},
	} {
		rows := &fixedRows{columns: []string{c.column}, rows: [][]sqldriver.Value{{c.value}}}
		_, err := driver.ScanStructs[reading](rows)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.text) || !rows.closed {
			t.Errorf("%s: got %v, closed %v", name, err, rows.closed)
		}
	}
	if _, err := driver.ScanStructs[int](&fixedRows{}); !errors.Is(err, driver.ErrInterface) {
		t.Errorf("got %v", err)
	}
}
