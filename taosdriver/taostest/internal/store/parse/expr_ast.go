package parse

// Expr is an expression: one of the pointer types below.
type Expr interface{ expression() }

// Literal is a constant as written.
type Literal struct {
	Kind LiteralKind
	Text string // the value: digits with their sign, a string without its quotes, "true", a duration
}

// LiteralKind is the kind of a Literal.
type LiteralKind uint8

// The kinds of Literal.
const (
	NullLiteral LiteralKind = iota
	BoolLiteral
	IntegerLiteral
	FloatLiteral
	StringLiteral
	DurationLiteral
)

// Param is a question mark, numbered from 0 in the order of the text.
type Param struct{ Index int }

// Column names a column, perhaps qualified by a table's name or alias.
type Column struct{ Table, Name string }

// Star is * or t.*.
type Star struct{ Table string }

// Call is a function call. Words without brackets that act as functions (now, tbname, _wstart) are
// calls too, with Bare set.
type Call struct {
	Name string
	Args []Expr
	Bare bool
}

// Cast is CAST(x AS type).
type Cast struct {
	X    Expr
	Type TypeName
}

// Unary is - or NOT before an expression.
type Unary struct {
	Op string
	X  Expr
}

// Binary is an operator between two expressions: arithmetic, bits, comparison, "and", "or", "like",
// "match", "nmatch", "contains", "->".
type Binary struct {
	Op   string
	L, R Expr
}

// Between is x [NOT] BETWEEN lo AND hi.
type Between struct {
	X, Lo, Hi Expr
	Not       bool
}

// In is x [NOT] IN (list).
type In struct {
	X    Expr
	List []Expr
	Not  bool
}

// IsNull is x IS [NOT] NULL.
type IsNull struct {
	X   Expr
	Not bool
}

// Case is CASE [x] WHEN ... THEN ... [ELSE ...] END.
type Case struct {
	X    Expr // nil: the searched form
	When []When
	Else Expr
}

// When is one branch of a Case.
type When struct{ Cond, Then Expr }

func (*Literal) expression() {}
func (*Param) expression()   {}
func (*Column) expression()  {}
func (*Star) expression()    {}
func (*Call) expression()    {}
func (*Cast) expression()    {}
func (*Unary) expression()   {}
func (*Binary) expression()  {}
func (*Between) expression() {}
func (*In) expression()      {}
func (*IsNull) expression()  {}
func (*Case) expression()    {}

// Children calls f for each direct part of e.
func Children(e Expr, f func(Expr)) {
	visit := func(list ...Expr) {
		for _, x := range list {
			if x != nil {
				f(x)
			}
		}
	}
	switch e := e.(type) {
	case *Call:
		visit(e.Args...)
	case *Cast:
		visit(e.X)
	case *Unary:
		visit(e.X)
	case *Binary:
		visit(e.L, e.R)
	case *Between:
		visit(e.X, e.Lo, e.Hi)
	case *In:
		visit(e.X)
		visit(e.List...)
	case *IsNull:
		visit(e.X)
	case *Case:
		visit(e.X)
		for _, w := range e.When {
			visit(w.Cond, w.Then)
		}
		visit(e.Else)
	}
}
