package conformance

import "time"

// Faults control the server behind a target, so that the suite can see what no
// client sees and cause what seldom happens. Each function is optional. A marker
// is a text that occurs in one statement of the suite and nowhere else, such as
// the name of a table; a fault that is armed strikes once, at the next statement
// that holds its marker.
type Faults struct {
	// Executed returns how many statements with the marker the server has carried
	// out. Preparing one does not count.
	Executed func(marker string) int
	// DropBefore closes the connection when the statement has arrived, before it
	// is carried out.
	DropBefore func(marker string)
	// DropAfter carries the statement out and closes the connection without a reply.
	DropAfter func(marker string)
	// LoseReply carries the statement out, does not reply and keeps the connection.
	LoseReply func(marker string)
	// Delay replies to the statement, prepared or run, that much later.
	Delay func(marker string, d time.Duration)
	// CutRows closes the connection in the midst of the statement's rows. The suite
	// arms it for a large result.
	CutRows func(marker string)
	// StallRows sends some of the statement's rows and then nothing more, until the
	// client gives up. The suite arms it for a large result.
	StallRows func(marker string)
	// RefuseLogin refuses the next logins.
	RefuseLogin func(times int)
	// Logins returns how many logins were tried so far, refused ones included.
	Logins func() int
	// Restart closes all connections; new ones are accepted when it returns.
	Restart func() error
	// Stop makes the server unreachable until Start. They come together.
	Stop, Start func() error
	// OpenResults returns how many results and statements clients hold open.
	OpenResults func() int
	// Connections returns how many clients are connected.
	Connections func() int
	// Running returns how many statements with the marker run at this moment. Set
	// it if a cancelled statement is stopped on the server too.
	Running func(marker string) int
	// RequestID returns the request id that came with the last statement that holds
	// the marker.
	RequestID func(marker string) uint64
}
