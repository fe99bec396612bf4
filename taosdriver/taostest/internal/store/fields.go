package store

import (
	"context"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// The kinds of parameters, by their numbers in the answer to stmt2_prepare.
const (
	BindColumn uint8 = 1
	BindTag    uint8 = 2
	BindQuery  uint8 = 3
	BindTable  uint8 = 4
)

// StmtField describes one parameter of a prepared INSERT as stmt2_prepare does: Bytes is the
// storage length, Precision that of the database for a TIMESTAMP (0 ms, 1 us, 2 ns) and, like
// Scale, 0 for anything else. What the answer leaves out is in Digits and Decimals: the precision
// and the scale of a DECIMAL.
type StmtField struct {
	Name             string
	Type             uint8
	Precision, Scale uint8
	Bytes            int32
	BindType         uint8
	Digits, Decimals uint8
}

// StmtFields answers what stmt2_prepare asks: whether a statement is an INSERT, and its parameters
// in the order of the text. A SELECT has a field of kind BindQuery, without a type, for each. Only
// INSERT and SELECT with a parameter can be prepared, and the tables of an INSERT must be known.
func (c *conn) StmtFields(ctx context.Context, sql string) (insert bool, fields []StmtField, err error) {
	if err := ctx.Err(); err != nil {
		return false, nil, err
	}
	refused := sqlerr.New(sqlerr.Syntax, "stmt only support 'SELECT' or 'INSERT'")
	st, err := parse.Parse(sql)
	if err != nil {
		if w := firstWord(sql); w != "select" && w != "insert" || w == "insert" && !parse.InsertsValues(sql) {
			err = refused
		}
		return false, nil, err
	}
	switch st := st.(type) {
	case *parse.Query:
		if st.Params.Count == 0 || firstWord(sql) != "select" {
			return false, nil, refused
		}
		fields = make([]StmtField, st.Params.Count)
		for i := range fields {
			fields[i].BindType = BindQuery
		}
		return false, fields, nil
	case *parse.Insert:
		c.store.mu.RLock()
		defer c.store.mu.RUnlock()
		fields, err = c.insertFields(st)
		return true, fields, err
	}
	return false, nil, refused
}

func firstWord(sql string) string {
	if f := strings.Fields(sql); len(f) > 0 {
		return strings.ToLower(f[0])
	}
	return ""
}

func (c *conn) insertFields(st *parse.Insert) ([]StmtField, error) {
	fields := []StmtField{}
	for i := range st.Clauses {
		cl := &st.Clauses[i]
		if cl.Param >= 0 {
			fields = append(fields, tableField())
			if cl.Using == nil {
				return nil, sqlerr.New(sqlerr.StmtTable, "Stmt table name not set correctly")
			}
		}
		t, err := c.clauseShape(cl)
		if err != nil {
			return nil, err
		}
		if cl.Using != nil {
			if fields, err = usingFields(fields, t.shape, cl.Using); err != nil {
				return nil, err
			}
		}
		if err := t.bind(cl.Columns, st.Source[cl.After:]); err != nil {
			return nil, err
		}
		for j := range cl.Rows {
			if fields, err = rowFields(fields, t, &cl.Rows[j], st.Source); err != nil {
				return nil, err
			}
		}
	}
	return fields, st.Tail
}

// clauseShape is the table whose columns a clause fills.
func (c *conn) clauseShape(cl *parse.InsertClause) (*target, error) {
	var t *catalog.Table
	var err error
	if cl.Using != nil {
		t, err = c.superTable(cl.Using.Stable)
	} else {
		t, err = c.table(cl.Table)
	}
	if err != nil {
		if e, ok := err.(*sqlerr.Error); ok && e.Code() == sqlerr.TableNotExist {
			return nil, sqlerr.New(sqlerr.StmtTable, e.Error())
		}
		return nil, insertError(err)
	}
	if cl.Using == nil && t.Kind == catalog.Super {
		return &target{shape: t}, nil
	}
	return &target{table: t, shape: t.Shape()}, nil
}

func usingFields(fields []StmtField, stable *catalog.Table, u *parse.Using) ([]StmtField, error) {
	if n := len(u.TagNames); u.TagNames != nil && n != len(u.Tags) || u.TagNames == nil && len(u.Tags) != len(stable.Tags) {
		return nil, sqlerr.ErrTagsNotMatched
	}
	for i, v := range u.Tags {
		place := i
		if u.TagNames != nil {
			if place = stable.FindTag(u.TagNames[i]); place < 0 {
				return nil, sqlerr.Tag(u.TagNames[i])
			}
		}
		if v.Kind == parse.ParamValue {
			fields = append(fields, stmtField(stable, stable.Tags[place].Field, BindTag))
		}
	}
	return fields, nil
}

func rowFields(fields []StmtField, t *target, r *parse.Row, source string) ([]StmtField, error) {
	if len(r.Values) > len(t.columns) || len(r.Values) == 0 && r.Close >= 0 {
		return nil, sqlerr.ErrColumnCount
	}
	for i, v := range r.Values {
		if v.Kind != parse.ParamValue {
			continue
		}
		switch place := t.columns[i]; {
		case place >= 0:
			fields = append(fields, stmtField(t.shape, t.shape.Columns[place].Field, BindColumn))
		case place == nameColumn:
			fields = append(fields, tableField())
		default:
			fields = append(fields, stmtField(t.shape, t.shape.Tags[-2-place].Field, BindTag))
		}
	}
	if len(r.Values) < len(t.columns) && r.Close >= 0 {
		return nil, sqlerr.InsertNear(source[r.Close:], ", expected")
	}
	return fields, nil
}

func tableField() StmtField {
	return StmtField{Name: "tbname", Type: uint8(block.VarChar), Bytes: 271, BindType: BindTable}
}

func stmtField(t *catalog.Table, f block.Field, bind uint8) StmtField {
	s := StmtField{
		Name: f.Name, Type: uint8(f.Type), Bytes: f.StorageBytes(), BindType: bind, Digits: f.Precision, Decimals: f.Scale,
	}
	if f.Type == block.Timestamp {
		s.Precision = uint8(t.Database.Precision)
	}
	return s
}
