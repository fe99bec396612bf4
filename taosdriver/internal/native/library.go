//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// library is libtaos as it was loaded.
type library struct {
	symbols
	path, version, configDir string
	// missing has the first symbol that the library lacks, by feature.
	missing map[string]string
}

// The options of taos_options.
const (
	optionConfigDir = 3
	optionDriver    = 6
)

// loaded are the libraries of this process by the path that was asked for. They
// are never unloaded.
var loaded struct {
	sync.Mutex
	libraries map[string]*library
}

// load returns the library of the path, a file, a folder or "" for the system's.
// Its errors are of kind ErrInterface and worth another try: a library may have
// been installed meanwhile.
func load(o transport.Origin, path, configDir string) (*library, error) {
	loaded.Lock()
	defer loaded.Unlock()
	if l := loaded.libraries[path]; l != nil {
		// libtaos reads its configuration once.
		if configDir != l.configDir && configDir != "" {
			return nil, unusable(o, fmt.Sprintf("config_dir %q comes too late: this process has loaded libtaos with %s",
				configDir, describeDir(l.configDir)), nil)
		}
		return l, nil
	}
	l, err := open(o, path)
	if err != nil {
		return nil, err
	}
	if err := l.start(o, configDir); err != nil {
		return nil, err
	}
	if loaded.libraries == nil {
		loaded.libraries = make(map[string]*library)
	}
	loaded.libraries[path] = l
	return l, nil
}

func describeDir(dir string) string {
	if dir == "" {
		return "the system's configuration"
	}
	return fmt.Sprintf("%q", dir)
}

func unusable(o transport.Origin, message string, cause error) error {
	e := o.Error(driver.ErrInterface, "load libtaos", 0, message, cause)
	e.Hint = hint
	return e
}

// open loads the library and looks its symbols up.
func open(o transport.Origin, path string) (*library, error) {
	names := libraryNames()
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		for i := range names {
			names[i] = filepath.Join(path, filepath.Base(names[i]))
		}
	} else if path != "" {
		names = []string{path}
	}
	var failures []error
	seen := make(map[string]bool)
	for _, name := range names {
		if seen[name] {
			continue
		}
		seen[name] = true
		companion(name)
		handle, err := openLibrary(name)
		if err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", name, err))
			continue
		}
		l := &library{path: name}
		l.missing = l.resolve(func(symbol string) uintptr { return lookup(handle, symbol) })
		return l, l.check(o)
	}
	message := "libtaos, TDengine's client library, is not installed here"
	if path != "" {
		message = "libtaos cannot be loaded from library_path"
	}
	return nil, unusable(o, message, errors.Join(failures...))
}

// companion loads the library that the shim will load by name, if it is beside the
// shim and so perhaps not where the system looks.
func companion(shim string) {
	base := filepath.Base(shim)
	if !filepath.IsAbs(shim) && filepath.Dir(shim) == "." || strings.Contains(base, "taosnative") {
		return
	}
	native := filepath.Join(filepath.Dir(shim), strings.Replace(base, "taos", "taosnative", 1))
	if _, err := os.Stat(native); err == nil {
		openLibrary(native) // the shim says what is wrong with it
	}
}

// check returns an error if the library cannot be used at all.
func (l *library) check(o transport.Origin) error {
	if l.GetClientInfo != nil {
		l.version = l.GetClientInfo()
	}
	if v, ok := transport.ParseVersion(l.version); ok && v.Less(needLibrary) {
		return unusable(o, fmt.Sprintf("%s is too old, version %s or newer is needed", l, needLibrary), nil)
	}
	if symbol := l.missing[""]; symbol != "" {
		return unusable(o, fmt.Sprintf("%s has no %s, version %s or newer is needed", l, symbol, needLibrary), nil)
	}
	return nil
}

func (l *library) String() string {
	if l.version == "" {
		return fmt.Sprintf("the library %s, of unknown version,", l.path)
	}
	return fmt.Sprintf("libtaos %s at %s", l.version, l.path)
}

// require returns an error if the library lacks what a feature needs; what says in
// words what the feature is.
func (l *library) require(o transport.Origin, op, feature, what string) error {
	symbol := l.missing[feature]
	if symbol == "" {
		return nil
	}
	e := o.Error(driver.ErrInterface, op, 0, fmt.Sprintf("%s has no %s, which %s needs", l, symbol, what), nil)
	e.Hint = "install a newer client of TDengine, or use taos+ws, which needs no library"
	return e
}

// start initialises the library, once and for the whole process.
func (l *library) start(o transport.Origin, configDir string) error {
	runtime.LockOSThread() // the reason of a failure is the thread's
	defer runtime.UnlockOSThread()
	// The shim wants to be told first; others would initialise themselves on it.
	if transport.AtLeast(l.version, shimSince) && !strings.Contains(filepath.Base(l.path), "taosnative") {
		l.Options(optionDriver, "native")
	}
	if configDir != "" {
		if info, err := os.Stat(configDir); err != nil || !info.IsDir() {
			return unusable(o, fmt.Sprintf("config_dir %q is not a folder", configDir), err)
		}
		if code := l.Options(optionConfigDir, configDir); code != 0 {
			return unusable(o, fmt.Sprintf("%s refuses config_dir %q: %s", l, configDir, l.Errstr(nil)), nil)
		}
	}
	if l.Init != nil {
		if code := l.Init(); code != 0 {
			return unusable(o, fmt.Sprintf("%s does not start: %s", l, l.Errstr(nil)), nil)
		}
	}
	l.configDir = configDir
	return nil
}
