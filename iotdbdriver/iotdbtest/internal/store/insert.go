package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
)

// insert runs an INSERT. A literal that a column does not take leaves the column out,
// of all rows; the others are written, and the error of code 507 says so.
func (s *Session) insert(ctx context.Context, b insert, args []any) error {
	n, err := s.qualified(b.name)
	if err != nil {
		return err
	}
	s.store.mu.Lock()
	defer s.store.mu.Unlock()
	t, missing := s.store.find(n)
	if missing != nil {
		return missing
	}
	fields, err := targets(t, b)
	if err != nil {
		return err
	}
	batch := &batch{table: t}
	at := slices.IndexFunc(fields, func(f *field) bool { return f.id == 0 })
	for i, f := range fields {
		if i != at {
			batch.fields = append(batch.fields, f)
		}
	}
	bad := make([]error, len(fields))
	now := time.Now()
	for _, row := range b.rows {
		if len(row) != len(fields) {
			if !b.named {
				return fail(CodeSemantic, "expressions and columns do not match, expressions size: %d, columns size: %d", len(row), len(fields))
			}
			return fail(CodeSemantic, "Inconsistent numbers of non-time column names and values: %d-%d", len(fields)-1, len(row)-1)
		}
		ts, _ := s.store.timestamp(now)
		values := make([]any, 0, len(row))
		for i, x := range row {
			k, err := s.value(x, args, now)
			if err != nil {
				return err
			}
			if i == at {
				if ts, err = s.time(k); err != nil {
					return err
				}
				continue
			}
			v, err := s.literal(k, fields[i].typ)
			if err != nil && bad[i] == nil {
				bad[i] = err
			}
			values = append(values, v)
		}
		batch.times, batch.rows = append(batch.times, ts), append(batch.rows, values)
	}
	var names []string
	var reasons []string
	for i, err := range bad {
		if err != nil {
			names, reasons = append(names, fields[i].name), append(reasons, err.Error())
			batch.leaveOut(fields[i])
		}
	}
	if err := s.store.write(ctx, batch); err != nil {
		return err
	}
	if names != nil {
		return fail(CodePartial, "Fail to insert measurements [%s] caused by [%s]", strings.Join(names, ", "), strings.Join(reasons, ", "))
	}
	return nil
}

// targets are the columns that an INSERT writes.
func targets(t *table, b insert) ([]*field, error) {
	if !b.named {
		return t.columns, nil
	}
	var fields []*field
	for _, name := range b.columns {
		f := t.field(name)
		switch {
		case f == nil:
			return nil, fail(CodeNoColumn, "Unknown column category for %s. Cannot auto create column.", name)
		case slices.Contains(fields, f) && f.id == 0:
			return nil, fail(CodeSemantic, "One row should only have one time value")
		case slices.Contains(fields, f):
			return nil, fail(CodeSemantic, "Insertion contains duplicated measurement: %s", name)
		}
		fields = append(fields, f)
	}
	return fields, nil
}

// value is what VALUES may have: a literal, a parameter or now().
func (s *Session) value(x node, args []any, now time.Time) (constant, error) {
	switch n := x.(type) {
	case constant:
		return n, nil
	case parameter:
		if n.n >= len(args) {
			return constant{}, fail(CodeSemantic, "Query takes no parameters")
		}
		v := args[n.n]
		k := constant{typ: typeOf(v), value: v, raw: fmt.Sprint(v)}
		return k, nil
	case call:
		if n.name == "now" && len(n.args) == 0 {
			ts, _ := s.store.timestamp(now)
			return constant{datatype.Int64, ts, fmt.Sprint(ts)}, nil
		}
	}
	return constant{}, fail(CodeInternal, "class org.apache.iotdb.db.queryengine.plan.relational.sql.ast.ArithmeticBinaryExpression cannot be cast to class org.apache.iotdb.db.queryengine.plan.relational.sql.ast.StringLiteral")
}

