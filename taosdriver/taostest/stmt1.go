package taostest

import (
	"sync"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// stmt1Actions are the text messages of stmt, the older prepared statements.
func stmt1Actions() map[string]action {
	return map[string]action{
		"init":            on("stmt init", serveStmt1Init),
		"prepare":         on("stmt prepare", serveStmt1Prepare),
		"set_table_name":  on("stmt set table name", serveStmt1Table),
		"set_tags":        on("stmt set tags", serveStmt1JSONTags),
		"bind":            on("stmt bind", serveStmt1JSONBind),
		"add_batch":       on("stmt add batch", serveStmt1Batch),
		"exec":            on("stmt exec", serveStmt1Exec),
		"use_result":      on("stmt use result", serveStmt1Result),
		"stmt_num_params": on("stmt num params", serveStmt1Params),
		"stmt_get_param":  on("stmt get param", serveStmt1Param),
		"get_tag_fields":  on("stmt get tag fields", stmt1Fields(bindTag)),
		"get_col_fields":  on("stmt get col fields", stmt1Fields(bindColumn)),
		"close":           on("stmt close", serveStmt1Close),
	}
}

// stmt1 is a statement of the older kind.
type stmt1 struct {
	by *session

	mu sync.Mutex
	stmt1State
	poison *codeError
}

// stmt1State is what a prepare begins anew.
type stmt1State struct {
	sql      string
	db       string
	prepared bool
	isInsert bool
	params   []param // nil until known
	table    boundTable
	bound    bool  // columns are, since the last add_batch
	rows     []row // added to the batch
	result   *result
}

func (st *stmt1) text() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.sql
}

func (st *stmt1) free() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.disown()
}

func (st *stmt1) disown() {
	if st.result != nil {
		st.result.free()
	}
	st.result = nil
}

func (st *stmt1) fail(err error) error {
	code, text := codeOf(err)
	st.poison = &codeError{code, text}
	return err
}

// step runs a step on a statement that is fit for it.
func (r *request) step(id uint64, f func(*stmt1) (any, error)) (any, error) {
	st, ok := stmtOf[*stmt1](r.sock, id)
	if !ok {
		return nil, errNoStmt
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.poison != nil:
		return nil, st.poison
	case !st.prepared:
		return nil, st.fail(errStmtUsage)
	}
	return f(st)
}

// learn finds out what the question marks of an INSERT stand for.
func (st *stmt1) learn() error {
	if st.params != nil || !st.isInsert {
		return nil
	}
	if st.table.name == "" && wantsTable(st.sql) {
		return errStmtTable
	}
	params, err := st.by.paramsOf(st.db, st.sql, st.table.name)
	st.params = params
	return atBind(err)
}

// count returns how many question marks of a kind there are.
func (st *stmt1) count(bind int) int {
	n := 0
	for _, p := range st.params {
		if p.bind == bind {
			n++
		}
	}
	return n
}

func serveStmt1Init(r *request, _ reqArgs) (any, error) {
	return stmtMember{r.sock.addStmt(&stmt1{by: r.sock.session.Load()})}, nil
}

type stmt1PrepareMembers struct {
	StmtID   uint64 `json:"stmt_id"`
	IsInsert bool   `json:"is_insert"`
}

// serveStmt1Prepare takes every statement; what is wrong shows later.
func serveStmt1Prepare(r *request, a prepareArgs) (any, error) {
	st, ok := stmtOf[*stmt1](r.sock, a.StmtID)
	if !ok {
		return nil, errNoStmt
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.poison != nil {
		return nil, st.poison
	}
	st.disown()
	db, _ := st.by.state()
	st.stmt1State = stmt1State{sql: a.SQL, db: db, prepared: true, isInsert: begins(a.SQL, "insert", "into")}
	return stmt1PrepareMembers{a.StmtID, st.isInsert}, nil
}

type tableArgs struct {
	stmtArgs
	Name string `json:"name"`
}

func serveStmt1Table(r *request, a tableArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		st.table = boundTable{name: a.Name}
		st.params = nil
		if err := st.learn(); err != nil {
			return nil, st.fail(err)
		}
		return stmtMember{a.StmtID}, nil
	})
}

// openStmt1Block reads tags or columns from a binary message: after the head a
// raw block.
func openStmt1Block(serve func(*request, *stmt1, []vector) error) func(*request, *frame.Request) (func() (any, error), error) {
	return func(r *request, req *frame.Request) (func() (any, error), error) {
		r.aboutStmt(req.ID)
		return func() (any, error) {
			return r.step(req.ID, func(st *stmt1) (any, error) {
				b, err := decodeBlock(req.Payload)
				if err != nil {
					return nil, err
				}
				list := make([]vector, len(b.Columns))
				for i := range b.Columns {
					list[i] = stmt1Vector{&b.Columns[i], b.Rows}
				}
				if err := st.learn(); err != nil {
					return nil, st.fail(err)
				}
				return stmtMember{req.ID}, serve(r, st, list)
			})
		}, nil
	}
}

