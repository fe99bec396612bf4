package arguments

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"slices"
	"testing"
)

func TestNamedNumbersNamesAndConverts(t *testing.T) {
	got, err := Named([]any{1, sql.Named("b", "x")}, func(v *driver.NamedValue) error {
		if n, ok := v.Value.(int); ok {
			v.Value = int64(n)
		}
		return nil
	})
	want := []driver.NamedValue{{Ordinal: 1, Value: int64(1)}, {Ordinal: 2, Name: "b", Value: "x"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestNamedStopsAtTheFirstRefusal(t *testing.T) {
	refusal, calls := errors.New("no"), 0
	_, err := Named([]any{1, 2, 3}, func(v *driver.NamedValue) error {
		if calls++; v.Ordinal == 2 {
			return refusal
		}
		return nil
	})
	if err != refusal || calls != 2 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
