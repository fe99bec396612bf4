package store

import (
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/siritest/internal/parse"
)

// alter runs an alter statement.
func (q *query) alter(a *parse.Alter) ([]byte, *Error) {
	if err := q.may(canAlter); err != nil {
		return nil, err
	}
	switch a.What {
	case "server":
		return q.alterServer(a)
	case "servers":
		return q.alterServers(a)
	}
	if err := q.view.accessible(); err != nil {
		return nil, err
	}
	switch a.What {
	case "user":
		return q.alterUser(a)
	case "group":
		return q.alterGroup(a)
	case "tag":
		return q.alterTag(a)
	case "series":
		return q.tagSeries(a)
	}
	return q.alterDatabase(a)
}

func (q *query) alterUser(a *parse.Alter) ([]byte, *Error) {
	u := q.db.user(a.Name)
	if u == nil {
		return nil, wrong("Cannot find user: '%s'", a.Name)
	}
	value := a.Value.(string)
	if a.Set == "password" {
		if err := checkPassword(value); err != nil {
			return nil, err
		}
		u.password = value
	} else {
		if err := q.db.checkUserName(value); err != nil {
			return nil, err
		}
		u.name = value
	}
	return success("Successfully updated user '%s'.", u.name), nil
}

func (q *query) alterGroup(a *parse.Alter) ([]byte, *Error) {
	d := q.db
	g := d.groups[a.Name]
	if g == nil {
		return nil, wrong("Cannot find group: '%s'", a.Name)
	}
	switch v := a.Value.(type) {
	case string:
		if err := d.checkName("Group", v); err != nil {
			return nil, err
		}
		delete(d.groups, g.name)
		g.name = v
		d.groups[v] = g
	case parse.Regex:
		re, err := compile(v)
		if err != nil {
			return nil, err
		}
		g.source, g.regex = string(v), re
		d.fill(g, q.groupReady())
	}
	return success("Successfully updated group '%s'.", g.name), nil
}

func (q *query) alterTag(a *parse.Alter) ([]byte, *Error) {
	d := q.db
	t := d.tags[a.Name]
	if t == nil {
		return nil, wrong("Cannot find tag: '%s'", a.Name)
	}
	name := a.Value.(string)
	if err := d.checkName("Tag", name); err != nil {
		return nil, err
	}
	delete(d.tags, t.name)
	t.name = name
	d.tags[name] = t
	return success("Successfully updated tag '%s'.", name), nil
}

func (q *query) tagSeries(a *parse.Alter) ([]byte, *Error) {
	d := q.db
	series, err := d.match(a.Series, q.now)
	if err != nil {
		return nil, err
	}
	series = d.filter(series, a.Where)
	t := d.tags[a.Name]
	if a.Set == "untag" {
		if t == nil {
			return nil, wrong("Cannot find tag: '%s'", a.Name)
		}
		for _, s := range series {
			delete(t.series, s)
		}
		return success("Successfully untagged %d series.", len(series)), nil
	}
	if t == nil {
		if d.groups[a.Name] != nil {
			return nil, wrong("Cannot create tag `%s` because a group with this name already exist.", a.Name)
		}
		if err := d.checkName("Tag", a.Name); err != nil {
			return nil, err
		}
		t = &tag{name: a.Name, series: map[*Series]bool{}}
		d.tags[a.Name] = t
	}
	// A tag's set may be part of the set of another: keep it apart.
	t.series = maps.Clone(t.series)
	for _, s := range series {
		t.series[s] = true
	}
	return success("Successfully tagged %d series.", len(series)), nil
}

func (q *query) alterServer(a *parse.Alter) ([]byte, *Error) {
	i, err := q.server(a.Name)
	if err != nil {
		return nil, err
	}
	n := q.view.nodes[i]
	switch v := a.Value.(type) {
	case bool:
		on := n.Status&BackupMode != 0
		verb := map[bool]string{true: "enabled", false: "disabled"}[v]
		switch {
		case v == on:
			return nil, wrong("Backup mode is already %s on '%s'.", verb, n.Name)
		case n.Status == 0:
			return nil, wrong("Cannot %s backup mode, '%s' is currently unavailable", strings.TrimSuffix(verb, "d"), n.Name)
		}
		q.Cluster.SetBackupMode(i, v)
		return success("Successfully %s backup mode on '%s'.", verb, n.Name), nil
	case string:
		if a.Set == "log_level" {
			if n.Status == 0 {
				return nil, wrong("Cannot set log level, '%s' is currently unavailable", n.Name)
			}
			q.Cluster.SetLogLevel(i, v)
			return success("Successfully set log level to '%s' on '%s'.", v, n.Name), nil
		}
	}
	return nil, wrong("Its only possible to change a servers address or port when the server is not connected.")
}

func (q *query) alterServers(a *parse.Alter) ([]byte, *Error) {
	level, count := a.Value.(string), 0
	for i, n := range q.view.nodes {
		if n.Status != 0 && holds(a.Where, func(name string) any { return q.nodeProperty(i, name) }) {
			q.Cluster.SetLogLevel(i, level)
			count++
		}
	}
	return success("Successfully set log level to '%s' on %d servers.", level, count), nil
}

// shortest writes a float as %g does in C.
func shortest(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }

func (q *query) alterDatabase(a *parse.Alter) ([]byte, *Error) {
	d := q.db
	switch a.Set {
	case "drop_threshold":
		v := a.Value.(float64)
		if v < 0 || v > 1 {
			return nil, wrong("Drop threshold should be a value between or equal to 0 and 1.0 but got %.3f", v)
		}
		old := d.dropThreshold
		d.dropThreshold = v
		return success("Successfully changed drop_threshold from %s to %s.", shortest(old), shortest(v)), nil
	case "list_limit":
		v := a.Value.(uint64)
		if v < 1000 || v > 1<<32-1 {
			return nil, wrong("List limit should be a value greater than or equal to 1000 and smaller than 4294967296 but got %d", v)
		}
		old := d.listLimit
		d.listLimit = int64(v)
		return success("Successfully changed list limit from %d to %d.", old, v), nil
	case "select_points_limit":
		v := a.Value.(uint64)
		if v < 1 || v > 1<<32-1 {
			return nil, wrong("Select points limit should be a value greater than 0 and smaller than 4294967296 but got %d", v)
		}
		old := d.pointsLimit
		d.pointsLimit = int64(v)
		return success("Successfully changed select points limit from %d to %d.", old, v), nil
	case "timezone":
		return q.setZone(a.Value.(string))
	case "tee":
		address, _ := a.Value.(string)
		if d.tee = address; address == "" {
			return success("Successfully disabled tee."), nil
		}
		host, _, _ := strings.Cut(address, ":")
		return success("Successfully configured tee to %s.", host), nil
	}
	v, old := a.Value.(int64), &d.expirationNum
	if a.Set == "expiration_log" {
		old = &d.expirationLog
	}
	from := *old
	*old = v
	return success("Successfully changed expiration from %d to %d.", from, v), nil
}

func (q *query) setZone(name string) ([]byte, *Error) {
	d := q.db
	if name == d.zone {
		return nil, wrong("Database '%s' is already set to time-zone '%s'.", d.Name, name)
	}
	loc := time.UTC
	if name != "NAIVE" && name != "UTC" {
		var err error
		if loc, err = time.LoadLocation(name); err != nil || name == "" || name == "Local" {
			return nil, wrong("Unknown time zone: '%s'. (see 'help timezones' for a list of valid time zones)", name)
		}
	}
	old := d.zone
	d.zone, d.location = name, loc
	return success("Successfully changed timezone from '%s' to '%s'.", old, name), nil
}
