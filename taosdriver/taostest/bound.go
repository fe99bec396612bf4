package taostest

import (
	"time"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// What is wrong with bound values, in the words of TDengine 3.3.7.5 where they
// were recorded.
var (
	errStmtKind    = &codeError{0x2600, "stmt only support 'SELECT' or 'INSERT'"}
	errStmtUsage   = &codeError{0x022a, "Stmt API usage error"}
	errStmtTable   = &codeError{0x022b, "Stmt table name not set correctly"}
	errStmtNoDB    = &codeError{0x0200, "db is not specified"}
	errStmtNumber  = &codeError{0x0236, "bind number out of range or not match"}
	errStmtType    = &codeError{0x0200, "column type mis-match with buffer type"}
	errStmtHeights = &codeError{0x0200, "row number in each bind param should be the same"}
	errStmtTag     = &codeError{0x0200, "tag length is too big"}
	errStmtNull    = &codeError{0x267b, "Primary key column should not be null"}
	errStmtLong    = &codeError{0x2653, "Value too long for column/tag"}
)

// vector is a column of bound values of either statement protocol.
type vector interface {
	kind() block.Type
	rows() int
	state(i int) byte // of bind2
	value(i int) any  // of a given one; a TIMESTAMP as its number
}

// boundTable is what is bound for one table.
type boundTable struct {
	name    string
	tags    []vector
	columns []vector
}

// row is what is bound for one row, in the order of the question marks.
type row struct {
	args []any
	// none has the places whose stored values are to stay; nil for none.
	none []int
}

// rowsOf checks the values of a table against the question marks of an INSERT
// and lays them out as rows.
func rowsOf(params []param, t boundTable) ([]row, error) {
	height := 1
	if len(t.columns) > 0 {
		height = t.columns[0].rows()
	}
	places := make([]vector, len(params)) // nil for the table's name
	tags, columns := t.tags, t.columns
	for i, p := range params {
		var list *[]vector
		switch p.bind {
		case bindTable:
			if t.name == "" {
				return nil, errStmtTable
			}
			continue
		case bindTag:
			list = &tags
		default:
			list = &columns
		}
		if len(*list) == 0 {
			return nil, errStmtHeights // also of none at all
		}
		v := (*list)[0]
		*list = (*list)[1:]
		if v.kind() != p.typ {
			return nil, errStmtType
		}
		if p.bind == bindTag && v.rows() != 1 || p.bind != bindTag && v.rows() != height {
			return nil, errStmtHeights
		}
		places[i] = v
	}
	if err := checkValues(params, places); err != nil {
		return nil, err
	}
	list := make([]row, height)
	args := make([]any, height*len(params))
	for r := range list {
		list[r].args = args[r*len(params) : (r+1)*len(params)]
		for i, v := range places {
			at := r
			switch {
			case v == nil:
				list[r].args[i] = t.name
				continue
			case params[i].bind == bindTag:
				at = 0
			}
			switch v.state(at) {
			case bind2.Given:
				list[r].args[i] = argument(params[i], v.value(at))
			case bind2.None:
				list[r].none = append(list[r].none, i)
			}
		}
	}
	return list, nil
}

// checkValues looks for values that the columns do not take.
func checkValues(params []param, places []vector) error {
	primary := true
	for i, v := range places {
		if v == nil {
			continue
		}
		p := params[i]
		for r := range v.rows() {
			switch {
			case v.state(r) != bind2.Given:
				if primary && p.bind == bindColumn && p.typ == block.Timestamp {
					return errStmtNull
				}
			case !tooLong(p, v.value(r)):
			case p.bind == bindTag:
				return errStmtTag
			default:
				return errStmtLong
			}
		}
		primary = primary && p.bind != bindColumn
	}
	return nil
}

func tooLong(p param, v any) bool {
	room := int(p.bytes) - 2
	switch v := v.(type) {
	case string:
		if p.typ == block.NChar {
			return 4*utf8.RuneCountInString(v) > room
		}
		return p.typ == block.VarChar && len(v) > room
	case []byte:
		return (p.typ == block.VarBinary || p.typ == block.Geometry) && len(v) > room
	}
	return false
}

// argument returns a value as an argument for the database: one of the types of
// database/sql, or a uint64.
func argument(p param, v any) any {
	switch v := v.(type) {
	case float32:
		return float64(v)
	case uint64:
		if v <= 1<<63-1 {
			return int64(v)
		}
	case block.Decimal:
		return string(v.AppendText(nil, p.decimals))
	case []byte:
		if p.typ == block.JSON {
			return string(v)
		}
	}
	return v
}

// stmt2Vector is a column of stmt2.
type stmt2Vector struct{ *bind2.Column }

func (v stmt2Vector) kind() block.Type { return v.Type() }
func (v stmt2Vector) rows() int        { return v.Rows() }
func (v stmt2Vector) state(i int) byte { return v.State(i) }

func (v stmt2Vector) value(i int) any {
	value := v.Value(i, block.Milli)
	if v.Type() == block.Timestamp {
		return unixMilli(value)
	}
	return value
}

// stmt1Vector is a column of a raw block that was decoded in milliseconds.
type stmt1Vector struct {
	*block.Column
	n int
}

func (v stmt1Vector) kind() block.Type { return v.Field.Type }
func (v stmt1Vector) rows() int        { return v.n }

func (v stmt1Vector) state(i int) byte {
	if v.Null(i) {
		return bind2.Null
	}
	return bind2.Given
}

func (v stmt1Vector) value(i int) any {
	value := v.Value(i)
	if v.Field.Type == block.Timestamp {
		return unixMilli(value)
	}
	return value
}

// unixMilli returns the number behind a TIMESTAMP that was read as milliseconds
// because its unit is not known here: what the client sent.
func unixMilli(v any) any {
	if t, ok := v.(time.Time); ok {
		return t.UnixMilli()
	}
	return v
}
