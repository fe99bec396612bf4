package taostest

import (
	"context"
	"database/sql"
)

// addStmt gives a prepared statement its id.
func (s *socket) addStmt(st stmt) uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last.stmt++
	s.stmts[s.last.stmt] = st
	return s.last.stmt
}

// stmtOf returns a statement of one of the protocols by its id.
func stmtOf[S stmt](s *socket, id uint64) (st S, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	st, ok = s.stmts[id].(S)
	return st, ok
}

func (s *socket) closeStmt(id uint64) {
	s.mu.Lock()
	st := s.stmts[id]
	delete(s.stmts, id)
	s.mu.Unlock()
	if st != nil {
		st.free()
	}
}

// stmtArgs are the arguments of most actions on statements.
type stmtArgs struct {
	reqArgs
	StmtID uint64 `json:"stmt_id"`
}

func (a stmtArgs) tell(r *request) {
	r.reqID = a.ReqID
	r.aboutStmt(a.StmtID)
}

// aboutStmt notes the statement for the faults and for errors.
func (r *request) aboutStmt(id uint64) {
	r.stmtID = &id
	r.sock.mu.Lock()
	st := r.sock.stmts[id]
	r.sock.mu.Unlock()
	if st != nil {
		r.sql = st.text()
	}
}

// prepareArgs are the arguments of both prepare actions.
type prepareArgs struct {
	reqArgs
	StmtID    uint64 `json:"stmt_id"`
	SQL       string `json:"sql"`
	GetFields bool   `json:"get_fields"`
}

func (a prepareArgs) tell(r *request) { r.reqID, r.sql, r.stmtID = a.ReqID, a.SQL, &a.StmtID }

// affectedMember ends the reply to an exec.
type affectedMember struct {
	StmtID   uint64 `json:"stmt_id"`
	Affected int64  `json:"affected"`
}

// insert runs an INSERT for all rows on one connection, all or none where the
// database can do that, and returns the number of rows affected.
func (l *lease) insert(ctx context.Context, text string, rows []row) (affected int64, err error) {
	if l.stateful {
		sets := make([][]any, len(rows))
		for i, r := range rows {
			sets[i] = r.args
			for _, k := range r.none {
				sets[i][k] = unset
			}
		}
		err = l.Raw(func(c any) error {
			affected, err = c.(stateful).ExecMany(ctx, text, sets)
			return err
		})
		return affected, err
	}
	st, err := l.PrepareContext(ctx, text)
	if err != nil {
		return 0, err
	}
	defer st.Close() //nolint:errcheck // nothing depends on it
	for _, r := range rows {
		if len(r.none) > 0 {
			return affected, &codeError{adapterCode, "taostest: the database cannot leave a value as it is"}
		}
		res, err := st.ExecContext(ctx, r.args...)
		if err != nil {
			return affected, err
		}
		affected += count(res)
	}
	return affected, nil
}

// count returns the number of rows affected, 0 from a database that does not
// count.
func count(res sql.Result) int64 {
	n, err := res.RowsAffected()
	if err != nil {
		return 0
	}
	return n
}
