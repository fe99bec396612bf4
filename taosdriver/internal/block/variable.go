package block

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/internal/box"
)

// variable reads a column of values that vary in length. All values of a column
// are parts of one copy of its data.
func (r *reader) variable(c *Column, size int32) error {
	offsets, err := r.take(4 * int64(r.rows))
	if err != nil {
		return err
	}
	data, err := r.take(int64(size))
	if err != nil {
		return err
	}
	v := values{offsets: offsets, data: data, prefix: c.Field.Type.prefix()}
	switch c.Field.Type {
	case VarChar:
		out := make([]string, r.rows)
		err = v.strings(out)
		c.values = box.Of(out)
	case NChar:
		out := make([]string, r.rows)
		err = v.nchars(out)
		c.values = box.Of(out)
	default:
		out := make([][]byte, r.rows)
		err = v.bytes(out)
		c.values = box.Of(out)
	}
	c.nulls = v.nulls
	return err
}

// values are those of a variable-width column on the wire.
type values struct {
	offsets, data []byte
	prefix        int
	nulls         []byte
}

// next returns where value i lies in the data; start -1 for NULL, which it notes.
func (v *values) next(i int) (start, end int, err error) {
	offset := int(int32(binary.LittleEndian.Uint32(v.offsets[4*i:])))
	if offset == -1 {
		v.null(i)
		return -1, -1, nil
	}
	if offset < 0 || offset > len(v.data)-v.prefix {
		return 0, 0, fmt.Errorf("row %d: offset %d in %d bytes", i, offset, len(v.data))
	}
	start = offset + v.prefix
	var n uint32
	if v.prefix == 2 {
		n = uint32(binary.LittleEndian.Uint16(v.data[offset:]))
	} else {
		n = binary.LittleEndian.Uint32(v.data[offset:])
	}
	if uint64(n) > uint64(len(v.data)-start) {
		return 0, 0, fmt.Errorf("row %d: %d bytes at offset %d of %d", i, n, start, len(v.data))
	}
	return start, start + int(n), nil
}

func (v *values) null(i int) {
	if v.nulls == nil {
		v.nulls = make([]byte, (len(v.offsets)/4+7)/8)
	}
	v.nulls[i>>3] |= 0x80 >> (i & 7)
}

// strings has a short way for what is neither NULL nor wrong: VARCHAR is the most
// frequent of the types that cost something.
func (v *values) strings(out []string) error {
	data, all := v.data, string(v.data)
	for i := range out {
		offset := int(int32(binary.LittleEndian.Uint32(v.offsets[4*i:])))
		if offset >= 0 && offset <= len(data)-2 {
			start := offset + 2
			end := start + int(binary.LittleEndian.Uint16(data[offset:]))
			if end <= len(all) {
				out[i] = all[start:end]
				continue
			}
		}
		if _, _, err := v.next(i); err != nil {
			return err
		}
	}
	return nil
}

func (v *values) bytes(out [][]byte) error {
	// An empty value is not NULL, so it must not be a nil slice.
	all := append(make([]byte, 0, len(v.data)), v.data...)
	for i := range out {
		start, end, err := v.next(i)
		if err != nil {
			return err
		}
		if start >= 0 {
			out[i] = all[start:end:end]
		}
	}
	return nil
}

var (
	errUTF32   = errors.New("the length of an NCHAR value is not a multiple of 4")
	errOverlap = errors.New("NCHAR values overlap")
)

// nchars converts UTF-32 to UTF-8, code points that are none to U+FFFD. Rows may
// share a value, which is then converted once: otherwise a small block could
// expand to gigabytes. Usually a value is its row's own or that of the row
// before; only if not, a map finds the row that it was first seen in.
func (v *values) nchars(out []string) error {
	text := make([]byte, 0, len(v.data)/2)
	spans := make([]span, len(out))
	var rows map[int]int
	last, lastStart := 0, -1
	high, used := 0, 0
	for i := range out {
		start, end, err := v.next(i)
		switch {
		case err != nil:
			return err
		case start < 0:
			continue
		case start == lastStart:
			spans[i] = spans[last]
			continue
		case start < high:
			if rows == nil {
				rows = v.firstRows(i)
			}
			if row, ok := rows[start]; ok {
				spans[i] = spans[row]
				continue
			}
		}
		if (end-start)%4 != 0 {
			return errUTF32
		}
		if used += end - start; used > len(v.data) {
			return errOverlap
		}
		spans[i].start = len(text)
		for at := start; at < end; at += 4 {
			text = utf8.AppendRune(text, rune(binary.LittleEndian.Uint32(v.data[at:])))
		}
		spans[i].end = len(text)
		last, lastStart, high = i, start, max(high, end)
		if rows != nil {
			rows[start] = i
		}
	}
	all := string(text)
	for i, s := range spans {
		out[i] = all[s.start:s.end]
	}
	return nil
}

type span struct{ start, end int }

// firstRows maps where the values of the rows before n start to their rows.
func (v *values) firstRows(n int) map[int]int {
	rows := make(map[int]int, n)
	for i := range n {
		start, _, err := v.next(i)
		if _, ok := rows[start]; !ok && err == nil && start >= 0 {
			rows[start] = i
		}
	}
	return rows
}
