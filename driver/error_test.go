package driver

import (
	"context"
	"errors"
	"io"
	"strings"
	"testing"
)

func TestKindsFormATree(t *testing.T) {
	for _, c := range []struct {
		child   error
		parents []error
		not     []error
	}{
		{ErrAuthentication, []error{ErrOperational, ErrDatabase}, []error{ErrInterface, ErrData, ErrTimeout}},
		{ErrOverflow, []error{ErrData, ErrDatabase}, []error{ErrOperational}},
		{ErrPermission, []error{ErrProgramming, ErrDatabase}, []error{ErrAuthentication}},
		{ErrStatement, []error{ErrProgramming}, []error{ErrResult}},
		{ErrSchemaless, []error{ErrData}, []error{ErrProgramming}},
		{ErrNotSupported, []error{ErrDatabase}, []error{ErrProgramming, ErrInterface}},
		{ErrInterface, nil, []error{ErrDatabase}},
		{NewKind(ErrPool, "index error"), []error{ErrPool, ErrOperational, ErrDatabase}, []error{ErrServer}},
	} {
		for _, p := range append(c.parents, c.child) {
			if !errors.Is(c.child, p) {
				t.Errorf("%v is not %v", c.child, p)
			}
			if !errors.Is(&Error{Kind: c.child}, p) {
				t.Errorf("an Error of kind %v is not %v", c.child, p)
			}
		}
		for _, p := range c.not {
			if errors.Is(c.child, p) || errors.Is(&Error{Kind: c.child}, p) {
				t.Errorf("%v is %v", c.child, p)
			}
		}
	}
}

func TestErrorReachesItsCause(t *testing.T) {
	err := error(&Error{Kind: ErrTimeout, Engine: "iotdb", Err: context.DeadlineExceeded})
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrOperational) {
		t.Errorf("%v hides its cause or its kind", err)
	}
	if errors.Is(err, io.EOF) {
		t.Error("an error is what it never wrapped")
	}
}

func TestErrorTextDoesNotRepeatItself(t *testing.T) {
	err := &Error{Engine: "dws", Message: "no such table", Err: errors.New("no such table (42P01)"), SQLState: "42P01"}
	if got, want := err.Error(), "dws: no such table (SQLSTATE 42P01)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestErrorTextSaysWhatWhereAndWhatToDo(t *testing.T) {
	err := &Error{
		Kind: ErrConnection, Engine: "tdengine", Op: "query", Host: "h1:6041", RequestID: 0x2a,
		Message: "connection lost", Err: io.ErrUnexpectedEOF, OutcomeUnknown: true, Hint: "check the row before writing it again",
	}
	want := "tdengine: query on h1:6041: connection lost: unexpected EOF (request 0x2a, the server may have carried it out); check the row before writing it again"
	if got := err.Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := (&Error{Kind: ErrPool}).Error(); got != "gaugesql: pool error" {
		t.Errorf("an error without a message reads %q", got)
	}
	pg := (&Error{Kind: ErrIntegrity, Engine: "dws", Op: "exec", SQLState: "23505", Message: "duplicate key"}).Error()
	if !strings.Contains(pg, "SQLSTATE 23505") || strings.Contains(pg, "code") {
		t.Errorf("SQLSTATE is not shown alone: %s", pg)
	}
}

func TestNotSupportedNamesEngineAndTransport(t *testing.T) {
	err := NotSupported("tdengine", "http", "schemaless writing")
	if !errors.Is(err, ErrNotSupported) || !strings.Contains(err.Error(), "schemaless writing is not supported by tdengine over http") {
		t.Errorf("got %v", err)
	}
}
