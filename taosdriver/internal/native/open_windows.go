//go:build windows && (amd64 || arm64) && !nonative

package native

import "syscall"

// libraryNames are where taos.dll is looked for: by name in the places of the
// system's loader, then where TDengine's installer puts it.
func libraryNames() []string {
	return []string{"taos.dll", `C:\TDengine\driver\taos.dll`, "taosnative.dll"}
}

func openLibrary(path string) (uintptr, error) {
	library, err := syscall.LoadLibrary(path)
	return uintptr(library), err
}

func lookup(library uintptr, name string) uintptr {
	address, err := syscall.GetProcAddress(syscall.Handle(library), name)
	if err != nil {
		return 0
	}
	return address
}
