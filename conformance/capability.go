package conformance

import "slices"

// Capability is something that a check needs of a target. Most follow from a
// field of Target that is set; the others are declared.
type Capability string

// Capabilities that a target declares.
const (
	// Transactions begin, commit and roll back.
	Transactions Capability = "transactions"
	// LastInsertID is known after an INSERT.
	LastInsertID Capability = "last insert ids"
	// RowsAffected is the true number of rows after INSERT and DELETE.
	RowsAffected Capability = "counts of affected rows"
	// ErrorKinds: errors are *driver.Error of this module with the kinds of its tree.
	ErrorKinds Capability = "error kinds"
	// RequestIDs are taken from the context and shown in errors.
	RequestIDs Capability = "request ids"
	// Streaming: a result is read in portions, not held in memory whole.
	Streaming Capability = "streamed results"
	// NamedArguments: sql.Named is bound by name.
	NamedArguments Capability = "named arguments"
	// BytesAsText: a []byte is an argument of a text column.
	BytesAsText Capability = "bytes as texts"
)

// Capabilities that follow from Target's fields.
const (
	hasDriverName       Capability = "a registered driver"
	hasMalformedDSN     Capability = "malformed DSNs"
	hasUnknownParameter Capability = "a DSN with an unknown parameter"
	hasWrongPassword    Capability = "a DSN with a wrong password"
	hasUnknownDatabase  Capability = "a DSN with an unknown database"
	hasUntrusted        Capability = "a DSN with an untrusted certificate"
	hasAddress          Capability = "DSNs of other addresses"
	hasLocation         Capability = "DSNs with a location"
	hasSecret           Capability = "a secret in the DSN"
	hasExtensions       Capability = "extensions"

	hasColumns    Capability = "tables of several columns"
	hasNames      Capability = "results of the columns asked for alone, by their names"
	hasNull       Capability = "types that can be NULL"
	hasDelete     Capability = "deletes"
	hasSlow       Capability = "slow statements"
	hasSessions   Capability = "session state"
	hasComments   Capability = "comments"
	hasQuoting    Capability = "quoted identifiers"
	hasLongText   Capability = "long texts"
	hasDuplicates Capability = "objects that exist once"
	hasRefusals   Capability = "types that refuse values"

	hasExecuted    Capability = "a server that counts executions"
	hasDropBefore  Capability = "a server that drops connections before executing"
	hasDropAfter   Capability = "a server that drops connections after executing"
	hasLoseReply   Capability = "a server that loses replies"
	hasDelay       Capability = "a server that delays replies"
	hasCutRows     Capability = "a server that drops connections between rows"
	hasStallRows   Capability = "a server that stalls between rows"
	hasRefuseLogin Capability = "a server that refuses logins"
	hasRestart     Capability = "a server that restarts"
	hasStop        Capability = "a server that stops"
	hasOpenResults Capability = "a server that counts open results"
	hasConnections Capability = "a server that counts connections"
	hasRunning     Capability = "a server that tells what is running"
	hasRequestSeen Capability = "a server that tells request ids"
)

func declarable(c Capability) bool {
	return slices.Contains([]Capability{Transactions, LastInsertID, RowsAffected, ErrorKinds,
		RequestIDs, Streaming, NamedArguments, BytesAsText}, c)
}

// aType is the capability of having a type of the sort.
func aType(s Sort) Capability { return Capability("a type of sort " + string(s)) }

// has tells whether the target has the capability.
func (t *Target) has(c Capability) bool {
	d, f, n := &t.Dialect, &t.Faults, &t.DSNs
	switch c {
	case hasDriverName:
		return t.DriverName != "" && t.DSN != ""
	case hasMalformedDSN:
		return len(n.Malformed) > 0
	case hasUnknownParameter:
		return n.UnknownParameter != ""
	case hasWrongPassword:
		return n.WrongPassword != ""
	case hasUnknownDatabase:
		return n.UnknownDatabase != ""
	case hasUntrusted:
		return n.Untrusted != ""
	case hasAddress:
		return n.At != nil
	case hasLocation:
		return n.In != nil
	case hasSecret:
		return n.Secret != ""
	case hasExtensions:
		return len(t.Extensions) > 0
	case hasColumns:
		return !d.OneColumn
	case hasNames:
		return d.Leading == 0
	case hasNull:
		return slices.ContainsFunc(d.Types, func(t Type) bool { return !t.NotNull })
	case hasDelete:
		return d.Delete != nil
	case hasSlow:
		return d.Slow != nil
	case hasSessions:
		return len(d.Sessions) > 0
	case hasComments:
		return len(d.Comments) > 0
	case hasQuoting:
		return d.Quote != nil
	case hasLongText:
		return d.LongText > 0
	case hasDuplicates:
		return d.CreateAgain
	case hasRefusals:
		return slices.ContainsFunc(d.Types, func(t Type) bool { return len(t.Refuses) > 0 })
	case hasExecuted:
		return f.Executed != nil
	case hasDropBefore:
		return f.DropBefore != nil
	case hasDropAfter:
		return f.DropAfter != nil
	case hasLoseReply:
		return f.LoseReply != nil
	case hasDelay:
		return f.Delay != nil
	case hasCutRows:
		return f.CutRows != nil
	case hasStallRows:
		return f.StallRows != nil
	case hasRefuseLogin:
		return f.RefuseLogin != nil
	case hasRestart:
		return f.Restart != nil
	case hasStop:
		return f.Stop != nil
	case hasOpenResults:
		return f.OpenResults != nil
	case hasConnections:
		return f.Connections != nil
	case hasRunning:
		return f.Running != nil
	case hasRequestSeen:
		return f.RequestID != nil
	}
	for _, typ := range d.Types {
		if c == aType(typ.Sort) {
			return true
		}
	}
	for _, name := range t.Extensions {
		if c == offers(name) {
			return true
		}
	}
	return slices.Contains(t.Declared, c)
}
