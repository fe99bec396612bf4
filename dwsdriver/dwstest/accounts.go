package dwstest

import (
	"crypto/rand"
	"sync"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/gaussauth"
)

// accounts are what the server keeps of users and their passwords.
type accounts struct {
	attempts int

	mu     sync.Mutex
	byName map[string]*account
	nobody gaussauth.Keys // for names that are not known: the conversation is the same
}

type account struct {
	keys     gaussauth.Keys
	failures int // in a row
}

func newAccounts(o *options) *accounts {
	a := &accounts{attempts: o.attempts, byName: map[string]*account{}}
	for user, password := range o.users {
		keys := gaussauth.NewKeys(user, password, salt(), o.iterations)
		switch {
		case o.auth == AuthMD5 || o.auth == AuthSHA256MD5 || o.storage == StoreBoth:
		case o.storage == StoreMD5:
			keys = gaussauth.Keys{MD5: keys.MD5}
		default:
			keys.MD5 = ""
		}
		a.byName[user] = &account{keys: keys}
	}
	a.nobody = gaussauth.Keys{Salt: salt(), Iterations: o.iterations}
	return a
}

func salt() (s [32]byte) {
	_, _ = rand.Read(s[:]) // never fails
	return s
}

func (a *accounts) keys(user string) (keys gaussauth.Keys, locked bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	u := a.byName[user]
	if u == nil {
		return a.nobody, false
	}
	return u.keys, a.attempts > 0 && u.failures >= a.attempts
}

// tried notes the outcome of a login.
func (a *accounts) tried(user string, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if u := a.byName[user]; u != nil {
		u.failures++
		if ok {
			u.failures = 0
		}
	}
}

// Unlock forgets the wrong passwords of all accounts, as ALTER USER ... ACCOUNT UNLOCK
// does.
func (c *Cluster) Unlock() {
	c.accounts.mu.Lock()
	defer c.accounts.mu.Unlock()
	for _, u := range c.accounts.byName {
		u.failures = 0
	}
}
