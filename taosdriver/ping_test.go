package taosdriver_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// TestPingAsksTheServerBehindTheAdapter: the client library answers SELECT 1 by
// itself, so that a ping by it succeeds with the server away.
func TestPingAsksTheServerBehindTheAdapter(t *testing.T) {
	for _, protocol := range []string{"ws", "http"} {
		t.Run(protocol, func(t *testing.T) {
			srv := taostest.NewServer()
			t.Cleanup(srv.Close)
			config, err := taosdriver.ParseDSN(srv.DSN(protocol, ""))
			if err != nil {
				t.Fatal(err)
			}
			db := openConfig(t, config)
			if err := db.Ping(); err != nil {
				t.Fatal(err)
			}
			srv.Fault(taostest.On{SQL: "information_schema"}, taostest.ErrorCode(0x000b, "Unable to establish connection"))
			err = db.Ping()
			var e *driver.Error
			if !errors.As(err, &e) || e.Code != 0x000b || !errors.Is(err, driver.ErrOperational) {
				t.Errorf("%v", err)
			}
			asked := false
			for _, s := range srv.Statements() {
				asked = asked || strings.Contains(s.SQL, "information_schema")
			}
			if !asked {
				t.Errorf("%v", srv.Statements())
			}
		})
	}
}
