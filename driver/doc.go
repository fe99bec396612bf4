// Package driver is the contract between gaugesql's engines and their users:
// what a connection can do beyond database/sql, the plain data types that this
// takes, and the errors that all engines report alike.
//
// # Extensions
//
// An extension is a small interface. A connection offers those that its engine
// and transport have; [With] finds one behind a [database/sql.Conn] and runs a
// function with it, looking through instrumentation wrappers on the way:
//
//	err := driver.With(conn, func(info driver.ServerInformer) error {
//		i, err := info.ServerInfo(ctx)
//		fmt.Println(i.Engine, i.Version)
//		return err
//	})
//
// An engine without the extension answers with an error of kind
// [ErrNotSupported] that names the engine and the transport.
//
//	interface                       what it does
//	RequestExecer, RequestQueryer   run a statement under a request id (also WithRequestID)
//	ServerInformer                  version, session, current database, parameters
//	SchemalessInserter              line protocol, OpenTSDB telnet and JSON (TDengine)
//	Stmt2Preparer                   columnar binding of many tables (TDengine)
//	ConsumerOpener                  subscriptions, TMQ (TDengine)
//	AppenderOpener                  bulk loading, one interface on every engine
//	TabletInserter                  tablets (IoTDB)
//	SeriesInserter                  points by series (SiriDB)
//	Copier                          COPY in and out (DWS)
//	TwoPhase                        two-phase commit (DWS)
//
// # Errors
//
// Every error of an engine is or wraps an [*Error]. Its kind is one of the
// sentinels of this package, a tree after PEP 249, so that one question has one
// answer on all engines:
//
//	errors.Is(err, driver.ErrOperational) // also true for its children
//	var e *driver.Error
//	errors.As(err, &e) // code, SQLSTATE, host, request id
//
// This package imports nothing but the standard library.
package driver
