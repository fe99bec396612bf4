package taostest

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// stmt2Actions are the text messages of stmt2; its bind is binary.
func stmt2Actions() map[string]action {
	return map[string]action{
		"stmt2_init":    on("stmt2 init", serveStmt2Init),
		"stmt2_prepare": on("stmt2 prepare", serveStmt2Prepare),
		"stmt2_exec":    on("stmt2 exec", serveStmt2Exec),
		"stmt2_result":  on("stmt2 result", serveStmt2Result),
		"stmt2_close":   on("stmt2 close", serveStmt2Close),
	}
}

// stmt2 is a prepared statement.
type stmt2 struct {
	by *session

	mu       sync.Mutex
	sql      string
	db       string // the session's when it was prepared
	prepared bool
	isInsert bool
	count    int     // of question marks
	params   []param // of an INSERT, nil until they are known
	rows     []row   // bound and not executed
	bound    bool
	executed bool       // since it was prepared
	poison   *codeError // what every further step answers
	result   *result
	handed   bool // the result has an id
}

func (st *stmt2) text() string {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.sql
}

func (st *stmt2) free() {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.disown()
}

// disown ends the statement's result. Fetches of it get no answer any more.
func (st *stmt2) disown() {
	if r := st.result; r != nil {
		r.free()
		r.mu.Lock()
		r.orphan = true
		r.mu.Unlock()
	}
	st.result, st.handed = nil, false
}

// fail makes every further step fail like this one.
func (st *stmt2) fail(err error) error {
	code, text := codeOf(err)
	st.poison = &codeError{code, text}
	return err
}

// repeat is what an exec answers after a step that failed: the code of a query
// is lost, and the text of most errors.
func (st *stmt2) repeat() error {
	again := *st.poison
	if again.code != errStmtType.code && again.code != errStmtNumber.code {
		again.text = "success"
	}
	if !st.isInsert && st.prepared {
		again.code = adapterCode
	}
	return &again
}

type stmt2InitArgs struct {
	reqArgs
	SingleStbInsert     bool `json:"single_stb_insert"`
	SingleTableBindOnce bool `json:"single_table_bind_once"`
}

func serveStmt2Init(r *request, _ stmt2InitArgs) (any, error) {
	return stmtMember{r.sock.addStmt(&stmt2{by: r.sock.session.Load()})}, nil
}

// stmt2Field is a question mark in the reply to a prepare.
type stmt2Field struct {
	Name      string `json:"name"`
	Type      int    `json:"field_type"`
	Precision int    `json:"precision"`
	Scale     int    `json:"scale"`
	Bytes     int32  `json:"bytes"`
	BindType  int    `json:"bind_type"`
}

type stmt2PrepareMembers struct {
	StmtID   uint64       `json:"stmt_id"`
	IsInsert bool         `json:"is_insert"`
	Fields   []stmt2Field `json:"fields"`
	Count    int          `json:"fields_count"`
}

