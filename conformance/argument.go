package conformance

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// argument is a Go value that applications pass and what the column then holds.
type argument struct {
	sort Sort
	arg  any
	want any
}

// arguments are the forms in which values come: every number type, pointers,
// named types, Valuers, database/sql's own.
func arguments() []argument {
	number, text, yes, float := 42, "text", true, 1.5
	type named int32
	type label string
	return []argument{
		{Integer, int(-1), int64(-1)}, {Integer, int8(-8), int64(-8)}, {Integer, int16(-16), int64(-16)},
		{Integer, int32(-32), int64(-32)}, {Integer, int64(-64), int64(-64)}, {Integer, uint(1), int64(1)},
		{Integer, uint8(8), int64(8)}, {Integer, uint16(16), int64(16)}, {Integer, uint32(math.MaxUint32), int64(math.MaxUint32)},
		{Integer, uint64(64), int64(64)}, {Integer, named(7), int64(7)}, {Integer, &number, int64(42)},
		{Integer, (*int)(nil), nil}, {Integer, nil, nil},
		{Integer, sql.NullInt64{Int64: 5, Valid: true}, int64(5)}, {Integer, sql.NullInt64{}, nil},
		{Integer, sql.Null[int32]{V: 6, Valid: true}, int64(6)}, {Integer, sql.Null[int32]{}, nil},
		{Text, "text", "text"}, {Text, label("label"), "label"}, {Text, &text, "text"}, {Text, (*string)(nil), nil},
		{Text, valuedText{"x"}, "valued x"}, {Text, &valuedText{"y"}, "valued y"},
		{Text, sql.NullString{String: "s", Valid: true}, "s"}, {Text, sql.NullString{}, nil},
		{Text, sql.Null[string]{V: "n", Valid: true}, "n"},
		{Double, float32(0.5), 0.5}, {Double, 2.5, 2.5}, {Double, &float, 1.5}, {Double, (*float64)(nil), nil},
		{Double, sql.NullFloat64{Float64: 3.5, Valid: true}, 3.5}, {Double, 7, 7.0},
		{Bool, true, true}, {Bool, false, false}, {Bool, &yes, true}, {Bool, sql.NullBool{Bool: true, Valid: true}, true},
		{Bool, (*bool)(nil), nil},
	}
}

