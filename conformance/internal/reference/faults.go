package reference

import (
	"strings"
	"time"
)

// Kind is what goes wrong.
type Kind int

// The kinds.
const (
	DropBefore Kind = iota
	DropAfter
	LoseReply
	Delay
	CutRows
	StallRows
)

type fault struct {
	kind   Kind
	marker string
	delay  time.Duration
}

// Arm lets the fault strike once, at the next statement with the marker.
func (s *Server) Arm(kind Kind, marker string, delay time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, &fault{kind, marker, delay})
}

// strikes takes the fault of the kind that waits for the statement, if any.
func (s *Server) strikes(kind Kind, text string) *fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, f := range s.faults {
		if f.kind == kind && strings.Contains(text, f.marker) {
			s.faults = append(s.faults[:i], s.faults[i+1:]...)
			return f
		}
	}
	return nil
}

// RefuseLogin refuses the next logins.
func (s *Server) RefuseLogin(times int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refuse = times
}

// Logins returns how many were tried.
func (s *Server) Logins() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

// Executed returns how many statements with the marker were carried out.
func (s *Server) Executed(marker string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, st := range s.statements {
		if strings.Contains(st.text, marker) {
			n++
		}
	}
	return n
}

// RequestID returns the id of the last statement with the marker.
func (s *Server) RequestID(marker string) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.statements) - 1; i >= 0; i-- {
		if strings.Contains(s.statements[i].text, marker) {
			return s.statements[i].id
		}
	}
	return 0
}

// Running returns how many statements with the marker run.
func (s *Server) Running(marker string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for text, times := range s.running {
		if strings.Contains(text, marker) {
			n += times
		}
	}
	return n
}

// OpenResults returns how many results and statements are open.
func (s *Server) OpenResults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// Connections returns how many clients are logged in.
func (s *Server) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.sessions)
}

func (s *Server) opened(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open += n
}

func (s *Server) carriedOut(text string, id uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.statements = append(s.statements, statement{text, id})
}

func (s *Server) runs(text string, n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[text] += n; s.running[text] == 0 {
		delete(s.running, text)
	}
}
