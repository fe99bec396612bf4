package parse

import (
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

func (p *parser) create() Statement {
	p.advance()
	switch {
	case p.take("database"):
		return p.createDatabase()
	case p.word("stable"), p.word("table"):
		super := p.advance().text == "stable"
		return p.createTable(super)
	case p.take("topic"):
		return p.createTopic()
	case p.tok.kind == tokWord && !p.word("create"):
		p.unsupported("create " + p.tok.text)
	}
	p.failHere()
	return nil
}

func (p *parser) createDatabase() Statement {
	c := &CreateDatabase{IfNotExists: p.ifNotExists(), Precision: "ms"}
	c.Name = p.ident()
	for !p.atEnd() {
		if p.word("precision") {
			p.advance()
			switch c.Precision = p.stringLit(); c.Precision {
			case "ms", "us", "ns":
			default:
				p.fail(sqlerr.Newf(sqlerr.DatabaseOption, "Invalid option precision: %s", c.Precision))
			}
			continue
		}
		if p.tok.kind != tokWord || !databaseOptions[p.tok.text] {
			p.failHere()
		}
		option := p.tok.text
		p.option()
		switch value := p.lex.src[p.lastValue.pos:p.lastValue.end]; option {
		case "keep":
			c.Keep = value
		case "vgroups":
			c.VGroups = value
		}
	}
	return c
}

// databaseOptions are those of TDengine 3.3 with a value after them.
var databaseOptions = map[string]bool{
	"buffer": true, "cachemodel": true, "cachesize": true, "comp": true, "compact_interval": true, "compact_time_offset": true,
	"compact_time_range": true, "dnodes": true, "duration": true, "encrypt_algorithm": true, "keep": true, "keep_time_offset": true,
	"maxrows": true, "minrows": true, "pages": true, "pagesize": true, "replica": true, "retentions": true, "s3_chunkpages": true,
	"s3_compact": true, "s3_keeplocal": true, "schemaless": true, "single_stable": true, "ss_chunkpages": true, "ss_compact": true,
	"ss_keeplocal": true, "stt_trigger": true, "table_prefix": true, "table_suffix": true, "tsdb_pagesize": true, "vgroups": true,
	"wal_fsync_period": true, "wal_level": true, "wal_retention_period": true, "wal_retention_size": true, "wal_roll_period": true,
	"wal_segment_size": true,
}

// option reads one option and its values, such as KEEP 3650d,3650d or BUFFER 256. The store has no
// use for them.
func (p *parser) option() {
	if p.tok.kind != tokWord {
		p.failHere()
	}
	p.advance()
	for {
		p.takeOp("-")
		switch p.tok.kind {
		case tokInteger, tokFloat, tokString, tokDuration:
			p.lastValue = p.advance()
		default:
			p.failHere()
		}
		if !p.takeOp(",") {
			return
		}
	}
}

// createTable reads what follows CREATE [S]TABLE: columns, or one or more child tables.
func (p *parser) createTable(super bool) Statement {
	exists := p.ifNotExists()
	name := p.tableName()
	if !super && p.word("using") {
		return p.createChildren(Child{Name: name, IfNotExists: exists})
	}
	c := &CreateTable{Name: name, IfNotExists: exists}
	c.Columns = p.columnDefs()
	if super && !p.word("tags") {
		p.failHere()
	}
	if p.take("tags") {
		c.Tags = p.columnDefs()
	}
	for !p.atEnd() {
		p.tableOption()
	}
	return c
}

// tableOption reads COMMENT 'x', TTL 5, SMA(a,b), ROLLUP(avg), WATERMARK 5s, MAX_DELAY 5s or KEEP
// 3650d.
func (p *parser) tableOption() {
	switch {
	case p.word("comment"), p.word("ttl"), p.word("watermark"), p.word("max_delay"), p.word("delete_mark"), p.word("keep"):
		p.option()
	case p.word("sma"), p.word("rollup"):
		p.advance()
		p.expectOp("(")
		p.ident()
		for p.takeOp(",") {
			p.ident()
		}
		p.expectOp(")")
	default:
		p.failHere()
	}
}

func (p *parser) createChildren(first Child) Statement {
	c := &CreateChildren{Source: p.lex.src}
	for child := first; ; {
		p.expect("using")
		child.Using = p.using()
		for p.word("comment") || p.word("ttl") {
			p.option()
		}
		c.Children = append(c.Children, child)
		if p.atEnd() {
			return c
		}
		p.takeOp(",")
		child = Child{IfNotExists: p.ifNotExists()}
		child.Name = p.tableName()
	}
}

// using reads what follows USING.
func (p *parser) using() Using {
	u := Using{Stable: p.tableName()}
	if p.takeOp("(") {
		u.TagNames = p.names()
	}
	p.expect("tags")
	p.expectOp("(")
	at := p.tok
	p.values(&u.Tags)
	u.Close = p.tok.pos
	p.expectOp(")")
	if p.params.Count > 0 {
		p.fail(sqlerr.InsertNear(p.lex.src[at.pos:], "? only used in stmt"))
	}
	return u
}

// names reads names up to the closing bracket.
func (p *parser) names() []string {
	list := []string{}
	for {
		list = append(list, p.ident())
		if !p.takeOp(",") {
			p.expectOp(")")
			return list
		}
	}
}

func (p *parser) columnDefs() []ColumnDef {
	p.expectOp("(")
	var list []ColumnDef
	for {
		list = append(list, p.columnDef())
		if !p.takeOp(",") {
			break
		}
	}
	p.expectOp(")")
	return list
}

func (p *parser) columnDef() ColumnDef {
	d := ColumnDef{Name: p.ident(), Type: p.typeName()}
	for p.tok.kind == tokWord {
		switch {
		case p.take("encode"):
			d.Encode = strings.ToLower(p.stringLit())
		case p.take("compress"):
			d.Compress = strings.ToLower(p.stringLit())
		case p.take("level"):
			d.Level = strings.ToLower(p.stringLit())
		case p.take("comment"):
			p.stringLit()
		case p.word("primary"), p.word("composite"):
			p.unsupported("a second primary key column")
		default:
			p.failHere()
		}
	}
	return d
}

// typeName reads a type. Which names exist and which take a length is for the reader of the tree.
func (p *parser) typeName() TypeName {
	t := TypeName{Pos: p.tok.pos}
	if p.tok.kind != tokWord {
		p.failHere()
	}
	t.Name = strings.ToUpper(p.advance().text)
	if p.take("unsigned") {
		t.Name += " UNSIGNED"
	}
	if p.takeOp("(") {
		t.Args = append(t.Args, p.integer())
		if p.takeOp(",") {
			t.Args = append(t.Args, p.integer())
		}
		p.expectOp(")")
	}
	return t
}

func (p *parser) drop() Statement {
	p.advance()
	switch {
	case p.take("database"):
		d := &DropDatabase{IfExists: p.ifExists()}
		d.Name = p.ident()
		p.expectEnd()
		return d
	case p.word("table"), p.word("stable"):
		d := &DropTable{Super: p.advance().text == "stable"}
		for {
			d.IfExists = append(d.IfExists, p.ifExists())
			d.Names = append(d.Names, p.tableName())
			if d.Super || !p.takeOp(",") {
				break
			}
		}
		p.expectEnd()
		return d
	case p.take("topic"):
		return p.dropTopic()
	case p.word("consumer") && p.peek().text == "group":
		p.advance()
		return p.dropGroup()
	case p.tok.kind == tokWord && !p.word("drop"):
		p.unsupported("drop " + p.tok.text)
	}
	p.failHere()
	return nil
}

func (p *parser) alter() Statement {
	p.advance()
	switch {
	case p.take("database"):
		a := &AlterDatabase{Name: p.ident()}
		for !p.atEnd() {
			p.option()
		}
		return a
	case p.take("table"), p.take("stable"):
	case p.tok.kind == tokWord && !p.word("alter"):
		p.unsupported("alter " + p.tok.text)
	default:
		p.failHere()
	}
	a := &AlterTable{Name: p.tableName()}
	switch {
	case p.take("add"):
		a.Action = p.columnOrTag(AddColumn, AddTag)
		a.Column = p.columnDef()
	case p.take("drop"):
		a.Action = p.columnOrTag(DropColumn, DropTag)
		a.Column.Name = p.ident()
	case p.take("modify"):
		a.Action = p.columnOrTag(ModifyColumn, ModifyTag)
		a.Column = p.columnDef()
	case p.take("rename"):
		a.Action = p.columnOrTag(RenameColumn, RenameTag)
		a.Column.Name, a.NewName = p.ident(), p.ident()
	case p.take("set"):
		p.expect("tag")
		a.Action = SetTag
		for {
			set := TagSet{Name: p.ident()}
			p.expectOp("=")
			at := p.tok.pos
			if set.Value = p.value(); set.Value.Kind == ParamValue {
				p.fail(sqlerr.Near(p.lex.src[at:]))
			}
			a.Sets = append(a.Sets, set)
			if !p.takeOp(",") {
				break
			}
		}
	default:
		a.Action = AlterOptions
		p.tableOption()
	}
	p.expectEnd()
	return a
}

func (p *parser) columnOrTag(column, tag AlterAction) AlterAction {
	switch {
	case p.take("column"):
		return column
	case p.take("tag"):
		return tag
	}
	p.failHere()
	return 0
}