func serveStmt2Prepare(r *request, a prepareArgs) (any, error) {
	st, ok := stmtOf[*stmt2](r.sock, a.StmtID)
	if !ok {
		return nil, errNoStmt2
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.poison != nil {
		return nil, st.poison
	}
	st.disown()
	st.sql, st.rows, st.params, st.bound, st.executed = a.SQL, nil, nil, false, false
	st.db, _ = st.by.state()
	st.count = countParams(a.SQL)
	st.isInsert = begins(a.SQL, "insert", "into")
	st.prepared = st.isInsert || begins(a.SQL, "select") && st.count > 0
	if !st.prepared {
		return nil, errStmtKind
	}
	m := stmt2PrepareMembers{StmtID: a.StmtID, IsInsert: st.isInsert}
	if !st.isInsert || !a.GetFields {
		if a.GetFields {
			m.Count = st.count
		}
		return m, nil
	}
	if st.db == "" && wantsTable(a.SQL) {
		return nil, errStmtNoDB // whatever database the text names
	}
	params, err := st.by.paramsOf(st.db, a.SQL, "")
	if err != nil {
		return nil, err
	}
	st.params = params
	m.Fields, m.Count = []stmt2Field{}, len(params)
	for _, p := range params {
		m.Fields = append(m.Fields, stmt2Field{p.name, int(p.typ), int(p.precision), int(p.scale), p.bytes, p.bind})
	}
	return m, nil
}

// openStmt2Bind reads the values of a binary bind.
func openStmt2Bind(r *request, req *frame.Request) (func() (any, error), error) {
	r.aboutStmt(req.ID)
	column, payload, err := req.BindData()
	if err != nil {
		return nil, err
	}
	return func() (any, error) { return serveStmt2Bind(r, req.ID, column, payload) }, nil
}

func serveStmt2Bind(r *request, id uint64, column int32, payload []byte) (any, error) {
	st, ok := stmtOf[*stmt2](r.sock, id)
	if !ok {
		return nil, errNoStmt2
	}
	tables, err := decodeBind(payload)
	if err != nil {
		return nil, err // the adapter's refusal; the statement is as before
	}
	if column != frame.AllColumns {
		return nil, &codeError{adapterCode, "taostest: columns are bound all at once"}
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.poison != nil:
		return nil, st.poison
	case !st.prepared:
		return nil, st.fail(errStmtUsage)
	}
	if err := st.bind(tables); err != nil {
		return nil, st.fail(err)
	}
	st.bound = true
	return stmtMember{id}, nil
}

// decodeBind reads bind data.
func decodeBind(payload []byte) ([]boundTable, error) {
	if len(payload) >= 4 {
		if total := binary.LittleEndian.Uint32(payload); len(payload) >= 28 && uint64(total) != uint64(len(payload)) {
			return nil, fmt.Errorf("total length not match, expect %d, but get %d", len(payload), total)
		}
	}
	tables, err := bind2.Decode(payload)
	if err != nil {
		return nil, err
	}
	vectors := func(columns []*bind2.Column) []vector {
		list := make([]vector, len(columns))
		for i, c := range columns {
			list[i] = stmt2Vector{c}
		}
		return list
	}
	list := make([]boundTable, len(tables))
	for i, t := range tables {
		list[i] = boundTable{t.Name, vectors(t.Tags), vectors(t.Columns)}
	}
	return list, nil
}

// bind takes values. Those of an INSERT add up until it is executed, those of a
// query replace each other.
func (st *stmt2) bind(tables []boundTable) error {
	if !st.isInsert {
		args, err := queryRow(st.count, tables)
		st.rows = []row{args}
		return err
	}
	for _, t := range tables {
		if st.params == nil {
			params, err := st.by.paramsOf(st.db, st.sql, t.name)
			if err != nil {
				return atBind(err)
			}
			st.params = params
		}
		rows, err := rowsOf(st.params, t)
		if err != nil {
			return err
		}
		st.rows = append(st.rows, rows...)
	}
	return nil
}

// atBind gives an unknown table the code that it has at bind, not at prepare.
func atBind(err error) error {
	if code, text := codeOf(err); code == errStmtTable.code {
		return &codeError{0x2603, text}
	}
	return err
}

// queryRow returns the arguments of a query: one row in one table.
func queryRow(count int, tables []boundTable) (row, error) {
	if len(tables) != 1 || len(tables[0].columns) < count {
		return row{}, errStmtNumber
	}
	args := make([]any, count)
	for i, v := range tables[0].columns[:count] {
		if v.rows() != 1 {
			return row{}, errStmtNumber
		}
		if v.state(0) == bind2.Given {
			args[i] = argument(param{typ: v.kind()}, v.value(0))
		}
	}
	return row{args: args}, nil
}

func serveStmt2Exec(r *request, a stmtArgs) (any, error) {
	st, ok := stmtOf[*stmt2](r.sock, a.StmtID)
	if !ok {
		return nil, errNoStmt2
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	switch {
	case st.poison != nil:
		return nil, st.repeat()
	case !st.prepared:
		return nil, st.fail(errStmtUsage)
	case !st.bound && st.executed && st.isInsert:
		return nil, st.fail(errStmtUsage)
	case !st.bound && st.executed:
		return nil, st.fail(&codeError{errStmtUsage.code, "success"})
	case !st.bound && st.isInsert:
		r.sock.srv.crash("stmt2_exec of an INSERT with nothing bound")
		return nil, errHangUp
	case !st.bound:
		return nil, st.fail(&codeError{adapterCode, "success"})
	}
	run := statement{sql: st.sql, reqID: a.ReqID, action: r.action, db: st.db, own: true, kill: r.kill}
	if st.isInsert {
		if st.omitsBlob() {
			r.sock.srv.crash("stmt2_exec of an INSERT that leaves out a BLOB column")
			return nil, errHangUp
		}
		run.rows = st.rows
	} else {
		run.args = st.rows[0].args
		st.disown()
	}
	out, err := st.by.run(run)
	if err != nil {
		return nil, st.fail(err)
	}
	st.rows, st.bound, st.executed, st.result = nil, false, true, out.result
	return affectedMember{a.StmtID, out.affected}, nil
}

type stmt2ResultMembers struct {
	StmtID uint64 `json:"stmt_id"`
	ID     uint64 `json:"id"`
	resultMembers
}

func serveStmt2Result(r *request, a stmtArgs) (any, error) {
	st, ok := stmtOf[*stmt2](r.sock, a.StmtID)
	if !ok {
		return nil, errNoStmt2
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.poison != nil || !st.executed {
		r.sock.srv.crash("stmt2_result without a successful exec")
		return nil, errHangUp
	}
	res := st.result
	if st.isInsert {
		// Version 3.3.7.5 makes up a result without columns.
		res = newResult(nil, &listSource{}, nil)
	}
	if st.handed {
		return nil, errNoResult
	}
	st.handed = !st.isInsert
	m := describe(res.fields(), res.precision(), true)
	return stmt2ResultMembers{a.StmtID, r.sock.addResult(res), m}, nil
}

// serveStmt2Close closes a statement. An unknown one is closed already.
func serveStmt2Close(r *request, a stmtArgs) (any, error) {
	r.sock.closeStmt(a.StmtID)
	return stmtMember{a.StmtID}, nil
}
