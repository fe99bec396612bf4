package iotdbtest

import (
	"context"
	"fmt"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest/internal/store"
)

// request is a call with its arguments. run gives its result; nil is a failure of the
// server's own. refuse gives the result that has a status and nothing else.
type request struct {
	action, sql string
	about       func(*session) string // sql of what goes on already
	run         func(*session) rpc.Struct
	refuse      func(rpc.Status) rpc.Struct
}

// preparing are the calls of servers from 2.0.8 on.
var preparing = map[string]bool{rpc.PrepareStatement: true, rpc.ExecutePrepared: true, rpc.DeallocateStatement: true}

func plain(s rpc.Status) rpc.Struct { return &s }

func success(*session) rpc.Struct { return &rpc.Status{Code: codeSuccess} }

// calls read the arguments of the calls that the server has.
var calls = map[string]func(*rpc.Message) (request, error){
	rpc.OpenSession: func(m *rpc.Message) (request, error) {
		var a rpc.OpenSessionRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "login", run: func(s *session) rpc.Struct { return s.login(&a) }, refuse: func(st rpc.Status) rpc.Struct {
			none := int64(-1)
			return &rpc.OpenSessionReply{Status: st, ServerProtocol: rpc.ProtocolV3, SessionID: &none}
		}}, err
	},
	rpc.CloseSession: func(m *rpc.Message) (request, error) {
		var a rpc.CloseSessionRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "close", refuse: plain, run: func(s *session) rpc.Struct {
			s.close()
			return &rpc.Status{Code: codeSuccess}
		}}, err
	},
	rpc.RequestStatementID: func(m *rpc.Message) (request, error) {
		var a rpc.SessionArgument
		err := m.Decode(&a)
		return request{action: "session", run: func(s *session) rpc.Struct {
			n := s.srv().shared.numbers.next()
			s.statements[n] = true
			return &rpc.NumberResult{Value: n}
		}, refuse: func(rpc.Status) rpc.Struct { return nil }}, err
	},
	rpc.GetTimeZone: func(m *rpc.Message) (request, error) {
		var a rpc.SessionArgument
		err := m.Decode(&a)
		return request{action: "session", run: func(s *session) rpc.Struct {
			zone := s.zone
			if s.db == nil {
				zone = "Unknown time zone"
			}
			return &rpc.TimeZoneReply{Status: rpc.Status{Code: codeSuccess}, TimeZone: zone}
		}, refuse: func(st rpc.Status) rpc.Struct { return &rpc.TimeZoneReply{Status: st} }}, err
	},
	rpc.SetTimeZone: func(m *rpc.Message) (request, error) {
		var a rpc.SetTimeZoneRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "session", refuse: plain, run: func(s *session) rpc.Struct { return s.setZone(a.TimeZone) }}, err
	},
	rpc.GetProperties: func(m *rpc.Message) (request, error) {
		err := m.Decode(&rpc.NoArguments{})
		return request{action: "properties", run: properties, refuse: func(rpc.Status) rpc.Struct { return nil }}, err
	},
	rpc.TestConnection: func(m *rpc.Message) (request, error) {
		err := m.Decode(&rpc.NoArguments{})
		return request{action: "properties", run: success, refuse: plain}, err
	},
	rpc.ExecuteStatement: statement,
	rpc.ExecuteQuery:     statement,
	rpc.ExecuteUpdate:    statement,
	rpc.ExecuteBatch: func(m *rpc.Message) (request, error) {
		var a rpc.BatchRequest
		err := m.Decode(rpc.Arguments(&a))
		sql := ""
		if len(a.Statements) > 0 {
			sql = a.Statements[0]
		}
		return request{action: "query", sql: sql, refuse: plain, run: func(s *session) rpc.Struct { return s.batch(a.Statements) }}, err
	},
	rpc.FetchResults: func(m *rpc.Message) (request, error) {
		var a rpc.FetchRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{
			action: "fetch", about: func(s *session) string { return s.statementOf(a.QueryID) },
			run:    func(s *session) rpc.Struct { return s.fetch(&a) },
			refuse: func(st rpc.Status) rpc.Struct { return &rpc.FetchReply{Status: st} },
		}, err
	},
	rpc.CloseOperation: func(m *rpc.Message) (request, error) {
		var a rpc.CloseOperationRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "close", refuse: plain, run: func(s *session) rpc.Struct { return s.closeOperation(&a) }}, err
	},
	rpc.CancelOperation: func(m *rpc.Message) (request, error) {
		var a rpc.CancelOperationRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "close", refuse: plain, run: func(*session) rpc.Struct {
			return &rpc.Status{Code: codeCancel, Message: "Cancellation is not implemented"}
		}}, err
	},
	rpc.PrepareStatement: func(m *rpc.Message) (request, error) {
		var a rpc.PrepareRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "prepare", sql: a.SQL, run: func(s *session) rpc.Struct { return s.prepare(&a) },
			refuse: func(st rpc.Status) rpc.Struct { return &rpc.PrepareReply{Status: st} }}, err
	},
	rpc.ExecutePrepared: func(m *rpc.Message) (request, error) {
		var a rpc.ExecutePreparedRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{
			action: "query", about: func(s *session) string { return s.preparedText(a.Name) },
			run:    func(s *session) rpc.Struct { return s.executePrepared(&a) },
			refuse: func(st rpc.Status) rpc.Struct { return &rpc.StatementReply{Status: st} },
		}, err
	},
	rpc.DeallocateStatement: func(m *rpc.Message) (request, error) {
		var a rpc.DeallocateRequest
		err := m.Decode(rpc.Arguments(&a))
		return request{action: "prepare", refuse: plain, run: func(s *session) rpc.Struct {
			if s.db == nil {
				return &notLogged
			}
			s.db.Deallocate(a.Name)
			return &rpc.Status{Code: codeSuccess}
		}}, err
	},
	rpc.InsertTablet:             insertTablet,
	rpc.InsertTablets:            insertTablets,
	rpc.InsertRecord:             insertRecord,
	rpc.InsertRecords:            insertRecords,
	rpc.InsertRecordsOfOneDevice: insertRecordsOfOneDevice,
}

