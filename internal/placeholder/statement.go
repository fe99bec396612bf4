package placeholder

// Words appends to dst the statement's leading words, as they are written, up
// to dst's capacity. Opening parentheses before the first are passed over; the
// first token that is no word ends it.
//
//	words := d.Words(sql, make([]string, 0, 2)) // ["alter", "database"]
func (d *Dialect) Words(sql string, dst []string) []string {
	s := d.Scan(sql)
	for len(dst) < cap(dst) {
		t, ok := s.Next()
		switch {
		case ok && t.Kind == Word:
			dst = append(dst, sql[t.Start:t.End])
		case ok && len(dst) == 0 && sql[t.Start] == '(':
		default:
			return dst
		}
	}
	return dst
}

// First cuts sql at its first semicolon: what is before it, and what is after
// it and is neither blank, comment, nor a further semicolon. Rest is "" for a
// single statement.
func (d *Dialect) First(sql string) (statement, rest string) {
	s := d.Scan(sql)
	statement = sql
	cut := false
	for {
		t, ok := s.Next()
		switch {
		case !ok:
			return statement, ""
		case t.Kind == Semicolon && !cut:
			statement, cut = sql[:t.Start], true
		case t.Kind != Semicolon && cut:
			return statement, sql[t.Start:]
		}
	}
}
