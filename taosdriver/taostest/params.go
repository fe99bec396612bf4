package taostest

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

// The places a question mark can have, as bind_type tells them.
const (
	bindColumn = 1
	bindTag    = 2
	bindTable  = 4
)

// param is a question mark of an INSERT.
type param struct {
	name             string
	typ              block.Type
	precision, scale uint8
	bytes            int32 // as stored
	bind             int
	decimals         uint8 // the scale of a DECIMAL, which the server does not tell
}

// params returns whether a statement is an INSERT and its question marks in the
// order of the text, as far as the database knows what they stand for. One that
// does not gets text for all of them.
func (l *lease) params(ctx context.Context, sql string) (isInsert bool, list []param, err error) {
	if l.stateful {
		err = l.Raw(func(c any) error {
			var fields []store.StmtField
			var err error
			isInsert, fields, err = c.(stateful).StmtFields(ctx, sql)
			for _, f := range fields {
				list = append(list, param{
					name: f.Name, typ: block.Type(f.Type), precision: f.Precision, scale: f.Scale, bytes: f.Bytes, bind: int(f.BindType),
				})
			}
			return err
		})
		return isInsert, list, err
	}
	isInsert = begins(sql, "insert", "into")
	list = make([]param, countParams(sql))
	if !isInsert && (!begins(sql, "select") || len(list) == 0) {
		return false, nil, errStmtKind
	}
	for i := range list {
		list[i] = param{name: "?" + strconv.Itoa(i+1), typ: block.VarChar, bytes: maxText, bind: bindColumn}
	}
	if isInsert && len(list) > 0 && wantsTable(sql) {
		list[0] = tableParam
	}
	return isInsert, list, nil
}

// tableParam is the question mark of a table's name.
var tableParam = param{name: "tbname", typ: block.VarChar, bytes: 271, bind: bindTable}

// paramsOf asks the database about the question marks of an INSERT, with the
// table's name filled in if the database cannot do without it.
func (s *session) paramsOf(db, sql, table string) ([]param, error) {
	l, err := s.borrowIn(s.ctx, db)
	if err != nil {
		return nil, err
	}
	defer l.giveBack()
	_, list, err := l.params(s.ctx, sql)
	if err != nil && table != "" && wantsTable(sql) {
		_, list, err = l.params(s.ctx, nameTable(sql, table))
		list = append([]param{tableParam}, list...)
	}
	if err != nil {
		return nil, l.explain(err)
	}
	return list, l.learnDecimals(s.ctx, sql, table, list)
}

// learnDecimals finds out the scales of DECIMAL columns, which the server needs
// to read unscaled numbers but does not tell.
func (l *lease) learnDecimals(ctx context.Context, sql, table string, list []param) error {
	if !l.stateful || !slices.ContainsFunc(list, func(p param) bool { return p.typ.IsDecimal() }) {
		return nil
	}
	into, _ := insertColumns(sql)
	if into == "?" {
		into = backquote(table)
	}
	columns, err := l.describe(ctx, into)
	if err != nil {
		return err
	}
	for i, p := range list {
		if _, _, scale, err := block.ParseType(columns[strings.ToLower(p.name)]); err == nil && p.typ.IsDecimal() {
			list[i].decimals = scale
		}
	}
	return nil
}

// describe returns the types of a table's columns and tags by their names in
// lower case.
func (l *lease) describe(ctx context.Context, table string) (map[string]string, error) {
	rows, err := l.QueryContext(ctx, "DESCRIBE "+table)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // nothing depends on it
	names, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	dest := make([]any, max(2, len(names)))
	for i := range dest {
		dest[i] = new(any)
	}
	var name, kind string
	dest[0], dest[1] = &name, &kind
	columns := map[string]string{}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, err
		}
		columns[strings.ToLower(name)] = kind
	}
	return columns, rows.Err()
}
