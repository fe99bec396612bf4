package taostest

// OpenResults returns the number of results that clients have not read to the
// end and not freed.
func (s *Server) OpenResults() int {
	n := 0
	s.eachSocket(func(k *socket) { n += len(k.results) })
	return n
}

// OpenStatements returns the number of prepared statements that clients have not
// closed.
func (s *Server) OpenStatements() int {
	n := 0
	s.eachSocket(func(k *socket) { n += len(k.stmts) })
	return n
}

// Sessions returns the number of WebSockets that are open.
func (s *Server) Sessions() int {
	n := 0
	s.eachSocket(func(*socket) { n++ })
	return n
}

func (s *Server) eachSocket(f func(*socket)) {
	l := s.lives.Current()
	if l == nil {
		return
	}
	l.Each(func(k *socket) {
		k.mu.Lock()
		defer k.mu.Unlock()
		f(k)
	})
}
