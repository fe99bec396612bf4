package store

import "sync"

// slots is the number of classes that names of series fall into. Each belongs to
// a pool.
const slots = 8192

var (
	lookupMu sync.Mutex
	lookups  = map[int][]int{}
)

// lookup gives the pool of each slot. Each pool that is added takes its share
// from all others.
func lookup(pools int) []int {
	lookupMu.Lock()
	defer lookupMu.Unlock()
	table := lookups[pools]
	if table != nil {
		return table
	}
	table = make([]int, slots)
	for n := 1; n < pools; n++ {
		counters := make([]int, n)
		for i := range counters {
			counters[i] = i
		}
		for i, pool := range table {
			if counters[pool]++; counters[pool]%(n+1) == 0 {
				table[i] = n
			}
		}
	}
	lookups[pools] = table
	return table
}

// poolOf is the pool of the series of the name.
func poolOf(name string, pools int) int {
	if pools <= 1 {
		return 0
	}
	n := uint32(0)
	for _, c := range []byte(name) {
		n += uint32(int8(c))
	}
	return lookup(pools)[n%slots]
}
