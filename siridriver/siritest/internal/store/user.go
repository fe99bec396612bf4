package store

import (
	"slices"
	"strings"
)

// rights are what a user may do, as bits.
type rights uint32

const (
	canShow rights = 1 << iota
	canCount
	canList
	canSelect
	canInsert
	canCreate
	canAlter
	canDrop
	canGrant
	canRevoke

	canRead   = canShow | canCount | canList | canSelect
	canWrite  = canRead | canInsert | canCreate
	canModify = canWrite | canAlter | canDrop
	full      = canModify | canGrant | canRevoke
)

// names are the words for rights: profiles, the largest first, and then single
// ones.
var names = []struct {
	word string
	bits rights
}{
	{"full", full}, {"modify", canModify}, {"write", canWrite}, {"read", canRead},
	{"alter", canAlter}, {"count", canCount}, {"create", canCreate}, {"drop", canDrop}, {"grant", canGrant},
	{"insert", canInsert}, {"list", canList}, {"revoke", canRevoke}, {"select", canSelect}, {"show", canShow},
}

func rightsOf(words []string) (r rights) {
	for _, n := range names {
		if slices.Contains(words, n.word) {
			r |= n.bits
		}
	}
	return r
}

func (r rights) String() string {
	if r == 0 {
		return "no access"
	}
	var words []string
	for _, n := range names {
		if r&n.bits == n.bits {
			r &^= n.bits
			words = append(words, n.word)
		}
		if r == 0 {
			break
		}
	}
	if len(words) == 1 {
		return words[0]
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

// User is an account of a database. It outlives its removal: whoever has logged
// in goes on working.
type User struct {
	name     string
	password string
	rights   rights
}

// Login returns the user of the name and the password, nil if there is none.
func (d *Database) Login(name, password string) *User {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if u := d.user(name); u != nil && u.password == password {
		return u
	}
	return nil
}

// UserName returns the name that a user has now.
func (d *Database) UserName(u *User) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return u.name
}

func (d *Database) user(name string) *User {
	for _, u := range d.users {
		if u.name == name {
			return u
		}
	}
	return nil
}

// graphical reports whether there are only visible ASCII characters.
func graphical(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}

const charactersText = " contains illegal characters. (only graphical characters are allowed, no spaces, tabs etc.)"

func (d *Database) checkUserName(name string) *Error {
	switch {
	case len(name) < 2:
		return wrong("User name should be at least 2 characters.")
	case len(name) > 60:
		return wrong("User name should be at least 60 characters.") // the server's slip
	case !graphical(name):
		return wrong("User name" + charactersText)
	case d.user(name) != nil:
		return wrong("User '%s' already exists.", name)
	}
	return nil
}

func checkPassword(password string) *Error {
	switch {
	case len(password) < 4:
		return wrong("Password should be at least 4 characters.")
	case len(password) > 128:
		return wrong("Password should be at most 128 characters.")
	case !graphical(password):
		return wrong("Password" + charactersText)
	}
	return nil
}
