package query

import "io"

// partitions gathers result rows by the keys of PARTITION BY, which are their last columns: those
// of a partition come together, LIMIT is of each and SLIMIT of the partitions.
type partitions struct {
	rows          rows
	from          int // the first key
	offset, count int64
	skip, most    int64
}

func (p *partitions) run() (rows, error) {
	defer p.rows.close()
	place := map[string]int{}
	var parts [][][]any
	for {
		r, err := p.rows.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		k := string(appendKey(nil, r[p.from:]))
		i, ok := place[k]
		if !ok {
			i = len(parts)
			place[k] = i
			parts = append(parts, nil)
		}
		parts[i] = append(parts[i], r)
	}
	out := &list{}
	parts = window(parts, p.skip, p.most)
	for _, part := range parts {
		out.rows = append(out.rows, window(part, p.offset, p.count)...)
	}
	return out, nil
}

// window is count elements from an offset.
func window[T any](s []T, offset, count int64) []T {
	s = s[min(offset, int64(len(s))):]
	return s[:min(count, int64(len(s)))]
}
