package siridriver

import (
	"errors"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/cluster"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/query"
)

// The kinds of errors by the names that the official Python connector gives its
// exceptions. errors.Is(err, siridriver.ErrQuery) tells a kind; the server's own
// number is in [driver.Error].Code.
var (
	// ErrAuthentication: the credentials are invalid (71, 72).
	ErrAuthentication = driver.ErrAuthentication
	// ErrIndex: the database does not exist (73). A driver.ErrProgramming.
	ErrIndex = cluster.ErrIndex
	// ErrInsert: the server refused the points (66). A driver.ErrData.
	ErrInsert = cluster.ErrInsert
	// ErrOverflow: an integer beyond 64 bits with sign, or a time beyond what the
	// database can hold. Found before anything is sent.
	ErrOverflow = driver.ErrOverflow
	// ErrPool: a pool of the cluster has no server (68). Nothing was done.
	ErrPool = driver.ErrPool
	// ErrQuery: the server refused the statement (65). A driver.ErrProgramming.
	ErrQuery = cluster.ErrQuery
	// ErrRuntime: a general error of the server (64, 70, 75). A driver.ErrInternal.
	ErrRuntime = cluster.ErrRuntime
	// ErrServer: no host can serve now (67, 74). Nothing was done, except where
	// OutcomeUnknown says that a server failed in the middle.
	ErrServer = driver.ErrServer
	// ErrTimeout: no answer in time.
	ErrTimeout = driver.ErrTimeout
	// ErrType: an answer of a type that this driver does not know. A
	// driver.ErrInternal.
	ErrType = cluster.ErrType
	// ErrUserAuth: the user lacks a right (69).
	ErrUserAuth = driver.ErrPermission
	// ErrService: a request of the service account was refused (96, 97). A
	// driver.ErrOperational.
	ErrService = cluster.ErrService
)

// Code returns the server's number of err: 65 for a refused statement. 0 if err
// is not the server's.
func Code(err error) int {
	var e *driver.Error
	if errors.As(err, &e) && e.Engine == cluster.Engine {
		return e.Code
	}
	return 0
}

// wrong makes an error of a kind that the driver found before anything was sent.
func wrong(kind error, op string, id uint64, message string) *driver.Error {
	return &driver.Error{Kind: kind, Engine: cluster.Engine, Op: op, RequestID: id, Message: message}
}

// refusal makes the error of what cannot be sent as it is: a statement that
// cannot be read, an argument that has no form.
func refusal(op string, id uint64, err error) error {
	var e *driver.Error
	kind := driver.ErrProgramming
	switch {
	case errors.As(err, &e):
		plain := *e
		plain.Op, plain.RequestID = op, id
		if outer := err.Error(); err != error(e) {
			plain.Message = outer[:len(outer)-len(e.Error())] + e.Message
		}
		return &plain
	case errors.Is(err, query.ErrNUL), errors.Is(err, query.ErrPattern):
		kind = driver.ErrData
	case errors.Is(err, qpack.ErrOverflow):
		kind = driver.ErrOverflow
	}
	return wrong(kind, op, id, err.Error())
}

// unreadable makes the error of an answer that is not what it should be.
func unreadable(op, host string, id uint64, err error) error {
	return &driver.Error{Kind: driver.ErrInternal, Engine: cluster.Engine, Op: op, Host: host, RequestID: id, Err: err}
}
