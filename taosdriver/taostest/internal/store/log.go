package store

import (
	"hash/fnv"
	"strconv"
	"sync"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/catalog"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

const (
	// defaultVGroups is TDengine's.
	defaultVGroups = 2
	maxVGroups     = 1024
	firstVGroup    = 2
	// untilTopic is how many rows the log of a database without topics keeps: a topic may begin
	// with what was written shortly before it was made.
	untilTopic = 1 << 16
)

// vgroupsOf reads VGROUPS.
func vgroupsOf(s string) (int, error) {
	if s == "" {
		return defaultVGroups, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 || n > maxVGroups {
		return 0, sqlerr.Newf(sqlerr.DatabaseOption, "Invalid option vgroups: %s valid range: [1, %d]", s, maxVGroups)
	}
	return n, nil
}

// logs are what topics are read from: what was written into each vgroup, in order.
type logs struct {
	mu      sync.Mutex
	byDB    map[*catalog.Database]*dbLog
	last    int32
	changed chan struct{} // closed when something is appended
}

// dbLog is the log of a database.
type dbLog struct {
	vgroups []*vgroup
	rows    int
	topics  int // how many topics keep it from forgetting
}

// vgroup is a share of a database's tables with a log of its own. The version of an entry is first
// plus its place.
type vgroup struct {
	id      int32
	first   int64
	entries []entry
}

func (v *vgroup) end() int64 { return v.first + int64(len(v.entries)) }

// entry is one write. It does not change once made.
type entry struct {
	rows    []tableRows
	created []*catalog.Table // children made with the rows
	change  *change          // of the schema; then there is nothing else
	count   int              // of rows
}

// tableRows are rows of one table, a value a column.
type tableRows struct {
	table   *catalog.Table
	shape   *catalog.Table
	columns []catalog.Column
	rows    [][]any
}

// change is one of the schema, as tmq_get_json_meta describes it.
type change struct {
	json []byte
	// stable is the super table concerned, itself or by a child; nil for a normal table.
	stable *catalog.Table
}

func newLogs() *logs {
	return &logs{byDB: map[*catalog.Database]*dbLog{}, last: firstVGroup - 1, changed: make(chan struct{})}
}

// of returns the log of a database. The logs must be locked.
func (l *logs) of(d *catalog.Database) *dbLog {
	g := l.byDB[d]
	if g == nil {
		g = &dbLog{}
		for range max(d.VGroups, 1) {
			l.last++
			g.vgroups = append(g.vgroups, &vgroup{id: l.last})
		}
		l.byDB[d] = g
	}
	return g
}

func (g *dbLog) vgroupOf(table string) *vgroup {
	h := fnv.New32a()
	h.Write([]byte(table))
	n := len(g.vgroups)
	return g.vgroups[n-1-int(h.Sum32()%uint32(n))]
}

// wake tells those who wait that there is more. The logs must be locked.
func (l *logs) wake() {
	close(l.changed)
	l.changed = make(chan struct{})
}

// write logs the rows of an INSERT: an entry in each vgroup concerned.
func (l *logs) write(b *batch) {
	l.mu.Lock()
	defer l.mu.Unlock()
	pending := map[*vgroup]*entry{}
	owner := map[*vgroup]*dbLog{}
	get := func(t *catalog.Table) *entry {
		g := l.of(t.Database)
		v := g.vgroupOf(t.Name)
		e := pending[v]
		if e == nil {
			e = &entry{}
			pending[v], owner[v] = e, g
		}
		return e
	}
	for _, t := range b.children {
		e := get(t)
		e.created = append(e.created, t)
	}
	for _, g := range b.groups {
		width := len(g.values) / g.rows
		for r := range g.rows {
			t := g.tables[r]
			get(t).add(g, t, g.values[r*width+1:(r+1)*width])
		}
	}
	for v, e := range pending {
		v.entries = append(v.entries, *e)
		owner[v].rows += e.count
		owner[v].forget()
	}
	if len(pending) > 0 {
		l.wake()
	}
}

// add appends a row of the given columns; the others are NULL.
func (e *entry) add(g *rowGroup, t *catalog.Table, given []any) {
	at := -1
	for i := len(e.rows) - 1; i >= 0; i-- {
		if e.rows[i].table == t {
			at = i
			break
		}
	}
	if at < 0 {
		e.rows = append(e.rows, tableRows{table: t, shape: g.shape, columns: g.shape.Columns})
		at = len(e.rows) - 1
	}
	row := make([]any, len(g.given))
	k := 0
	for i, yes := range g.given {
		if yes == 1 {
			row[i] = decode(g.shape.Columns[i].Type, given[k])
			k++
		}
	}
	e.rows[at].rows = append(e.rows[at].rows, row)
	e.count++
}

// forget drops the oldest entries of a database without topics.
func (g *dbLog) forget() {
	for g.topics == 0 && g.rows > untilTopic {
		dropped := false
		for _, v := range g.vgroups {
			n := (len(v.entries) + 1) / 2
			for _, e := range v.entries[:n] {
				g.rows -= e.count
			}
			dropped = dropped || n > 0
			v.entries = append([]entry(nil), v.entries[n:]...)
			v.first += int64(n)
		}
		if !dropped {
			return
		}
	}
}

// record logs a change of the schema: of a super table in every vgroup, of any other table in its
// own.
func (l *logs) record(t *catalog.Table, json []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	g := l.of(t.Database)
	c := &change{json: json}
	if t.Kind == catalog.Super {
		c.stable = t
		for _, v := range g.vgroups {
			v.entries = append(v.entries, entry{change: c})
		}
	} else {
		c.stable = t.Parent
		v := g.vgroupOf(t.Name)
		v.entries = append(v.entries, entry{change: c})
	}
	l.wake()
}

// drop forgets a database.
func (l *logs) drop(d *catalog.Database) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byDB, d)
	l.wake()
}
