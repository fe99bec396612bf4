package session

import (
	"io"
	"sync"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// Sizes of what is read at a time: of a session at rest and of one with a large
// result. leastRead is how much room a read has at least.
const (
	smallInput = 4 << 10
	largeInput = 128 << 10
	leastRead  = 1 << 10
)

// input is what was read and not yet used.
type input struct {
	buf  []byte
	r, w int
	// small is the buffer of a session at rest, large that of a large result.
	small []byte
	large *[largeInput]byte
	// full: the last read took all the room there was, so that there is more.
	full bool
}

var largeInputs = sync.Pool{New: func() any { return new([largeInput]byte) }}

func newInput(unread []byte) input {
	in := input{small: make([]byte, smallInput)}
	in.buf = in.small
	if len(unread) > smallInput {
		in.buf = make([]byte, len(unread))
	}
	in.w = copy(in.buf, unread)
	return in
}

func (in *input) bytes() []byte { return in.buf[in.r:in.w] }

// use takes n bytes away.
func (in *input) use(n int) { in.r += n }

// rest gives back what only a large result needs.
func (in *input) rest() {
	if in.r == in.w {
		in.r, in.w, in.full = 0, 0, false
		in.buf = in.small
		if in.large != nil {
			largeInputs.Put(in.large)
			in.large = nil
		}
	}
}

// fill reads more. need is the length of the message at the front, as far as it
// is known, else 0. The buffer grows with what has arrived, whatever a message
// claims.
func (in *input) fill(from io.Reader, need int) error {
	if in.r == in.w {
		in.r, in.w = 0, 0
		if len(in.buf) > largeInput {
			in.rest()
		}
	}
	held := in.w - in.r
	if want := max(need-held, leastRead); len(in.buf)-in.w < want || in.full && len(in.buf) < largeInput {
		in.makeRoom(held, need)
	}
	n, err := from.Read(in.buf[in.w:])
	in.w += n
	in.full = in.w == len(in.buf)
	if n > 0 {
		return nil
	}
	if err == nil {
		err = io.ErrNoProgress
	}
	return err
}

// makeRoom makes room behind what is held: by moving it to the front, in a larger
// buffer if this one is half full.
func (in *input) makeRoom(held, need int) {
	from := in.buf[in.r:in.w]
	if held > len(in.buf)/2 || need > len(in.buf) || in.full {
		switch {
		case len(in.buf) < largeInput:
			in.large = largeInputs.Get().(*[largeInput]byte)
			in.buf = in.large[:]
		case held > len(in.buf)/2:
			in.buf = make([]byte, 2*len(in.buf))
		}
	}
	in.w = copy(in.buf, from)
	in.r = 0
}

// peek returns the type of the message at the front and its length as a whole. The
// length is 0 as long as not all of it is there; need is then what is known.
func (in *input) peek() (t wire.Type, length, need int, err error) {
	t, _, _, length, ok, err := wire.Next(in.bytes())
	if err != nil {
		return t, 0, 0, err
	}
	if !ok {
		return t, 0, length, nil
	}
	return t, length, length, nil
}
