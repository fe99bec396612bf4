package dsn

import (
	"fmt"
	"slices"
	"strings"
)

// Keys is what an engine understands after "?" (or, of one host, after ";"):
// the one declaration from which come the reading of a DSN into the engine's
// configuration C, the defaults, the writing of a DSN, the errors, and the
// table of the manual. Make it with [NewKeys]; it is safe for concurrent use.
type Keys[C any] struct {
	noun   string
	list   []*Key[C]
	byName map[string]*Key[C]
}

// NewKeys declares keys. Noun is what errors call one: "parameter", "host
// option". Like [regexp.MustCompile] it is meant for package variables, and
// panics if the declaration contradicts itself: a name twice, a default that
// its own key refuses, a secret whose name [Secret] would not hide.
func NewKeys[C any](noun string, keys ...*Key[C]) *Keys[C] {
	k := &Keys[C]{noun: noun, list: keys, byName: make(map[string]*Key[C])}
	for _, key := range keys {
		for _, name := range key.names() {
			switch {
			case !validKey(name):
				panic(fmt.Sprintf("dsn: key %q: malformed name", name))
			case k.byName[name] != nil:
				panic(fmt.Sprintf("dsn: key %q declared twice", name))
			case key.secret && !Secret(name):
				panic(fmt.Sprintf("dsn: secret key %q is not known as one by dsn.Secret", name))
			}
			k.byName[name] = key
		}
		if key.def != "" {
			if problem := key.set(new(C), key.def); problem != nil {
				panic(fmt.Sprintf("dsn: key %q: default %q: %v", key.name, key.def, problem))
			}
		}
	}
	return k
}

// Defaults sets the fields of all keys that have a default. The others are
// left alone.
func (k *Keys[C]) Defaults(c *C) {
	for _, key := range k.list {
		if key.def != "" {
			_ = key.set(c, key.def) // NewKeys has tried it
		}
	}
}

// Read sets in c what params say. An unknown key, a key given under two of its
// names, and a value that its key refuses are errors of kind
// [driver.ErrInterface].
func (k *Keys[C]) Read(c *C, params Params) error {
	rest, err := k.ReadKnown(c, params)
	if err == nil && len(rest) > 0 {
		err = k.unknown(rest[0].Key)
	}
	return err
}

// ReadKnown is [Keys.Read] for engines that pass parameters on to their
// server: it returns those that it does not know.
func (k *Keys[C]) ReadKnown(c *C, params Params) (rest Params, err error) {
	given := make(map[*Key[C]]string, len(params))
	for _, p := range params {
		key := k.byName[p.Key]
		if key == nil {
			rest = append(rest, p)
			continue
		}
		if other, twice := given[key]; twice {
			return nil, errorf("%s %q says the same as %q; give one of them", k.noun, p.Key, other)
		}
		given[key] = p.Key
		if problem := key.set(c, p.Value); problem != nil {
			return nil, errorf("%s %q%s: %v", k.noun, p.Key, key.shown(p.Value), problem)
		}
	}
	return rest, nil
}

// Check is for a c that was not read from a DSN: it reports a number, size, duration
// or word of an [Enum] that the field's key refuses, in the terms of [Keys.Read]. An
// Enum's field may be empty.
func (k *Keys[C]) Check(c *C) error {
	for _, key := range k.list {
		if key.check == nil {
			continue
		}
		if problem := key.check(c); problem != nil {
			return errorf("%s %q%s: %v", k.noun, key.name, key.shown(key.get(c)), problem)
		}
	}
	return nil
}

// Format returns the parameters that [Keys.Read] needs to make c from the
// defaults: those whose value is not the default one, in the order declared. A
// field that holds what no DSN can say, such as a nil time zone, is left out.
func (k *Keys[C]) Format(c *C) Params {
	standard := new(C)
	k.Defaults(standard)
	var params Params
	for _, key := range k.list {
		value := key.get(c)
		if value != key.get(standard) && key.set(new(C), value) == nil {
			params = append(params, Param{key.name, value})
		}
	}
	return params
}

// Markdown returns a table of the keys: name with aliases, type, default,
// meaning.
func (k *Keys[C]) Markdown() string {
	standard := new(C)
	k.Defaults(standard)
	var b strings.Builder
	fmt.Fprintf(&b, "| %s | type | default | meaning |\n|---|---|---|---|\n", k.noun)
	for _, key := range k.list {
		names := "`" + strings.Join(key.names(), "`, `") + "`"
		def := key.def
		if def == "" {
			def = key.get(standard)
		}
		if def != "" {
			def = "`" + def + "`"
		}
		cells := []string{names, key.typ, def, key.doc}
		for i, cell := range cells {
			cells[i] = strings.ReplaceAll(cell, "|", `\|`)
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
	}
	return b.String()
}

func (k *Keys[C]) unknown(name string) error {
	if near := nearest(name, k.names()); near != "" {
		return errorf("unknown %s %q; did you mean %q?", k.noun, name, near)
	}
	var known []string
	for _, key := range k.list {
		known = append(known, key.name)
	}
	slices.Sort(known)
	return errorf("unknown %s %q; known are %s", k.noun, name, strings.Join(known, ", "))
}

// names lists each key's own name before its aliases, for ties.
func (k *Keys[C]) names() []string {
	var names []string
	for _, key := range k.list {
		names = append(names, key.names()...)
	}
	return names
}
