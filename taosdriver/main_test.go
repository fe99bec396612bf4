package taosdriver_test

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	if os.Getenv(apart) != "" {
		serveApart()
		return
	}
	goleak.VerifyTestMain(m)
}
