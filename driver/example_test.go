package driver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/gaugesql/gaugesql/driver"
)

// One question finds every error of its kind, on all engines.
func ExampleError() {
	err := fmt.Errorf("load meters: %w", &driver.Error{
		Kind: driver.ErrAuthentication, Engine: "tdengine", Op: "connect", Host: "h1:6041",
		Code: 0x357, Message: "Authentication failure", Hint: "check user and password",
	})

	fmt.Println(errors.Is(err, driver.ErrOperational), errors.Is(err, driver.ErrProgramming))
	var e *driver.Error
	if errors.As(err, &e) {
		fmt.Printf("%#x on %s\n", e.Code, e.Host)
	}
	fmt.Println(err)
	// Output:
	// true false
	// 0x357 on h1:6041
	// load meters: tdengine: connect on h1:6041: Authentication failure (code 855 = 0x0357); check user and password
}

// An engine names its finer errors below the common kinds.
func ExampleNewKind() {
	var ErrIndex = driver.NewKind(driver.ErrProgramming, "index error")
	err := error(&driver.Error{Kind: ErrIndex, Engine: "siridb", Message: "no such shard"})
	fmt.Println(errors.Is(err, ErrIndex), errors.Is(err, driver.ErrProgramming))
	// Output: true true
}

func ExampleColumnOf() {
	temperatures := driver.ColumnOf([]float64{20.5, 21.0})
	phases := driver.NullColumnOf([]sql.Null[float32]{{V: 0.31, Valid: true}, {}})
	fmt.Println(temperatures.Len(), phases.State(0) == driver.Given, phases.State(1) == driver.Null)
	// Output: 2 true true
}

func ExampleWithRequestID() {
	ctx := driver.WithRequestID(context.Background(), 0x1b3)
	id, ok := driver.RequestIDFrom(ctx)
	fmt.Printf("%#x %v\n", id, ok)
	// Output: 0x1b3 true
}

func ExampleNotSupported() {
	err := driver.NotSupported("tdengine", "http", "schemaless writing")
	fmt.Println(errors.Is(err, driver.ErrNotSupported))
	fmt.Println(err)
	// Output:
	// true
	// tdengine: schemaless writing is not supported by tdengine over http
}
