package taosdriver

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

type (
	celsius float32
	label   string
	blob    []byte
	decimal struct{ text string }
	valuer  struct{ v sqldriver.Value }
	failing struct{}
	endless struct{}
)

func (d decimal) String() string                 { return d.text }
func (v valuer) Value() (sqldriver.Value, error) { return v.v, nil }
func (failing) Value() (sqldriver.Value, error)  { return nil, errors.New("no value today") }
func (e endless) Value() (sqldriver.Value, error) {
	return e, nil
}

func pointer[T any](v T) *T { return &v }

func TestArguments(t *testing.T) {
	at := time.Unix(1, 2)
	huge, _ := new(big.Int).SetString("123456789012345678901234567890", 10)
	for _, c := range []struct {
		name string
		arg  any
		want sqldriver.Value
	}{
		{"nil", nil, nil},
		{"int", 5, int64(5)},
		{"int8", int8(-5), int64(-5)},
		{"uint8", uint8(5), uint64(5)},
		{"largest uint64", uint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"float32 stays", float32(0.1), float32(0.1)},
		{"named float32", celsius(0.1), float32(0.1)},
		{"named string", label("a"), "a"},
		{"named bytes", blob("a"), []byte("a")},
		{"raw bytes", sql.RawBytes("a"), []byte("a")},
		{"JSON stays", json.RawMessage("{}"), json.RawMessage("{}")},
		{"time", at, at},
		{"pointer to time", &at, at},
		{"pointer to pointer", pointer(pointer(5)), int64(5)},
		{"nil pointer", (*string)(nil), nil},
		{"duration", time.Second, int64(1e9)},
		{"valid sql.Null", sql.Null[string]{V: "a", Valid: true}, "a"},
		{"sql.Null", sql.Null[uint16]{}, nil},
		{"sql.NullTime", sql.NullTime{Time: at, Valid: true}, at},
		{"valuer of a pointer", valuer{pointer("a")}, "a"},
		{"nil valuer", (*valuer)(nil), nil},
		{"decimal", decimal{"1.50"}, "1.50"},
		{"pointer to decimal", &decimal{"1.50"}, "1.50"},
		{"big integer that fits", big.NewInt(-7), int64(-7)},
		{"big integer of 64 bits", new(big.Int).SetUint64(math.MaxUint64), uint64(math.MaxUint64)},
		{"bigger integer", huge, "123456789012345678901234567890"},
		{"nil big integer", (*big.Int)(nil), nil},
		{"address", netip.MustParseAddr("::1"), "::1"},
	} {
		v := sqldriver.NamedValue{Ordinal: 1, Value: c.arg}
		if err := new(conn).CheckNamedValue(&v); err != nil || !reflect.DeepEqual(v.Value, c.want) {
			t.Errorf("%s: %#v, %v; want %#v", c.name, v.Value, err, c.want)
		}
	}
}

func TestArgumentsRefused(t *testing.T) {
	for _, c := range []struct {
		name string
		arg  sqldriver.NamedValue
		kind error
		says string
	}{
		{"named", sqldriver.NamedValue{Name: "v", Ordinal: 2, Value: 1}, driver.ErrNotSupported, `argument 2 has a name, "v"`},
		{"output", sqldriver.NamedValue{Ordinal: 1, Value: sql.Out{}}, driver.ErrInterface, "output"},
		{"channel", sqldriver.NamedValue{Ordinal: 3, Value: make(chan int)}, driver.ErrInterface, "argument 3: a chan int"},
		{"slice", sqldriver.NamedValue{Ordinal: 1, Value: []int{1}}, driver.ErrInterface, "[]int"},
		{"failing valuer", sqldriver.NamedValue{Ordinal: 1, Value: failing{}}, driver.ErrInterface, "no value today"},
		{"endless valuer", sqldriver.NamedValue{Ordinal: 1, Value: endless{}}, driver.ErrInterface, "endless"},
	} {
		err := new(conn).CheckNamedValue(&c.arg)
		if !errors.Is(err, c.kind) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestEffects(t *testing.T) {
	for sql, want := range map[string]effect{
		"use power":                       databaseEffect,
		"/* a */ USE\n`x`":                databaseEffect,
		"-- use\nselect 1":                noEffect,
		"alter local 'debugFlag' '1'":     lastingEffect,
		"alter table t set tag a = 1":     noEffect,
		"select 'use power'":              noEffect,
		"user":                            noEffect,
		"insert into use values (now, 1)": noEffect,
		"":                                noEffect,
	} {
		if got := effectOf(sql); got != want {
			t.Errorf("%q: %v, want %v", sql, got, want)
		}
	}
}
