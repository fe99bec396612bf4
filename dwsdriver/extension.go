package dwsdriver

import (
	"reflect"

	"github.com/gaugesql/gaugesql/driver"
)

// Extension implements [driver.Extender]. All extensions are the connection's
// methods but one.
func (c *conn) Extension(target any) bool {
	if t, ok := target.(*driver.TwoPhase); ok {
		*t = twoPhaser{c}
		return true
	}
	v := reflect.ValueOf(target)
	if v.Kind() != reflect.Pointer || v.Elem().Kind() != reflect.Interface || !reflect.TypeOf(c).Implements(v.Type().Elem()) {
		return false
	}
	v.Elem().Set(reflect.ValueOf(c))
	return true
}
