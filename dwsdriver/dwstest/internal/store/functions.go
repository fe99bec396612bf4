package store

import (
	"crypto/md5"
	sqldriver "database/sql/driver"
	"encoding/hex"
	"fmt"
	"math"
	"math/big"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// The functions that translated statements call. SQLite has one set of them for all
// databases of the process.
func init() {
	sqlite.MustRegisterCollationUtf8("dws_numeric", compareNumbers)
	pure := func(name string, args int32, f func(a []sqldriver.Value) (any, error)) {
		sqlite.MustRegisterDeterministicScalarFunction(name, args, wrap(f))
	}
	impure := func(name string, args int32, f func(a []sqldriver.Value) (any, error)) {
		sqlite.MustRegisterScalarFunction(name, args, wrap(f))
	}
	pure("dws_cast", 5, castFunction)
	pure("dws_decimal", 3, decimalFunction)
	pure("dws_round", -1, roundFunction)
	pure("dws_shift", 4, shiftFunction)
	pure("dws_days", 2, daysFunction)
	pure("dws_between", 2, betweenFunction)
	pure("dws_trunc", 4, truncFunction)
	pure("dws_part", 4, partFunction)
	pure("dws_array", 2, arrayFunction)
	pure("dws_like", 2, likeFunction(false))
	pure("dws_ilike", 2, likeFunction(true))
	pure("dws_match", 2, matchFunction(""))
	pure("dws_imatch", 2, matchFunction("(?i)"))
	pure("dws_nonzero", 1, func(a []sqldriver.Value) (any, error) {
		if a[0] == int64(0) || a[0] == float64(0) {
			return nil, failf("22012", "division by zero")
		}
		return a[0], nil
	})
	text := func(name string, f func(s string) any) {
		pure(name, 1, func(a []sqldriver.Value) (any, error) {
			if a[0] == nil {
				return nil, nil
			}
			return f(asText(a[0])), nil
		})
	}
	text("dws_lower", func(s string) any { return strings.ToLower(s) })
	text("dws_upper", func(s string) any { return strings.ToUpper(s) })
	text("dws_octets", func(s string) any { return int64(len(s)) })
	text("dws_md5", func(s string) any { sum := md5.Sum([]byte(s)); return hex.EncodeToString(sum[:]) })
	text("dws_hex", func(s string) any { n, _ := strconv.ParseInt(s, 10, 64); return strconv.FormatInt(n, 16) })
	text("dws_reverse", func(s string) any {
		r := []rune(s)
		for i, j := 0, len(r)-1; i < j; i, j = i+1, j-1 {
			r[i], r[j] = r[j], r[i]
		}
		return string(r)
	})
	pure("dws_left", 2, func(a []sqldriver.Value) (any, error) { return side(a, false) })
	pure("dws_right", 2, func(a []sqldriver.Value) (any, error) { return side(a, true) })
	pure("dws_repeat", 2, func(a []sqldriver.Value) (any, error) {
		n, ok := a[1].(int64)
		if a[0] == nil || !ok {
			return nil, nil
		}
		s := asText(a[0])
		if n < 0 {
			n = 0
		}
		if int64(len(s))*n > 1<<28 {
			return nil, failf("54000", "requested length too large")
		}
		return strings.Repeat(s, int(n)), nil
	})
	pure("dws_concat", -1, func(a []sqldriver.Value) (any, error) {
		var b strings.Builder
		for _, v := range a {
			if v != nil {
				b.WriteString(asText(v))
			}
		}
		return b.String(), nil
	})
	pure("dws_greatest", -1, func(a []sqldriver.Value) (any, error) { return extreme(a, 1), nil })
	pure("dws_least", -1, func(a []sqldriver.Value) (any, error) { return extreme(a, -1), nil })
	pure("dws_floor", 1, whole(math.Floor))
	pure("dws_ceil", 1, whole(math.Ceil))
	pure("dws_mod", 2, func(a []sqldriver.Value) (any, error) {
		x, ok1 := a[0].(int64)
		y, ok2 := a[1].(int64)
		switch {
		case !ok1 || !ok2:
			return nil, nil
		case y == 0:
			return nil, failf("22012", "division by zero")
		}
		return x % y, nil
	})
	pure("dws_decode", 2, func(a []sqldriver.Value) (any, error) {
		if a[0] == nil {
			return nil, nil
		}
		b, err := hex.DecodeString(asText(a[0]))
		if err != nil || asText(a[1]) != "hex" {
			return nil, failf("22023", "invalid hexadecimal data")
		}
		return b, nil
	})
	pure("dws_encode", 2, func(a []sqldriver.Value) (any, error) {
		b, ok := a[0].([]byte)
		if !ok {
			return nil, nil
		}
		return hex.EncodeToString(b), nil
	})
	impure("dws_random", 0, func([]sqldriver.Value) (any, error) { return rand.Float64(), nil })
	impure("dws_uuid", 0, func([]sqldriver.Value) (any, error) {
		return fmt.Sprintf("%08x-%04x-4%03x-%04x-%012x", rand.Uint32(), rand.Uint32()&0xffff, rand.Uint32()&0xfff, rand.Uint32()&0x3fff|0x8000, rand.Uint64()&(1<<48-1)), nil
	})
	impure("dws_now", 2, func(a []sqldriver.Value) (any, error) {
		loc, err := zone(asText(a[1]))
		if err != nil {
			return nil, err
		}
		return named(asText(a[0])).stamp(time.Now(), loc), nil
	})
	impure("dws_nextval", 1, func(a []sqldriver.Value) (any, error) { return nextval(asText(a[0])), nil })
	impure("dws_sleep", 2, func(a []sqldriver.Value) (any, error) {
		seconds, _ := number64(a[0])
		return "", sleep(asText(a[1]), time.Duration(seconds*float64(time.Second)))
	})
	aggregate("dws_sum", func(sum *big.Rat, n int64) string { return decimalText(sum, -1) })
	aggregate("dws_avg", func(sum *big.Rat, n int64) string { return decimalText(new(big.Rat).Quo(sum, big.NewRat(n, 1)), 16) })
}

func wrap(f func([]sqldriver.Value) (any, error)) func(*sqlite.FunctionContext, []sqldriver.Value) (sqldriver.Value, error) {
	return func(_ *sqlite.FunctionContext, a []sqldriver.Value) (sqldriver.Value, error) {
		v, err := f(a)
		if e, ok := err.(*Error); ok {
			return nil, e.marked()
		}
		return v, err
	}
}

func asText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []byte:
		return string(v)
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return ""
}

