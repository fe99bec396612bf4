package taostest

import (
	"encoding/binary"
	"time"
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

// openFetchRaw reads a binary fetch: after the head version u16.
func openFetchRaw(r *request, id uint64, data []byte) (func() (any, error), error) {
	r.fetch = &id
	r.aboutResult(id)
	if len(data) < binaryHead+2 {
		return nil, errTooShort
	}
	if binary.LittleEndian.Uint16(data[binaryHead:]) != 1 {
		return nil, &codeError{adapterCode, "unknown fetch raw block version"}
	}
	return func() (any, error) { return serveFetchRaw(r, id) }, nil
}

// serveFetchRaw answers with the next block, or with finished, after which the
// result is gone.
func serveFetchRaw(r *request, id uint64) (any, error) {
	var reply []byte
	err := r.advance(id, func(res *result) (more bool, err error) {
		n := 0
		reply = fetchReply(r, 0, "", func(dst []byte) []byte {
			dst, n, err = res.next(dst, r.sock.srv.options.blockRows)
			return dst
		})
		return n > 0, err
	})
	if err != nil {
		return nil, err
	}
	return binaryReply(reply), nil
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

// fetchReply encodes the reply to a binary fetch. appendBlock appends the block,
// or nothing at the end; it is nil on an error.
func fetchReply(r *request, code int, text string, appendBlock func([]byte) []byte) []byte {
	le := binary.LittleEndian
	reply := le.AppendUint64(nil, ^uint64(0))
	reply = le.AppendUint64(reply, actionFetchRaw)
	reply = le.AppendUint16(reply, 1)
	reply = le.AppendUint64(reply, 0) // timing, below
	reply = le.AppendUint64(reply, r.reqID)
	reply = le.AppendUint32(reply, uint32(code))
	reply = le.AppendUint32(reply, uint32(len(text)))
	reply = append(reply, text...)
	reply = le.AppendUint64(reply, *r.fetch)
	finished := len(reply)
	reply = append(reply, 1)
	if appendBlock != nil {
		reply = appendBlock(append(reply, 0, 0, 0, 0))
		if n := len(reply) - finished - 5; n > 0 {
			reply[finished] = 0
			le.PutUint32(reply[finished+1:], uint32(n))
		} else {
			reply = reply[:finished+1]
		}
	}
	le.PutUint64(reply[18:], uint64(time.Since(r.began)))
	return reply
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

// serveFetchBlock sends the block that fetch announced: timing u64, result id
// u64, block.
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
	reply := binary.LittleEndian.AppendUint64(nil, uint64(time.Since(r.began)))
	reply = binary.LittleEndian.AppendUint64(reply, a.ID)
	return binaryReply(append(reply, res.pending...)), nil
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
