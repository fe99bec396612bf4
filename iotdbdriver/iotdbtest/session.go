package iotdbtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tsblock"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest/internal/store"
)

// The statuses of the server beside the store's.
const (
	codeSuccess   = 200
	codeProtocol  = 201
	codeDialect   = 205
	codeMultiple  = 302
	codeRedirect  = 400
	codeSetZone   = 703
	codeCancel    = 704
	codeClose     = 710
	codeNoQuery   = 714
	codeKilled    = 715
	codeTimedOut  = 720
	codePassword  = 801
	codeNotLogged = 802
)

// backend is what statements are given to: a session of the store, or another
// database.
type backend interface {
	Execute(ctx context.Context, sql string) (*store.Result, error)
	Insert(ctx context.Context, t store.Tablet) error
	Prepare(name, sql string) (store.Prepared, error)
	Prepared(name string) (store.Prepared, bool)
	ExecutePrepared(ctx context.Context, p store.Prepared, args []any) (*store.Result, error)
	Deallocate(name string) bool
	SetZone(*time.Location)
	Current() string
	Tree() bool
}

var _ backend = (*store.Session)(nil)

// session is what belongs to a connection: as on the real server, the numbers that
// clients send along tell nothing.
type session struct {
	conn       *conn
	id         int64
	user       string
	zone       string
	db         backend // nil before a login
	statements map[int64]bool
	lastRows   int // of the last tablet

	mu      sync.Mutex
	results map[int64]*open
}

// open is a result that has not been read to its end.
type open struct {
	query     *running
	result    *store.Result
	statement int64
	writer    *tsblock.Writer
	row       []any // the next one
	more      bool
}

func newSession(c *conn) *session {
	return &session{conn: c, statements: map[int64]bool{}, results: map[int64]*open{}}
}

func (s *session) srv() *Server { return s.conn.life.srv }
func (s *session) tree() bool   { return s.db != nil && s.db.Tree() }

func (s *session) openResults() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.results)
}

// statementOf is the text of the statement whose result has the number.
func (s *session) statementOf(number int64) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if o := s.results[number]; o != nil {
		return o.query.sql
	}
	return ""
}

// closeResult ends a result, if there is one of the number.
func (s *session) closeResult(number int64) {
	s.mu.Lock()
	o := s.results[number]
	delete(s.results, number)
	s.mu.Unlock()
	if o != nil {
		o.result.Close()
		s.srv().shared.running.done(o.query)
	}
}

func (s *session) closeResults() {
	s.mu.Lock()
	var numbers []int64
	for n := range s.results {
		numbers = append(numbers, n)
	}
	s.mu.Unlock()
	for _, n := range numbers {
		s.closeResult(n)
	}
}

// close ends the session.
func (s *session) close() {
	s.closeResults()
	s.db, s.statements = nil, map[int64]bool{}
}

// statusOf is how the server tells of an error. It is the zero value for nil.
func statusOf(err error, q *running, fetching bool) rpc.Status {
	var e *store.Error
	no := false
	switch {
	case err == nil:
		return rpc.Status{Code: codeSuccess}
	case errors.As(err, &e):
		return rpc.Status{Code: e.Code, Message: e.Message, NeedRetry: &no}
	case errors.Is(err, errKilled):
		return rpc.Status{Code: codeKilled, Message: "Query was killed by others", NeedRetry: &no}
	case errors.Is(err, errTimeout) && fetching:
		return rpc.Status{Code: store.CodeExecute, Message: fmt.Sprintf("Query has executed more than %dms", q.timeout.Milliseconds()), NeedRetry: &no}
	case errors.Is(err, errTimeout):
		return rpc.Status{Code: codeTimedOut, Message: "Query execution is time out", NeedRetry: &no}
	}
	return rpc.Status{Code: store.CodeExecute, Message: err.Error(), NeedRetry: &no}
}

var notLogged = rpc.Status{Code: codeNotLogged, Message: "Log in failed. Either you are not authorized or the session has timed out."}

