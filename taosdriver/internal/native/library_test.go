//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

func TestLibraryThatCannotBeUsed(t *testing.T) {
	dir := t.TempDir()
	noLibrary := filepath.Join(dir, "libtaos.so")
	if err := os.WriteFile(noLibrary, []byte("not a library"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path, configDir string
		parts                 []string
	}{
		{"no file", filepath.Join(dir, "none.so"), "", []string{"cannot be loaded from library_path", "none.so", "taos+ws"}},
		{"no library", noLibrary, "", []string{"cannot be loaded", noLibrary, "taos+ws"}},
		{"folder without one", t.TempDir(), "", []string{"cannot be loaded", "libtaos", "taos+ws"}},
		{"too old", buildStub(t, `-DVERSION="3.0.5.0"`), "", []string{"libtaos 3.0.5.0 at ", "too old", "3.3.2", "taos+ws"}},
		{"lacks a symbol", buildStub(t, "-DWITHOUT_RAW_BLOCK"), "", []string{"libtaos 3.3.7.5 at ", "no taos_fetch_raw_block", "3.3.2", "taos+ws"}},
		{"does not start", buildStub(t, "-DBROKEN"), "", []string{"does not start", "no memory for a stub"}},
		{"no such configuration", buildStub(t), filepath.Join(dir, "none"), []string{"config_dir", "none", "not a folder"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d := NewDialer(transport.Settings{LibraryPath: test.path, ConfigDir: test.configDir})
			_, err := d.Connect(t.Context(), "127.0.0.1:6030")
			wantError(t, err, driver.ErrInterface, 0, test.parts...)
		})
	}
}

func TestLibraryFromAFolder(t *testing.T) {
	s := newStub(t)
	c := s.connect(func(o *transport.Settings) { o.LibraryPath = filepath.Dir(s.path) })
	if c.lib.path != s.path {
		t.Errorf("loaded %s, want %s", c.lib.path, s.path)
	}
}

func TestConfigurationFolderIsSetFirstAndOnce(t *testing.T) {
	s, dir := newStub(t), t.TempDir()
	s.connect(func(o *transport.Settings) { o.ConfigDir = dir })
	// A shim has to be told its driver before anything else.
	if got, want := s.log(logOptions), "6=native;3="+dir+";"; got != want {
		t.Errorf("options %q, want %q", got, want)
	}
	s.connect() // takes the library as it is
	settings := s.settings()
	settings.ConfigDir = t.TempDir()
	_, err := NewDialer(settings).Connect(t.Context(), "")
	wantError(t, err, driver.ErrInterface, 0, "comes too late", dir)
	if got := s.log(logOptions); got != "" {
		t.Errorf("options set again: %q", got)
	}
}

func TestOlderLibrariesAreNotToldTheirDriver(t *testing.T) {
	s := newStub(t, `-DVERSION="3.3.5.8"`)
	s.connect()
	if got := s.log(logOptions); got != "" {
		t.Errorf("options %q", got)
	}
}

func TestConnect(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	host := listener.Addr().String()
	_, port, _ := net.SplitHostPort(host)
	for _, test := range []struct {
		name, host string
		change     func(*transport.Settings)
		connect    string
		session    string
	}{
		{"plain", host, func(o *transport.Settings) { o.Database = "db" }, "127.0.0.1|root|taosdata|db|" + port + ";", ""},
		{"server of the configuration", "", func(*transport.Settings) {}, "NULL|root|taosdata||0;", ""},
		{"session", host, func(o *transport.Settings) {
			o.Timezone, o.App, o.BIMode = "Asia/Shanghai", "a program", true
		}, "127.0.0.1|root|taosdata||" + port + ";", "mode 0=1;3=a program;1=Asia/Shanghai;"},
		{"second factor", host, func(o *transport.Settings) { o.TOTPCode = "123456" }, "127.0.0.1|root|taosdata|123456||" + port + ";", ""},
		{"token", host, func(o *transport.Settings) { o.BearerToken = "tk" }, "127.0.0.1|tk||" + port + ";", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStub(t)
			settings := s.settings()
			test.change(&settings)
			c, err := NewDialer(settings).Connect(t.Context(), test.host)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			if got := s.log(logConnect); got != test.connect {
				t.Errorf("connected by %q, want %q", got, test.connect)
			}
			if got := s.log(logSession); got != test.session {
				t.Errorf("session set by %q, want %q", got, test.session)
			}
			if v := c.(*Conn).Version(); v != "3.3.7.5" {
				t.Errorf("version %q", v)
			}
		})
	}
}

func TestConnectErrors(t *testing.T) {
	s := newStub(t)
	connect := func(host string, change func(*transport.Settings)) error {
		settings := s.settings()
		change(&settings)
		c, err := NewDialer(settings).Connect(t.Context(), host)
		if err == nil {
			c.Close()
		}
		if _, marked := transport.WasNotSent(err); marked {
			t.Error("a failed connect is marked")
		}
		return err
	}
	wantError(t, connect("", func(o *transport.Settings) { o.User = "wrong" }), driver.ErrAuthentication, 0x357, "Authentication failure")
	wantError(t, connect("", func(o *transport.Settings) { o.Database = "a\x00b" }), driver.ErrInterface, 0, "NUL")
	wantError(t, connect("", func(o *transport.Settings) { o.Timezone = "UTC" }), driver.ErrOperational, 0x118, "no time zone data")

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	wantError(t, connect(listener.Addr().String(), func(*transport.Settings) {}), driver.ErrConnection, 0, "refused")
	s.log(logConnect)
	if s.count(connections) != 0 {
		t.Error("a session is left open")
	}
}

func TestConnectNeedsWhatTheSettingsAskFor(t *testing.T) {
	s := newStub(t, "-DWITHOUT_OPTIONS")
	s.connect(func(o *transport.Settings) { o.App = "a program" }) // for people only
	settings := s.settings()
	settings.Timezone = "Asia/Shanghai"
	_, err := NewDialer(settings).Connect(t.Context(), "")
	wantError(t, err, driver.ErrInterface, 0, "taos_options_connection", "3.3.7.5", "time zone", "taos+ws")
}

func TestConnectEndsWithItsContext(t *testing.T) {
	s := newStub(t)
	settings := s.settings()
	settings.User = "slow" // 300 ms
	var e *driver.Error
	inOneTry(t, func() string {
		ctx, cancel := contextWithTimeout(t, 20*time.Millisecond)
		defer cancel()
		_, err := NewDialer(settings).Connect(ctx, "")
		late := lateness(ctx)
		e = wantError(t, err, driver.ErrTimeout, 0)
		if late > most {
			return late.String()
		}
		return ""
	})
	if !strings.Contains(e.Error(), "deadline") {
		t.Errorf("%v does not tell of the deadline", e)
	}
	// What comes too late is closed, which the end of the test looks for.
	s.eventually("login arrives", func() bool { return s.log(logConnect) != "" })
}
