package driver

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"reflect"
)

// Extender is implemented by a connection whose extensions depend on its
// transport. Its answer is final, the connection's own methods are not looked at: target is
// a non-nil pointer to an interface type; the connection sets *target and
// returns true if it offers that interface.
type Extender interface {
	// Extension sets *target, if the connection has the extension.
	Extension(target any) bool
}

// Identifier is implemented by every connection of this module. As names the
// engine and the transport with it when an extension is missing.
type Identifier interface {
	// Engine returns "tdengine", "iotdb", "siridb" or "dws".
	Engine() string
	// Transport returns "ws", "http", "native", ..., or "" if there is but one.
	Transport() string
}

// maxWrappers bounds the walk through instrumentation wrappers.
const maxWrappers = 16

// As finds the extension T, an interface type, on a driver connection such as
// the one that sql.Conn.Raw hands out. Instrumentation wrappers are looked
// through: those with a method Raw, Unwrap or WrappedConn that returns the
// connection inside (otelsql, Datadog), and those that embed a driver.Conn.
//
// If no layer has T, the error is of kind ErrNotSupported and names the engine
// and the transport.
func As[T any](conn any) (T, error) {
	var zero T
	var engine, transport string
	for i := 0; conn != nil && i < maxWrappers; i++ {
		id, identified := conn.(Identifier)
		if identified {
			engine, transport = id.Engine(), id.Transport()
		}
		if x, ok := conn.(Extender); ok {
			var t T
			if x.Extension(&t) {
				return t, nil
			}
		} else if t, ok := conn.(T); ok {
			return t, nil
		}
		if identified {
			break // a connection of ours is the innermost
		}
		conn = unwrap(conn)
	}
	what := "the extension " + reflect.TypeFor[T]().String()
	if engine == "" {
		err := NotSupported("", "", what)
		err.Message = what + " was not found on this connection"
		err.Hint = "if the driver is wrapped, the wrapper needs a method Raw() or Unwrap() driver.Conn"
		return zero, err
	}
	return zero, NotSupported(engine, transport, what)
}

// unwrap returns the connection inside an instrumentation wrapper, or nil.
func unwrap(conn any) any {
	switch w := conn.(type) {
	case interface{ Raw() sqldriver.Conn }: // XSAM/otelsql
		return w.Raw()
	case interface{ Unwrap() sqldriver.Conn }:
		return w.Unwrap()
	case interface{ WrappedConn() sqldriver.Conn }: // dd-trace-go
		return w.WrappedConn()
	}
	// uptrace/otelsql and others embed the interface: an exported field Conn.
	v := reflect.ValueOf(conn)
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	if v.Kind() != reflect.Struct {
		return nil
	}
	f, ok := v.Type().FieldByName("Conn")
	if !ok || !f.Anonymous || len(f.Index) != 1 || f.Type != reflect.TypeFor[sqldriver.Conn]() {
		return nil
	}
	return v.FieldByIndex(f.Index).Interface()
}

// With runs fn with the extension T of conn, which stays reserved meanwhile.
// The extension must not be kept after fn returns. The error is As's or fn's.
func With[T any](conn *sql.Conn, fn func(T) error) error {
	return conn.Raw(func(c any) error {
		t, err := As[T](c)
		if err != nil {
			return err
		}
		return fn(t)
	})
}

// WithDB is With on a connection that is taken from db's pool and given back.
func WithDB[T any](ctx context.Context, db *sql.DB, fn func(T) error) (err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if e := conn.Close(); err == nil && e != sql.ErrConnDone {
			err = e
		}
	}()
	return With(conn, fn)
}
