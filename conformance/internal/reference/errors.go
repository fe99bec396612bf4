package reference

import (
	"context"
	"errors"
	"strings"

	"github.com/gaugesql/gaugesql/driver"
)

// Engine is the name in errors and server information.
const Engine = "reference"

// wrap makes an error of the contract of what went wrong under a request.
func wrap(err error, op, host string, id uint64) *driver.Error {
	var known *driver.Error
	if errors.As(err, &known) {
		return known
	}
	e := &driver.Error{Engine: Engine, Op: op, Host: host, RequestID: id, Err: err}
	var coded interface{ Code() int }
	switch {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		e.Kind = driver.ErrTimeout
	case errors.Is(err, errDropped):
		e.Kind, e.OutcomeUnknown = driver.ErrConnection, true
	case errors.Is(err, errUnknownDatabase):
		e.Kind, e.Code = driver.ErrProgramming, 2
	case errors.As(err, &coded):
		// SQLite's text ends in its code, which has a place of its own.
		e.Code, e.Err = coded.Code(), nil
		e.Message = strings.TrimSpace(strings.Split(strings.TrimPrefix(err.Error(), "SQL logic error: "), " (")[0])
		e.Kind = kindOf(e.Message)
	default:
		e.Kind = driver.ErrInterface
	}
	return e
}

func kindOf(message string) error {
	switch {
	case strings.Contains(message, "already exists"), strings.Contains(message, "UNIQUE"):
		return driver.ErrIntegrity
	case strings.Contains(message, "CHECK constraint"):
		return driver.ErrData
	case strings.Contains(message, "locked"), strings.Contains(message, "busy"):
		return driver.ErrOperational
	}
	return driver.ErrProgramming
}

func programming(message string) *driver.Error {
	return &driver.Error{Kind: driver.ErrProgramming, Engine: Engine, Message: message, Code: 1}
}

func data(message string) *driver.Error {
	return &driver.Error{Kind: driver.ErrData, Engine: Engine, Message: message}
}

func closed(what string) *driver.Error {
	return &driver.Error{Kind: driver.ErrInterface, Engine: Engine, Message: "the " + what + " is closed"}
}
