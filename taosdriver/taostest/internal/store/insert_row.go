package store

import (
	"errors"
	"fmt"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// bind resolves the list of columns. Without one all are meant. rest is the statement behind the
// table's name.
func (t *target) bind(names []string, rest string) error {
	if names == nil {
		if t.table == nil {
			return sqlerr.InsertNear(rest, "(...tbname, ts...) bounded cols is expected for supertable insertion")
		}
		for i := range t.shape.Columns {
			t.columns = append(t.columns, i)
		}
		return nil
	}
	seen := map[string]bool{}
	for _, n := range names {
		place := t.shape.FindColumn(n)
		if place < 0 && t.table == nil {
			if tag := t.shape.FindTag(n); tag >= 0 {
				place = -2 - tag
			} else if n == "tbname" {
				place = nameColumn
			}
		}
		switch {
		case place == -1 && !(n == "tbname" && t.table == nil):
			return sqlerr.Column(n)
		case seen[n]:
			return sqlerr.InsertNear(n, "duplicated column name")
		}
		seen[n] = true
		t.columns = append(t.columns, place)
	}
	if !seen[t.shape.Columns[0].Name] {
		return sqlerr.ErrInsertNoTime
	}
	if t.table == nil && !seen["tbname"] {
		return sqlerr.New(sqlerr.Usage, "tbname is expected in the columns of a super table")
	}
	return nil
}

// row reads one row of values into the batch.
func (in *inserter) row(t *target, r *parse.Row) error {
	if len(r.Values) > len(t.columns) || len(r.Values) == 0 && r.Close >= 0 {
		return sqlerr.ErrColumnCount
	}
	table := t.table
	var name string
	var tags []any
	values := make([]any, len(t.shape.Columns))
	given := make([]byte, len(t.shape.Columns))
	for i := range r.Values {
		v := &r.Values[i]
		place := t.columns[i]
		switch {
		case place >= 0:
			x, set, err := in.value(t, &t.shape.Columns[place].Field, v)
			if err != nil {
				return err
			}
			if x == nil && place == 0 {
				return in.nullTime(v)
			}
			if set {
				values[place], given[place] = x, 1
			}
		case place == nameColumn:
			n, err := in.rowTable(t, v)
			if err != nil {
				return err
			}
			name = n
		default:
			x, _, err := in.value(t, &t.shape.Tags[-2-place].Field, v)
			if err != nil {
				return err
			}
			if tags == nil {
				tags = make([]any, len(t.shape.Tags))
			}
			tags[-2-place] = x
		}
	}
	if r.Close < 0 {
		return in.st.Tail
	}
	if rest := in.st.Source[r.Close:]; len(r.Values) < len(t.columns) {
		return sqlerr.InsertNear(rest, ", expected")
	} else if !strings.HasPrefix(rest, ")") {
		return sqlerr.InsertNear(rest, ") expected")
	}
	ts, ok := values[0].(int64)
	if !ok { // Unset
		return sqlerr.ErrNullTimestamp
	}
	if ts < t.from || ts > t.to {
		return sqlerr.ErrTimestampRange
	}
	if table == nil {
		var err error
		table, err = in.child(t.shape, name, func() ([]any, error) {
			if tags == nil {
				tags = make([]any, len(t.shape.Tags))
			}
			return tags, nil
		})
		if err != nil {
			return err
		}
	}
	in.batch.add(t.shape, table, values, given)
	return nil
}

// value reads one value. set is false if the stored one shall stay.
func (in *inserter) value(t *target, f *block.Field, v *parse.Value) (x any, set bool, err error) {
	if v.Kind != parse.ParamValue {
		x, err = t.env.Literal(f, v)
		return x, true, in.bad(err, v)
	}
	arg := in.args[v.Param]
	if _, unset := arg.(Unset); unset {
		return nil, false, nil
	}
	x, err = t.env.Bind(f, arg)
	return x, true, in.bad(err, v)
}

// bad words the error of a value: the server shows a text itself, of anything else the statement
// from there on.
func (in *inserter) bad(err error, v *parse.Value) error {
	switch v.Kind {
	case parse.ParamValue:
		return badValue(err, fmt.Sprint(in.args[v.Param]))
	case parse.StringValue:
		return badValue(err, v.Text)
	}
	return badValue(err, in.st.Source[v.Pos:])
}

func badValue(err error, source string) error {
	var b *literal.Bad
	if errors.As(err, &b) {
		return sqlerr.InsertNear(source, b.Info)
	}
	return err
}

func (in *inserter) nullTime(v *parse.Value) error {
	if v.Kind == parse.ParamValue {
		return sqlerr.ErrNullTimestamp
	}
	return in.bad(&literal.Bad{Info: "primary timestamp should not be null"}, v)
}

// rowTable is the name of a row's table.
func (in *inserter) rowTable(t *target, v *parse.Value) (string, error) {
	f := block.Field{Name: "tbname", Type: block.VarChar, Bytes: catalog.MaxTableLen}
	x, _, err := in.value(t, &f, v)
	if err != nil {
		return "", err
	}
	name, _ := x.(string)
	if name == "" {
		return "", sqlerr.New(sqlerr.Usage, "tbname can not be null or empty")
	}
	return name, nil
}
