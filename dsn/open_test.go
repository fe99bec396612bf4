package dsn_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/dsn"
)

var errOpened = errors.New("opened")

type plainDriver struct{ opened string }

func (d *plainDriver) Open(url string) (driver.Conn, error) {
	d.opened = url
	return nil, errOpened
}

type contextDriver struct{ plainDriver }

func (d *contextDriver) OpenConnector(url string) (driver.Connector, error) {
	if strings.Contains(url, "refused") {
		return nil, errOpened
	}
	return fakeConnector{d}, nil
}

type fakeConnector struct{ d driver.Driver }

func (fakeConnector) Connect(context.Context) (driver.Conn, error) { return nil, errOpened }
func (c fakeConnector) Driver() driver.Driver                      { return c.d }

// Registered once, however often the tests run.
var openTest, plainTest = new(contextDriver), new(plainDriver)

func init() {
	dsn.Register("opentest", openTest)
	dsn.Register("plaintest", plainTest)
}

func TestOpenFindsTheDriverByItsScheme(t *testing.T) {
	d := openTest
	for _, url := range []string{"opentest://h", "opentest+tls://h", "OPENTEST://h"} {
		db, err := dsn.Open(url)
		if err != nil {
			t.Fatal(err)
		}
		if db.Driver() != d {
			t.Errorf("%s: driver %T", url, db.Driver())
		}
		db.Close()
	}
	if _, err := dsn.Open("opentest://refused"); !errors.Is(err, errOpened) {
		t.Errorf("got %v, want the driver's own error", err)
	}
}

func TestOpenWorksWithADriverThatHasNoConnectors(t *testing.T) {
	d := plainTest
	c, err := dsn.OpenConnector("plaintest://h/db")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Connect(context.Background()); !errors.Is(err, errOpened) {
		t.Errorf("got %v", err)
	}
	if d.opened != "plaintest://h/db" || c.Driver() != d {
		t.Errorf("opened %q by %T", d.opened, c.Driver())
	}
}

func TestOpenErrors(t *testing.T) {
	tests := []struct{ name, url, want string }{
		{"not imported", "taos+ws://u:hunter2@h", `no driver for taos://; import _ "github.com/gaugesql/gaugesql/taosdriver"`},
		{"not imported, transport alone", "ws://h", `import _ "github.com/gaugesql/gaugesql/taosdriver"`},
		{"unknown", "mysql://u:hunter2@h", `unknown scheme "mysql"; known are taos, iotdb, siridb and dws`},
		{"malformed", "u:hunter2@h", "no scheme"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := dsn.Open(tt.url)
			if err == nil || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestRegisterPanics(t *testing.T) {
	for name, f := range map[string]func(){
		"twice":      func() { dsn.Register("plaintest", new(plainDriver)) },
		"nil driver": func() { dsn.Register("niltest", nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}
