package native

import (
	"fmt"
	"os"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"
)

// skipped counts the tests that could not run here.
var skipped atomic.Int32

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "native")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	setFolder(dir)
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		if n := skipped.Load(); n > 0 {
			fmt.Printf("native: %d tests skipped: no C compiler\n", n)
		}
		os.RemoveAll(dir)
		os.Exit(code)
	}))
}
