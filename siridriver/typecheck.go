package siridriver

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/query"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// The first point of a series decides its type; the server converts what comes
// later without a word: 2.9 becomes 2, "abc" becomes 0. With Config.CheckTypes
// the driver compares before it sends. An integer that a float holds exactly may
// go into a series of floats.

// seriesTypes are the types of points about to be sent, by series.
type seriesTypes map[string]pointTypes

type pointTypes struct {
	typ result.Type
	// exact integers only: may go into a series of floats.
	exact bool
}

// exact reports whether a float holds the integer.
func exact(v int64) bool { return v >= -1<<53 && v <= 1<<53 }

// add notes a point. Values of two types for one series are an error, except
// exact integers among floats. A nil map notes nothing.
func (s seriesTypes) add(series string, typ result.Type, exact bool) error {
	if s == nil {
		return nil
	}
	known, ok := s[series]
	switch {
	case !ok:
		s[series] = pointTypes{typ, exact}
	case known.typ == typ:
		if known.exact && !exact {
			s[series] = pointTypes{typ, false}
		}
	case known.typ == result.Float && exact:
	case known.typ == result.Integer && known.exact && typ == result.Float:
		s[series] = pointTypes{typ, false}
	default:
		return mismatch(series, known.typ, typ)
	}
	return nil
}

func mismatch(series string, stored, given result.Type) error {
	return dataError(driver.ErrData, "series %.100q holds %s; the server would convert %s silently", series, typeNames[stored], typeNames[given])
}

var typeNames = map[result.Type]string{result.Integer: "integers", result.Float: "floats", result.String: "strings"}

// typeCache keeps the types of series that were looked up, for one connector.
type typeCache struct {
	mu    sync.Mutex
	types map[string]result.Type
}

// maxCachedTypes bounds the cache, which is emptied when it is full.
const maxCachedTypes = 200_000

func newTypeCache() *typeCache { return &typeCache{types: make(map[string]result.Type)} }

// unknown returns the series that are not in the cache, or in it with a type
// that does not fit: they may have been dropped and made again.
func (c *typeCache) unknown(types seriesTypes) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var names []string
	for name, given := range types {
		if stored, ok := c.types[name]; !ok || !given.fit(stored) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func (c *typeCache) store(name string, t result.Type) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.types) >= maxCachedTypes {
		clear(c.types)
	}
	c.types[name] = t
}

// fit reports whether points of these types go into a series of that type as
// they are.
func (p pointTypes) fit(stored result.Type) bool {
	return p.typ == stored || stored == result.Float && p.typ == result.Integer && p.exact
}

// checkTypes compares points about to be sent with the series that exist.
func (c *conn) checkTypes(ctx context.Context, op string, id uint64, types seriesTypes) error {
	if len(types) == 0 {
		return nil
	}
	for names := c.connector.types.unknown(types); len(names) > 0; {
		text, n, err := listTypes(names)
		if err != nil {
			return refusal(op, id, err)
		}
		if err := c.lookUpTypes(ctx, op, id, text, types); err != nil {
			return err
		}
		names = names[n:]
	}
	return nil
}

// maxNames bounds the series of one look-up, below the smallest list_limit that
// makes sense.
const maxNames = 1000

// listTypes makes a statement that lists the types of the first n names.
func listTypes(names []string) (text string, n int, err error) {
	b := []byte("list series name, type ")
	for n < len(names) && n < maxNames {
		begin := len(b)
		if n > 0 {
			b = append(b, " | "...)
		}
		if b, err = query.AppendString(b, names[n]); err != nil {
			return "", 0, err
		}
		if n > 0 && len(b) > maxText-20 {
			b = b[:begin]
			break
		}
		n++
	}
	return fmt.Sprintf("%s limit %d", b, n), n, nil
}

func (c *conn) lookUpTypes(ctx context.Context, op string, id uint64, text string, types seriesTypes) error {
	reply, err := c.do(ctx, cluster.Request{
		Op: op, Type: wire.Query, Package: wire.AppendQuery(wire.Begin(nil), text), ID: id, Timeout: c.config.QueryTimeout,
	}, wire.QueryResult)
	if err != nil {
		return err
	}
	table, err := result.ParseTable(reply.Data)
	if err != nil {
		return unreadable(op, reply.Host, id, err)
	}
	var problem error
	for i := range table.Rows {
		row := table.Row(i)
		if len(row) != 2 {
			return unreadable(op, reply.Host, id, fmt.Errorf("%d columns in a list of name and type", len(row)))
		}
		name, _ := row[0].(string)
		stored := storedTypes[fmt.Sprint(row[1])]
		if stored == result.NoType {
			continue
		}
		c.connector.types.store(name, stored)
		if given, ok := types[name]; ok && !given.fit(stored) && problem == nil {
			problem = refusal(op, id, mismatch(name, stored, given.typ))
		}
	}
	return problem
}

// storedTypes are the server's words.
var storedTypes = map[string]result.Type{"integer": result.Integer, "float": result.Float, "string": result.String}
