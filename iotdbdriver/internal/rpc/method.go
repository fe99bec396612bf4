package rpc

// The calls, with their arguments and results.
const (
	OpenSession        = "openSession"        // OpenSessionRequest, OpenSessionReply
	CloseSession       = "closeSession"       // CloseSessionRequest, Status
	RequestStatementID = "requestStatementId" // SessionArgument, NumberResult
	GetTimeZone        = "getTimeZone"        // SessionArgument, TimeZoneReply
	SetTimeZone        = "setTimeZone"        // SetTimeZoneRequest, Status
	GetProperties      = "getProperties"      // NoArguments, Properties
	TestConnection     = "testConnectionEmptyRPC"

	// StatementRequest, StatementReply. The server treats the three alike.
	ExecuteStatement = "executeStatementV2"
	ExecuteQuery     = "executeQueryStatementV2"
	ExecuteUpdate    = "executeUpdateStatementV2"

	ExecuteBatch    = "executeBatchStatement" // BatchRequest, Status
	FetchResults    = "fetchResultsV2"        // FetchRequest, FetchReply
	CloseOperation  = "closeOperation"        // CloseOperationRequest, Status
	CancelOperation = "cancelOperation"       // CancelOperationRequest, Status

	PrepareStatement    = "prepareStatement"            // PrepareRequest, PrepareReply
	ExecutePrepared     = "executePreparedStatement"    // ExecutePreparedRequest, StatementReply
	DeallocateStatement = "deallocatePreparedStatement" // DeallocateRequest, Status

	InsertTablet             = "insertTablet"             // TabletRequest, Status
	InsertTablets            = "insertTablets"            // TabletsRequest, Status
	InsertRecord             = "insertRecord"             // RecordRequest, Status
	InsertRecords            = "insertRecords"            // RecordsRequest, Status
	InsertRecordsOfOneDevice = "insertRecordsOfOneDevice" // DeviceRecordsRequest, Status
)
