package parse

// Statement is one query. Body is nil when the text is empty, a comment, or
// nothing but timeit.
type Statement struct {
	Timeit bool
	Body   Body
}

// Body is one of the pointers to the types below that are named for statements.
type Body interface{ body() }

// Select is a select statement.
type Select struct {
	Selections []Selection
	From       Series
	Where      Cond // nil if none
	Range      Range
	Merge      *Merge // nil if none
}

// Selection is a chain of functions and how its results are named.
type Selection struct {
	Functions      []Function
	Prefix, Suffix string
}

// Function is a function of a chain. The name is a keyword, "all" for *. Times are
// in units of the database.
type Function struct {
	Name string
	// Args are the arguments that are times: at most two for derivative, one for
	// the others.
	Args []int64
	// Of is the aggregation of limit.
	Of string
	// Filter is the condition of filter.
	Filter *Filter
}

// Filter keeps the points whose value is in a relation to another: an int64, a
// float64, a string or a Regex.
type Filter struct {
	Op    string
	Value any
}

// Regex is a regular expression between its slashes, with an i behind the last
// one if letter case does not count.
type Regex string

// Range is a part of each series: Kind is "", "after", "before", "between",
// "head" or "tail".
type Range struct {
	Kind string
	A, B int64 // B of between alone
}

// Merge is the clause merge as.
type Merge struct {
	As    string
	Using []Function
}

// Series says which series are meant: terms that are applied from left to right
// with their operators, the first of which is "". No terms are no restriction.
type Series []Term

// Term is one of the fields beside Op.
type Term struct {
	Op    string // "|", "-", "&", "^", "" for the first
	All   bool
	Name  *string
	Group *string // or a tag
	Regex Regex
	Inner Series // in parentheses
}

// List is a list statement. Columns are nil for the object's own choice, Limit is
// nil for none.
type List struct {
	What    string
	Columns []string
	Series  Series
	Where   Cond
	Limit   *int64
}

// Count is a count statement. Of is "", "length", "size", "received_points" or
// "selected_points".
type Count struct {
	What, Of string
	Series   Series
	Where    Cond
}

// Alter is an alter statement: Set is the property, Value a string, a Regex, an
// uint64, a float64, a bool or an int64. Tagging a series is "tag" or "untag".
type Alter struct {
	What, Name      string
	Series          Series
	Where           Cond
	Set             string
	Value           any
	IgnoreThreshold bool
}

// Create is a create statement of a group, with its expression, or a user, with
// the password.
type Create struct {
	What, Name string
	Regex      Regex
	Password   string
}

// Drop is a drop statement.
type Drop struct {
	What, Name      string
	Series          Series
	Where           Cond
	IgnoreThreshold bool
}

// Grant is a grant or revoke statement.
type Grant struct {
	Revoke   bool
	Access   []string
	User     string
	Password *string // of grant, nil if none
}

// Show is a show statement; no names are all.
type Show struct{ Names []string }

// Help is a help statement; Topic has words joined by an underscore.
type Help struct{ Topic string }

// Calc is an expression.
type Calc struct{ Value int64 }

func (*Select) body() {}
func (*List) body()   {}
func (*Count) body()  {}
func (*Alter) body()  {}
func (*Create) body() {}
func (*Drop) body()   {}
func (*Grant) body()  {}
func (*Show) body()   {}
func (*Help) body()   {}
func (*Calc) body()   {}

// Cond is a condition: *And, *Or or *Compare.
type Cond interface{ cond() }

// And and Or join two conditions.
type (
	And struct{ A, B Cond }
	Or  struct{ A, B Cond }
)

// Compare compares a property with a value: an int64, a string
// a string or a bool.
type Compare struct {
	Field, Op string
	Value     any
}

func (*And) cond()     {}
func (*Or) cond()      {}
func (*Compare) cond() {}