var argumentChecks = []Check{
	{Group: "arguments", Name: "every form of a Go value is an argument", Run: func(e *Env) {
		e.arguments(func(query string, args ...any) error {
			_, err := e.DB().ExecContext(e.ctx, query, args...)
			return err
		})
	}},
	{Group: "arguments", Name: "every form of a Go value is an argument of a prepared statement", Run: func(e *Env) {
		e.arguments(func(query string, args ...any) error {
			stmt, err := e.DB().PrepareContext(e.ctx, query)
			if err != nil {
				return err
			}
			defer stmt.Close()
			_, err = stmt.ExecContext(e.ctx, args...)
			return err
		})
	}},
	{Group: "arguments", Name: "bytes are an argument of a text", Needs: needs(BytesAsText), Run: func(e *Env) {
		roundTripAs(e, Text, []byte("by'tes"), "by'tes")
	}},
	{Group: "arguments", Name: "the error of a Valuer reaches the caller and nothing runs", Run: func(e *Env) {
		table := e.Of(Text)
		_, err := e.DB().ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(1), failingValuer{})
		if !errors.Is(err, errValuer) {
			e.Errorf("the error is %v", err)
		}
		if got := All[string](e, e.DB(), e.column(table)); len(got) > 0 {
			e.Errorf("the table holds %q", got)
		}
	}},
	{Group: "arguments", Name: "a value of an unknown type is refused", Run: func(e *Env) {
		table := e.Of(Text)
		for _, v := range []any{struct{ X int }{1}, make(chan int), func() {}, complex(1, 2), map[string]int{}, []int{1}} {
			if _, err := e.DB().ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(1), v); err == nil {
				e.Errorf("a %T is accepted", v)
			}
		}
	}},
	{Group: "arguments", Name: "bytes passed belong to the caller", Needs: needs(aType(Bytes)), Run: func(e *Env) {
		table := e.Of(Bytes)
		buffer := make([]byte, 8)
		for n := range 5 {
			for i := range buffer {
				buffer[i] = byte(n)
			}
			before := slices.Clone(buffer)
			e.Put(e.DB(), table, n, buffer)
			if !slices.Equal(buffer, before) {
				e.Errorf("the argument was changed")
			}
		}
		for n, got := range All[[]byte](e, e.DB(), e.column(table)) {
			if want := slices.Repeat([]byte{byte(n)}, 8); !slices.Equal(got, want) {
				e.Errorf("row %d is %v", n, got)
			}
		}
	}},
	{Group: "arguments", Name: "bytes handed out are not another result's", Needs: needs(aType(Bytes)), Run: func(e *Env) {
		// database/sql copies bytes for everyone but sql.RawBytes, whose bytes are the
		// driver's own until the next row of the same result.
		table := e.Of(Bytes)
		for n := range 5 {
			e.Put(e.DB(), table, n, slices.Repeat([]byte{byte(n)}, 8))
		}
		first, second := e.Query(e.DB(), e.column(table)), e.Query(e.DB(), e.column(table))
		var held, other sql.RawBytes
		if !first.Next() || first.Scan(e.Dest(&held)...) != nil {
			e.Fatalf("no row: %v", first.Err())
		}
		for second.Next() {
			e.Must(second.Scan(e.Dest(&other)...))
		}
		if want := make([]byte, 8); !slices.Equal(held, want) {
			e.Errorf("the first row became %v while another result was read", held)
		}
	}},
}

// arguments writes each argument and compares what a column of its sort holds.
func (e *Env) arguments(put func(query string, args ...any) error) {
	for _, sort := range []Sort{Integer, Text, Double, Bool, Time} {
		if !e.Target.has(aType(sort)) {
			continue
		}
		table := e.Of(sort)
		var list []argument
		for _, a := range arguments() {
			if a.sort == sort {
				list = append(list, a)
			}
		}
		if sort == Time {
			now := e.instant()
			list = []argument{{Time, now, now}, {Time, &now, now}, {Time, sql.NullTime{Time: now, Valid: true}, now}, {Time, (*time.Time)(nil), nil}}
		}
		if e.Type(sort).NotNull {
			list = slices.DeleteFunc(list, func(a argument) bool { return a.want == nil })
		}
		for n, a := range list {
			if err := put(e.putting(table, 1), e.Dialect().Key.Value(n), a.arg); err != nil {
				e.Fatalf("%T %v into %s: %v", a.arg, a.arg, sort, err)
			}
		}
		got := e.values(e.DB(), e.column(table), func(n int) any { return list[min(n, len(list)-1)].want })
		if len(got) != len(list) {
			e.Errorf("%d %s values of %d", len(got), sort, len(list))
			continue
		}
		for n, a := range list {
			if !same(got[n], a.want) {
				e.Errorf("%T %v into %s: got %s, want %s", a.arg, a.arg, sort, show(got[n]), show(a.want))
			}
		}
	}
}

// roundTripAs writes a value in every way and expects to read another.
func roundTripAs(e *Env, sort Sort, v, want any) {
	table := e.Of(sort)
	for n, put := range e.ways(table) {
		e.Must(put(n, v))
	}
	for n, got := range e.values(e.DB(), e.column(table), func(int) any { return want }) {
		if !same(got, want) {
			e.Errorf("row %d is %s, not %s", n, show(got), show(want))
		}
	}
}

type valuedText struct{ text string }

func (v valuedText) Value() (sqldriver.Value, error) { return fmt.Sprint("valued ", v.text), nil }

var errValuer = errors.New("this value cannot be had")

type failingValuer struct{}

func (failingValuer) Value() (sqldriver.Value, error) { return nil, errValuer }
