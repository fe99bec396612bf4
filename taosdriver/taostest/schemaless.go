package taostest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/lines"
)

// schemalessActions write lines without SQL.
func schemalessActions() map[string]action {
	return map[string]action{"insert": on("schemaless insert", serveSchemaless)}
}

type schemalessArgs struct {
	reqArgs
	Protocol     int    `json:"protocol"`
	Precision    string `json:"precision"`
	TTL          int    `json:"ttl"`
	Data         string `json:"data"`
	TableNameKey string `json:"table_name_key"`
}

func (a schemalessArgs) tell(r *request) { r.reqID, r.sql = a.ReqID, a.Data }

type schemalessMembers struct {
	AffectedRows int64 `json:"affected_rows"`
	TotalRows    int   `json:"total_rows"`
}

func serveSchemaless(r *request, a schemalessArgs) (any, error) {
	if a.Protocol == 0 {
		return nil, &codeError{adapterCode, "schemaless write protocol is null"}
	}
	s := r.sock.session.Load()
	db, _ := s.state()
	entry := s.srv.record.began(Statement{
		SQL: a.Data, ReqID: a.ReqID, Action: r.action, User: s.user, Database: db, Conn: s.number,
	})
	m, err := s.schemaless(db, a)
	code, _ := codeOf(err)
	s.srv.record.ended(entry, m.AffectedRows, code)
	if err != nil {
		return nil, err
	}
	return m, nil
}

// schemaless writes the lines, all or none.
func (s *session) schemaless(db string, a schemalessArgs) (m schemalessMembers, err error) {
	points, n, err := lines.Parse(lines.Protocol(a.Protocol), a.Precision, a.Data)
	if err != nil {
		return m, err
	}
	if db == "" {
		return m, &codeError{0x2616, "Database not specified"}
	}
	l, err := s.borrowIn(s.ctx, db)
	if err != nil {
		return m, err
	}
	defer l.giveBack()
	if !l.stateful {
		return m, &codeError{adapterCode, "taostest: the database takes no lines without a schema"}
	}
	s.srv.schema.Lock() // what a write finds out of tables holds until it is done
	defer s.srv.schema.Unlock()
	insert, err := l.fit(s.ctx, points, a.TableNameKey)
	if err != nil {
		return m, l.explain(err)
	}
	res, err := l.ExecContext(s.ctx, insert)
	if err != nil {
		return m, l.explain(err)
	}
	return schemalessMembers{count(res), n}, nil
}

// fit makes the tables and columns that the points need and returns the INSERT.
func (l *lease) fit(ctx context.Context, points []lines.Point, nameKey string) (string, error) {
	var order []string
	tables := map[string]*superTable{}
	var insert strings.Builder
	insert.WriteString("INSERT INTO")
	for i := range points {
		p := &points[i]
		// The server does not like dots in names.
		name := strings.ReplaceAll(p.Table, ".", "_")
		t := tables[name]
		if t == nil {
			t = &superTable{name: name}
			if err := t.describe(ctx, l); err != nil {
				return "", err
			}
			tables[name] = t
			order = append(order, name)
		}
		if len(p.Tags) == 0 {
			p.Tags = []lines.Pair{{Name: "_tag_null", Value: lines.Value{Type: block.NChar, Text: "NULL"}}}
		}
		if err := t.take(p); err != nil {
			return "", err
		}
		writePoint(&insert, name, p, nameKey)
	}
	for _, name := range order {
		for _, q := range tables[name].changes() {
			if _, err := l.ExecContext(ctx, q); err != nil {
				return "", err
			}
		}
	}
	return insert.String(), nil
}

// writePoint appends the point to an INSERT.
func writePoint(to *strings.Builder, stable string, p *lines.Point, nameKey string) {
	var names, values, columns, row []string
	for _, t := range p.Tags {
		names, values = append(names, backquote(t.Name)), append(values, t.Value.Text)
	}
	columns, row = append(columns, lines.TimeColumn), append(row, "NOW")
	if !p.Time.IsZero() {
		row[0] = p.Time.Format("'2006-01-02T15:04:05.999999999Z'")
	}
	for _, f := range p.Fields {
		columns, row = append(columns, backquote(f.Name)), append(row, f.Value.Text)
	}
	fmt.Fprintf(to, " %s USING %s (%s) TAGS (%s) (%s) VALUES (%s)", backquote(childName(p, nameKey)), backquote(stable),
		strings.Join(names, ","), strings.Join(values, ","), strings.Join(columns, ","), strings.Join(row, ","))
}

