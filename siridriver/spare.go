package siridriver

import (
	"sync"
	"time"
)

// packages keeps the memory of insert packages that were sent for those to come: to
// get megabytes anew takes longer than to fill them.
var packages spares

// spares are a few large slices without elements, forgotten when none was wanted for
// a while. A sync.Pool loses what was put on another processor, which with one large
// slice is every second time.
type spares struct {
	mu   sync.Mutex
	list [][]byte
	idle *time.Timer
}

const (
	maxSpares = 4
	minSpare  = 64 << 10 // the capacity of the smallest that is worth it
	spareTime = 10 * time.Second
)

// get returns one of them, nil if there is none.
func (s *spares) get() []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.list) - 1
	if n < 0 {
		return nil
	}
	b := s.list[n]
	s.list[n], s.list = nil, s.list[:n]
	return b
}

// put takes memory that nobody looks at any more.
func (s *spares) put(b []byte) {
	if cap(b) < minSpare {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) == maxSpares {
		return
	}
	s.list = append(s.list, b[:0])
	if s.idle == nil {
		s.idle = time.AfterFunc(spareTime, s.forget)
	} else {
		s.idle.Reset(spareTime)
	}
}

func (s *spares) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list = nil
}
