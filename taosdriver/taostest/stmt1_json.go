package taostest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

type tagsArgs struct {
	stmtArgs
	Tags json.RawMessage `json:"tags"`
}

// serveStmt1JSONTags takes tags as a list of values.
func serveStmt1JSONTags(r *request, a tagsArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if err := st.learn(); err != nil {
			return nil, st.fail(err)
		}
		var values []any
		if err := unmarshalNumbers(a.Tags, &values); err != nil {
			return nil, &codeError{adapterCode, "stmt parse tag json:" + err.Error()}
		}
		columns := make([][]any, len(values))
		for i, v := range values {
			columns[i] = []any{v}
		}
		tags, err := vectors(st.params, bindTag, columns)
		if err != nil {
			return nil, &codeError{adapterCode, "stmt parse tag json:" + err.Error()}
		}
		st.table.tags = tags
		return stmtMember{a.StmtID}, nil
	})
}

type columnsArgs struct {
	stmtArgs
	Columns json.RawMessage `json:"columns"`
}

// serveStmt1JSONBind takes columns as a list of lists of values.
func serveStmt1JSONBind(r *request, a columnsArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if err := st.learn(); err != nil {
			return nil, st.fail(err)
		}
		var values [][]any
		err := unmarshalNumbers(a.Columns, &values)
		var columns []vector
		if err == nil {
			columns, err = vectors(st.params, bindColumn, values)
		}
		if err != nil {
			return nil, &codeError{adapterCode, "stmt parse column json:" + err.Error()}
		}
		return stmtMember{a.StmtID}, serveStmt1Bind(r, st, columns)
	})
}

// unmarshalNumbers is json.Unmarshal that keeps the digits of numbers.
func unmarshalNumbers(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// vectors makes columns of values in the types of the question marks of a kind.
func vectors(params []param, bind int, values [][]any) ([]vector, error) {
	var list []vector
	for _, p := range params {
		if p.bind != bind {
			continue
		}
		if len(list) == len(values) {
			return nil, fmt.Errorf("%d columns, more are needed", len(values))
		}
		c := bind2.NewColumn(p.typ, block.Precision(p.precision))
		for _, v := range values[len(list)] {
			if err := appendJSON(c, v); err != nil {
				return nil, fmt.Errorf("%s: %w", p.name, err)
			}
		}
		if len(list) > 0 && list[0].rows() != c.Rows() {
			return nil, fmt.Errorf("wrong row length: want %d rows got %d", list[0].rows(), c.Rows())
		}
		list = append(list, stmt2Vector{c})
	}
	if len(list) != len(values) {
		return nil, fmt.Errorf("%d columns, want %d", len(values), len(list))
	}
	return list, nil
}

// appendJSON appends a value: bytes are text in hexadecimal, times are numbers in
// the unit of the database or text of RFC 3339.
func appendJSON(c *bind2.Column, v any) error {
	switch v := v.(type) {
	case nil:
		c.AppendNull()
		return nil
	case bool:
		return c.AppendBool(v)
	case json.Number:
		if t := c.Type(); t == block.Float || t == block.Double {
			f, err := v.Float64()
			if err != nil {
				return err
			}
			return c.AppendFloat64(f)
		}
		if n, err := strconv.ParseInt(v.String(), 10, 64); err == nil {
			return c.AppendInt64(n)
		}
		n, err := strconv.ParseUint(v.String(), 10, 64)
		if err != nil {
			return err
		}
		return c.AppendUint64(n)
	case string:
		switch c.Type() {
		case block.VarBinary, block.Geometry, block.Blob:
			data, err := hex.DecodeString(v)
			if err != nil {
				return err
			}
			return c.AppendBytes(data)
		case block.Timestamp:
			t, err := time.Parse(time.RFC3339Nano, v)
			if err != nil {
				return err
			}
			return c.AppendTime(t)
		}
		return c.AppendString(v)
	}
	return fmt.Errorf("%T is no value", v)
}

type indexArgs struct {
	stmtArgs
	Index int `json:"index"`
}

type paramMembers struct {
	StmtID   uint64 `json:"stmt_id"`
	Index    int    `json:"index"`
	DataType int    `json:"data_type"`
	Length   int32  `json:"length"`
}

// serveStmt1Param describes a column by its index.
func serveStmt1Param(r *request, a indexArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if err := st.learn(); err != nil {
			return nil, st.fail(err)
		}
		at := 0
		for _, p := range st.params {
			if p.bind != bindColumn {
				continue
			}
			if at == a.Index {
				return paramMembers{a.StmtID, a.Index, int(p.typ), p.bytes}, nil
			}
			at++
		}
		return nil, &codeError{0x0118, "Invalid parameters"}
	})
}
