package parse

// CreateTopic is CREATE TOPIC. One of Query, Stable and Database says what it is of.
type CreateTopic struct {
	Name        string
	IfNotExists bool
	Meta        TopicMeta
	Query       *Query
	Stable      *Name
	Where       Expr // of Stable
	Database    string
	Source      string
}

// TopicMeta says whether changes of the schema are part of a topic.
type TopicMeta uint8

// The values of TopicMeta.
const (
	DataOnly TopicMeta = iota
	WithMeta
	OnlyMeta
)

// DropTopic is DROP TOPIC.
type DropTopic struct {
	Name            string
	IfExists, Force bool
}

// DropGroup is DROP CONSUMER GROUP.
type DropGroup struct {
	Group, Topic    string
	IfExists, Force bool
}

func (*CreateTopic) statement() {}
func (*DropTopic) statement()   {}
func (*DropGroup) statement()   {}

func (p *parser) createTopic() Statement {
	t := &CreateTopic{IfNotExists: p.ifNotExists(), Source: p.lex.src}
	t.Name = p.ident()
	switch {
	case p.take("with"):
		p.expect("meta")
		t.Meta = WithMeta
	case p.take("only"):
		p.expect("meta")
		t.Meta = OnlyMeta
	}
	p.expect("as")
	switch {
	case p.take("database"):
		t.Database = p.ident()
	case p.take("stable"):
		name := p.tableName()
		t.Stable = &name
		if p.take("where") {
			t.Where = p.expr()
		}
	default:
		if t.Meta != DataOnly {
			p.failHere()
		}
		t.Query = p.query()
	}
	p.expectEnd()
	return t
}

func (p *parser) dropTopic() Statement {
	d := &DropTopic{IfExists: p.ifExists()}
	d.Force = p.take("force")
	d.Name = p.ident()
	p.expectEnd()
	return d
}

// dropGroup reads DROP CONSUMER GROUP [IF EXISTS] [FORCE] group ON topic.
func (p *parser) dropGroup() Statement {
	p.expect("group")
	d := &DropGroup{IfExists: p.ifExists()}
	d.Force = p.take("force")
	d.Group = p.ident()
	p.expect("on")
	d.Topic = p.ident()
	p.expectEnd()
	return d
}
