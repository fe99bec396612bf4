package driver

import (
	"database/sql"
	"errors"
	"slices"
	"testing"
)

func TestColumnsSayWhichCellsCount(t *testing.T) {
	one := int32(1)
	for name, c := range map[string]Column{
		"sql.Null": NullColumnOf([]sql.Null[int32]{{V: 1, Valid: true}, {}}),
		"pointers": PointerColumnOf([]*int32{&one, nil}),
		"states":   ColumnOf([]int32{1, 0}).WithStates([]State{Given, Null}),
		"literal":  {Values: []int32{1, 0}, States: []State{Given, Null}},
	} {
		if err := c.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if c.Len() != 2 || c.State(0) != Given || c.State(1) != Null || !slices.Equal(c.Values.([]int32), []int32{1, 0}) {
			t.Errorf("%s: got %+v", name, c)
		}
	}
	if c := NullColumnOf([]sql.Null[string]{{V: "a", Valid: true}}); c.States != nil {
		t.Error("a column without NULL carries states")
	}
}

func TestMalformedColumns(t *testing.T) {
	for name, c := range map[string]Column{
		"no slice":        {Values: 7},
		"nothing":         {},
		"too few states":  ColumnOf([]int64{1, 2}).WithStates([]State{Null}),
		"too many states": ColumnOf([]int64{}).WithStates([]State{Null}),
	} {
		if err := c.Check(); !errors.Is(err, ErrInterface) {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
