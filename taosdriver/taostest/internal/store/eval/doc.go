// Package eval compiles expressions to functions over rows and computes aggregates.
//
// Types follow TDengine 3.3: arithmetic is DOUBLE, a timestamp plus a number is a timestamp, NULL
// in is NULL out, AND and OR have three values, a division by zero is NULL. Values are those of
// package literal.
package eval
