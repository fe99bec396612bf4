// Package siridriver is a database/sql driver for SiriDB, on SiriDB's own
// protocol. Its name is "siridb":
//
//	db, err := sql.Open("siridb", "siridb://iris:siri@s1:9000;weight=3,s2:9001,b1:9002;backup=true/dbtest")
//
// [ParseDSN] has the DSN, [Config] every setting.
//
// # Queries
//
// Statements are SiriDB's own. The answer to a select is three columns:
//
//	rows, err := db.Query("select * from ? after ?", "cpu.user", time.Now().Add(-time.Hour))
//	// series STRING, time TIMESTAMP, value INTEGER, FLOAT or STRING
//
// or, under [WithWide] or Config.Wide, the time and a column a series. Times are
// time.Time, exact to the nanosecond; under [WithPrecision] or Config.Precision
// integers. The driver converts by itself: what the server does when asked is
// off by up to minutes.
//
// The answer to list is the columns listed, to show name and value, to count
// and to an expression one number, to help one text, to everything else a
// message; Exec gives the number in it as RowsAffected. A statement after timeit
// has a second result set, server and time in seconds.
//
// Arguments take the place of each "?" outside literals, regular expressions and
// comments: strings as names or text, [Group] as the name of a group or tag,
// [Regexp] as a regular expression, time.Time and time.Duration in the
// database's unit.
//
// # Inserts
//
// SiriDB's language has no statement to insert with; the driver has one:
//
//	db.Exec("INSERT INTO cpu (time, value) VALUES (?, ?), (?, ?)", t1, 0.5, t2, 0.7)
//	db.Exec("INSERT INTO points (series, time, value) VALUES (?, ?, ?), (?, ?, ?)", "cpu", t1, 0.5, "mem", t1, 7)
//
// Text that stands for a time is a date and time with or without a zone; now is
// the present; an integer is in the database's unit, or in Config.Precision if
// that is set. Larger amounts go through driver.SeriesInserter, columns by
// series, or driver.Appender, row by row in batches.
//
// All points of an insert are stored or none, up to Config.MaxInsert (40 MiB) and
// 31 MiB of strings in one series; see [InsertError] for what is larger. Everything that the server would refuse,
// cut, or die of is found before anything is sent. What it would convert
// silently, because the first point of a series decides its type, is found with
// Config.CheckTypes.
//
// # Hosts
//
// A [Connector] holds one network connection to each host and spreads requests
// over those that are up, by weight; backups serve while no other does. A host
// that is lost is tried again after 1, 2, 4 seconds and so on, and at once when a
// request finds no other. A request is repeated only if not a byte of it was sent
// or if the server said that nothing was done: on another host if this one cannot
// serve, after a while if a pool has no server. Otherwise the error has
// OutcomeUnknown.
//
// # Beyond SQL
//
// Through driver.With, a connection offers RequestExecer, RequestQueryer,
// ServerInformer, SeriesInserter, AppenderOpener, and this package's
// [ServiceOpener] for databases and service accounts. Transactions are not
// supported.
package siridriver