func number64(v any) (float64, bool) {
	switch v := v.(type) {
	case int64:
		return float64(v), true
	case float64:
		return v, true
	case string:
		f, err := strconv.ParseFloat(v, 64)
		return f, err == nil
	}
	return 0, false
}

// castFunction is a cast: value, from, to, modifier, zone.
func castFunction(a []sqldriver.Value) (any, error) {
	if a[0] == nil {
		return nil, nil
	}
	from, to := named(asText(a[1])), named(asText(a[2]))
	mod := int(a[3].(int64))
	loc, err := zone(asText(a[4]))
	if err != nil {
		loc = time.UTC
	}
	v, err := to.convert(a[0], from, loc)
	if err != nil {
		return nil, err
	}
	v, err = to.fit(v, mod)
	if err != nil && from == to { // an explicit cast cuts; one that is none complains
		return nil, err
	}
	return v, err
}

// convert makes a value of another type one of this.
func (t *typ) convert(v any, from *typ, loc *time.Location) (any, error) {
	if from == nil {
		from = t
		switch v.(type) {
		case string:
			from = named("text")
		}
	}
	if f, ok := v.(float64); ok && t.kind == kindInt {
		f = math.RoundToEven(f)
		if f < math.MinInt64 || f >= math.MaxInt64 {
			return nil, failf("22003", "%s out of range", t.name)
		}
		return int64(f), t.inRange(int64(f))
	}
	switch x := v.(type) {
	case int64:
		switch t.kind {
		case kindInt:
			return x, t.inRange(x)
		case kindBool:
			return int64(map[bool]int{true: 1}[x != 0]), nil
		case kindFloat:
			return t.float(float64(x))
		}
	case float64:
		if t.kind == kindFloat {
			return t.float(x)
		}
	case []byte:
		if t.kind == kindBytes {
			return x, nil
		}
	case string:
		switch {
		case from.kind == kindNumeric && t.kind == kindInt:
			r, ok := new(big.Rat).SetString(x)
			if !ok {
				break
			}
			return t.parse(r.FloatString(0), loc)
		case from.kind == kindStampZone && (t.kind == kindStamp || t.kind == kindDate || t.kind == kindTime):
			at, err := time.Parse(stampLayout, x)
			if err != nil {
				return x, nil
			}
			if t.kind == kindTime {
				return at.In(loc).Format("15:04:05.000000"), nil
			}
			return t.stamp(at, loc), nil
		case from.kind == kindStampZone && t.kind == kindStampZone:
			return x, nil
		case (from.kind == kindStamp) && t.kind == kindTime && len(x) > 11:
			return x[11:], nil
		case from.kind == kindStampZone && t.kind == kindText:
			return from.text(x, &settings{location: loc}), nil
		}
	}
	text := from.text(v, &settings{location: loc, values: map[string]string{"extra_float_digits": "3"}})
	if from.kind == kindBool && t.kind == kindText {
		text = map[string]string{"t": "true", "f": "false"}[text]
	}
	return t.parse(text, loc)
}

