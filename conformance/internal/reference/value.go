package reference

import (
	sqldriver "database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// CheckNamedValue makes of an argument what SQLite stores: instants are
// nanoseconds since 1970, unsigned numbers above the range are their digits.
func (c *conn) CheckNamedValue(nv *sqldriver.NamedValue) error {
	if u, ok := nv.Value.(uint64); ok && u > math.MaxInt64 {
		nv.Value = strconv.FormatUint(u, 10)
		return nil
	}
	v, err := sqldriver.DefaultParameterConverter.ConvertValue(nv.Value)
	if err != nil {
		return err
	}
	switch x := v.(type) {
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return data(fmt.Sprintf("%v cannot be stored", x))
		}
	case time.Time:
		v = x.UnixNano()
	case string:
		if strings.IndexByte(x, 0) >= 0 {
			return data("a text with a zero byte cannot be stored")
		}
	}
	nv.Value = v
	return nil
}

// column is how values of a declared type come out.
type column struct {
	name             string
	scan             reflect.Type
	length           int64
	precision, scale int64
	convert          func(c *connector, v any) (any, error)
}

var declared = regexp.MustCompile(`^([A-Z_]+)(?:\((\d+)(?:, ?(\d+))?\))?`)

// columnOf reads a declared type. The parts after "_" in a name choose SQLite's
// affinity and are not shown.
func columnOf(declaration string) column {
	m := declared.FindStringSubmatch(strings.ToUpper(declaration))
	if m == nil {
		m = []string{"", "BIGINT", "", ""}
	}
	first, _ := strconv.ParseInt(m[2], 10, 64)
	second, _ := strconv.ParseInt(m[3], 10, 64)
	name, _, _ := strings.Cut(m[1], "_")
	c := column{name: name, scan: reflect.TypeFor[int64](), convert: as[int64]}
	switch name {
	case "SMALLINT":
		c.scan = reflect.TypeFor[int16]()
	case "UNSIGNED":
		c.scan = reflect.TypeFor[uint64]()
		c.convert = func(_ *connector, v any) (any, error) { return strconv.ParseUint(fmt.Sprint(v), 10, 64) }
	case "DOUBLE":
		c.scan, c.convert = reflect.TypeFor[float64](), as[float64]
	case "FLOAT":
		c.scan = reflect.TypeFor[float32]()
		c.convert = func(_ *connector, v any) (any, error) { f, ok := v.(float64); return float32(f), wrong(ok, v) }
	case "BOOL":
		c.scan = reflect.TypeFor[bool]()
		c.convert = func(_ *connector, v any) (any, error) { n, ok := v.(int64); return n != 0, wrong(ok, v) }
	case "VARCHAR":
		c.scan, c.length, c.convert = reflect.TypeFor[string](), first, text
	case "DECIMAL":
		c.scan, c.precision, c.scale, c.convert = reflect.TypeFor[string](), first, second, text
	case "BLOB", "JSON":
		c.scan = reflect.TypeFor[[]byte]()
		c.convert = func(_ *connector, v any) (any, error) {
			if s, ok := v.(string); ok {
				return []byte(s), nil
			}
			return v, nil
		}
	case "TIMESTAMP":
		c.scan, c.precision = reflect.TypeFor[time.Time](), 9
		c.convert = func(c *connector, v any) (any, error) {
			ns, ok := v.(int64)
			return time.Unix(0, ns).In(c.loc), wrong(ok, v)
		}
	}
	return c
}

func wrong(ok bool, v any) error {
	if !ok {
		return data(fmt.Sprintf("a %T is stored", v))
	}
	return nil
}

func as[T any](_ *connector, v any) (any, error) {
	if t, ok := v.(T); ok {
		return t, nil
	}
	return v, nil // an expression's value: the type is SQLite's
}

func text(_ *connector, v any) (any, error) {
	if b, ok := v.([]byte); ok {
		return string(b), nil
	}
	return fmt.Sprint(v), nil
}