// login opens a session in the place of the one that there is. It is nil where the
// real server fails.
func (s *session) login(r *rpc.OpenSessionRequest) rpc.Struct {
	shared := s.srv().shared
	none := int64(-1)
	refuse := func(code int32, message string) rpc.Struct {
		return &rpc.OpenSessionReply{
			Status: rpc.Status{Code: code, Message: message}, ServerProtocol: rpc.ProtocolV3, SessionID: &none,
			Configuration: map[string]string{"timestamp_precision": shared.options.precision},
		}
	}
	zone, ok := location(r.ZoneID)
	switch r.Configuration["version"] {
	case "", "V_0_12", "V_0_13", "V_1_0":
	default:
		ok = false
	}
	if !ok {
		return nil
	}
	tree := false
	switch dialect := r.Configuration["sql_dialect"]; strings.ToLower(dialect) {
	case "", "tree":
		tree = true
	case "table":
	default:
		return refuse(codeDialect, "Unknown sql_dialect: "+dialect)
	}
	if r.ClientProtocol != rpc.ProtocolV3 {
		return refuse(codeProtocol, "The version is incompatible, please upgrade to "+s.srv().options.version)
	}
	if password, ok := shared.options.users[r.Username]; !ok || password != r.Password {
		return refuse(codePassword, "Authentication failed.")
	}
	s.close()
	s.id, s.user, s.zone = shared.numbers.next(), r.Username, r.ZoneID
	own := shared.store.NewSession(r.Username, r.Configuration["db"], zone, tree)
	s.db = own
	if shared.options.db != nil {
		s.db = &foreign{Session: own, db: shared.options.db, units: shared.store.Units()}
	}
	return &rpc.OpenSessionReply{
		Status: rpc.Status{Code: codeSuccess, Message: "Login successfully"}, ServerProtocol: rpc.ProtocolV3, SessionID: &s.id,
		Configuration: map[string]string{"timestamp_precision": shared.options.precision},
	}
}

// location is a zone by its name or as an offset.
func location(zone string) (*time.Location, bool) {
	if strings.HasPrefix(zone, "+") || strings.HasPrefix(zone, "-") {
		for _, layout := range []string{"-07:00", "-0700", "-07"} {
			if t, err := time.Parse(layout, zone); err == nil {
				_, offset := t.Zone()
				return time.FixedZone(zone, offset), true
			}
		}
		return nil, false
	}
	loc, err := time.LoadLocation(zone)
	return loc, err == nil && zone != "" && zone != "Local"
}

// check tells whether the session can run something under a statement id.
func (s *session) check(sql string, statement int64) *rpc.Status {
	no := false
	switch {
	case s.db == nil && s.id == 0:
		return &notLogged
	case s.db == nil || !s.statements[statement]:
		return &rpc.Status{Code: store.CodeInternal, NeedRetry: &no, Message: fmt.Sprintf(
			"[INTERNAL_SERVER_ERROR(305)] Exception occurred: \"%s\". executeStatement failed. StatementId: %d doesn't exist in this session %d-%s:%s",
			sql, statement, s.id, s.user, s.conn.nc.RemoteAddr())}
	}
	return nil
}

// job is a statement to run.
type job struct {
	sql       string
	statement int64
	fetchSize int32
	timeout   *int64
	run       func(ctx context.Context) (*store.Result, error)
}

func (s *session) execute(j job) *rpc.StatementReply {
	if status := s.check(j.sql, j.statement); status != nil {
		return &rpc.StatementReply{Status: *status}
	}
	srv := s.srv()
	var timeout time.Duration
	if j.timeout != nil {
		timeout = time.Duration(*j.timeout) * time.Millisecond
	}
	st := srv.record.began(Statement{SQL: j.sql, Action: "query", User: s.user, Database: s.db.Current(), Conn: s.conn.number})
	q := srv.shared.running.begin(s.conn.life.Context, j.sql, timeout)
	reply, open := s.start(j, q)
	if !open {
		srv.shared.running.done(q)
	}
	srv.record.ended(st, reply.Status.Code)
	return reply
}

