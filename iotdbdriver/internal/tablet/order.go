package tablet

import (
	"encoding/binary"
	"slices"
)

// Sorter finds the order in which rows of the same device stand next to each other: a
// server takes a tablet apart into runs of rows of one device, and many short runs cost
// it twice the time. It keeps its memory for the next tablet; what it returns is good
// until then.
type Sorter struct {
	devices, sorted []uint64
	groups          map[uint64]int32
	of, sizes       []int32
	order           []int32
	offsets         []int32
	times           []byte
}

const prime = 1099511628211 // of FNV-1a

// Devices returns for each row a number that is the same for rows of the same device:
// a hash of seed and of the names and values of the tags, in any order of the columns.
func (s *Sorter) Devices(columns []*Column, rows int, seed uint64) []uint64 {
	s.devices = slices.Grow(s.devices[:0], rows)[:rows]
	for i := range s.devices {
		s.devices[i] = seed
	}
	for _, c := range columns {
		if c.Category != Tag {
			continue
		}
		name := uint64(14695981039346656037)
		for i := range len(c.Name) {
			name = (name ^ uint64(c.Name[i]|0x20)) * prime
		}
		at, width := 0, c.Type.Width()
		for i := range s.devices {
			size := width
			if width == 0 {
				size = 4 + int(binary.BigEndian.Uint32(c.data[at:]))
			}
			if !c.Null(i) {
				s.devices[i] += hash(name, c.data[at:at+size]) | 1
			}
			at += size
		}
	}
	return s.devices
}

// hash goes by eight bytes at a time.
func hash(h uint64, b []byte) uint64 {
	for len(b) >= 8 {
		h = (h ^ binary.LittleEndian.Uint64(b)) * prime
		h ^= h >> 32
		b = b[8:]
	}
	for _, c := range b {
		h = (h ^ uint64(c)) * prime
	}
	return h ^ h>>29
}

// Order returns the order for the rows' devices, nil if they are in such a one already.
// Rows of a device stay in theirs, so that of two with the same time it is still the
// second that counts.
func (s *Sorter) Order(devices []uint64) []int32 {
	if s.groups == nil {
		s.groups = make(map[uint64]int32)
	}
	clear(s.groups)
	s.of, s.sizes = slices.Grow(s.of[:0], len(devices))[:len(devices)], s.sizes[:0]
	runs := 0
	for i, d := range devices {
		if i > 0 && d == devices[i-1] {
			s.of[i] = s.of[i-1]
			s.sizes[s.of[i]]++
			continue
		}
		runs++
		g, known := s.groups[d]
		if !known {
			g = int32(len(s.sizes))
			s.groups[d] = g
			s.sizes = append(s.sizes, 0)
		}
		s.of[i] = g
		s.sizes[g]++
	}
	if runs == len(s.sizes) {
		return nil
	}
	at := int32(0)
	for g, n := range s.sizes { // where each group begins
		s.sizes[g], at = at, at+n
	}
	s.order = slices.Grow(s.order[:0], len(devices))[:len(devices)]
	for i, g := range s.of {
		s.order[s.sizes[g]] = int32(i)
		s.sizes[g]++
	}
	return s.order
}

// SortDevices returns the devices in an order.
func (s *Sorter) SortDevices(devices []uint64, order []int32) []uint64 {
	s.sorted = slices.Grow(s.sorted[:0], len(order))[:len(order)]
	for i, from := range order {
		s.sorted[i] = devices[from]
	}
	return s.sorted
}

// SortTimes returns timestamps, as bytes, in an order.
func (s *Sorter) SortTimes(times []byte, order []int32) []byte {
	s.times = slices.Grow(s.times[:0], len(times))[:len(times)]
	put64(s.times, times, order)
	return s.times
}

func put64(dst, src []byte, order []int32) {
	for i, from := range order {
		binary.NativeEndian.PutUint64(dst[8*i:], binary.NativeEndian.Uint64(src[8*from:]))
	}
}

// AppendValues is [AppendValues] in an order; nil is the one in which rows are.
func (s *Sorter) AppendValues(dst []byte, columns []*Column, order []int32) ([]byte, error) {
	if order == nil {
		return AppendValues(dst, columns)
	}
	size, err := sizeOf(columns)
	if err != nil {
		return dst, err
	}
	dst = slices.Grow(dst, size)
	for _, c := range columns {
		dst = s.appendColumn(dst, c, order)
	}
	for _, c := range columns {
		if !c.hasNulls() {
			dst = append(dst, 0)
			continue
		}
		dst = append(dst, 1)
		bits := len(dst)
		dst = append(dst, make([]byte, c.rows/8+1)...)
		for i, from := range order {
			if c.Null(int(from)) {
				dst[bits+i>>3] |= 1 << (i & 7)
			}
		}
	}
	return dst, nil
}

func (s *Sorter) appendColumn(dst []byte, c *Column, order []int32) []byte {
	at := len(dst)
	if width := c.Type.Width(); width > 0 {
		dst = dst[:at+len(c.data)]
		switch width {
		case 8:
			put64(dst[at:], c.data, order)
		case 4:
			for i, from := range order {
				binary.NativeEndian.PutUint32(dst[at+4*i:], binary.NativeEndian.Uint32(c.data[4*from:]))
			}
		default:
			for i, from := range order {
				dst[at+i] = c.data[from]
			}
		}
		return dst
	}
	s.offsets = append(slices.Grow(s.offsets[:0], c.rows+1), 0)
	for from := int32(0); int(from) < len(c.data); s.offsets = append(s.offsets, from) {
		from += 4 + int32(binary.BigEndian.Uint32(c.data[from:]))
	}
	for _, from := range order {
		dst = append(dst, c.data[s.offsets[from]:s.offsets[from+1]]...)
	}
	return dst
}
