// Package dsn is the URL grammar that gaugesql's engines share, and the one
// way to open any of them:
//
//	db, err := dsn.Open("taos+ws://root:taosdata@h1:6041,h2:6041/power?timezone=Asia/Shanghai")
//
// # Grammar
//
//	<driver>[+<protocol>]://[[<user>[:<password>]@]<host>[:<port>][;<opt>=<v>]...[,<host>...]][/<database>][?<p>=<v>[&...]]
//
// The user ends at the first ":" and the hosts begin after the last "@" before
// the first "/" or "?". Every component is percent-decoded on its own, after it
// has been cut out; "+" is a plus and never a space. After the hosts "@" must
// be written %40, so that a password with a raw "/" or "?" is an error and not
// a database.
//
// A host is a name, an IPv4 address, an IPv6 address in brackets (its zone
// after %25), or the path of a Unix socket with its slashes written %2F. Hosts
// may be absent altogether, and a host may be a port alone; the engine knows
// what that means. No host may be named twice.
//
// Names of parameters and host options hold letters, digits, ".", "_" and "-".
// A name without "=" means true, as in TDengine's grammar; one with nothing
// after "=" means empty. A name given twice is an error.
//
// [Parse] takes a DSN apart, [URL.String] puts it together again, and
// [URL.Redacted] is for logs. Errors never show a password, a token, or
// anything else of the DSN but names of parameters and, of parameters that are
// not secret, the short value that was refused.
//
// # For engines
//
// An engine declares its parameters once, as [Keys] of its Config; reading,
// defaults, writing, "did you mean" and the manual's table come from there.
// Options of hosts are Keys too.
//
//	var keys = dsn.NewKeys("parameter",
//		dsn.Duration("read_timeout", func(c *Config) *time.Duration { return &c.ReadTimeout },
//			"longest wait for an answer").Default("5m").Alias("readTimeout"),
//		dsn.Bool("compression", func(c *Config) *bool { return &c.Compression },
//			"compress what is sent and received"),
//	)
//
// It registers its schemes with [Register] and names itself in errors with
// [ForEngine].
package dsn
