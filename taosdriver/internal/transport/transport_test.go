package transport

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

func TestServerErrorsHaveTheKindOfTheirCode(t *testing.T) {
	o := Origin{Transport: "ws", Host: "h:6041"}
	for _, c := range []struct {
		name, message string
		code          int
		kind          error
	}{
		{"wrong password", "Authentication failure", 0x357, driver.ErrAuthentication},
		{"unknown database", "Database not exist", 0x388, driver.ErrProgramming},
		{"code with the native high bits", "syntax error", -0x7fffda00, driver.ErrProgramming},
		{"table exists", "Table already exists", 0x603, driver.ErrIntegrity},
		{"value too long", "Value too long", 0x2653, driver.ErrData},
		{"adapter does not know the session", "server not connected", 0xffff, driver.ErrConnection},
		{"adapter's own refusal", "message length is too short", 0xffff, driver.ErrDatabase},
		{"sync module by range", "not leader", 0x0914, driver.ErrServer},
		{"consumer by range", "offset", 0x4007, driver.ErrConsumer},
		{"schemaless by range", "bad line", 0x3002, driver.ErrSchemaless},
		{"unknown module", "?", 0x7777, driver.ErrDatabase},
	} {
		err := o.Server("query", 7, c.code, c.message)
		if !errors.Is(err, c.kind) {
			t.Errorf("%s: %v is not %v", c.name, err, c.kind)
		}
		if err.RequestID != 7 || err.Host != "h:6041" || err.Transport != "ws" || err.Engine != Engine || err.Code == 0 {
			t.Errorf("%s: %+v", c.name, err)
		}
	}
}

func TestServerErrorNamesTheCodeWhenTheMessageIsMisleading(t *testing.T) {
	err := Origin{}.Server("stmt2 exec", 1, 0x22a, "success")
	if err.Message != "stmt API usage error" {
		t.Error(err.Message)
	}
}

func TestNotSentIsFoundAndStripped(t *testing.T) {
	inner := Origin{}.Error(driver.ErrConnection, "query", 1, "closed", nil)
	marked := NotSent(inner)
	if got, ok := WasNotSent(marked); !ok || got != inner {
		t.Errorf("got %v, %v", got, ok)
	}
	if !errors.Is(marked, driver.ErrConnection) {
		t.Error("the mark hides the kind")
	}
	var e *driver.Error
	if !errors.As(marked, &e) || e != inner {
		t.Error("errors.As does not reach the error")
	}
	if _, ok := WasNotSent(inner); ok {
		t.Error("an error without the mark has it")
	}
}

func TestCanceledIsTheContextsError(t *testing.T) {
	cause := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(cause)
	err := Origin{}.Canceled(ctx, "query", 9, true)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cause) || !err.OutcomeUnknown || err.RequestID != 9 {
		t.Errorf("%+v", err)
	}
	ctx2, cancel2 := context.WithTimeout(context.Background(), -time.Second)
	defer cancel2()
	err = Origin{}.Canceled(ctx2, "query", 9, false)
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, driver.ErrTimeout) || err.OutcomeUnknown {
		t.Errorf("%+v", err)
	}
}
