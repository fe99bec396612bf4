package conformance_test

import (
	"flag"
	"testing"

	"go.uber.org/goleak"
)

// released ends the goroutines that sabotaged drivers leak on purpose.
var released = make(chan struct{})

// leak starts a goroutine that nothing but the end of the tests ends.
func leak() { go func() { <-released }() }

// suite ends the leaked goroutines before the others are counted.
type suite struct{ *testing.M }

func (s suite) Run() int {
	defer close(released)
	return s.M.Run()
}

func TestMain(m *testing.M) {
	flag.Parse()
	if parallel := flag.Lookup("test.parallel"); parallel.Value.String() == parallel.DefValue {
		flag.Set("test.parallel", "8") // the sabotaged drivers wait more than they work
	}
	// A login through libtaos at a server that never answers goes on until the library
	// gives up; nothing can end it.
	goleak.VerifyTestMain(suite{m}, goleak.IgnoreAnyFunction("github.com/gaugesql/gaugesql/taosdriver/internal/native.(*Conn).open"))
}
