package orm

import (
	"os"
	"testing"

	"go.uber.org/goleak"

	_ "github.com/gaugesql/gaugesql/dwsdriver"
	"github.com/gaugesql/gaugesql/dwsdriver/dwstest"
)

func TestMain(m *testing.M) {
	// GORM's cache of prepared statements never ends.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("gorm.io/gorm/internal/lru.NewLRU[...].func1"))
}

// everywhere runs a test against every server that there is.
func everywhere(t *testing.T, f func(t *testing.T, dsn string)) {
	t.Run("embedded", func(t *testing.T) {
		server := dwstest.NewServer()
		t.Cleanup(server.Close)
		f(t, server.DSN(""))
	})
	t.Run("postgres", func(t *testing.T) { f(t, coordinator(t)) })
}

// coordinator is a coordinator in front of a PostgreSQL.
func coordinator(t *testing.T) string {
	t.Helper()
	dsn := os.Getenv("CONFORMANCE_POSTGRES")
	if dsn == "" {
		t.Skip("skipped: no server is named by CONFORMANCE_POSTGRES")
	}
	server := dwstest.NewServer(dwstest.WithPostgres(dsn))
	t.Cleanup(server.Close)
	return server.DSN("")
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same[T comparable](t *testing.T, got, want T) {
	t.Helper()
	if got != want {
		t.Fatalf("got %v, want %v", got, want)
	}
}
