package store

import (
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// tableName is the written name or the bound one: "t", "db.t", with or without back-quotes.
func (in *inserter) tableName(c *parse.InsertClause) (parse.Name, error) {
	if c.Param < 0 {
		return c.Table, nil
	}
	var s string
	switch v := in.args[c.Param].(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	}
	n, ok := splitName(s)
	if !ok {
		return n, sqlerr.Newf(sqlerr.StmtTable, "Invalid table name: %s", s)
	}
	return n, nil
}

func splitName(s string) (parse.Name, bool) {
	first, rest, ok := cutName(s)
	if !ok {
		return parse.Name{}, false
	}
	if rest == "" {
		return parse.Name{Table: first}, true
	}
	second, rest, ok := cutName(strings.TrimPrefix(rest, "."))
	return parse.Name{DB: first, Table: second}, ok && rest == ""
}

// cutName cuts a name off the front; what is left is empty or begins with a point.
func cutName(s string) (name, rest string, ok bool) {
	if strings.HasPrefix(s, "`") {
		name, rest, ok = strings.Cut(s[1:], "`")
	} else {
		n := strings.IndexByte(s, '.')
		if n < 0 {
			n = len(s)
		}
		name, rest, ok = s[:n], s[n:], true
	}
	return name, rest, ok && name != "" && (rest == "" || rest[0] == '.' && len(rest) > 1)
}

// find looks a clause's table up and makes the child that USING describes if there is none.
func (in *inserter) find(n parse.Name, c *parse.InsertClause) (*target, error) {
	if c.Using == nil {
		t, err := in.conn.table(n)
		if err != nil {
			if d, dbErr := in.conn.databaseOf(n); dbErr == nil {
				if made := in.batch.child(d, n.Table); made != nil {
					return &target{table: made, shape: made.Shape()}, nil
				}
			}
			return nil, err
		}
		if t.Kind == catalog.Super {
			return &target{shape: t}, nil
		}
		return &target{table: t, shape: t.Shape()}, nil
	}
	stable, err := in.conn.superTable(c.Using.Stable)
	if err != nil {
		return nil, err
	}
	d, err := in.conn.databaseOf(n)
	if err != nil {
		return nil, err
	}
	if d != stable.Database {
		return nil, sqlerr.ErrOtherDatabase
	}
	t, err := in.child(stable, n.Table, func() ([]any, error) { return in.tagValues(stable, c.Using) })
	if err != nil {
		return nil, err
	}
	return &target{table: t, shape: stable}, nil
}

// child finds a child of a super table, or makes it with tags.
func (in *inserter) child(stable *catalog.Table, name string, tags func() ([]any, error)) (*catalog.Table, error) {
	t, err := stable.Database.Table(name)
	if err != nil {
		t = in.batch.child(stable.Database, name)
	}
	if t != nil {
		if t.Parent != stable {
			return nil, sqlerr.ErrTableExists
		}
		return t, nil
	}
	if err := checkTableName(name); err != nil {
		return nil, err
	}
	values, err := tags()
	if err != nil {
		return nil, err
	}
	t = in.conn.newChild(stable, name, values)
	in.batch.children = append(in.batch.children, t)
	return t, nil
}

// tagValues reads the values of a USING clause of an INSERT.
func (in *inserter) tagValues(stable *catalog.Table, u *parse.Using) ([]any, error) {
	places := make([]int, 0, len(stable.Tags))
	if u.TagNames == nil {
		for i := range stable.Tags {
			places = append(places, i)
		}
	}
	for _, n := range u.TagNames {
		place := stable.FindTag(n)
		if place < 0 {
			return nil, sqlerr.Tag(n)
		}
		places = append(places, place)
	}
	if len(places) != len(u.Tags) {
		return nil, sqlerr.ErrTagsNotMatched
	}
	t := &target{env: literal.Env{Precision: stable.Database.Precision, Location: in.conn.zone, Now: in.now}}
	tags := make([]any, len(stable.Tags))
	for i, place := range places {
		v := u.Tags[i]
		x, _, err := in.value(t, &stable.Tags[place].Field, &v)
		if err != nil {
			return nil, err
		}
		tags[place] = x
	}
	return tags, nil
}
