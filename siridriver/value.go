package siridriver

import (
	sqldriver "database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/query"
)

// Group is an argument that stands for a group or a tag: select * from ? with
// Group("cpus") is select * from `cpus`. A string would be the name of a series.
type Group string

// Regexp is an argument that stands for a regular expression, without its
// slashes. It must match a whole name.
type Regexp struct {
	// Pattern is PCRE's, as the server reads it.
	Pattern string
	// IgnoreCase matches upper and lower case alike.
	IgnoreCase bool
}

func dataError(kind error, format string, args ...any) *driver.Error {
	return &driver.Error{Kind: kind, Engine: cluster.Engine, Message: fmt.Sprintf(format, args...)}
}

// CheckNamedValue implements [sqldriver.NamedValueChecker]. Beside what
// database/sql knows, arguments may be [Group], [Regexp] and time.Duration.
func (c *conn) CheckNamedValue(v *sqldriver.NamedValue) error { return checkValue(v) }

func checkValue(v *sqldriver.NamedValue) error {
	if v.Name != "" {
		return dataError(driver.ErrNotSupported, "argument %q: SiriDB has no named arguments", v.Name)
	}
	switch v.Value.(type) {
	case Group, Regexp, time.Duration:
		return nil
	case nil, int64, float64, string, []byte, bool, time.Time:
		return nil
	}
	if n, ok := unsigned(v.Value); ok && n > math.MaxInt64 {
		return dataError(driver.ErrOverflow, "argument %d is beyond 64 bits with sign", v.Ordinal)
	}
	converted, err := sqldriver.DefaultParameterConverter.ConvertValue(v.Value)
	if err != nil {
		return &driver.Error{Kind: driver.ErrData, Engine: cluster.Engine, Message: fmt.Sprintf("argument %d", v.Ordinal), Err: err}
	}
	v.Value = converted
	return nil
}

// unsigned is the value of an unsigned integer of any type, or of a pointer to
// one.
func unsigned(v any) (uint64, bool) {
	if _, ok := v.(sqldriver.Valuer); ok {
		return 0, false // says itself what it is
	}
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	if !r.CanUint() {
		return 0, false
	}
	return r.Uint(), true
}

// needsUnit reports whether the value's literal depends on the database's
// precision.
func needsUnit(args []sqldriver.NamedValue) bool {
	for _, a := range args {
		switch a.Value.(type) {
		case time.Time, time.Duration:
			return true
		}
	}
	return false
}

// literal appends the value as SiriDB's language has it.
func literal(dst []byte, value any, unit Precision) ([]byte, error) {
	switch v := value.(type) {
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		return query.AppendFloat(dst, v), nil
	case string:
		return query.AppendString(dst, v)
	case []byte:
		if v != nil {
			return query.AppendString(dst, string(v))
		}
	case bool:
		return strconv.AppendBool(dst, v), nil
	case time.Time:
		ts, ok := unit.Timestamp(v)
		if !ok {
			return dst, dataError(driver.ErrOverflow, "a time that a database in %s cannot hold", unit)
		}
		return strconv.AppendInt(dst, ts, 10), nil
	case time.Duration:
		step := time.Second / time.Duration(unit.perSecond())
		if v%step != 0 {
			return dst, dataError(driver.ErrData, "a duration that is not whole in %s, the database's unit", unit)
		}
		return strconv.AppendInt(dst, int64(v/step), 10), nil
	case Group:
		return query.AppendGroup(dst, string(v))
	case Regexp:
		return query.AppendPattern(dst, v.Pattern, v.IgnoreCase)
	}
	return dst, dataError(driver.ErrData, "NULL has no form in SiriDB")
}
