package taosdriver

import (
	"database/sql"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
)

// Opening needs no library, using it does.
func TestNativeWithoutItsLibrary(t *testing.T) {
	path := filepath.Join(t.TempDir(), "libtaos.so")
	config := NewConfig()
	config.Transport, config.LibraryPath, config.Hosts = Native, path, []string{"127.0.0.1:6030"}
	db, err := sql.Open(Name, config.FormatDSN())
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, execErr := db.Exec("insert into t values (now, 1)")
	_, consumerErr := NewConsumer(t.Context(), config, map[string]string{"group.id": "g"})
	for what, err := range map[string]error{"ping": db.Ping(), "exec": execErr, "consumer": consumerErr} {
		var e *driver.Error
		if !errors.As(err, &e) || !errors.Is(err, driver.ErrInterface) || e.Engine != "tdengine" || e.Transport != "native" {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, part := range []string{"libtaos", "taos+ws"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("%s: %q does not say %q", what, err, part)
			}
		}
	}
}
