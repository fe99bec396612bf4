package store

import "github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"

// node is an expression as it was written.
type node interface{}

type (
	// constant is a literal; Type is Unknown for NULL.
	constant struct {
		typ   datatype.Type
		value any
		raw   string // of a number or instant, as written
	}
	// column names a column.
	column struct{ table, name, written string }
	// star is * or t.*.
	star struct{ table string }
	// parameter is a question mark, counted from 0.
	parameter struct{ n int }
	// span is a duration in nanoseconds.
	span struct{ ns int64 }

	unary struct {
		op, what string
		x        node
	} // -, not, is null
	binop struct {
		op   string
		l, r node
	}
	in struct {
		x     node
		list  []node
		query *selection
		not   bool
	}
	range_ struct {
		x, low, high node
		not          bool
	}
	like struct {
		x, pattern, escape node
		not                bool
	}
	when   struct{ cond, then node }
	choice struct {
		x     node
		whens []when
		other node
	}
	cast struct {
		x   node
		typ datatype.Type
		try bool
	}
	call struct {
		name     string
		args     []node
		distinct bool
	}
	query  struct{ *selection } // a scalar subquery
	exists struct{ *selection }
)

// name of a table, both parts in lower case; the database may be empty.
type name struct{ database, table string }

// selection is a SELECT.
type selection struct {
	distinct bool
	items    []item
	from     *relation
	where    node
	group    []node
	having   node
	order    []order
	limit    node
	offset   node
}

type item struct {
	x     node
	alias string
}

type order struct {
	x          node
	desc       bool
	nullsFirst bool
}

// relation is a table, a subquery or a join.
type relation struct {
	table name
	query *selection
	alias string

	join        string // "join", "cross join", "full join", ...
	left, right *relation
	on          node
	using       []string
}

// definition is a column in CREATE TABLE.
type definition struct {
	name     string
	typ      datatype.Type
	typeName string
	category string // "", "tag", "field", "attribute", "time"
}

// statement is one of the types below.
type statement interface{}

type (
	createDatabase struct {
		name  string
		ifNot bool
	}
	dropDatabase struct {
		name     string
		ifExists bool
	}
	use         struct{ name string }
	createTable struct {
		name    name
		ifNot   bool
		columns []definition
		ttl     string
	}
	dropTable struct {
		name     name
		ifExists bool
	}
	addColumn struct {
		name            name
		ifExists, ifNot bool
		column          definition
	}
	dropColumn struct {
		name      name
		ifExists  bool
		column    string
		colExists bool
	}
	setTTL struct {
		name name
		ttl  string
	}
	describe struct {
		name    name
		details bool
	}
	insert struct {
		name    name
		columns []string
		named   bool
		rows    [][]node
	}
	remove struct {
		name  name
		where node
	}
	update struct {
		name name
		set  []struct {
			column string
			x      node
		}
		where node
	}
	show struct {
		what    string
		from    name
		details bool
		where   node
		count   bool
	}
	kill    struct{ id node }
	nothing struct{} // FLUSH and the like
	explain struct{ *selection }
	prepare struct {
		name string
		body statement
		sql  string
	}
	executeName struct {
		name string
		args []node
	}
	deallocate struct{ name string }
)
