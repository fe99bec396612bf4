package iotdbtest

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tablet"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest/internal/store"
)

// foreign is a session in front of another database than the store. The store's own
// session answers what clients ask without being told to.
type foreign struct {
	*store.Session
	db    *sql.DB
	units int64
}

var (
	_ backend = (*foreign)(nil)

	ours      = regexp.MustCompile(`(?is)^\s*(?:use|kill|show\s+(?:version|current_\w+|queries|variables))\b|\binformation_schema\s*\.\s*queries\b`)
	useTarget = regexp.MustCompile("(?is)^\\s*use\\s+[\"`]?([^\"`;\\s]+)")
	queries   = regexp.MustCompile(`(?is)^\s*(?:select|show|desc|describe|with|values|pragma|explain)\b`)
)

func (f *foreign) Execute(ctx context.Context, text string) (*store.Result, error) {
	if ours.MatchString(text) {
		if m := useTarget.FindStringSubmatch(text); m != nil {
			f.Database = strings.ToLower(m[1])
			return &store.Result{Database: f.Database}, nil
		}
		return f.Session.Execute(ctx, text)
	}
	return f.run(ctx, text, nil)
}

func (f *foreign) Prepare(name, text string) (store.Prepared, error) {
	return store.Prepared{}, &store.Error{Code: store.CodeSemantic, Message: "iotdbtest: no prepared statements in front of another database"}
}

func (f *foreign) run(ctx context.Context, text string, args []any) (*store.Result, error) {
	if !queries.MatchString(text) {
		if _, err := f.db.ExecContext(ctx, text, args...); err != nil {
			return nil, f.wrong(ctx, err)
		}
		return &store.Result{}, nil
	}
	rows, err := f.db.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, f.wrong(ctx, err)
	}
	types, err := rows.ColumnTypes()
	if err != nil {
		_ = rows.Close()
		return nil, f.wrong(ctx, err)
	}
	// The first row is read at once, for the types that the database does not tell.
	var first []any
	read := func() ([]any, error) {
		if !rows.Next() {
			if err := rows.Err(); err != nil {
				return nil, f.wrong(ctx, err)
			}
			return nil, io.EOF
		}
		values, dest := make([]any, len(types)), make([]any, len(types))
		for i := range dest {
			dest[i] = &values[i]
		}
		if err := rows.Scan(dest...); err != nil {
			return nil, f.wrong(ctx, err)
		}
		return values, nil
	}
	first, firstErr := read()
	if firstErr != nil && firstErr != io.EOF {
		_ = rows.Close()
		return nil, firstErr
	}
	columns := make([]store.Column, len(types))
	for i, t := range types {
		var v any
		if first != nil {
			v = first[i]
		}
		columns[i] = store.Column{Name: t.Name(), Type: typeFor(t.DatabaseTypeName(), v)}
	}
	next := func(row []any) error {
		values, err := first, firstErr
		if first, firstErr = nil, nil; values == nil && err == nil {
			values, err = read()
		}
		for i, v := range values {
			row[i] = f.convert(columns[i].Type, v)
		}
		return err
	}
	return store.NewResult(columns, next, func() { _ = rows.Close() }), nil
}

// wrong is an error of the database as the server tells it.
func (f *foreign) wrong(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if e, ok := err.(*Error); ok {
		return &store.Error{Code: int32(e.Code), Message: e.Message}
	}
	return &store.Error{Code: store.CodeExecute, Message: err.Error()}
}

// Error is what a database behind [WithDB] returns to have the server answer with a
// status of its choice; other errors have the code 301.
type Error struct {
	Code    int
	Message string
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// foreignTypes has the types of other databases by names that are not IoTDB's.
var foreignTypes = map[string]datatype.Type{
	"BOOL": datatype.Boolean, "BIT": datatype.Boolean, "INTEGER": datatype.Int64, "INT": datatype.Int32, "INT4": datatype.Int32,
	"INT8": datatype.Int64, "BIGINT": datatype.Int64, "SMALLINT": datatype.Int32, "TINYINT": datatype.Int32, "REAL": datatype.Double,
	"DOUBLE PRECISION": datatype.Double, "FLOAT4": datatype.Float, "FLOAT8": datatype.Double, "NUMERIC": datatype.Double,
	"VARCHAR": datatype.String, "CHAR": datatype.String, "NVARCHAR": datatype.String, "DATETIME": datatype.Timestamp,
	"TIMESTAMPTZ": datatype.Timestamp, "BYTEA": datatype.Blob, "VARBINARY": datatype.Blob,
}

// typeFor is the type of a column by the name of its type or by a value.
func typeFor(name string, v any) datatype.Type {
	name, _, _ = strings.Cut(strings.ToUpper(name), "(")
	if t, ok := datatype.Of(name); ok && t.Column() {
		return t
	}
	if t, ok := foreignTypes[name]; ok {
		return t
	}
	switch v.(type) {
	case bool:
		return datatype.Boolean
	case int, int8, int16, int32, int64:
		return datatype.Int64
	case float32:
		return datatype.Float
	case float64:
		return datatype.Double
	case time.Time:
		return datatype.Timestamp
	case []byte:
		return datatype.Blob
	}
	return datatype.String
}

// convert makes a value one of the column's type, text if nothing else is possible,
// and NULL of what is no such text.
func (f *foreign) convert(t datatype.Type, v any) any {
	if v == nil {
		return nil
	}
	if t.Binary() {
		var text string
		switch v := v.(type) {
		case []byte:
			text = string(v)
		case time.Time:
			text = v.Format(time.RFC3339Nano)
		default:
			text = fmt.Sprint(v)
		}
		if t == datatype.Blob {
			return []byte(text)
		}
		return text
	}
	c := &tablet.Column{Type: t, Units: f.units}
	if err := c.Append(v); err != nil {
		return nil
	}
	return c.Values()[0]
}

// Insert makes one INSERT a row of a tablet.
func (f *foreign) Insert(ctx context.Context, t store.Tablet) error {
	names, marks := []string{"time"}, "?"
	columns := make([][]any, len(t.Columns))
	for i, c := range t.Columns {
		names = append(names, `"`+strings.ReplaceAll(c.Name, `"`, `""`)+`"`)
		marks += ", ?"
		columns[i] = c.Values()
	}
	text := "INSERT INTO " + t.Table + " (" + strings.Join(names, ", ") + ") VALUES (" + marks + ")"
	for i, ts := range t.Times {
		args := []any{ts}
		for _, c := range columns {
			args = append(args, c[i])
		}
		if _, err := f.db.ExecContext(ctx, text, args...); err != nil {
			return f.wrong(ctx, err)
		}
	}
	return nil
}
