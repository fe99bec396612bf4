// Package drivergo drives TDengine's official Go driver, unchanged, against the
// embedded server of taosdriver/taostest. It has nothing but tests. It is a module
// of its own so that the official driver is nobody's dependency.
package drivergo
