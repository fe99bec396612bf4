package placeholder

import "fmt"

// Expand writes args into sql in place of its placeholders. Quote appends an
// argument as a literal of the dialect; its errors are returned with the
// argument's number, and Unwrap to themselves.
//
// A literal is kept apart from what it touches by a blank, unless that is
// itself a blank or one of "(),;=": so no minus sign can meet another and begin a
// comment, no digit a digit, and no quote a quote.
//
// A number of arguments that is not what the placeholders want is an error.
func Expand[A any](d *Dialect, sql string, args []A, quote func(dst []byte, arg A) ([]byte, error)) (string, error) {
	marks, want, err := d.Marks(sql)
	if err != nil {
		return "", err
	}
	if want != len(args) {
		return "", fmt.Errorf("got %s for %s", count(len(args), "argument"), count(want, "placeholder"))
	}
	if len(marks) == 0 {
		return sql, nil
	}
	b := make([]byte, 0, len(sql)+16*len(marks))
	last := 0
	for _, m := range marks {
		b = append(b, sql[last:m.Start]...)
		if len(b) > 0 && !apart(b[len(b)-1]) {
			b = append(b, ' ')
		}
		if b, err = quote(b, args[m.Arg]); err != nil {
			return "", fmt.Errorf("argument %d: %w", m.Arg+1, err)
		}
		if m.End < len(sql) && !apart(sql[m.End]) {
			b = append(b, ' ')
		}
		last = m.End
	}
	return string(append(b, sql[last:]...)), nil
}

// apart reports whether c can touch a literal without changing it or being
// changed.
func apart(c byte) bool {
	switch c {
	case ' ', '\t', '\n', '\r', '(', ')', ',', ';', '=':
		return true
	}
	return false
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
