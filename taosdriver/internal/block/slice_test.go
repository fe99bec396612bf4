package block

import (
	"reflect"
	"testing"
	"time"
)

func TestSlicesHaveTheValues(t *testing.T) {
	types := map[Type]bool{}
	for i, r := range loadRecorded(t) {
		b, err := Decode(r.raw(t), r.Precision, time.UTC)
		if err != nil {
			t.Fatal(err)
		}
		for k := range b.Columns {
			c := &b.Columns[k]
			if c.Field.Type == Null {
				if c.Slice() != nil {
					t.Errorf("block %d: a slice of NULL", i)
				}
				continue
			}
			s := reflect.ValueOf(c.Slice())
			if s.Len() != b.Rows {
				t.Fatalf("block %d, column %d: %d values for %d rows", i, k, s.Len(), b.Rows)
			}
			nulls := false
			for row := range b.Rows {
				if c.Null(row) {
					nulls = true
					continue
				}
				types[c.Field.Type] = true
				got, want := s.Index(row).Interface(), c.Value(row)
				if f, ok := want.(float64); ok && f != f {
					continue
				}
				if f, ok := want.(float32); ok && f != f {
					continue
				}
				if !reflect.DeepEqual(got, want) {
					t.Errorf("block %d, column %d, row %d: %v, want %v", i, k, row, got, want)
				}
			}
			if nulls != c.HasNulls() {
				t.Errorf("block %d, column %d: nulls %v, told %v", i, k, nulls, c.HasNulls())
			}
		}
	}
	if len(types) < 18 {
		t.Errorf("only %d types: %v", len(types), types)
	}
}
