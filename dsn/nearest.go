package dsn

// nearest returns the word that name is probably a slip for, or "". Case and
// separators do not count; a third of the letters may be wrong.
func nearest(name string, words []string) string {
	name = fold(name)
	if len(name) > 64 {
		return ""
	}
	best, found := max(1, len(name)/3), ""
	for _, word := range words {
		// Strictly better than what was found, so that the first of equals wins.
		if d := distance(name, fold(word)); d < best || d == best && found == "" {
			best, found = d, word
		}
	}
	return found
}

// distance is the number of insertions, deletions, replacements and swaps of
// neighbours that turn a into b.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			d := min(last[j]+cost, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = d
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