// start runs a statement up to its first page. open is true if there are more.
func (s *session) start(j job, q *running) (reply *rpc.StatementReply, isOpen bool) {
	r, err := j.run(q.ctx)
	var kill *store.Kill
	if errors.As(err, &kill) {
		r, err = &store.Result{}, nil
		if e := s.srv().shared.running.kill(kill); e != nil {
			err = e
		}
	}
	if err != nil {
		return &rpc.StatementReply{Status: statusOf(err, q, false)}, false
	}
	reply = &rpc.StatementReply{Status: rpc.Status{Code: codeSuccess}}
	if r.Database != "" {
		reply.Database = &r.Database
	}
	if r.Columns == nil {
		return reply, false
	}
	o := &open{query: q, result: r, statement: j.statement, writer: tsblock.NewWriter(r.Blocks), row: make([]any, r.Width())}
	if o.more, err = o.advance(); err == nil {
		reply.QueryResult, err = o.page(j.fetchSize, s.srv().options.blockRows)
	}
	if err != nil {
		r.Close()
		return &rpc.StatementReply{Status: statusOf(err, q, false)}, false
	}
	describe(reply, q, r, s.tree())
	reply.MoreData = &o.more
	if !o.more {
		r.Close()
		return reply, false
	}
	s.mu.Lock()
	s.results[q.number] = o
	s.mu.Unlock()
	more := true
	reply.MoreData = &more
	return reply, true
}

// describe fills in what a reply says of the result's columns.
func describe(reply *rpc.StatementReply, q *running, r *store.Result, tree bool) {
	ignore := !r.Time
	table := true
	reply.QueryID, reply.IgnoreTimestamp, reply.TableModel = &q.number, &ignore, &table
	reply.BlockColumns = r.Index
	reply.Columns, reply.DataTypes = []string{}, []string{}
	table = !tree
	if r.Names {
		reply.ColumnIndex = map[string]int32{}
	}
	if reply.QueryResult == nil {
		reply.QueryResult = [][]byte{}
	}
	for i, c := range r.Columns {
		reply.Columns = append(reply.Columns, c.Name)
		reply.DataTypes = append(reply.DataTypes, c.Type.String())
		if r.Names {
			reply.ColumnIndex[c.Name] = r.Index[i]
		}
	}
}

// advance reads the next row. It is false at the end.
func (o *open) advance() (bool, error) {
	err := o.result.Next(o.query.ctx, o.row)
	if err == io.EOF {
		return false, nil
	}
	return err == nil, err
}

// maxBlock is the size at which a block ends, whatever its rows.
const maxBlock = 32 << 20

// page makes blocks until they have the rows that are asked for.
func (o *open) page(fetchSize int32, blockRows int) (blocks [][]byte, err error) {
	if fetchSize <= 0 {
		fetchSize = 10000
	}
	for rows := 0; o.more && rows < int(fetchSize); {
		at, values := int64(0), o.row
		if o.result.Time {
			at, _ = o.row[0].(int64)
			values = o.row[1:]
		}
		if err := o.writer.Append(at, values); err != nil {
			return nil, fmt.Errorf("iotdbtest: %w", err)
		}
		if o.more, err = o.advance(); err != nil {
			return nil, err
		}
		if o.writer.Rows() >= blockRows || o.writer.Size() > maxBlock || !o.more {
			rows += o.writer.Rows()
			blocks = append(blocks, o.writer.Bytes())
		}
	}
	return blocks, nil
}

func (s *session) fetch(r *rpc.FetchRequest) *rpc.FetchReply {
	if s.db == nil {
		return &rpc.FetchReply{Status: notLogged}
	}
	no := false
	reply := &rpc.FetchReply{Status: rpc.Status{Code: codeSuccess}, MoreData: &no}
	s.mu.Lock()
	o := s.results[r.QueryID]
	s.mu.Unlock()
	if o == nil {
		return reply // as if there were no more
	}
	blocks, err := [][]byte(nil), context.Cause(o.query.ctx)
	if err == nil {
		blocks, err = o.page(r.FetchSize, s.srv().options.blockRows)
	}
	if err != nil {
		s.closeResult(r.QueryID)
		return &rpc.FetchReply{Status: statusOf(err, o.query, true)}
	}
	more := o.more
	reply.HasResultSet, reply.Align, reply.QueryResult, reply.MoreData = true, true, blocks, &more
	if !more {
		s.closeResult(r.QueryID)
	}
	return reply
}

// insert gives a tablet or record to the store.
func (s *session) insert(action string, t store.Tablet) *rpc.Status {
	if s.db == nil {
		return &notLogged
	}
	srv := s.srv()
	s.lastRows = len(t.Times)
	st := srv.record.began(Statement{SQL: t.Table, Action: action, User: s.user, Database: s.db.Current(), Conn: s.conn.number, Rows: len(t.Times)})
	status := statusOf(s.db.Insert(s.conn.life.Context, t), nil, false)
	if status.Code != codeSuccess {
		status.NeedRetry = nil
	}
	srv.record.ended(st, status.Code)
	return &status
}
