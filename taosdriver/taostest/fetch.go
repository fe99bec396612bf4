package taostest

import (
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// fetchActions read and free results.
func fetchActions() map[string]action {
	return map[string]action{
		"fetch":       on("fetch", serveFetch),
		"fetch_block": on("fetch block", serveFetchBlock, "fetch"),
		"free_result": on("free result", serveFree),
		"num_fields":  on("num fields", serveNumFields),
	}
}

type resultArgs struct {
	reqArgs
	ID uint64 `json:"id"`
}

func (a resultArgs) tell(r *request) {
	r.reqID = a.ReqID
	r.aboutResult(a.ID)
}

// aboutResult notes the statement behind a result for the faults.
func (r *request) aboutResult(id uint64) {
	if res := r.sock.result(id); res != nil {
		r.sql = res.text()
	}
}

// openFetchRaw reads a binary fetch.
func openFetchRaw(r *request, req *frame.Request) (func() (any, error), error) {
	r.fetch = &req.ID
	r.aboutResult(req.ID)
	if err := req.CheckFetch(); err != nil {
		return nil, err
	}
	return func() (any, error) { return serveFetchRaw(r, req.ID) }, nil
}

// serveFetchRaw answers with the next block, or with finished, after which the
// result is gone.
func serveFetchRaw(r *request, id uint64) (any, error) {
	var reply binaryReply
	err := r.advance(id, func(res *result) (more bool, err error) {
		n := 0
		res.pending, n, err = res.next(res.pending[:0], r.sock.srv.options.blockRows)
		if err == nil {
			reply = r.fetchReply(nil, res.pending)
			res.pending = res.pending[:0]
		}
		return n > 0, err
	})
	return reply, err
}

// fetchReply encodes the reply to a binary fetch: a block, or the end if there
// is none, or an error.
func (r *request) fetchReply(err error, raw []byte) []byte {
	reply := frame.FetchReply{ID: *r.fetch, Finished: len(raw) == 0, Block: raw}
	reply.Timing, reply.ReqID = uint64(time.Since(r.began)), r.reqID
	if err != nil {
		code, text := codeOf(err)
		reply.Code, reply.Message = uint32(code), text
	}
	return reply.AppendTo(make([]byte, 0, 64+len(reply.Message)+len(raw)))
}

// advance lets f read on in a result, which is freed at its end or on an error.
func (r *request) advance(id uint64, f func(*result) (more bool, err error)) error {
	res := r.sock.result(id)
	if res == nil {
		return errNoResult
	}
	if r.kill && res.q != nil {
		res.q.kill()
	}
	more, err := func() (bool, error) {
		res.mu.Lock()
		defer res.mu.Unlock()
		if res.orphan {
			return true, errSilent
		}
		if r.kill {
			return false, errKilled
		}
		return f(res)
	}()
	if !more {
		r.sock.freeResult(id)
	}
	return err
}

// fetchMembers are the reply to the textual fetch, which announces a block.
type fetchMembers struct {
	ID        uint64  `json:"id"`
	Completed bool    `json:"completed"`
	Lengths   []int32 `json:"lengths"`
	Rows      int     `json:"rows"`
}

func serveFetch(r *request, a resultArgs) (any, error) {
	m := fetchMembers{ID: a.ID}
	err := r.advance(a.ID, func(res *result) (more bool, err error) {
		res.pending, m.Rows, err = res.next(res.pending[:0], r.sock.srv.options.blockRows)
		if err != nil || m.Rows == 0 {
			m.Completed = true
			return false, err
		}
		for _, f := range res.fields() {
			m.Lengths = append(m.Lengths, storedLength(f))
		}
		return true, nil
	})
	return m, err
}

// serveFetchBlock sends the block that fetch announced.
func serveFetchBlock(r *request, a resultArgs) (any, error) {
	res := r.sock.result(a.ID)
	if res == nil {
		return nil, errNoResult
	}
	res.mu.Lock()
	defer res.mu.Unlock()
	if len(res.pending) == 0 {
		return nil, &codeError{adapterCode, "block is nil"}
	}
	timing := uint64(time.Since(r.began))
	return binaryReply(frame.AppendBlockReply(nil, timing, a.ID, res.pending)), nil
}

// serveFree frees a result. There is no reply, also for an unknown id.
func serveFree(r *request, a resultArgs) (any, error) {
	r.sock.freeResult(a.ID)
	return nil, errSilent
}

type numFieldsArgs struct {
	reqArgs
	ID uint64 `json:"result_id"`
}

type numFieldsMember struct {
	NumFields int `json:"num_fields"`
}

func serveNumFields(r *request, a numFieldsArgs) (any, error) {
	res := r.sock.result(a.ID)
	if res == nil {
		return nil, errNoResult
	}
	return numFieldsMember{len(res.fields())}, nil
}
