package eval

import (
	"reflect"
	"strconv"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// Compile compiles an expression. An expression of constants is computed at once, unless it waits.
func (c *Compiler) Compile(e parse.Expr) (Node, error) {
	n, err := c.compile(e)
	if err != nil || !n.Const {
		return n, err
	}
	return constant(n.Field, n.Eval(&Row{})), nil
}

func (c *Compiler) compile(e parse.Expr) (Node, error) {
	for _, k := range c.Keys {
		if reflect.DeepEqual(k, e) {
			key := *c
			key.Scope, key.Keys, key.Aggregate = c.KeyScope, nil, nil
			return key.compile(e)
		}
	}
	switch e := e.(type) {
	case *parse.Literal:
		return c.literal(e)
	case *parse.Param:
		return c.param(e.Index)
	case *parse.Column:
		if c.Scope == nil {
			return Node{}, sqlerr.Column(e.Name)
		}
		return c.Scope.Column(e.Table, e.Name)
	case *parse.Star:
		return Node{}, sqlerr.Near("*")
	case *parse.Unary:
		return c.unary(e)
	case *parse.Binary:
		return c.binary(e)
	case *parse.Between:
		return c.between(e)
	case *parse.In:
		return c.in(e)
	case *parse.IsNull:
		x, err := c.Compile(e.X)
		if err != nil {
			return Node{}, err
		}
		not := e.Not
		return Node{field(block.Bool), x.Const, func(r *Row) any { return (x.Eval(r) == nil) != not }}, nil
	case *parse.Case:
		return c.caseOf(e)
	case *parse.Cast:
		return c.cast(e)
	case *parse.Call:
		return c.call(e)
	}
	return Node{}, sqlerr.Unsupportedf("expression %T", e)
}

func (c *Compiler) compileAll(list []parse.Expr) ([]Node, error) {
	nodes := make([]Node, len(list))
	for i, e := range list {
		var err error
		if nodes[i], err = c.Compile(e); err != nil {
			return nil, err
		}
	}
	return nodes, nil
}

func (c *Compiler) literal(l *parse.Literal) (Node, error) {
	switch l.Kind {
	case parse.NullLiteral:
		return null, nil
	case parse.BoolLiteral:
		return constant(field(block.Bool), l.Text == "true"), nil
	case parse.IntegerLiteral:
		if n, err := strconv.ParseInt(l.Text, base(l.Text), 64); err == nil {
			return constant(field(block.BigInt), n), nil
		}
		if n, err := strconv.ParseUint(l.Text, base(l.Text), 64); err == nil {
			return constant(field(block.UBigInt), n), nil
		}
		fallthrough
	case parse.FloatLiteral:
		f, err := strconv.ParseFloat(l.Text, 64)
		if err != nil {
			return Node{}, sqlerr.Newf(sqlerr.WrongType, "Invalid value type: %s", l.Text)
		}
		return constant(field(block.Double), f), nil
	case parse.StringLiteral:
		return constant(text(len(l.Text)), l.Text), nil
	}
	d, ok := literal.ParseDuration(l.Text)
	if !ok {
		return Node{}, sqlerr.Newf(sqlerr.WrongType, "Invalid value type: %s", l.Text)
	}
	if d.Natural() {
		return Node{}, sqlerr.Unsupported("a duration of months or years in an expression")
	}
	n, ok := d.Units(c.Precision)
	if !ok {
		return Node{}, sqlerr.Newf(sqlerr.WrongType, "Invalid value type: %s", l.Text)
	}
	return constant(field(block.BigInt), n), nil
}

func base(text string) int {
	if len(text) > 1 && (text[1] == 'x' || text[1] == 'b' || len(text) > 2 && (text[2] == 'x' || text[2] == 'b')) {
		return 0
	}
	return 10
}

// param is an argument as a constant; its Go type decides.
func (c *Compiler) param(i int) (Node, error) {
	if i >= len(c.Args) {
		return Node{}, sqlerr.Newf(sqlerr.Usage, "parameter %d is not bound", i+1)
	}
	switch v := c.Args[i].(type) {
	case nil:
		return null, nil
	case bool:
		return constant(field(block.Bool), v), nil
	case int64:
		return constant(field(block.BigInt), v), nil
	case uint64:
		return constant(field(block.UBigInt), v), nil
	case float32:
		return constant(field(block.Float), v), nil
	case float64:
		return constant(field(block.Double), v), nil
	case string:
		return constant(text(len(v)), v), nil
	case []byte:
		return constant(block.Field{Type: block.VarBinary, Bytes: int32(len(v))}, v), nil
	case time.Time:
		ts, err := c.Precision.Unix(v)
		if err != nil {
			return Node{}, sqlerr.Newf(sqlerr.WrongType, "Invalid value type: %v", v)
		}
		return constant(field(block.Timestamp), ts), nil
	}
	return Node{}, sqlerr.Newf(sqlerr.WrongType, "Invalid value type: %T", c.Args[i])
}

func (c *Compiler) caseOf(e *parse.Case) (Node, error) {
	conds, results := make([]Node, len(e.When)), make([]Node, len(e.When)+1)
	var err error
	isConst := true
	add := func(to *Node, x parse.Expr) {
		if err == nil {
			*to, err = c.Compile(x)
			isConst = isConst && to.Const
		}
	}
	for i, w := range e.When {
		add(&conds[i], w.Cond)
		add(&results[i], w.Then)
	}
	other := &results[len(e.When)]
	*other = null
	if e.Else != nil {
		add(other, e.Else)
	}
	// Without a subject a branch is taken if its condition holds, with one if they are equal.
	taken := func(_ any, i int, r *Row) tri { return truth(conds[i].Eval(r)) }
	x := null
	if e.X != nil {
		add(&x, e.X)
		if err == nil {
			taken = c.subject(x, conds).equals
		}
	}
	if err != nil {
		return Node{}, err
	}
	f := commonField(results)
	for i := range results {
		results[i] = c.convert(results[i], f)
	}
	return Node{f, isConst, func(r *Row) any {
		v := x.Eval(r)
		for i := range conds {
			if taken(v, i, r) == isTrue {
				return results[i].Eval(r)
			}
		}
		return other.Eval(r)
	}}, nil
}

// commonField is a type that holds the results of all branches: NULL yields to any, numbers to the
// wider, anything else to text.
func commonField(nodes []Node) block.Field {
	var f block.Field
	seen := false
	for _, n := range nodes {
		switch {
		case n.Field.Type == block.VarChar && n.Field.Bytes == 0 && n.Const: // NULL
		case !seen:
			f, seen = n.Field, true
		case n.Field.Type == f.Type:
			f.Bytes = max(f.Bytes, n.Field.Bytes)
		case isNumeric(f.Type) && isNumeric(n.Field.Type):
			if isInteger(f.Type) && isInteger(n.Field.Type) {
				f = field(block.BigInt)
			} else {
				f = field(block.Double)
			}
		default:
			f = text(int(max(f.Bytes, n.Field.Bytes, 24)))
		}
	}
	if !seen {
		return text(0)
	}
	f.Name = ""
	return f
}
