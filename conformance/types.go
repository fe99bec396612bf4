package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

var typeChecks = []Check{
	{Group: "types", Name: "every type keeps its values, written as literals", Run: func(e *Env) {
		e.samples(func(query string, s Sample) (bool, error) {
			return false, nil
		})
	}},
	{Group: "types", Name: "every type keeps its values, written as arguments", Run: func(e *Env) {
		e.samples(func(query string, s Sample) (bool, error) {
			_, err := e.DB().ExecContext(e.ctx, query, s.Value)
			return true, err
		})
	}},
	{Group: "types", Name: "every type keeps its values, written by a prepared statement", Run: func(e *Env) {
		e.samples(func(query string, s Sample) (bool, error) {
			stmt, err := e.DB().PrepareContext(e.ctx, query)
			if err != nil {
				return true, err
			}
			defer stmt.Close()
			_, err = stmt.ExecContext(e.ctx, s.Value)
			return true, err
		})
	}},
	{Group: "types", Name: "every type's values are found by a prepared query", Run: func(e *Env) {
		e.eachType(func(typ Type, table string, written []Sample) {
			stmt := e.Prepare(e.DB(), e.column(table))
			rows, err := stmt.QueryContext(e.ctx)
			e.Must(err)
			defer rows.Close()
			n := 0
			for ; rows.Next(); n++ {
				got, err := scanAs(e.scan(rows), written[min(n, len(written)-1)].want())
				if err != nil || n < len(written) && !same(got, written[n].want()) {
					e.Errorf("%s %v: got %s, error %v", typ.DDL, written[min(n, len(written)-1)], show(got), err)
				}
			}
			e.Must(rows.Err())
			if n != len(written) {
				e.Errorf("%s: %d rows of %d", typ.DDL, n, len(written))
			}
		})
	}},
	{Group: "types", Name: "a value that its type cannot hold is refused", Needs: needs(hasRefusals), Run: func(e *Env) {
		for _, typ := range e.Dialect().Types {
			for _, v := range typ.Refuses {
				table := e.typed(typ)
				if _, err := e.DB().ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(1), v); err == nil {
					e.Errorf("%s takes %s and holds %v", typ.DDL, show(v), All[any](e, e.DB(), e.column(table)))
				}
				stmt := e.Prepare(e.DB(), e.putting(table, 1))
				if _, err := stmt.ExecContext(e.ctx, e.Dialect().Key.Value(2), v); err == nil {
					e.Errorf("%s takes %s from a prepared statement", typ.DDL, show(v))
				}
			}
		}
	}},
	{Group: "types", Name: "64-bit integers are exact", Run: func(e *Env) {
		roundTrip(e, Integer, []int64{0, 1, -1, math.MaxInt64, math.MinInt64 + 1, 1<<53 + 1, -(1<<53 + 1), math.MaxInt32 + 1, math.MinInt32 - 1})
	}},
	{Group: "types", Name: "unsigned 64-bit integers are exact", Needs: needs(aType(Unsigned)), Run: func(e *Env) {
		roundTrip(e, Unsigned, []uint64{0, 1, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64, 1<<53 + 1})
	}},
	{Group: "types", Name: "floating-point numbers keep every bit", Needs: needs(aType(Double)), Run: func(e *Env) {
		roundTrip(e, Double, []float64{0, 1, 0.1, -0.1, 1.0 / 3, math.Pi, 1e300, -1e-300, math.MaxFloat64, 2.2250738585072014e-308,
			123456789.123456789, 1e21, 1e20, 0.1 + 0.2, 9007199254740993})
	}},
	{Group: "types", Name: "floating-point numbers of 32 bits keep every bit", Needs: needs(aType(Float)), Run: func(e *Env) {
		roundTrip(e, Float, []float32{0, 1, 0.1, -0.1, 1.0 / 3, math.MaxFloat32, 1.1754944e-38, 16777217, 3.4e38})
	}},
	{Group: "types", Name: "a number that is none survives or is refused", Needs: needs(aType(Double)), Run: func(e *Env) {
		for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			table := e.Of(Double)
			if _, err := e.DB().ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(1), v); err != nil {
				continue
			}
			got := e.values(e.DB(), e.column(table), func(int) any { return v })
			if len(got) != 1 || !same(got[0], v) && !(math.IsNaN(v) && got[0] != nil && math.IsNaN(got[0].(float64))) {
				e.Errorf("%v became %v", v, got)
			}
		}
	}},
	{Group: "types", Name: "booleans are true or false", Needs: needs(aType(Bool)), Run: func(e *Env) {
		roundTrip(e, Bool, []bool{true, false, true})
	}},
	{Group: "types", Name: "decimals keep every digit", Needs: needs(aType(Decimal)), Run: func(e *Env) {
		typ := e.Type(Decimal)
		e.written(typ, func(table string, written []Sample) {
			got := All[string](e, e.DB(), e.column(table))
			for n, s := range written {
				if want := fmt.Sprint(s.want()); n >= len(got) || got[n] != want {
					e.Errorf("wrote %s, read %v", want, got)
				}
			}
		})
	}},
	{Group: "types", Name: "any byte may stand in bytes", Needs: needs(aType(Bytes)), Run: func(e *Env) {
		all := make([]byte, 256)
		for i := range all {
			all[i] = byte(i)
		}
		roundTrip(e, Bytes, [][]byte{all, {0}, {0xff, 0xfe}, []byte("'; --"), {'\\', '\'', 0, '"'}})
	}},
	{Group: "types", Name: "JSON stays the same document", Needs: needs(aType(JSON)), Run: func(e *Env) {
		typ := e.Type(JSON)
		e.written(typ, func(table string, written []Sample) {
			for n, got := range All[[]byte](e, e.DB(), e.column(table)) {
				var g, w any
				if err := json.Unmarshal(got, &g); err != nil {
					e.Errorf("%q is no JSON: %v", got, err)
				}
				e.Must(json.Unmarshal([]byte(fmt.Sprintf("%s", written[n].want())), &w))
				if !reflect.DeepEqual(g, w) {
					e.Errorf("got %s, want %s", got, written[n].want())
				}
			}
		})
	}},
	{Group: "types", Name: "text is Unicode", Run: func(e *Env) {
		roundTrip(e, Text, []string{"äöü ß", "日本語", "Ω≈ç√", "🚗🏁👩‍👩‍👧", "e\u0301", "\u200b\u202e", "العربية", "\U0010ffff", "\u007f"})
	}},
	{Group: "types", Name: "a text with a zero byte survives or is refused, never cut", Run: func(e *Env) {
		for _, text := range []string{"\x00", "a\x00b", "a\x00"} {
			table := e.Of(Text)
			for n, put := range e.ways(table) {
				if err := put(n, text); err != nil {
					continue
				}
				if got := All[string](e, e.DB(), e.column(table)); !slices.Contains(got, text) {
					e.Errorf("wrote %q, read %q", text, got)
				}
			}
		}
	}},
	{Group: "types", Name: "an empty text is not NULL", Run: func(e *Env) {
		table := e.Of(Text)
		for n, put := range e.ways(table) {
			e.Must(put(n, ""))
		}
		for n, got := range e.values(e.DB(), e.column(table), func(int) any { return "" }) {
			if got != "" {
				e.Errorf("row %d is %s", n, show(got))
			}
		}
	}},
	{Group: "types", Name: "empty bytes are not NULL", Needs: needs(aType(Bytes)), Run: func(e *Env) {
		table := e.Of(Bytes)
		for n, put := range e.ways(table) {
			e.Must(put(n, []byte{}))
		}
		for n, got := range All[any](e, e.DB(), e.column(table)) {
			if got == nil {
				e.Errorf("row %d is NULL", n)
			}
		}
	}},
	{Group: "types", Name: "long texts keep every byte", Needs: needs(hasLongText), Run: func(e *Env) {
		d := e.Dialect()
		table := e.Table(Column{"v", d.LongTextDDL})
		for n, length := range []int{1, 255, 256, 1023, d.LongText/2 + 1, d.LongText} {
			text := strings.Repeat("0123456789abcdef", length/16+1)[:length]
			e.Put(e.DB(), table, n, text)
			got := All[string](e, e.DB(), e.column(table))
			if len(got) != n+1 || got[n] != text {
				e.Fatalf("%d bytes written, %d read", length, len(got[len(got)-1]))
			}
		}
		if text := strings.Repeat("é", d.LongText/8); utf8.ValidString(text) {
			e.Put(e.DB(), table, 99, text)
			if got := All[string](e, e.DB(), e.column(table)); got[len(got)-1] != text {
				e.Errorf("a text of %d letters was changed", d.LongText/8)
			}
		}
	}},
}

