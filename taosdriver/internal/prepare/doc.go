// Package prepare tells what has to be known of a statement's text before the
// server prepares it: what a prepared statement does otherwise than its text, or
// what of it would end the server. It is pure and shared by the transports.
package prepare
