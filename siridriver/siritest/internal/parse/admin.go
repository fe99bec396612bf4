package parse

func (p *parser) alterStmt() (_ Body, ok bool) {
	a := &Alter{}
	if a.What, ok = p.keyword("series", "user", "group", "tag", "server", "servers", "database"); !ok {
		return nil, false
	}
	switch a.What {
	case "series":
		if a.Series, ok = p.series(); !ok {
			return nil, false
		}
		if a.Where, ok = p.where("series"); !ok {
			return nil, false
		}
		if a.Set, ok = p.keyword("tag", "untag"); !ok {
			return nil, false
		}
		a.Name, ok = p.grave()
		return a, ok
	case "user":
		a.Name, ok = p.text()
	case "group", "tag":
		a.Name, ok = p.grave()
	case "server":
		a.Name, ok = p.server()
	case "servers":
		a.Where, ok = p.where("servers")
	}
	if !ok || !p.is("set") {
		return nil, false
	}
	if a.Set, ok = p.keyword(settable[a.What]...); !ok {
		return nil, false
	}
	a.Value, ok = p.setting(a.Set)
	if ok && (a.Set == "expiration_num" || a.Set == "expiration_log") {
		a.IgnoreThreshold, ok = p.ignoreThreshold()
	}
	return a, ok
}

// settable are the properties that alter can set.
var settable = map[string][]string{
	"user":     {"password", "name"},
	"group":    {"expression", "name"},
	"tag":      {"name"},
	"server":   {"log_level", "backup_mode", "address", "port"},
	"servers":  {"log_level"},
	"database": {"drop_threshold", "list_limit", "select_points_limit", "timezone", "expiration_num", "expiration_log", "tee"},
}

// setting reads the value of a property.
func (p *parser) setting(name string) (value any, ok bool) {
	switch name {
	case "expression":
		return p.regex("regular_expression")
	case "log_level":
		return p.keyword(LogLevels...)
	case "backup_mode":
		w, ok := p.keyword("true", "false")
		return w == "true", ok
	case "port", "list_limit", "select_points_limit":
		return p.uinteger()
	case "drop_threshold":
		return p.float()
	case "expiration_num", "expiration_log":
		return p.moment()
	case "tee":
		if p.is("false") {
			return false, true
		}
	}
	return p.text()
}

// server reads the name or the UUID of a server.
func (p *parser) server() (string, bool) {
	if s, ok := p.uuid(); ok {
		return s, true
	}
	return p.text()
}

// ignoreThreshold reads the clause set ignore_threshold if it is there.
func (p *parser) ignoreThreshold() (ignore, ok bool) {
	if !p.is("set") {
		return false, true
	}
	if !p.is("ignore_threshold") {
		return false, false
	}
	w, ok := p.keyword("true", "false")
	return w == "true", ok
}

func (p *parser) createStmt() (_ Body, ok bool) {
	c := &Create{}
	if c.What, ok = p.keyword("group", "user"); !ok {
		return nil, false
	}
	if c.What == "group" {
		if c.Name, ok = p.grave(); !ok || !p.is("for") {
			return nil, false
		}
		c.Regex, ok = p.regex("regular_expression")
		return c, ok
	}
	if c.Name, ok = p.text(); !ok || !p.is("set") || !p.is("password") {
		return nil, false
	}
	c.Password, ok = p.text()
	return c, ok
}

func (p *parser) dropStmt() (_ Body, ok bool) {
	d := &Drop{}
	if d.What, ok = p.keyword("group", "tag", "series", "shards", "server", "user"); !ok {
		return nil, false
	}
	switch d.What {
	case "group", "tag":
		d.Name, ok = p.grave()
		return d, ok
	case "user":
		d.Name, ok = p.text()
		return d, ok
	case "server":
		d.Name, ok = p.server()
		return d, ok
	case "series":
		if d.Series, ok = p.optionalSeries(); !ok {
			return nil, false
		}
	}
	if d.Where, ok = p.where(d.What); !ok {
		return nil, false
	}
	d.IgnoreThreshold, ok = p.ignoreThreshold()
	return d, ok
}

func (p *parser) grantStmt() (Body, bool) { return p.rights("to", false) }

func (p *parser) revokeStmt() (Body, bool) { return p.rights("from", true) }

func (p *parser) rights(preposition string, revoke bool) (_ Body, ok bool) {
	g := &Grant{Revoke: revoke}
	if g.Access, ok = p.words(Rights); !ok {
		return nil, false
	}
	if !p.is(preposition) || !p.is("user") {
		return nil, false
	}
	if g.User, ok = p.text(); !ok || revoke || !p.is("set") {
		return g, ok
	}
	if !p.is("password") {
		return nil, false
	}
	password, ok := p.text()
	g.Password = &password
	return g, ok
}
