package taostest

import (
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// maxBlock is the size above which a block gets no more rows.
const maxBlock = 4 << 20

// result is an open result. It is read from the database as it is fetched.
type result struct {
	q       *query // nil for answers of the server itself
	release func() // gives the connection back

	mu    sync.Mutex // held by a fetch
	src   source
	b     *block.Builder
	count int64
	freed bool
	// freeing is set before the query is broken off to free the result.
	freeing atomic.Bool
	// pending is the block that fetch announced and fetch_block sends.
	pending []byte
	// orphan is set when the statement that owns the result has moved on: the
	// real server does not answer fetches of it any more.
	orphan bool
}

func newResult(q *query, src source, release func()) *result {
	return &result{q: q, src: src, release: release}
}

func (r *result) fields() []block.Field { return r.src.fields() }

func (r *result) precision() block.Precision { return r.src.precision() }

// text returns the statement behind the result.
func (r *result) text() string {
	if r.q == nil {
		return ""
	}
	return r.q.sql
}

// next appends the next block of at most rows rows to dst and returns their
// number, 0 at the end.
func (r *result) next(dst []byte, rows int) ([]byte, int, error) {
	if err := r.fill(rows); err != nil || r.b.Rows() == 0 {
		return dst, 0, err
	}
	n := r.b.Rows()
	dst, err := r.b.AppendTo(dst)
	return dst, n, err
}

// fill puts the next rows in the builder, none at the end.
func (r *result) fill(rows int) error {
	if r.freed {
		return errNoResult
	}
	if r.b == nil {
		r.b = block.NewBuilder(r.src.fields(), r.src.precision(), nil)
	}
	r.b.Reset()
	for n := 0; n < rows; n++ {
		if n%64 == 63 && r.b.Size() > maxBlock {
			break
		}
		err := r.src.next(r.b)
		if errors.Is(err, io.EOF) {
			break
		}
		switch {
		case err == nil:
		case r.freeing.Load():
			return errNoResult
		case r.q != nil:
			return rowError(r.count, r.q.explain(err))
		default:
			return rowError(r.count, err)
		}
		r.count++
	}
	return nil
}

// rowError adds the row to an error that has no code of its own.
func rowError(row int64, err error) error {
	if code, _ := codeOf(err); code != adapterCode {
		return err
	}
	return fmt.Errorf("taostest: row %d: %w", row+1, err)
}

// free ends the result and the query behind it. A fetch under way is broken off.
func (r *result) free() {
	r.freeing.Store(true)
	if r.q != nil {
		r.q.cancel(nil)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.freed {
		return
	}
	r.freed = true
	_ = r.src.close()
	if r.release != nil {
		r.release()
	}
	if r.q != nil {
		r.q.end()
	}
}