func statement(m *rpc.Message) (request, error) {
	var a rpc.StatementRequest
	err := m.Decode(rpc.Arguments(&a))
	return request{
		action: "query", sql: a.Statement,
		run: func(s *session) rpc.Struct {
			return s.execute(job{a.Statement, a.StatementID, a.FetchSize, a.Timeout, func(ctx context.Context) (*store.Result, error) {
				return s.db.Execute(ctx, a.Statement)
			}})
		},
		refuse: func(st rpc.Status) rpc.Struct { return &rpc.StatementReply{Status: st} },
	}, err
}

func properties(s *session) rpc.Struct {
	o := s.srv().shared.options
	frame, readOnly := int32(maxFrame), false
	return &rpc.Properties{
		Version: s.srv().options.version, Aggregations: []string{"max_time", "min_time"}, TimestampPrecision: o.precision,
		MaxClients: 65535, MaxFrame: &frame, ReadOnly: &readOnly, BuildInfo: store.Build, Logo: "iotdbtest",
	}
}

func (s *session) setZone(zone string) rpc.Struct {
	loc, ok := location(zone)
	if !ok {
		no := false
		return &rpc.Status{Code: codeSetZone, NeedRetry: &no, Message: "[SET_TIME_ZONE_ERROR(703)] Exception occurred: setTimeZone failed. Unknown time-zone ID: " + zone}
	}
	if s.db != nil {
		s.zone = zone
		s.db.SetZone(loc)
	}
	return &rpc.Status{Code: codeSuccess}
}

func (s *session) closeOperation(a *rpc.CloseOperationRequest) rpc.Struct {
	if s.db == nil {
		return &notLogged
	}
	switch {
	case a.StatementID == nil && a.PreparedName == nil:
		return &rpc.Status{Code: codeClose, Message: "statement id not set by client."}
	case a.QueryID != nil:
		s.closeResult(*a.QueryID)
	case a.StatementID != nil:
		s.mu.Lock()
		var numbers []int64
		for n, o := range s.results {
			if o.statement == *a.StatementID {
				numbers = append(numbers, n)
			}
		}
		s.mu.Unlock()
		for _, n := range numbers {
			s.closeResult(n)
		}
		delete(s.statements, *a.StatementID)
	}
	return &rpc.Status{Code: codeSuccess}
}

// batch runs several statements. A table session hides all failures but those of
// syntax.
func (s *session) batch(statements []string) rpc.Struct {
	if s.db == nil {
		return &notLogged
	}
	out := &rpc.Status{Code: codeSuccess, Message: "Execute batch statements successfully"}
	var parts []rpc.Status
	for _, sql := range statements {
		st := s.srv().record.began(Statement{SQL: sql, Action: "query", User: s.user, Database: s.db.Current(), Conn: s.conn.number})
		r, err := s.db.Execute(s.conn.life.Context, sql)
		if err == nil {
			r.Close()
		}
		status := statusOf(err, nil, false)
		s.srv().record.ended(st, status.Code)
		switch {
		case status.Code == store.CodeSyntax:
			status.Code = store.CodeInternal
			status.Message = fmt.Sprintf("[INTERNAL_SERVER_ERROR(305)] Exception occurred: \"%s\". executeBatchStatement failed. %s", sql, status.Message)
		case !s.tree():
			status = rpc.Status{Code: codeSuccess}
		}
		if status.Code != codeSuccess {
			out = &rpc.Status{Code: codeMultiple}
		}
		parts = append(parts, status)
	}
	if out.Code == codeMultiple {
		out.SubStatus = parts
	}
	return out
}

func (s *session) prepare(a *rpc.PrepareRequest) rpc.Struct {
	if s.db == nil {
		return &rpc.PrepareReply{Status: notLogged}
	}
	p, err := s.db.Prepare(a.Name, a.SQL)
	if err != nil {
		return &rpc.PrepareReply{Status: statusOf(err, nil, false)}
	}
	n := int32(p.Parameters)
	return &rpc.PrepareReply{Status: rpc.Status{Code: codeSuccess}, Parameters: &n}
}

func (s *session) preparedText(name string) string {
	if s.db == nil {
		return ""
	}
	p, _ := s.db.Prepared(name)
	return p.SQL
}

func (s *session) executePrepared(a *rpc.ExecutePreparedRequest) rpc.Struct {
	if s.db == nil {
		return &rpc.StatementReply{Status: notLogged}
	}
	p, ok := s.db.Prepared(a.Name)
	if !ok {
		return &rpc.StatementReply{Status: rpc.Status{Code: store.CodeSemantic, Message: "Prepared statement '" + a.Name + "' does not exist"}}
	}
	args, err := decodeParameters(a.Parameters)
	if err != nil {
		return &rpc.StatementReply{Status: rpc.Status{Code: store.CodeExecute, Message: err.Error()}}
	}
	return s.execute(job{p.SQL, a.StatementID, a.FetchSize, a.Timeout, func(ctx context.Context) (*store.Result, error) {
		return s.db.ExecutePrepared(ctx, p, args)
	}})
}