// decodeBlock reads the block at the start of the payload. What follows is not
// looked at: driver-go's ws/stmt sends base64 text behind it.
func decodeBlock(payload []byte) (*block.Block, error) {
	n, err := block.Length(payload)
	if err != nil {
		return nil, err
	}
	return block.Decode(payload[:min(n, len(payload))], block.Milli, nil)
}

func serveStmt1Tags(_ *request, st *stmt1, tags []vector) error {
	switch {
	case tags[0].rows() != 1:
		return &codeError{adapterCode, "rows not equal 1"}
	case len(tags) != st.count(bindTag):
		return &codeError{adapterCode, "stmt tags count not match"}
	}
	st.table.tags = tags
	return nil
}

func serveStmt1Bind(_ *request, st *stmt1, columns []vector) error {
	if st.isInsert && len(columns) != st.count(bindColumn) {
		return &codeError{adapterCode, "stmt column count not match"}
	}
	st.table.columns, st.bound = columns, true
	if st.isInsert {
		// Values are looked at now, rows are made by add_batch.
		if _, err := rowsOf(st.params, st.table); err != nil {
			return st.fail(err)
		}
	}
	return nil
}

func serveStmt1Batch(r *request, a stmtArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if !st.bound {
			return nil, st.fail(errStmtUsage)
		}
		st.bound = false
		var err error
		var rows []row
		if st.isInsert {
			rows, err = rowsOf(st.params, st.table)
		} else {
			st.rows, rows = nil, make([]row, 1)
			rows[0], err = queryRow(countParams(st.sql), []boundTable{st.table})
		}
		if err != nil {
			return nil, st.fail(err)
		}
		st.rows = append(st.rows, rows...)
		return stmtMember{a.StmtID}, nil
	})
}

func serveStmt1Exec(r *request, a stmtArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if len(st.rows) == 0 {
			return nil, st.fail(errStmtUsage)
		}
		run := statement{sql: st.sql, reqID: a.ReqID, action: r.action, db: st.db, own: true, kill: r.kill}
		if st.isInsert {
			run.rows = st.rows
		} else {
			run.args = st.rows[0].args
			st.disown()
		}
		out, err := st.by.run(run)
		if err != nil {
			return nil, st.fail(err)
		}
		st.rows, st.result = nil, out.result
		return affectedMember{a.StmtID, out.affected}, nil
	})
}

type stmt1ResultMembers struct {
	StmtID   uint64 `json:"stmt_id"`
	ResultID uint64 `json:"result_id"`
	resultMembers
}

func serveStmt1Result(r *request, a stmtArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if st.result == nil {
			return nil, &codeError{adapterCode, errStmtUsage.text}
		}
		res := st.result
		st.result = nil // it lives on without the statement
		return stmt1ResultMembers{a.StmtID, r.sock.addResult(res), describe(res.fields(), res.precision(), true)}, nil
	})
}

type numParamsMembers struct {
	StmtID    uint64 `json:"stmt_id"`
	NumParams int    `json:"num_params"`
}

func serveStmt1Params(r *request, a stmtArgs) (any, error) {
	return r.step(a.StmtID, func(st *stmt1) (any, error) {
		if !st.isInsert {
			return numParamsMembers{a.StmtID, countParams(st.sql)}, nil
		}
		if err := st.learn(); err != nil {
			return nil, st.fail(err)
		}
		return numParamsMembers{a.StmtID, st.count(bindColumn)}, nil
	})
}

// stmt1Field is a column or tag that values are to be bound for.
type stmt1Field struct {
	Name      string `json:"name"`
	Type      int    `json:"field_type"`
	Precision int    `json:"precision"`
	Scale     int    `json:"scale"`
	Bytes     int32  `json:"bytes"`
}

type stmt1FieldsMembers struct {
	StmtID uint64       `json:"stmt_id"`
	Fields []stmt1Field `json:"fields"`
}

func stmt1Fields(bind int) func(*request, stmtArgs) (any, error) {
	return func(r *request, a stmtArgs) (any, error) {
		return r.step(a.StmtID, func(st *stmt1) (any, error) {
			if err := st.learn(); err != nil {
				return nil, st.fail(err)
			}
			m := stmt1FieldsMembers{StmtID: a.StmtID}
			for _, p := range st.params {
				if p.bind == bind {
					m.Fields = append(m.Fields, stmt1Field{p.name, int(p.typ), int(p.precision), int(p.scale), p.bytes})
				}
			}
			return m, nil
		})
	}
}

// serveStmt1Close closes a statement. There is no reply, also for an unknown id.
func serveStmt1Close(r *request, a stmtArgs) (any, error) {
	r.sock.closeStmt(a.StmtID)
	return nil, errSilent
}
