package parse

// Statement is one parsed statement: *CreateDatabase, *Insert, *Query, ...
type Statement interface{ statement() }

// Params are the parameters of a statement: how many, and where the first stands.
type Params struct{ Count, First int }

// Name is a table's name, DB is empty when the statement does not qualify it.
type Name struct{ DB, Table string }

// CreateDatabase is CREATE DATABASE. Precision is "ms", "us" or "ns"; Keep the longest of KEEP, a
// duration or a number of days, and VGroups a number, "" if there is none; other options are read
// and dropped.
type CreateDatabase struct {
	Name        string
	IfNotExists bool
	Precision   string
	Keep        string
	VGroups     string
}

// AlterDatabase is ALTER DATABASE, whose options mean nothing to the store.
type AlterDatabase struct{ Name string }

// DropDatabase is DROP DATABASE.
type DropDatabase struct {
	Name     string
	IfExists bool
}

// Use is USE.
type Use struct{ Name string }

// TypeName is a declared column type. Args holds the numbers in parentheses.
type TypeName struct {
	Name string // upper case: "INT UNSIGNED", "VARCHAR"
	Args []int
	Pos  int
}

// ColumnDef is a declared column or tag.
type ColumnDef struct {
	Name                    string
	Type                    TypeName
	Encode, Compress, Level string
}

// CreateTable is CREATE TABLE or CREATE STABLE with columns; Tags are those of a super table.
type CreateTable struct {
	Name        Name
	IfNotExists bool
	Columns     []ColumnDef
	Tags        []ColumnDef
}

// Using is USING st [(tags)] TAGS (values).
type Using struct {
	Stable   Name
	TagNames []string // nil: all, in order
	Tags     []Value
	Close    int // place of the bracket that ends the values
}

// Child is one child table of CREATE TABLE ... USING.
type Child struct {
	Name        Name
	IfNotExists bool
	Using       Using
}

// CreateChildren is CREATE TABLE with one or more USING clauses.
type CreateChildren struct {
	Children []Child
	Source   string
}

// DropTable is DROP TABLE or, with Super, DROP STABLE.
type DropTable struct {
	Names    []Name
	IfExists []bool
	Super    bool
}

// AlterAction is what ALTER TABLE does.
type AlterAction uint8

// The actions of ALTER TABLE.
const (
	AddColumn AlterAction = iota
	DropColumn
	ModifyColumn
	RenameColumn
	AddTag
	DropTag
	ModifyTag
	RenameTag
	SetTag
	AlterOptions // options without a meaning to the store
)

// AlterTable is ALTER TABLE or ALTER STABLE.
type AlterTable struct {
	Name    Name
	Action  AlterAction
	Column  ColumnDef // AddColumn .. SetTag: its name; the type where one is written
	NewName string    // RenameColumn, RenameTag
	Sets    []TagSet  // SetTag
}

// TagSet is one name = value of SET TAG.
type TagSet struct {
	Name  string
	Value Value
}

// ValueKind is the kind of a value in an INSERT or TAGS list.
type ValueKind uint8

// The kinds of Value.
const (
	NullValue ValueKind = iota
	BoolValue
	IntegerValue
	FloatValue
	StringValue // Text is the literal's value
	NowValue
	TodayValue
	DurationValue
	ParamValue // Param is its number from 0
	WordValue  // a bare word that is no value
)

// Value is one value as written. Text of a string is unquoted and Raw keeps the quotes.
type Value struct {
	Kind  ValueKind
	Text  string
	Pos   int
	Param int
	Shift []Shift // + 1s - 2m after a timestamp
}

// Shift is a duration added to or taken from a timestamp.
type Shift struct {
	Minus bool
	Text  string // "10s"
}

// Row is one row of VALUES. Close is the place of the token after the last value: its bracket, or
// what stood there instead; -1 if reading ended inside the row.
type Row struct {
	Values []Value
	Close  int
}

// InsertClause is one table's part of an INSERT.
type InsertClause struct {
	Table   Name
	Param   int // the table's name is this parameter; -1 if it is written
	Using   *Using
	Columns []string // nil: all, in order
	Rows    []Row
	After   int // the place behind the table's name
}

// Insert is INSERT INTO. Tail, if not nil, is the error at which reading ended: the server reads
// values as it goes, so a bad value before it is reported first.
type Insert struct {
	Clauses []InsertClause
	Params  Params
	Source  string
	Tail    error
}

// Delete is DELETE FROM.
type Delete struct {
	Table  Name
	Where  Expr
	Params Params
	Source string
}

// Describe is DESCRIBE.
type Describe struct{ Name Name }

// ShowKind is what SHOW lists.
type ShowKind uint8

// The kinds of SHOW.
const (
	ShowDatabases ShowKind = iota
	ShowStables
	ShowTables
	ShowCreateTable
	ShowCreateDatabase
	ShowTags
	ShowTopics
	ShowConsumers
	ShowSubscriptions
)

// Show is SHOW. Like is a pattern or empty.
type Show struct {
	Kind ShowKind
	DB   string
	Name Name
	Like string
}

// Query is a SELECT or several joined by UNION.
type Query struct {
	Terms   []*Select
	All     []bool // All[i]: term i+1 is joined by UNION ALL, not UNION
	OrderBy []OrderItem
	Limit   *Limit
	Params  Params
	Source  string // the folded text; positions in the tree point into it
}

// Select is one SELECT. An alias of a result column is kept even where it equals the text.
type Select struct {
	Distinct    bool
	TagsOnly    bool // SELECT TAGS
	Items       []Item
	From        *From // nil: no FROM
	Where       Expr
	PartitionBy []Item
	Window      *Interval
	GroupBy     []Expr
	Having      Expr
	SLimit      *Limit
}

// Item is an expression with the name of its column.
type Item struct {
	Expr  Expr
	Label string
	Alias bool // Label was given with AS
}

// From is a table or a subquery.
type From struct {
	Table Name
	Query *Query
	Alias string
}

// Interval is INTERVAL(every[, offset]) [SLIDING(step)] [FILL(...)].
type Interval struct {
	Every, Offset, Sliding string // durations as written; the last two may be empty
	Fill                   string // "", "null", "prev", "next", "linear", "value"
	FillValues             []Expr
}

// OrderItem is one key of ORDER BY.
type OrderItem struct {
	Expr       Expr
	Desc       bool
	NullsFirst *bool
}

// Limit is LIMIT with OFFSET: integer literals or parameters; Offset may be nil.
type Limit struct{ Count, Offset Expr }

func (*CreateDatabase) statement() {}
func (*AlterDatabase) statement()  {}
func (*DropDatabase) statement()   {}
func (*Use) statement()            {}
func (*CreateTable) statement()    {}
func (*CreateChildren) statement() {}
func (*DropTable) statement()      {}
func (*AlterTable) statement()     {}
func (*Insert) statement()         {}
func (*Delete) statement()         {}
func (*Describe) statement()       {}
func (*Show) statement()           {}
func (*Query) statement()          {}
