// Package parse turns the part of TDengine's SQL that the embedded store understands into a syntax
// tree.
//
// It is pure: text in, tree or error out. Errors are *sqlerr.Error with the texts of TDengine
// 3.3.7.5: what does not parse is "syntax error near ..." as the server says it, what TDengine has
// and the store has not is named plainly. As on the server, everything outside quotes is folded to
// lower case, one statement is read and text after its semicolon is ignored.
package parse
