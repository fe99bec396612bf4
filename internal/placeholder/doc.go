// Package placeholder finds the placeholders of a statement and writes
// arguments in their place. It knows what is text, identifier, regular
// expression or comment in each engine's language and so takes no "?" there for
// a placeholder.
//
// It is lexical only and takes every string: what the server would refuse is
// left for the server to refuse. A text that is not closed reaches to the end
// of the statement, so that nothing after it is a placeholder.
package placeholder
