package conformance

import (
	"database/sql"
	sqldriver "database/sql/driver"
	"io"
	"slices"
)

// optional are the interfaces that database/sql looks for, under the names that
// Target.Interfaces uses.
var optional = []struct {
	name string
	in   func(o *objects) bool
}{
	{"Connector.Close", func(o *objects) bool { return is[io.Closer](o.connector) }},
	{"DriverContext", func(o *objects) bool { return is[sqldriver.DriverContext](o.connector.Driver()) }},
	{"Pinger", func(o *objects) bool { return is[sqldriver.Pinger](o.conn) }},
	{"SessionResetter", func(o *objects) bool { return is[sqldriver.SessionResetter](o.conn) }},
	{"Validator", func(o *objects) bool { return is[sqldriver.Validator](o.conn) }},
	{"ConnPrepareContext", func(o *objects) bool { return is[sqldriver.ConnPrepareContext](o.conn) }},
	{"ConnBeginTx", func(o *objects) bool { return is[sqldriver.ConnBeginTx](o.conn) }},
	{"ExecerContext", func(o *objects) bool { return is[sqldriver.ExecerContext](o.conn) }},
	{"QueryerContext", func(o *objects) bool { return is[sqldriver.QueryerContext](o.conn) }},
	{"NamedValueChecker", func(o *objects) bool { return is[sqldriver.NamedValueChecker](o.conn) }},
	{"StmtExecContext", func(o *objects) bool { return is[sqldriver.StmtExecContext](o.stmt) }},
	{"StmtQueryContext", func(o *objects) bool { return is[sqldriver.StmtQueryContext](o.stmt) }},
	{"RowsColumnTypeDatabaseTypeName", func(o *objects) bool { return is[sqldriver.RowsColumnTypeDatabaseTypeName](o.rows) }},
	{"RowsColumnTypeLength", func(o *objects) bool { return is[sqldriver.RowsColumnTypeLength](o.rows) }},
	{"RowsColumnTypeNullable", func(o *objects) bool { return is[sqldriver.RowsColumnTypeNullable](o.rows) }},
	{"RowsColumnTypePrecisionScale", func(o *objects) bool { return is[sqldriver.RowsColumnTypePrecisionScale](o.rows) }},
	{"RowsColumnTypeScanType", func(o *objects) bool { return is[sqldriver.RowsColumnTypeScanType](o.rows) }},
}

// objects are a driver's own, without database/sql around them.
type objects struct {
	connector sqldriver.Connector
	conn      sqldriver.Conn
	stmt      sqldriver.Stmt
	rows      sqldriver.Rows
}

func is[T any](v any) bool {
	_, ok := v.(T)
	return ok
}

// AllInterfaces returns the names of the optional interfaces of
// database/sql/driver that a driver should implement. "Connector.Close" is
// io.Closer on its connector.
func AllInterfaces() []string {
	names := make([]string, len(optional))
	for i, x := range optional {
		names[i] = x.name
	}
	return names
}

// AllInterfacesBut returns AllInterfaces without the names.
func AllInterfacesBut(names ...string) []string {
	return slices.DeleteFunc(AllInterfaces(), func(name string) bool { return slices.Contains(names, name) })
}

// interfaces compares what the driver's objects implement with what the target
// promises, in both directions.
func interfaces(e *Env) {
	promised := e.Target.Interfaces
	if promised == nil {
		promised = AllInterfaces()
	}
	table := e.Of(Text)
	o := &objects{connector: e.Connector()}
	// Closes what the connector holds.
	db := sql.OpenDB(o.connector)
	defer db.Close()
	var err error
	o.conn, err = o.connector.Connect(e.ctx)
	e.Must(err)
	defer o.conn.Close()
	o.stmt, err = prepare(e.ctx, o.conn, e.column(table))
	e.Must(err)
	defer o.stmt.Close()
	o.rows, err = query(e.ctx, o.stmt)
	e.Must(err)
	defer o.rows.Close()
	for _, x := range optional {
		switch has := x.in(o); {
		case has && !slices.Contains(promised, x.name):
			e.Errorf("%s is implemented and not promised", x.name)
		case !has && slices.Contains(promised, x.name):
			e.Errorf("%s is not implemented", x.name)
		}
	}
}