// roundTrip writes the values as arguments, of plain and of prepared statements,
// and reads them back.
func roundTrip[T any](e *Env, sort Sort, values []T) {
	for way, name := range []string{"argument", "argument of a prepared statement"} {
		table := e.Of(sort)
		put := e.ways(table)[way]
		for n, v := range values {
			if err := put(n, v); err != nil {
				e.Fatalf("write %s as %s: %v", show(v), name, err)
			}
		}
		got := e.values(e.DB(), e.column(table), func(n int) any { return values[min(n, len(values)-1)] })
		if len(got) != len(values) {
			e.Fatalf("%d rows of %d", len(got), len(values))
		}
		for n, v := range values {
			if !same(got[n], v) {
				e.Errorf("wrote %s as %s, read %s", show(v), name, show(got[n]))
			}
		}
	}
}

// ways are the ways to write a row with one value.
func (e *Env) ways(table string) []func(n int, v any) error {
	return []func(n int, v any) error{
		func(n int, v any) error {
			_, err := e.DB().ExecContext(e.ctx, e.putting(table, 1), e.Dialect().Key.Value(n), v)
			return err
		},
		func(n int, v any) error {
			stmt, err := e.DB().PrepareContext(e.ctx, e.putting(table, 1))
			if err != nil {
				return err
			}
			defer stmt.Close()
			_, err = stmt.ExecContext(e.ctx, e.Dialect().Key.Value(n), v)
			return err
		},
	}
}

