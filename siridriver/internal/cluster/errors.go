package cluster

import (
	"context"
	"errors"
	"fmt"
	"net"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Engine is the name in errors and logs.
const Engine = "siridb"

// The kinds that SiriDB's own connector names and the shared contract does not.
var (
	ErrIndex   = driver.NewKind(driver.ErrProgramming, "index error")
	ErrInsert  = driver.NewKind(driver.ErrData, "insert error")
	ErrQuery   = driver.NewKind(driver.ErrProgramming, "query error")
	ErrRuntime = driver.NewKind(driver.ErrInternal, "runtime error")
	ErrType    = driver.NewKind(driver.ErrInternal, "type error")
	ErrService = driver.NewKind(driver.ErrOperational, "service error")
)

// answers describes the responses that are errors. Text is for those that carry
// none.
var answers = map[wire.Type]struct {
	kind error
	text string
}{
	wire.ErrMessage:         {ErrRuntime, "general error"},
	wire.ErrQuery:           {ErrQuery, "query error"},
	wire.ErrInsert:          {ErrInsert, "insert error"},
	wire.ErrServer:          {driver.ErrServer, "server cannot serve now"},
	wire.ErrPool:            {driver.ErrPool, "a pool has no usable server"},
	wire.ErrAccess:          {driver.ErrPermission, "access denied"},
	wire.ErrUnexpected:      {ErrRuntime, "unexpected error"},
	wire.ErrNotAuthentic:    {driver.ErrAuthentication, "not logged in"},
	wire.ErrCredentials:     {driver.ErrAuthentication, "unknown user or wrong password"},
	wire.ErrUnknownDatabase: {ErrIndex, "unknown database"},
	wire.ErrLoading:         {driver.ErrServer, "loading the database failed"},
	wire.ErrFile:            {ErrRuntime, "file error"},
	wire.ErrService:         {ErrService, "service error"},
	wire.ErrServiceRequest:  {ErrService, "invalid service request"},
}

// refused makes the error of a response that is none of success, or not the one
// expected.
func refused(op, host string, id uint64, typ wire.Type, data []byte) *driver.Error {
	e := &driver.Error{Engine: Engine, Op: op, Host: host, RequestID: id, Code: int(typ)}
	known, ok := answers[typ]
	if !ok {
		e.Kind, e.Code = ErrType, 0
		e.Message = fmt.Sprintf("unexpected answer of type %d", typ)
		return e
	}
	e.Kind, e.Message = known.kind, wire.Message(data)
	if e.Message == "" {
		e.Message = known.text
	}
	if n := len(e.Message); e.Message[n-1] == '.' {
		e.Message = e.Message[:n-1]
	}
	if (typ == wire.ErrQuery || typ == wire.ErrInsert) && wire.Transient(e.Message) {
		// Not the statement's fault, whatever the type says.
		e.Kind = errors.Join(known.kind, driver.ErrServer)
		e.OutcomeUnknown = true
		e.Hint = "a server of the cluster failed in the middle"
	}
	return e
}

// lost makes the error of an answer that did not come.
func lost(op, host string, id uint64, a answer) *driver.Error {
	e := &driver.Error{Kind: driver.ErrConnection, Engine: Engine, Op: op, Host: host, RequestID: id, Err: a.err, OutcomeUnknown: a.sent == all}
	var large *TooLargeError
	var timeout net.Error
	switch {
	case errors.As(a.err, &large):
		e.Kind, e.Message, e.Err = driver.ErrResult, large.Error(), nil
		e.Hint = "ask for less or raise max_response"
		e.OutcomeUnknown = false
	case errors.Is(a.err, context.Canceled):
		e.Kind = driver.ErrOperational
	case errors.Is(a.err, context.DeadlineExceeded):
		e.Kind = driver.ErrTimeout
	case errors.Is(a.err, wire.ErrHeader):
		e.Kind = driver.ErrInternal
		e.Hint = "is this the port of a SiriDB server?"
	case errors.Is(a.err, errTooMany):
		e.Kind = driver.ErrOperational
	case errors.As(a.err, &timeout) && timeout.Timeout():
		e.Kind = driver.ErrTimeout
	}
	return e
}
