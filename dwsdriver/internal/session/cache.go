package session

import (
	"container/list"
	"slices"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
	"github.com/gaugesql/gaugesql/internal/placeholder"
)

// statement is what a session knows of a text.
type statement struct {
	key  string // as the caller wrote it
	text string // with "$1" for each "?"
	args int
	traits

	uses int
	// large: a result of it had more than a few rows.
	large bool
	refs  int // prepared statements of the caller's
	// name on the server; empty if it is not kept there.
	name string
	// described tells that types and columns are those of the statement by that
	// name, which cannot change.
	described bool
	types     []wire.OID
	columns   []wire.Column // with the formats that will be asked for; nil without rows
	formats   []wire.Format // nil if all are text
	planned   bool          // formats were chosen

	element *list.Element
}

// cache are the statements of a session, by their texts.
type cache struct {
	capacity int
	serial   uint64
	all      map[string]*statement
	recent   *list.List // the most recently used in front
	// forgotten are names that the server is to be told to forget with the next batch.
	forgotten []string
}

func newCache(capacity int) cache {
	return cache{capacity: max(0, capacity), all: make(map[string]*statement), recent: list.New()}
}

// get returns the statement of a text.
func (c *cache) get(key string) (*statement, error) {
	if st := c.all[key]; st != nil {
		c.recent.MoveToFront(st.element)
		return st, nil
	}
	st, err := newStatement(key)
	if err != nil {
		return nil, err
	}
	if c.capacity > 0 && len(key) <= maxCached {
		c.add(st)
	}
	return st, nil
}

// maxCached is the longest text that is kept: longer ones are seldom used again,
// and would take much memory, here and on the server.
const maxCached = 16 << 10

func newStatement(key string) (*statement, error) {
	if strings.IndexByte(key, 0) >= 0 {
		return nil, &ArgumentError{errNUL}
	}
	text, args, err := placeholder.DWS.Number(key)
	if err != nil {
		return nil, &ArgumentError{err}
	}
	return &statement{key: key, text: text, args: args, traits: traitsOf(key)}, nil
}

func (c *cache) add(st *statement) {
	st.element = c.recent.PushFront(st)
	c.all[st.key] = st
	for e := c.recent.Back(); e != nil && c.recent.Len() > max(1, c.capacity); {
		last := e.Value.(*statement)
		e = e.Prev()
		if last.refs == 0 && last != st {
			c.remove(last)
		}
	}
}

// remove forgets a statement.
func (c *cache) remove(st *statement) {
	if st.element != nil {
		c.recent.Remove(st.element)
		delete(c.all, st.key)
		st.element = nil
	}
	if st.name != "" {
		c.forgotten = append(c.forgotten, st.name)
		st.lose()
	}
}

// acquire keeps the statement of a text until release, in a cache of any size.
func (c *cache) acquire(key string) (*statement, error) {
	st, err := c.get(key)
	if err != nil {
		return nil, err
	}
	if st.element == nil {
		c.add(st)
	}
	st.refs++
	return st, nil
}

func (c *cache) release(st *statement) {
	if st.refs--; st.refs == 0 && st.element != nil && (c.recent.Len() > c.capacity || len(st.key) > maxCached) {
		c.remove(st)
	}
}

// keeps reports whether the server is to keep the statement.
func (c *cache) keeps(st *statement) bool {
	return st.refs > 0 || c.capacity > 0 && st.uses > 0
}

// name gives the statement a name that the session has not used before.
func (c *cache) newName() string {
	c.serial++
	return "gaugesql_" + strconv.FormatUint(c.serial, 36)
}

// lost is called when the server has dropped all prepared statements.
func (c *cache) lost() {
	c.forgotten = nil
	for _, st := range c.all {
		st.lose()
	}
}

// lose makes the statement one that the server does not keep.
func (st *statement) lose() {
	st.name, st.described, st.types, st.columns, st.formats, st.planned = "", false, nil, nil, nil, false
}

// keep notes that the server keeps the statement, and its description. columns
// are copied: whoever reads this use's rows has them as they come.
func (st *statement) keep(name string, types []wire.OID, columns []wire.Column) {
	st.name, st.described = name, types != nil
	st.types, st.columns = types, slices.Clone(columns)
	st.formats, st.planned = nil, false
}

// plan chooses the formats in which the server is to send the columns.
func plan(columns []wire.Column, binary []wire.OID) (formats []wire.Format) {
	for i := range columns {
		if slices.Contains(binary, columns[i].Type) && columns[i].Type.HasBinary() {
			if formats == nil {
				formats = make([]wire.Format, len(columns))
			}
			formats[i], columns[i].Format = wire.Binary, wire.Binary
		}
	}
	return formats
}
