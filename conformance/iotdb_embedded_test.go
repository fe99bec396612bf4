package conformance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/iotdbdriver"
	"github.com/gaugesql/gaugesql/iotdbdriver/iotdbtest"
)

const (
	iotdbPassword     = "s3cr3t-of-iotdb"
	iotdbLoginRefused = 801
)

// iotdbEmbedded is iotdbdriver against iotdbtest.
func iotdbEmbedded(t testing.TB, dialect iotdbdriver.Dialect, opts ...iotdbtest.Option) conformance.Target {
	t.Helper()
	opts = append([]iotdbtest.Option{iotdbtest.WithUser("root", iotdbPassword), iotdbtest.WithPrecision("ns"), iotdbtest.WithBlockRows(500)}, opts...)
	server := iotdbtest.NewServer(opts...)
	t.Cleanup(server.Close)
	secure := iotdbtest.NewServer(iotdbtest.WithUser("root", iotdbPassword), iotdbtest.WithTLS(nil))
	t.Cleanup(secure.Close)
	config, err := iotdbdriver.ParseDSN(server.DSN(""))
	if err != nil {
		t.Fatal(err)
	}
	config.Dialect = dialect
	target := iotdbTarget(t, config)
	target.Server = "iotdbtest"
	target.DSNs.Untrusted, target.DSNs.Secret = secure.DSN(""), iotdbPassword
	target.Dialect.Slow = func(d time.Duration) string { return fmt.Sprintf("SELECT iotdbtest_sleep(%d)", d.Milliseconds()) }
	target.LargeRows, target.ServerMemory = embeddedRows, serverMemory
	target.Faults = iotdbEmbeddedFaults(server)
	return target
}

// iotdbEmbeddedFaults are the faults of iotdbtest in the suite's terms.
func iotdbEmbeddedFaults(server *iotdbtest.Server) conformance.Faults {
	strike := func(action, marker string, after int, fault iotdbtest.Fault) {
		server.Fault(iotdbtest.On{Action: action, SQL: marker, After: after, Times: 1}, fault)
	}
	seen := func(marker string) (times, running int) {
		for _, s := range server.Statements() {
			// What the driver asks about a table or a query is not the statement itself.
			if strings.Contains(s.SQL, marker) && !strings.HasPrefix(s.SQL, "DESC ") {
				times++
				if s.Took == 0 {
					running++
				}
			}
		}
		return times, running
	}
	return conformance.Faults{
		Executed:    func(marker string) int { n, _ := seen(marker); return n },
		Running:     func(marker string) int { _, n := seen(marker); return n },
		DropBefore:  func(marker string) { strike("query", marker, 0, iotdbtest.DropBefore) },
		DropAfter:   func(marker string) { strike("query", marker, 0, iotdbtest.DropAfter) },
		LoseReply:   func(marker string) { strike("query", marker, 0, iotdbtest.LoseReply) },
		Delay:       func(marker string, d time.Duration) { strike("query", marker, 0, iotdbtest.DelayReply(d)) },
		CutRows:     func(marker string) { strike("fetch", marker, 1, iotdbtest.DropBefore) },
		StallRows:   func(marker string) { strike("fetch", marker, 1, iotdbtest.LoseReply) },
		RefuseLogin: func(times int) { server.Fault(iotdbtest.On{Times: times}, iotdbtest.RefuseLogin(iotdbLoginRefused)) },
		Logins:      server.Logins,
		Restart:     server.Restart,
		Stop:        func() error { server.Stop(); return nil },
		Start:       server.Resume,
		OpenResults: server.OpenResults,
		Connections: server.Connections,
	}
}
