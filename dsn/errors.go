package dsn

import (
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
)

// errorf makes the error of this package: of kind [driver.ErrInterface], with
// a message that names the component and its problem. Callers pass positions,
// names of parameters and accepted values, never a user's or host's text.
func errorf(format string, args ...any) *driver.Error {
	return &driver.Error{
		Kind: driver.ErrInterface, Op: "dsn",
		Message: fmt.Sprintf(format, args...),
	}
}

// ForEngine names engine ("tdengine") in an error of this package, so that the
// text reads "tdengine: dsn: unknown parameter …". Other errors, and nil, are
// returned as they are.
func ForEngine(engine string, err error) error {
	var e *driver.Error
	if errors.As(err, &e) && e.Engine == "" {
		named := *e
		named.Engine = engine
		return &named
	}
	return err
}