// time is the timestamp that a literal means.
func (s *Session) time(k constant) (int64, error) {
	class := map[datatype.Type]string{datatype.Unknown: "NullLiteral", datatype.Double: "DoubleLiteral", datatype.Boolean: "BooleanLiteral", datatype.Blob: "BinaryLiteral"}[k.typ]
	if class != "" {
		return 0, fail(CodeInternal, "class org.apache.iotdb.db.queryengine.plan.relational.sql.ast.%s cannot be cast to class org.apache.iotdb.db.queryengine.plan.relational.sql.ast.StringLiteral", class)
	}
	var ts int64
	switch v := k.value.(type) {
	case int32:
		ts = int64(v)
	case int64:
		ts = v
	default:
		at, ok := parseInstant(k.raw, s.zone)
		if ok {
			ts, ok = s.store.timestamp(at)
		}
		if !ok {
			return 0, fail(CodeSemantic, "Input time format %s error. Input like yyyy-MM-dd HH:mm:ss, yyyy-MM-ddTHH:mm:ss or refer to user document for more info.", k.raw)
		}
	}
	if err := s.store.checkTime(ts); err != nil {
		return 0, err
	}
	return ts, nil
}

// batch are rows on their way into a table. nil is NULL.
type batch struct {
	table  *table
	fields []*field
	times  []int64
	rows   [][]any
}

// leaveOut takes a column out.
func (b *batch) leaveOut(f *field) {
	i := slices.Index(b.fields, f)
	b.fields = slices.Delete(slices.Clone(b.fields), i, i+1)
	for n, row := range b.rows {
		b.rows[n] = slices.Delete(slices.Clone(row), i, i+1)
	}
}

// device is the key of the device that a row is of: its tags, those at the end that
// are NULL left out, so that a table can be given more of them.
func (b *batch) device(tags []*field, row []any) string {
	values := make([]any, len(tags))
	last := 0
	for i, tag := range tags {
		if at := slices.Index(b.fields, tag); at >= 0 && row[at] != nil {
			values[i], last = row[at], i+1
		}
	}
	key, _ := json.Marshal(values[:last])
	return string(key)
}

// write writes rows: over those with the same tags and time, but NULL over nothing.
// The caller holds the lock.
func (s *Store) write(ctx context.Context, b *batch) error {
	// The write is not left half done.
	ctx = context.WithoutCancel(ctx)
	tx, err := s.db.Writer().BeginTx(ctx, nil)
	if err != nil {
		return fail(CodeExecute, "%v", err)
	}
	defer tx.Rollback()
	rows, err := newUpsert(ctx, tx, b, b.table.rows(), []string{"dev", "time"}, catTag, catField)
	if err != nil {
		return fail(CodeExecute, "%v", err)
	}
	defer rows.close()
	devices, err := newUpsert(ctx, tx, b, b.table.devices(), []string{"dev"}, catTag, catAttribute)
	if err != nil {
		return fail(CodeExecute, "%v", err)
	}
	defer devices.close()
	tags := b.table.of(catTag)
	for i, row := range b.rows {
		dev := b.device(tags, row)
		if err := rows.put(ctx, row, dev, b.times[i]); err != nil {
			return fail(CodeExecute, "%v", err)
		}
		if err := devices.put(ctx, row, dev); err != nil {
			return fail(CodeExecute, "%v", err)
		}
	}
	if err := tx.Commit(); err != nil {
		return fail(CodeExecute, "%v", err)
	}
	return nil
}

// upsert writes rows of one of a table's two storages.
type upsert struct {
	stmt   *sql.Stmt
	places []int // of the values in a row
	args   []any
}

func newUpsert(ctx context.Context, tx *sql.Tx, b *batch, storage string, key []string, categories ...category) (*upsert, error) {
	u := &upsert{}
	names, sets := slices.Clone(key), []string{}
	for i, f := range b.fields {
		if slices.Contains(categories, f.category) {
			u.places = append(u.places, i)
			names = append(names, f.sql())
			sets = append(sets, fmt.Sprintf("%[1]s = coalesce(excluded.%[1]s, %[1]s)", f.sql()))
		}
	}
	text := "insert into " + storage + " (" + strings.Join(names, ", ") + ") values (?" + strings.Repeat(", ?", len(names)-1) +
		") on conflict (" + strings.Join(key, ", ") + ") do "
	if len(sets) == 0 {
		text += "nothing"
	} else {
		text += "update set " + strings.Join(sets, ", ")
	}
	var err error
	u.stmt, err = tx.PrepareContext(ctx, text)
	return u, err
}

func (u *upsert) put(ctx context.Context, row []any, key ...any) error {
	u.args = append(u.args[:0], key...)
	for _, i := range u.places {
		u.args = append(u.args, encode(row[i]))
	}
	_, err := u.stmt.ExecContext(ctx, u.args...)
	return err
}

func (u *upsert) close() { _ = u.stmt.Close() }
