//go:build !((linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative)

package native

func setFolder(string) {}
