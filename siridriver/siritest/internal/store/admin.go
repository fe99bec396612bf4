package store

import (
	"slices"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// create runs a create statement.
func (q *query) create(c *parse.Create) ([]byte, *Error) {
	if err := q.may(canCreate); err != nil {
		return nil, err
	}
	d := q.db
	if c.What == "user" {
		if err := checkPassword(c.Password); err != nil {
			return nil, err
		}
		if err := q.view.accessible(); err != nil {
			return nil, err
		}
		if err := d.checkUserName(c.Name); err != nil {
			return nil, err
		}
		d.users = append(d.users, &User{name: c.Name, password: c.Password})
		return success("Successfully created user '%s'.", c.Name), nil
	}
	if err := q.view.accessible(); err != nil {
		return nil, err
	}
	if err := d.checkName("Group", c.Name); err != nil {
		return nil, err
	}
	re, err := compile(c.Regex)
	if err != nil {
		return nil, err
	}
	g := &group{name: c.Name, source: string(c.Regex), regex: re}
	d.fill(g, q.groupReady())
	d.groups[c.Name] = g
	return success("Successfully created group '%s'.", c.Name), nil
}

// grant runs a grant or a revoke statement.
func (q *query) grant(g *parse.Grant) ([]byte, *Error) {
	right := canGrant
	if g.Revoke {
		right = canRevoke
	}
	if err := q.may(right); err != nil {
		return nil, err
	}
	if err := q.view.accessible(); err != nil {
		return nil, err
	}
	u := q.db.user(g.User)
	if u == nil {
		return nil, wrong("Cannot find user: '%s'", g.User)
	}
	if g.Revoke {
		u.rights &^= rightsOf(g.Access)
		return success("Successfully revoked permissions from user '%s'.", g.User), nil
	}
	u.rights |= rightsOf(g.Access)
	if g.Password != nil {
		if err := checkPassword(*g.Password); err != nil {
			return nil, err
		}
		u.password = *g.Password
	}
	return success("Successfully granted permissions to user '%s'.", g.User), nil
}

// drop runs a drop statement.
func (q *query) drop(s *parse.Drop) ([]byte, *Error) {
	if err := q.may(canDrop); err != nil {
		return nil, err
	}
	d := q.db
	if s.What == "server" {
		return nil, q.dropServer(s.Name)
	}
	if err := q.view.accessible(); err != nil {
		return nil, err
	}
	switch s.What {
	case "user":
		u := d.user(s.Name)
		if u == nil {
			return nil, wrong("User '%s' does not exist.", s.Name)
		}
		d.users = slices.DeleteFunc(d.users, func(o *User) bool { return o == u })
		return success("Successfully dropped user '%s'.", s.Name), nil
	case "group":
		if d.groups[s.Name] == nil {
			return nil, wrong("Group '%s' does not exist.", s.Name)
		}
		delete(d.groups, s.Name)
		return success("Successfully dropped group '%s'.", s.Name), nil
	case "tag":
		if d.tags[s.Name] == nil {
			return nil, wrong("Tag '%s' does not exist.", s.Name)
		}
		delete(d.tags, s.Name)
		return success("Successfully dropped tag '%s'.", s.Name), nil
	case "shards":
		return q.dropShards(s)
	}
	series, err := d.match(s.Series, q.now)
	if err != nil {
		return nil, err
	}
	gone := slices.Clone(d.filter(series, s.Where))
	if err := q.threshold("series", len(gone), len(d.order), s.IgnoreThreshold); err != nil {
		return nil, err
	}
	d.drop(gone)
	return success("Successfully dropped %d series.", len(gone)), nil
}

// threshold refuses to drop a great part of everything.
func (q *query) threshold(what string, n, of int, ignore bool) *Error {
	if n == 0 || ignore || float64(n)/float64(of) < q.db.dropThreshold {
		return nil
	}
	return wrong("This query would drop %.2f%% of the %s in pool %d. Add 'set ignore_threshold true' to the query statement if you really want to do this.",
		100*float64(n)/float64(of), what, q.view.nodes[q.view.self].Pool)
}

// dropShards removes the points of the shards that are meant.
func (q *query) dropShards(s *parse.Drop) ([]byte, *Error) {
	d := q.db
	all := q.shards()
	n := 0
	var gone []property
	for _, of := range all {
		if holds(s.Where, of) {
			gone = append(gone, of)
			n++
		}
	}
	if err := q.threshold("shards", n, len(all), s.IgnoreThreshold); err != nil {
		return nil, err
	}
	for _, of := range gone {
		from, to, pool, text := of("start").(int64), of("end").(int64), of("pool").(int64), of("type") == "log"
		for _, one := range d.order {
			if int64(one.Pool) != pool || (one.Points.Kind == String) != text {
				continue
			}
			kept := &Points{Kind: one.Points.Kind}
			for i, ts := range one.Points.Times {
				if ts < from || ts >= to && to > from {
					kept.add(ts, &one.Points, i)
				}
			}
			one.Points = *kept
		}
	}
	var empty []*Series
	for _, one := range d.order {
		if one.Points.Len() == 0 {
			empty = append(empty, one)
		}
	}
	d.drop(empty)
	return success("Successfully dropped %d shards. (this number does not include shards which are dropped on replica servers)", n), nil
}

// server finds a server by its name or UUID.
func (q *query) server(name string) (int, *Error) {
	for i, n := range q.view.nodes {
		if n.Name == name || n.UUID == name {
			return i, nil
		}
	}
	return 0, wrong("Cannot find server: \"%s\"", name)
}

// dropServer refuses: servers of the embedded cluster are there to stay.
func (q *query) dropServer(name string) *Error {
	i, err := q.server(name)
	if err != nil {
		return err
	}
	n := q.view.nodes[i]
	others := 0
	for j, o := range q.view.nodes {
		if j != i && o.Pool == n.Pool {
			others++
		}
	}
	if others == 0 {
		return wrong("Cannot remove server '%s' because this is the only server for pool %d", n.Name, n.Pool)
	}
	return wrong("Cannot remove server '%s' because the server is still online. (stop SiriDB on this server if you really want to remove the server)", n.Name)
}

// groupReady is when a group that is changed now will be filled.
func (q *query) groupReady() time.Time { return q.now.Add(q.GroupDelay) }