func decimalText(r *big.Rat, places int) string {
	if places < 0 {
		places = 0
		for d := new(big.Int).Set(r.Denom()); d.Cmp(big.NewInt(1)) > 0 && places < 100; places++ {
			d.Quo(d, big.NewInt(2)) // 2^n and 5^n need at most n places
		}
		text := r.FloatString(places)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	return r.FloatString(places)
}

func rat(v any) (*big.Rat, bool) {
	switch v := v.(type) {
	case nil:
		return nil, false
	case float64:
		r := new(big.Rat).SetFloat64(v)
		return r, r != nil
	}
	return new(big.Rat).SetString(asText(v))
}

func places(v any) int {
	_, fraction, _ := strings.Cut(asText(v), ".")
	return len(fraction)
}

// decimalFunction is arithmetic of numeric.
func decimalFunction(a []sqldriver.Value) (any, error) {
	x, ok1 := rat(a[0])
	y, ok2 := rat(a[2])
	if !ok1 || !ok2 {
		return nil, nil
	}
	out := new(big.Rat)
	scale := max(places(a[0]), places(a[2]))
	switch asText(a[1]) {
	case "+":
		out.Add(x, y)
	case "-":
		out.Sub(x, y)
	case "*":
		out.Mul(x, y)
		scale = places(a[0]) + places(a[2])
	default:
		if y.Sign() == 0 {
			return nil, failf("22012", "division by zero")
		}
		out.Quo(x, y)
		scale = max(scale, 16)
		if asText(a[1]) == "%" {
			whole := new(big.Int).Quo(out.Num(), out.Denom())
			out.Sub(x, new(big.Rat).Mul(y, new(big.Rat).SetInt(whole)))
			scale = max(places(a[0]), places(a[2]))
		}
	}
	return out.FloatString(scale), nil
}

func roundFunction(a []sqldriver.Value) (any, error) {
	if len(a) == 0 || a[0] == nil {
		return nil, nil
	}
	n := int64(0)
	if len(a) > 1 {
		n, _ = a[1].(int64)
	}
	switch v := a[0].(type) {
	case float64:
		return math.RoundToEven(v), nil
	case int64:
		return v, nil
	}
	r, ok := rat(a[0])
	if !ok {
		return nil, nil
	}
	return r.FloatString(int(max(n, 0))), nil
}

func whole(f func(float64) float64) func([]sqldriver.Value) (any, error) {
	return func(a []sqldriver.Value) (any, error) {
		switch v := a[0].(type) {
		case float64:
			return f(v), nil
		case string:
			x, _ := number64(v)
			return strconv.FormatFloat(f(x), 'f', 0, 64), nil
		}
		return a[0], nil
	}
}

func extreme(a []sqldriver.Value, sign int) any {
	var best any
	for _, v := range a {
		switch {
		case v == nil:
			continue
		case best == nil:
			best = v
			continue
		}
		x, okX := number64(v)
		y, okY := number64(best)
		less := strings.Compare(asText(v), asText(best))
		if okX && okY {
			less = map[bool]int{true: 1, false: -1}[x > y]
		}
		if less == sign {
			best = v
		}
	}
	return best
}

// total sums decimals.
type total struct {
	sum    *big.Rat
	n      int64
	places int
	result func(*big.Rat, int64) string
}

func aggregate(name string, result func(*big.Rat, int64) string) {
	sqlite.MustRegisterFunction(name, &sqlite.FunctionImpl{NArgs: 1, Deterministic: true,
		MakeAggregate: func(sqlite.FunctionContext) (sqlite.AggregateFunction, error) {
			return &total{sum: new(big.Rat), result: result}, nil
		}})
}

func (t *total) Step(_ *sqlite.FunctionContext, a []sqldriver.Value) error {
	if r, ok := rat(a[0]); ok {
		t.sum.Add(t.sum, r)
		t.n++
		t.places = max(t.places, places(a[0]))
	}
	return nil
}

func (t *total) WindowInverse(_ *sqlite.FunctionContext, a []sqldriver.Value) error {
	if r, ok := rat(a[0]); ok {
		t.sum.Sub(t.sum, r)
		t.n--
	}
	return nil
}

func (t *total) WindowValue(*sqlite.FunctionContext) (sqldriver.Value, error) {
	if t.n == 0 {
		return nil, nil
	}
	text := t.result(t.sum, t.n)
	if p := places(text); p < t.places {
		if p == 0 {
			text += "."
		}
		text += strings.Repeat("0", t.places-p)
	}
	return text, nil
}

func (t *total) Final(*sqlite.FunctionContext) {}
