package siridriver

import "testing"

func TestSpares(t *testing.T) {
	var s spares
	if s.get() != nil {
		t.Error("memory from nowhere")
	}
	s.put(make([]byte, minSpare-1))
	if s.get() != nil {
		t.Error("a small one is kept")
	}
	for range maxSpares + 1 {
		s.put(make([]byte, 7, minSpare))
	}
	for range maxSpares {
		if b := s.get(); len(b) != 0 || cap(b) != minSpare {
			t.Errorf("%d bytes, room for %d", len(b), cap(b))
		}
	}
	if s.get() != nil {
		t.Error("too many are kept")
	}
	s.put(make([]byte, minSpare))
	s.forget() // as after spareTime
	if s.get() != nil {
		t.Error("it is kept for ever")
	}
}