// typed makes a table with the column v of the type.
func (e *Env) typed(typ Type) string {
	if typ.Setup == nil {
		return e.Table(Column{"v", typ.DDL})
	}
	name := e.Name()
	for _, statement := range typ.Setup(name) {
		e.Exec(e.DB(), statement)
	}
	e.dropLater(name)
	return name
}

// store is the statement that writes row n of a table made by typed.
func (e *Env) store(typ Type, table string, n int, value string) string {
	if typ.Store != nil {
		return typ.Store(table, n, value)
	}
	return e.Dialect().insert(table, names(1), []string{e.Dialect().Key.Literal(n), value})
}

// samples writes the samples of every type and reads them back. put writes one
// as an argument; what it leaves is written as a literal.
func (e *Env) samples(put func(query string, s Sample) (bool, error)) {
	for _, typ := range e.Dialect().Types {
		table := e.typed(typ)
		var written []Sample
		for _, s := range typ.Samples {
			n := len(written)
			done, err := false, error(nil)
			if s.Value != nil {
				done, err = put(e.store(typ, table, n, e.Dialect().placeholder(1)), s)
			}
			if !done && s.Literal != "" {
				_, err = e.DB().ExecContext(e.ctx, e.store(typ, table, n, s.Literal))
				done = true
			}
			if err != nil {
				e.Errorf("%s %v: %v", typ.DDL, s, err)
			} else if done {
				written = append(written, s)
			}
		}
		e.compare(typ, table, written)
	}
}

// compare reads the column v back and compares it to what was written.
func (e *Env) compare(typ Type, table string, written []Sample) {
	if len(written) == 0 {
		return
	}
	got := e.values(e.DB(), e.column(table), func(n int) any { return written[min(n, len(written)-1)].want() })
	if len(got) != len(written) {
		e.Errorf("%s: %d rows of %d", typ.DDL, len(got), len(written))
		return
	}
	for n, s := range written {
		if !same(got[n], s.want()) {
			e.Errorf("%s %v: got %s, want %s", typ.DDL, s, show(got[n]), show(s.want()))
		}
	}
}

// eachType runs f with a table for each type that holds its samples.
func (e *Env) eachType(f func(typ Type, table string, written []Sample)) {
	for _, typ := range e.Dialect().Types {
		e.written(typ, func(table string, written []Sample) { f(typ, table, written) })
	}
}

func (e *Env) written(typ Type, f func(table string, written []Sample)) {
	table := e.typed(typ)
	for n, s := range typ.Samples {
		if s.Literal != "" {
			e.Exec(e.DB(), e.store(typ, table, n, s.Literal))
		} else {
			e.Exec(e.DB(), e.store(typ, table, n, e.Dialect().placeholder(1)), s.Value)
		}
	}
	f(table, typ.Samples)
}
