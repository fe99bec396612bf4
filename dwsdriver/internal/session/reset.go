package session

import (
	"context"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Lasting reports whether the session holds what only its end takes away: a
// transaction, temporary tables, locks.
func (s *Session) Lasting() bool {
	return s.effects&lasting != 0 || s.status != wire.Idle || s.Busy()
}

// volatile are the parameters that the server changes by itself.
var volatile = map[string]bool{"in_hot_standby": true, "server_version": true, "connection_info": true}

// Changed reports whether the session's settings may not be those of its login.
func (s *Session) Changed() bool {
	if s.effects != 0 || !s.reported {
		return s.effects != 0
	}
	for name, value := range s.parameters {
		if value != s.initial[name] && !volatile[name] {
			return true
		}
	}
	return false
}

// Reset brings the session back to what it was after its login, if a statement
// may have changed that or always is true. An error means that it is not to be
// used again.
func (s *Session) Reset(ctx context.Context, always bool) error {
	if !always && !s.Changed() {
		return nil
	}
	var text strings.Builder
	if s.effects&cursors != 0 {
		text.WriteString("CLOSE ALL; ")
	}
	if s.effects&prepared != 0 {
		text.WriteString("DEALLOCATE ALL; ")
	}
	text.WriteString("SET SESSION AUTHORIZATION DEFAULT; RESET ALL")
	if _, err := s.Simple(ctx, text.String()); err != nil {
		return err
	}
	if s.effects&prepared != 0 {
		s.cache.lost()
	}
	s.effects, s.reported = 0, false
	for name, value := range s.parameters {
		if !volatile[name] {
			// One that a statement has not touched may have moved on its own.
			s.initial[name] = value
		}
	}
	return nil
}
