package store

import (
	"context"
	"slices"
	"strings"
	"sync"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// Topics are the topics of a store and the groups that consume them. It is safe for concurrent
// use.
type Topics struct {
	store *Store

	mu     sync.Mutex // before that of the logs
	byName map[string]*topic
	groups map[string]*group
	serial int64 // of consumers
}

// topic is what CREATE TOPIC made.
type topic struct {
	name   string
	db     *catalog.Database
	stable *catalog.Table // nil: of a database or a query
	query  *parse.Query   // of the rows; nil: as they are
	meta   parse.TopicMeta
	source string
	zone   *conn // the session that made it, for literals
}

var (
	errTopicExists     = sqlerr.New(sqlerr.TopicExists, "Topic already exists")
	errTopicNotExist   = sqlerr.New(sqlerr.TopicNotExist, "Topic not exist")
	errTopicQuery      = sqlerr.New(sqlerr.InvalidTopicQuery, "Invalid topic query")
	errTopicSubscribed = sqlerr.New(sqlerr.TopicSubscribed, "Topic subscribed cannot be dropped")
	errGroupUsed       = sqlerr.New(sqlerr.GroupUsed, "Consumer group being used by some consumer")
	errGroupNotExist   = sqlerr.New(sqlerr.GroupNotExist, "Subscribe not exist")
)

func newTopics(s *Store) *Topics {
	return &Topics{store: s, byName: map[string]*topic{}, groups: map[string]*group{}}
}

// Topics are the store's.
func (c *conn) Topics() *Topics { return c.store.topics }

// createTopic runs under the lock to write.
func (c *conn) createTopic(ctx context.Context, st *parse.CreateTopic) error {
	t := &topic{name: st.Name, meta: st.Meta, source: st.Source, query: st.Query}
	zone := *c
	t.zone = &zone
	var from parse.Name
	var err error
	switch {
	case st.Database != "":
		t.db, err = c.store.catalog.Database(st.Database)
	case st.Stable != nil:
		if t.stable, err = c.superTable(*st.Stable); err == nil {
			t.db = t.stable.Database
		}
		if err == nil && st.Where != nil {
			t.query = &parse.Query{Source: st.Source, Terms: []*parse.Select{{From: &parse.From{Table: *st.Stable}, Where: st.Where}}}
			for _, col := range t.stable.Columns {
				t.query.Terms[0].Items = append(t.query.Terms[0].Items, parse.Item{Expr: &parse.Column{Name: col.Name}, Label: col.Name})
			}
		}
	default:
		from, err = topicTable(st.Query)
		if err == nil {
			var table *catalog.Table
			if table, err = c.table(from); err == nil {
				t.db = table.Database
				_, err = c.plan(ctx, st.Query, nil)
			}
		}
	}
	if err != nil {
		return err
	}
	all := c.store.topics
	all.mu.Lock()
	defer all.mu.Unlock()
	if all.byName[t.name] != nil {
		if st.IfNotExists {
			return nil
		}
		return errTopicExists
	}
	all.byName[t.name] = t
	c.store.logs.mu.Lock()
	defer c.store.logs.mu.Unlock()
	c.store.logs.of(t.db).topics++
	return nil
}

// topicTable returns the table of a query that can be a topic: rows of one table, each by itself.
func topicTable(q *parse.Query) (parse.Name, error) {
	if len(q.Terms) != 1 || q.OrderBy != nil || q.Limit != nil {
		return parse.Name{}, errTopicQuery
	}
	s := q.Terms[0]
	if s.From == nil || s.From.Query != nil || s.GroupBy != nil || s.Having != nil || s.Window != nil || s.PartitionBy != nil ||
		s.Distinct || s.TagsOnly || s.SLimit != nil || slices.ContainsFunc(s.Items, func(i parse.Item) bool { return query.Aggregates(i.Expr) }) {
		return parse.Name{}, errTopicQuery
	}
	return s.From.Table, nil
}

func (t *Topics) drop(st *parse.DropTopic) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.byName[st.Name]
	switch {
	case own == nil && st.IfExists:
		return nil
	case own == nil:
		return errTopicNotExist
	}
	for _, g := range t.groups {
		if g.subscribed(st.Name) && !st.Force {
			return errTopicSubscribed
		}
	}
	for name, g := range t.groups {
		g.forget(st.Name)
		if g.empty() {
			delete(t.groups, name)
		}
	}
	delete(t.byName, st.Name)
	t.store.logs.mu.Lock()
	defer t.store.logs.mu.Unlock()
	t.store.logs.of(own.db).topics--
	t.store.logs.wake()
	return nil
}

func (t *Topics) dropGroup(st *parse.DropGroup) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	g := t.groups[st.Group]
	switch {
	case (g == nil || !g.knows(st.Topic)) && st.IfExists:
		return nil
	case g == nil || !g.knows(st.Topic):
		return errGroupNotExist
	case g.subscribed(st.Topic) && !st.Force:
		return errGroupUsed
	}
	g.forget(st.Topic)
	if g.empty() {
		delete(t.groups, st.Group)
	}
	return nil
}

// uses reports whether a topic is of the database.
func (t *Topics) uses(d *catalog.Database) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, own := range t.byName {
		if own.db == d {
			return true
		}
	}
	return false
}

// show answers SHOW TOPICS, SHOW CONSUMERS and SHOW SUBSCRIPTIONS.
func (t *Topics) show(kind parse.ShowKind, like string) *query.Result {
	t.mu.Lock()
	defer t.mu.Unlock()
	if kind == parse.ShowTopics {
		var names []string
		for name := range t.byName {
			names = append(names, name)
		}
		slices.Sort(names)
		return nameList("topic_name", 192, names, like)
	}
	var rows [][]any
	var groups []string
	for name := range t.groups {
		groups = append(groups, name)
	}
	slices.Sort(groups)
	for _, name := range groups {
		g := t.groups[name]
		if kind == parse.ShowConsumers {
			for _, m := range g.members {
				rows = append(rows, []any{int64(m.serial), name, m.client, "ready", strings.Join(m.topics, ",")})
			}
			continue
		}
		rows = append(rows, g.subscriptions(t)...)
	}
	if kind == parse.ShowConsumers {
		return query.Rows([]block.Field{field("consumer_id", block.BigInt, 0), field("consumer_group", block.VarChar, 192),
			field("client_id", block.VarChar, 256), field("status", block.VarChar, 20), field("topics", block.VarChar, 512)}, rows)
	}
	return query.Rows([]block.Field{field("topic_name", block.VarChar, 192), field("consumer_group", block.VarChar, 192),
		field("vgroup_id", block.Int, 0), field("consumer_id", block.BigInt, 0), field("offset", block.VarChar, 64)}, rows)
}
