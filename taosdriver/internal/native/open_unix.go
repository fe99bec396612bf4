//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"runtime"

	"github.com/ebitengine/purego"
)

// libraryNames are where libtaos is looked for: by name in the places of the
// system's loader, then where TDengine's packages put it.
func libraryNames() []string {
	if runtime.GOOS == "darwin" {
		return []string{"libtaos.dylib", "/usr/local/lib/libtaos.dylib", "libtaosnative.dylib"}
	}
	return []string{"libtaos.so", "/usr/lib/libtaos.so", "/usr/local/taos/driver/libtaos.so", "libtaosnative.so"}
}

func openLibrary(path string) (uintptr, error) {
	return purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
}

func lookup(library uintptr, name string) uintptr {
	address, err := purego.Dlsym(library, name)
	if err != nil {
		return 0
	}
	return address
}