// childName is the value of the tag that names the table, or made of the tags.
func childName(p *lines.Point, nameKey string) string {
	var parts []string
	for _, t := range p.Tags {
		if t.Name == nameKey && t.Value.Raw != "" {
			return t.Value.Raw
		}
		parts = append(parts, t.Name+"="+t.Value.Text)
	}
	slices.Sort(parts)
	sum := md5.Sum([]byte(p.Table + "," + strings.Join(parts, ",")))
	return "t_" + hex.EncodeToString(sum[:])
}

// superTable is a super table and what has to become of it.
type superTable struct {
	name    string
	exists  bool
	columns []*schemaColumn
}

type schemaColumn struct {
	name   string
	tag    bool
	typ    block.Type
	length int // declared; 0 if it is to be added
	size   int // bytes that have to fit
	chars  int // the same in characters
}

// describe reads the table, if it exists.
func (t *superTable) describe(ctx context.Context, l *lease) error {
	rows, err := l.QueryContext(ctx, "DESCRIBE "+backquote(t.name))
	if code, _ := codeOf(err); code == 0x2603 {
		return nil
	}
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // nothing depends on it
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	dest := make([]any, max(4, len(names)))
	for i := range dest {
		dest[i] = new(any)
	}
	t.exists = true
	for rows.Next() {
		var name, kind, note string
		var length int
		dest[0], dest[1], dest[2], dest[3] = &name, &kind, &length, &note
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		typ, _, _, err := block.ParseType(kind)
		if err != nil {
			return err
		}
		t.columns = append(t.columns, &schemaColumn{name: name, tag: note == "TAG", typ: typ, length: length})
	}
	return rows.Err()
}

// take notes what a point needs.
func (t *superTable) take(p *lines.Point) error {
	for _, list := range []struct {
		tag   bool
		pairs []lines.Pair
	}{{false, p.Fields}, {true, p.Tags}} {
		for _, pair := range list.pairs {
			v := pair.Value
			i := slices.IndexFunc(t.columns, func(c *schemaColumn) bool { return c.name == pair.Name })
			if i < 0 {
				t.columns = append(t.columns, &schemaColumn{name: pair.Name, tag: list.tag, typ: v.Type})
				i = len(t.columns) - 1
			}
			c := t.columns[i]
			if c.typ != v.Type || c.tag != list.tag {
				return &codeError{0x3002, fmt.Sprintf("SML:0x1, smlGenerateSchemaAction point type and db type mismatch, db type:%v, point type:%v, key:%s", c.typ, v.Type, p.Rest)}
			}
			c.size = max(c.size, v.Size)
			c.chars = max(c.chars, utf8.RuneCountInString(v.Raw))
		}
	}
	return nil
}

// changes are the statements that make the table fit.
func (t *superTable) changes() (list []string) {
	table := backquote(t.name)
	if !t.exists {
		columns, tags := []string{lines.TimeColumn + " TIMESTAMP"}, []string(nil)
		for _, c := range t.columns {
			if c.tag {
				tags = append(tags, c.declaration())
			} else {
				columns = append(columns, c.declaration())
			}
		}
		return []string{fmt.Sprintf("CREATE STABLE %s (%s) TAGS (%s)", table, strings.Join(columns, ","), strings.Join(tags, ","))}
	}
	for _, c := range t.columns {
		kind, need := "COLUMN", c.size
		if c.tag {
			kind = "TAG"
		}
		if c.typ == block.NChar {
			need = c.chars
		}
		switch {
		case c.length == 0:
			list = append(list, fmt.Sprintf("ALTER STABLE %s ADD %s %s", table, kind, c.declaration()))
		case c.typ.Variable() && need > c.length:
			list = append(list, fmt.Sprintf("ALTER STABLE %s MODIFY %s %s", table, kind, c.declaration()))
		}
	}
	return list
}

// declaration declares the column: text that varies with the next power of two.
func (c *schemaColumn) declaration() string {
	if !c.typ.Variable() {
		return backquote(c.name) + " " + c.typ.String()
	}
	most := 65517
	if c.typ == block.NChar {
		most = 16379
	}
	length := 1
	for length <= c.size {
		length *= 2
	}
	return fmt.Sprintf("%s %v(%d)", backquote(c.name), c.typ, min(length, most))
}
