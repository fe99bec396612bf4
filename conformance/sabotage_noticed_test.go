package conformance_test

// noticed tells for each sabotage all checks that fail, no more and no fewer.
var noticed = map[string][]string{
	"pings are answered from memory": {
		"a ping asks the server",
		"a closed driver connection refuses everything without a panic",
	},
	"pings always fail": {
		"a ping is answered",
		"a ping fails while the server is away",
		"a ping asks the server",
		"rows of a prepared query can be closed early",
		"cancellations leave no goroutines",
		"a statement whose reply is lost is not run again",
		"a statement with arguments whose reply is lost is not run again",
		"a prepared statement whose reply is lost is not run again",
		"a query whose reply is lost is not run again",
		"a statement that was sent is not sent again",
		"a prepared statement that was sent is not sent again",
		"a connection that died idle costs no statement",
		"idle connections that the server closed are replaced",
		"a closed pool refuses everything",
		"statements work under otelsql",
	},
	"a failed connect hides behind ErrBadConn": {
		"a closed port is a connection error",
		"a wrong password is an authentication error",
		"a refused login is not tried again",
		"an unknown database is reported by the first ping",
		"a ping fails while the server is away",
	},
	"a failed login is tried again": {
		"a refused login is not tried again",
	},
	"every failure to connect looks alike": {
		"a closed port is a connection error",
		"a wrong password is an authentication error",
		"a refused login is not tried again",
		"a ping fails while the server is away",
	},
	"connecting ignores its context": {
		"a context that has ended opens no connection",
		"a login ends with its context",
	},
	"a connection ends with the context that it was made under": {
		"closing rows that stall is quick once the context has ended",
		"a context may end while a connection waits in the pool",
		"a statement that is never answered ends with its context, once",
		"a transaction ends with its context, undone",
		"waiting for a row ends with its context",
	},
	"a malformed DSN is accepted": {
		"a malformed DSN is refused before anything is dialled",
		"an unknown DSN parameter is refused by its name",
	},
	"an unknown parameter is refused without its name": {
		"an unknown DSN parameter is refused by its name",
	},
	"an unknown database is ignored": {
		"an unknown database is reported by the first ping",
	},
	"any password will do": {
		"a wrong password is an authentication error",
	},
	"the DSN leads to another driver": {
		"sql.Open with the DSN leads to the same tables as the connector",
	},
	"closing a pool closes the others": {
		"closing a pool leaves another alone",
	},
	"what a borrower changed stays": {
		"what a borrower changed in the session is changed back",
	},
	"a broken connection stays in the pool": {
		"a ping fails while the server is away",
		"a result that is cut off is an error, not an end",
		"a statement whose reply is lost is not run again",
		"a statement with arguments whose reply is lost is not run again",
		"a prepared statement whose reply is lost is not run again",
		"a query whose reply is lost is not run again",
		"a statement that was sent is not sent again",
		"a prepared statement that was sent is not sent again",
		"a connection that died idle costs no statement",
		"what a borrower changed in the session is changed back",
		"idle connections that the server closed are replaced",
		"a broken connection leaves the pool",
		"the pool recovers when the server is back",
		"a closed driver connection refuses everything without a panic",
	},
	"idle connections are not looked at": {
		"a ping fails while the server is away",
		"a statement outlives the connection that it was prepared on",
		"a connection that died idle costs no statement",
		"idle connections that the server closed are replaced",
	},
	"a goroutine stays for each connection": {
		"a closed pool has no goroutines",
	},
	"a goroutine stays for each cancellation": {
		"cancellations leave no goroutines",
	},
	"a goroutine stays for each query": {
		"a closed pool has no goroutines",
		"many statements and results leave goroutines and memory as they were",
	},
	"memory stays for each statement": {
		"many statements and results leave goroutines and memory as they were",
	},
	"a result is read whole": {
		"closing rows that stall is quick once the context has ended",
		"a large result takes little memory at a time",
		"waiting for a row ends with its context",
	},
	"connections are not closed": {
		"a closed driver connection refuses everything without a panic",
		"statements and rows of a closed connection refuse without a panic",
		"a closed pool has no goroutines",
		"a closed pool has no connections",
	},
	"a pool cannot open many connections one after the other": {
		"a pool that keeps no connection works",
	},
	"rows panic once their pool is closed": {
		"closing a pool leaves another alone",
		"a pool is closed while its rows are read",
	},
	"rows panic once their connection is closed": {
		"statements and rows of a closed connection refuse without a panic",
	},
	"connections are not used again": {
		"a context may end after its result was read",
	},
	"ten connections at once are too many": {
		"eighty goroutines share ten connections",
	},
	"transactions begin and do nothing": {
		"a rollback undoes it",
		"a transaction ends with its context, undone",
	},
	"a commit rolls back": {
		"a commit keeps what was written",
	},
	"transactions begin where there are none": {
		"a transaction is refused where there are none",
	},
	"interfaces are missing": {
		"the driver's objects implement the interfaces promised",
	},
	"interfaces are implemented and not promised": {
		"the driver's objects implement the interfaces promised",
	},
	"a plain INSERT without arguments runs twice": {
		"a table is created, filled, read and dropped",
		"a statement runs exactly once",
		"many rows in one statement all arrive",
		"every type keeps its values, written as literals",
		"every type's values are found by a prepared query",
		"JSON stays the same document",
		"values and NULLs of every type keep their rows",
		"a statement whose reply is lost is not run again",
		"a statement that was sent is not sent again",
		"a connection that died idle costs no statement",
	},
	"an INSERT of two columns with arguments runs twice": {
		"a statement with arguments runs exactly once",
		"a statement with arguments whose reply is lost is not run again",
		"a commit keeps what was written",
	},
	"a prepared INSERT runs twice": {
		"a prepared INSERT writes a row each time",
		"a prepared INSERT runs exactly once each time",
		"a wrong number of arguments is refused and the statement still works",
		"a statement works after a value that it cannot take",
		"statements are shared by goroutines",
		"several statements are open on one connection",
		"NULL is an argument like others",
		"a text as argument of a prepared statement stays a text",
		"a placeholder in a literal is text",
		"every form of a Go value is an argument of a prepared statement",
		"every type keeps its values, written by a prepared statement",
		"64-bit integers are exact",
		"unsigned 64-bit integers are exact",
		"floating-point numbers keep every bit",
		"floating-point numbers of 32 bits keep every bit",
		"booleans are true or false",
		"any byte may stand in bytes",
		"text is Unicode",
		"an instant keeps its full precision",
		"an instant is the same in every zone",
		"an instant survives the change to and from summer time",
		"instants before 1970 are kept",
		"a prepared statement whose reply is lost is not run again",
		"a prepared statement that was sent is not sent again",
		"statements work under otelsql",
	},
	"a query runs twice": {
		"a query runs exactly once",
		"an INSERT through Query writes its row",
		"a query whose reply is lost is not run again",
	},
	"statements are tried again when the connection is lost": {
		"a statement whose reply is lost is not run again",
		"a statement with arguments whose reply is lost is not run again",
		"a prepared statement whose reply is lost is not run again",
		"a query whose reply is lost is not run again",
		"a statement that was sent is not sent again",
		"a prepared statement that was sent is not sent again",
	},
	"a statement that timed out is tried again": {
		"a statement that is never answered ends with its context, once",
		"a cancelled statement is not run again",
	},
	"a cancelled statement runs again later": {
		"a statement that is never answered ends with its context, once",
		"a cancelled statement is not run again",
	},
	"rows are counted wrong": {
		"the rows of an INSERT are counted",
		"the rows of a DELETE are counted and gone",
	},
	"a DELETE does nothing": {
		"the rows of a DELETE are counted and gone",
	},
	"the last insert id is always one": {
		"the last insert id is that of the row",
	},
	"a last insert id where there is none": {
		"the last insert id is an error where there is none",
	},
	"a DROP does nothing": {
		"a table is created, filled, read and dropped",
	},
	"an INSERT through Query is not run": {
		"an INSERT through Query writes its row",
	},
	"a query through Exec spoils the connection": {
		"a query through Exec does no harm",
	},
	"an empty statement spoils the connection": {
		"an empty statement leaves the connection usable",
	},
	"what follows a semicolon is dropped": {
		"a second statement in a text runs or is refused, never dropped",
	},
	"a semicolon at the end is refused": {
		"a semicolon at the end is harmless",
	},
	"results are cached": {
		"closing a pool leaves another alone",
		"an empty statement leaves the connection usable",
		"a read sees the writes before it",
		"rows can be closed early and the connection used",
		"long texts keep every byte",
		"a context may end after its result was read",
		"idle connections that the server closed are replaced",
		"a connection works after a statement that failed",
		"a connection works on after an extension was used",
		"statements work under otelsql",
	},
	"the last of many rows is dropped": {
		"many rows in one statement all arrive",
	},
	"more than fifty placeholders are too many": {
		"a hundred placeholders are a hundred arguments",
	},
	"a prepared statement ignores new arguments": {
		"a prepared query runs with other arguments",
		"statements are shared by goroutines",
	},
	"a statement without placeholders is not prepared": {
		"a statement without placeholders can be prepared",
	},
	"an error spoils a prepared statement": {
		"a statement works after a value that it cannot take",
	},
	"a prepared statement takes any number of arguments": {
		"a wrong number of arguments is refused and the statement still works",
	},
	"a prepared statement is spoiled by a wrong number of arguments": {
		"a wrong number of arguments is refused and the statement still works",
	},
	"goroutines share the arguments of a statement": {
		"statements are shared by goroutines",
	},
	"one statement a connection": {
		"a statement without placeholders can be prepared",
		"statements are shared by goroutines",
		"several statements are open on one connection",
		"every type's values are found by a prepared query",
		"a value that its type cannot hold is refused",
		"statements and rows of a closed connection refuse without a panic",
	},
	"a statement works after Close": {
		"a statement is unusable after Close",
	},
	"statements stay open on the server": {
		"a statement is unusable after Close",
		"the server holds no result or statement that is done with",
	},
	"a prepared query cannot be closed early": {
		"a statement without placeholders can be prepared",
		"several statements are open on one connection",
		"rows of a prepared query can be closed early",
		"the server holds no result or statement that is done with",
	},
	"NULL is not bound by prepared statements": {
		"NULL is an argument like others",
		"every form of a Go value is an argument of a prepared statement",
		"NULL is written as nil, nil pointer and sql.Null of every type",
	},
	"statements die with their connection": {
		"a ping fails while the server is away",
		"a statement outlives the connection that it was prepared on",
		"idle connections that the server closed are replaced",
	},
	"a wrong statement is prepared and returns nothing": {
		"a wrong statement is refused when prepared or run",
		"the errors of a prepared statement are those of a plain one",
	},
	"prepared statements lose the kinds of errors": {
		"the errors of a prepared statement are those of a plain one",
	},
	"placeholders in literals are counted": {
		"a placeholder in a literal is text",
	},
	"placeholders in comments are counted": {
		"a placeholder in a comment is a comment",
	},
	"placeholders in identifiers are counted": {
		"a placeholder in a quoted identifier is a name",
	},
	"arguments are pasted without doubling quotes": {
		"a text as argument stays a text, whatever it says",
		"a text in a condition selects its row and no other",
	},
	"backslashes are escapes in prepared arguments": {
		"a text as argument of a prepared statement stays a text",
	},
	"a condition's text is a pattern": {
		"a text in a condition selects its row and no other",
	},
	"surplus and missing arguments are ignored": {
		"a wrong number of arguments is refused and nothing runs",
	},
	"named arguments are bound by their order": {
		"a named argument is refused where there are none",
	},
	"four arguments are bound in another order": {
		"a row of several columns keeps each value in its place",
		"arguments go to the placeholders in their order",
	},
	"the error of a Valuer is NULL": {
		"the error of a Valuer reaches the caller and nothing runs",
	},
	"a value of an unknown type is printed": {
		"the error of a Valuer reaches the caller and nothing runs",
		"a value of an unknown type is refused",
	},
	"lists in conditions are their first value": {
		"sqlx expands lists",
	},
	"colons in texts are taken for names": {
		"sqlx runs named statements",
	},
	"unsigned arguments are refused": {
		"every form of a Go value is an argument",
		"every form of a Go value is an argument of a prepared statement",
	},
	"the eighth row is lost": {
		"a read sees the writes before it",
		"many rows in one statement all arrive",
		"rows come in order, none lost, none twice",
		"a prepared INSERT writes a row each time",
		"a text as argument stays a text, whatever it says",
		"a text as argument of a prepared statement stays a text",
		"a hundred placeholders are a hundred arguments",
		"every form of a Go value is an argument",
		"every form of a Go value is an argument of a prepared statement",
		"64-bit integers are exact",
		"floating-point numbers keep every bit",
		"floating-point numbers of 32 bits keep every bit",
		"text is Unicode",
		"values and NULLs of every type keep their rows",
		"idle connections that the server closed are replaced",
		"what was confirmed is there, whatever the connections go through",
	},
	"a row of a large result is lost": {
		"a large result is complete",
	},
	"a large result ends after five rows": {
		"a large result can be closed early and the connection used",
		"a large result is complete",
		"a result that is cut off is an error, not an end",
		"reading rows ends with its context, and says so",
		"waiting for a row ends with its context",
	},
	"a row comes twice": {
		"a read sees the writes before it",
		"many rows in one statement all arrive",
		"rows come in order, none lost, none twice",
		"a prepared INSERT writes a row each time",
		"a text as argument stays a text, whatever it says",
		"a text as argument of a prepared statement stays a text",
		"a hundred placeholders are a hundred arguments",
		"every form of a Go value is an argument",
		"every form of a Go value is an argument of a prepared statement",
		"64-bit integers are exact",
		"floating-point numbers keep every bit",
		"floating-point numbers of 32 bits keep every bit",
		"text is Unicode",
		"values and NULLs of every type keep their rows",
		"what was confirmed is there, whatever the connections go through",
	},
	"columns change places": {
		"a row of several columns keeps each value in its place",
	},
	"values of columns with the same name are mixed up": {
		"columns of the same name are kept apart",
	},
	"column names are in capitals": {
		"columns have the names of the query",
		"a placeholder in a quoted identifier is a name",
		"sqlx gets and selects into structs",
		"sqlx reads rows into maps and structs",
	},
	"a result without rows has no columns": {
		"a result without rows still has its columns",
		"a result without rows has the same metadata",
	},
	"an empty result has a row": {
		"a query runs exactly once",
		"an INSERT through Query writes its row",
		"a second statement in a text runs or is refused, never dropped",
		"no row is sql.ErrNoRows",
		"a wrong number of arguments is refused and nothing runs",
		"the error of a Valuer reaches the caller and nothing runs",
		"a context that has ended runs nothing",
		"a closed driver connection refuses everything without a panic",
		"a rollback undoes it",
		"a transaction ends with its context, undone",
	},
	"conditions are ignored": {
		"a condition selects its rows",
	},
	"rows closed early keep the connection busy": {
		"rows can be closed early and the connection used",
		"NULL of every type is nil in an any",
		"NULL of every type is a nil pointer",
		"NULL of every type is a sql.Null without a value",
		"NULL of every type is nil bytes",
		"NULL of every type is refused by a variable that cannot hold it",
		"eighty goroutines share ten connections",
		"what a borrower changed in the session is changed back",
		"the server holds no result or statement that is done with",
	},
	"a large result closed early keeps the connection busy": {
		"a large result can be closed early and the connection used",
	},
	"closing rows early is an error": {
		"a query runs exactly once",
		"a second statement in a text runs or is refused, never dropped",
		"no row is sql.ErrNoRows",
		"closing rows twice is harmless",
		"there is no second result set after a single query",
		"a wrong number of arguments is refused and nothing runs",
		"the error of a Valuer reaches the caller and nothing runs",
		"a context that has ended runs nothing",
		"a closed driver connection refuses everything without a panic",
		"a rollback undoes it",
		"a transaction ends with its context, undone",
	},
	"text becomes a number when asked": {
		"a Scan into the wrong number or type is an error and no more",
	},
	"one result at a time": {
		"two results are read side by side",
		"bytes handed out are not another result's",
	},
	"there is always another result set": {
		"there is no second result set after a single query",
	},
	"a result cut off ends as if it were whole": {
		"a result that is cut off is an error, not an end",
	},
	"results stay open on the server": {
		"the server holds no result or statement that is done with",
	},
	"results share a buffer": {
		"bytes handed out are not another result's",
	},
	"type names are wrong": {
		"every type tells its name, length, precision and scale",
	},
	"lengths are wrong": {
		"every type tells its name, length, precision and scale",
	},
	"there are no lengths": {
		"every type tells its name, length, precision and scale",
	},
	"precision and scale are swapped": {
		"every type tells its name, length, precision and scale",
	},
	"nothing can be NULL": {
		"every type tells whether it can be NULL",
	},
	"scan types are wrong": {
		"every type's scan type is the one promised",
	},
	"scan types are too narrow": {
		"every type's scan type is the one promised",
		"every type's values fit its scan type",
	},
	"metadata is that of the first row": {
		"a result without rows has the same metadata",
	},
	"nullable columns cannot be scanned into pointers of their scan type": {
		"a tool that knows nothing reads every row by scan types",
	},
	"NULL becomes zero": {
		"NULL of every type is nil in an any",
		"NULL of every type is a nil pointer",
		"NULL of every type is a sql.Null without a value",
		"NULL of every type is nil bytes",
		"NULL of every type is refused by a variable that cannot hold it",
		"NULL is written as nil, nil pointer and sql.Null of every type",
		"values and NULLs of every type keep their rows",
	},
	"an empty text becomes NULL": {
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"an empty text is not NULL",
	},
	"empty bytes become NULL": {
		"every type keeps its values, written as literals",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"every type's values are found by a prepared query",
		"empty bytes are not NULL",
		"values and NULLs of every type keep their rows",
	},
	"integers pass through floating point": {
		"64-bit integers are exact",
	},
	"unsigned numbers are signed": {
		"every type keeps its values, written as literals",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"every type's values are found by a prepared query",
		"unsigned 64-bit integers are exact",
		"values and NULLs of every type keep their rows",
		"every type's values fit its scan type",
	},
	"floats are printed with six digits": {
		"floating-point numbers keep every bit",
	},
	"floats of 32 bits are widened by way of text": {
		"floating-point numbers of 32 bits keep every bit",
	},
	"NaN becomes NULL": {
		"a number that is none survives or is refused",
	},
	"booleans are all true": {
		"every form of a Go value is an argument",
		"every form of a Go value is an argument of a prepared statement",
		"every type keeps its values, written as literals",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"every type's values are found by a prepared query",
		"booleans are true or false",
		"values and NULLs of every type keep their rows",
	},
	"decimals pass through floating point": {
		"every type keeps its values, written as literals",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"every type's values are found by a prepared query",
		"decimals keep every digit",
		"values and NULLs of every type keep their rows",
	},
	"bytes end at the first zero": {
		"bytes passed belong to the caller",
		"bytes handed out are not another result's",
		"every type keeps its values, written as literals",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"every type's values are found by a prepared query",
		"any byte may stand in bytes",
		"values and NULLs of every type keep their rows",
	},
	"a text ends at the first zero byte": {
		"a text with a zero byte survives or is refused, never cut",
	},
	"JSON loses its nulls": {
		"every type keeps its values, written as literals",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"every type's values are found by a prepared query",
		"JSON stays the same document",
		"values and NULLs of every type keep their rows",
	},
	"text is of three bytes a letter": {
		"a text as argument stays a text, whatever it says",
		"a text as argument of a prepared statement stays a text",
		"text is Unicode",
	},
	"long texts are cut": {
		"long texts keep every byte",
	},
	"values too long or large are cut": {
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"a value that its type cannot hold is refused",
		"unsigned 64-bit integers are exact",
		"a value that does not fit is a data error",
	},
	"literals of texts lose their last letter": {
		"every type keeps its values, written as literals",
		"every type's values are found by a prepared query",
		"values and NULLs of every type keep their rows",
	},
	"bytes passed are changed": {
		"bytes passed belong to the caller",
		"bytes handed out are not another result's",
	},
	"bytes as text are refused": {
		"bytes are an argument of a text",
	},
	"nil pointers become zero": {
		"NULL is written as nil, nil pointer and sql.Null of every type",
	},
	"fractions of a second beyond milliseconds are dropped": {
		"every form of a Go value is an argument",
		"every form of a Go value is an argument of a prepared statement",
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"an instant keeps its full precision",
		"an instant is the same in every zone",
		"times come out in UTC unless asked otherwise",
		"times come out in the location asked for",
		"times written through a pool with a location are the same instants",
		"an instant in a condition selects its row",
	},
	"the zone of an argument is ignored": {
		"an instant is the same in every zone",
		"an instant survives the change to and from summer time",
		"times come out in UTC unless asked otherwise",
		"an instant in a condition selects its row",
	},
	"the hour that comes twice comes once": {
		"an instant survives the change to and from summer time",
	},
	"time begins in 1970": {
		"every type keeps its values, written as arguments",
		"every type keeps its values, written by a prepared statement",
		"instants before 1970 are kept",
	},
	"times come out in the zone of this machine's neighbour": {
		"times come out in UTC unless asked otherwise",
		"times come out in the location asked for",
	},
	"times come out eight hours off": {
		"times come out in the location asked for",
	},
	"times written under a location are shifted": {
		"times written through a pool with a location are the same instants",
	},
	"statements ignore their context": {
		"a statement ends with its context",
		"a deadline ends a query as a cancellation does",
		"the pool works at once after a cancellation",
		"cancellations leave no goroutines",
	},
	"queries ignore their context": {
		"a query ends with its context before the first row",
	},
	"writes ignore their context": {
		"a context that has ended runs nothing",
		"a write whose reply is late ends with its context",
		"a statement that is never answered ends with its context, once",
	},
	"preparing ignores its context": {
		"preparing ends with its context",
	},
	"a context that has ended is not looked at": {
		"a context that has ended runs nothing",
	},
	"reading rows ignores its context": {
		"waiting for a row ends with its context",
	},
	"the context's error is hidden": {
		"a context that has ended runs nothing",
		"a statement ends with its context",
		"a write whose reply is late ends with its context",
		"a deadline ends a query as a cancellation does",
		"a statement that is never answered ends with its context, once",
	},
	"a deadline is a cancellation": {
		"a deadline ends a query as a cancellation does",
	},
	"a cancellation takes its time to clean up": {
		"the pool works at once after a cancellation",
		"cancellations leave no goroutines",
	},
	"a late reply is the next query's": {
		"a late reply is not taken for the next query's",
	},
	"a connection is lost with the context of its last statement": {
		"a context may end after its result was read",
	},
	"a cancelled statement runs on at the server": {
		"a cancelled statement is stopped on the server",
	},
	"confirmed writes are not there": {
		"what was confirmed is there, whatever the connections go through",
	},
	"mistakes in statements are operational errors": {
		"a mistake in a statement is a programming error",
		"an error is of its kind, of the kinds above, and of no other",
		"the errors of a prepared statement are those of a plain one",
	},
	"an unknown column is no error": {
		"a mistake in a statement is a programming error",
		"a connection works after a statement that failed",
	},
	"creating what exists is no error": {
		"an object that exists already is an integrity or programming error",
	},
	"errors have no code": {
		"an error tells engine, kind and code",
	},
	"errors name no engine": {
		"an error tells engine, kind and code",
	},
	"data errors are internal errors": {
		"a value that does not fit is a data error",
	},
	"the outcome is not said to be unknown": {
		"a statement whose reply is lost is not run again",
		"a statement with arguments whose reply is lost is not run again",
		"a prepared statement whose reply is lost is not run again",
		"a query whose reply is lost is not run again",
		"a statement that was sent is not sent again",
		"a prepared statement that was sent is not sent again",
	},
	"an error spoils the connection": {
		"a wrong statement is refused when prepared or run",
		"a connection works after a statement that failed",
	},
	"errors show the password": {
		"no error shows a secret",
	},
	"request ids are not in errors": {
		"a request id of the context is in the error",
		"generated request ids differ",
	},
	"request ids are not sent": {
		"a request id of the context reaches the server",
	},
	"request ids given to extensions are ignored": {
		"a statement runs under the request id given to the extension",
		"a query runs under the request id given to the extension",
	},
	"the server's information is made up": {
		"the server's information is true",
	},
	"an appender loses its last row": {
		"an appender loads rows",
		"closing an appender writes what it holds",
		"an appender refuses a row of the wrong length",
	},
	"an extension is declared and missing": {
		"every extension declared is found",
		"a connection works on after an extension was used",
		"extensions are found under otelsql",
	},
	"an extension is there and not declared": {
		"every other extension is refused by the engine's name",
	},
}
