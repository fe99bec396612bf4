// Package native speaks to TDengine through its C library, libtaos, loaded at
// run time by purego: no cgo, no C compiler, nothing linked. It is the DSN
// "taos://", TDengine's own meaning of a scheme without a protocol.
//
// # The library
//
// [Dialer] loads it with its first connection and never unloads it: libtaos has
// threads of its own. Since TDengine 3.3.6 libtaos is a shim that loads
// libtaosnative or libtaosws; it is told to take the former, and finds it beside
// itself. What is needed of the library is the table of symbols; one that it lacks
// is an error that names the symbol, the library and its version.
//
// # Threads
//
// Every function that may wait runs in a goroutine of its own, locked to its
// thread because libtaos keeps the error of a failed call per thread. The goroutine
// ends when the function returns, which nothing in this process can force: a caller
// whose context has ended does not wait for it, and the connection is not used for
// anything else. A connection is closed once everything that runs on it has
// returned. No function of ours is ever called by the library.
//
// A TAOS may be used by several threads at once, a TAOS_RES, a TAOS_STMT2 or a
// tmq_t by one: here each belongs to one goroutine at a time.
//
// # Where it works
//
// On Linux, macOS and Windows, on amd64 and arm64. Elsewhere, and in programs that
// are built with the tag nonative, the Dialer only says so. On Linux a program that
// can load libraries is linked to the C library of the system, without cgo too;
// -tags nonative keeps it static.
package native
