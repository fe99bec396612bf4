package dwsdriver

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"testing"
	"time"

	"github.com/lib/pq"

	"github.com/gaugesql/gaugesql/driver"
)

type (
	level  int32
	name   string
	money  struct{ cents int64 }
	valuer struct{ err error }
)

func (m money) String() string                   { return "12.34" }
func (v valuer) Value() (sqldriver.Value, error) { return int64(5), v.err }

func TestArguments(t *testing.T) {
	when := time.Now()
	seven, text := 7, "x"
	for _, c := range []struct{ arg, want any }{
		{nil, nil}, {true, true}, {int64(1), int64(1)}, {1, int64(1)}, {int8(-1), int64(-1)}, {uint32(1), uint64(1)}, {uint64(1 << 63), uint64(1 << 63)},
		{1.5, 1.5}, {float32(0.1), float32(0.1)}, {"x", "x"}, {[]byte("x"), []byte("x")}, {when, when}, {&when, when},
		{level(3), int64(3)}, {name("n"), "n"}, {&seven, int64(7)}, {&text, "x"}, {(*int)(nil), nil}, {(*string)(nil), nil},
		{sql.NullString{}, nil}, {sql.NullInt64{Int64: 4, Valid: true}, int64(4)}, {sql.Null[time.Time]{V: when, Valid: true}, when},
		{valuer{}, int64(5)}, {(*valuer)(nil), nil}, {json.RawMessage(`{}`), json.RawMessage(`{}`)}, {sql.RawBytes("r"), []byte("r")},
		{[]byte(nil), nil}, {json.RawMessage(nil), nil}, {sql.RawBytes(nil), nil}, {[]byte{}, []byte{}}, {new([]byte), nil}, {sql.Null[[]byte]{Valid: true}, nil},
		{big.NewInt(5), "5"}, {(*big.Int)(nil), nil}, {money{1234}, "12.34"}, {&money{1234}, "12.34"},
		{pq.Array([]int64{1, 2}), "{1,2}"}, {pq.StringArray{"a", "b,c"}, `{"a","b,c"}`},
	} {
		v := sqldriver.NamedValue{Ordinal: 1, Value: c.arg}
		if err := new(conn).CheckNamedValue(&v); err != nil || !reflect.DeepEqual(v.Value, c.want) {
			t.Errorf("%T %v: got %T %v, %v", c.arg, c.arg, v.Value, v.Value, err)
		}
	}
	for _, arg := range []any{struct{ X int }{1}, make(chan int), []int{1}, map[string]int{}, valuer{errors.New("no")}, sql.Out{}, func() {}} {
		v := sqldriver.NamedValue{Ordinal: 2, Value: arg}
		if err := new(conn).CheckNamedValue(&v); !errors.Is(err, driver.ErrInterface) {
			t.Errorf("%T: %v", arg, err)
		}
	}
	v := sqldriver.NamedValue{Name: "n", Ordinal: 1, Value: 1}
	if err := new(conn).CheckNamedValue(&v); !errors.Is(err, driver.ErrNotSupported) {
		t.Errorf("a name: %v", err)
	}
}
