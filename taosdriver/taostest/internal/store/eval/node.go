package eval

import (
	"context"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
)

// Row is what an expression sees: the columns of its source, the tags and name of the table it came
// from, and, above an aggregation, the results of the aggregates and the window.
type Row struct {
	Cols  []any
	Tags  []any
	Table string
	Time  int64 // the primary timestamp

	Aggs   []any
	Window Window
}

// Window is a window of time, [Start, End) in the unit of the query.
type Window struct{ Start, End int64 }

// Node is a compiled expression: its type and how to compute it. Const nodes ignore the row.
type Node struct {
	Field block.Field
	Const bool
	Eval  func(*Row) any
}

// Scope gives columns their meaning.
type Scope interface {
	// Column compiles a column's name. The error is a *sqlerr.Error.
	Column(table, name string) (Node, error)
}

// Compiler compiles expressions of one query.
type Compiler struct {
	literal.Env
	Ctx   context.Context // of the query, for functions that wait
	Args  []any           // of the parameters
	Scope Scope
	// Aggregate, if not nil, compiles the calls that are aggregates.
	Aggregate func(*parse.Call) (Node, error)
	// Keys are expressions that have one value in a group; where one stands, its columns are those
	// of KeyScope.
	Keys     []parse.Expr
	KeyScope Scope

	Database string // current, "" if none
	Version  string
	User     string
}

func constant(f block.Field, v any) Node {
	return Node{Field: f, Const: true, Eval: func(*Row) any { return v }}
}

// field is a field of a fixed-width type.
func field(t block.Type) block.Field { return block.Field{Type: t, Bytes: int32(t.Width())} }

func text(n int) block.Field { return block.Field{Type: block.VarChar, Bytes: int32(n)} }

var null = constant(text(0), nil)

func isText(t block.Type) bool { return t == block.VarChar || t == block.NChar }

func isInteger(t block.Type) bool {
	switch t {
	case block.TinyInt, block.SmallInt, block.Int, block.BigInt, block.UTinyInt, block.USmallInt, block.UInt, block.UBigInt:
		return true
	}
	return false
}

func isUnsigned(t block.Type) bool {
	return t == block.UTinyInt || t == block.USmallInt || t == block.UInt || t == block.UBigInt
}

func isNumeric(t block.Type) bool {
	return isInteger(t) || t == block.Float || t == block.Double || t.IsDecimal()
}

// TimeOf is a constant as a timestamp in the unit of the query; false if it is none.
func (c *Compiler) TimeOf(n Node) (int64, bool) {
	if !n.Const || n.Field.Type != block.Timestamp && !isInteger(n.Field.Type) && !isText(n.Field.Type) {
		return 0, false
	}
	v := n.Eval(nil)
	if s, ok := v.(string); ok {
		v = c.conversion(block.VarChar, block.Timestamp)(s)
	}
	ts, ok := v.(int64)
	return ts, ok
}

// Common is a type that holds values of both.
func Common(a, b block.Field) block.Field { return commonField([]Node{{Field: a}, {Field: b}}) }

// Cast turns a value of one type into one of another.
func (c *Compiler) Cast(v any, from, to block.Field) any {
	if v == nil || from.Type == to.Type && !isText(to.Type) {
		return v
	}
	return c.castValue(v, from, to)
}

// locationOf is the session's location, UTC if none was set.
func (c *Compiler) locationOf() *time.Location {
	if c.Location == nil {
		return time.UTC
	}
	return c.Location
}
