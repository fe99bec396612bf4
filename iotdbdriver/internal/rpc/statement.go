package rpc

// StatementRequest is a statement (TSExecuteStatementReq).
type StatementRequest struct {
	SessionID   int64
	Statement   string
	StatementID int64
	// FetchSize is about how many rows a page has. 0 leaves it to the server.
	FetchSize int32
	// Timeout in milliseconds covers the life of a query, pauses of the client
	// included. nil and 0 mean the server's query_timeout_threshold.
	Timeout             *int64
	EnableRedirectQuery *bool
	JDBCQuery           *bool
}

func (r *StatementRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.Statement, must)
	c.int64(3, &r.StatementID, must)
	c.int32(4, &r.FetchSize, may)
	pointer(c, 5, &r.Timeout, int64Element)
	pointer(c, 6, &r.EnableRedirectQuery, booleanElement)
	pointer(c, 7, &r.JDBCQuery, booleanElement)
}

// StatementReply is the answer to a statement (TSExecuteStatementResp): a status
// alone, or the first page of a result.
type StatementReply struct {
	Status Status
	// QueryID is nil if the statement has no result.
	QueryID *int64
	// Columns are the names of the result's columns, DataTypes their types.
	Columns       []string
	OperationType string
	// IgnoreTimestamp is true if the time column of the blocks is none of the
	// result. nil means false.
	IgnoreTimestamp *bool
	DataTypes       []string
	// ColumnIndex gives the block column of a name. It drops duplicates.
	ColumnIndex map[string]int32
	// QueryResult are the blocks of the first page.
	QueryResult [][]byte
	// MoreData is true if there are further pages.
	MoreData *bool
	// Database is the one that a USE selected.
	Database   *string
	TableModel *bool
	// BlockColumns gives the block column of each result column. Servers before
	// 2.0 send none.
	BlockColumns []int32
}

func (r *StatementReply) fields(c *coder) {
	c.structure(1, &r.Status, must)
	pointer(c, 2, &r.QueryID, int64Element)
	c.texts(3, &r.Columns, may)
	c.text(4, &r.OperationType, may)
	pointer(c, 5, &r.IgnoreTimestamp, booleanElement)
	c.texts(6, &r.DataTypes, may)
	c.int32Map(9, &r.ColumnIndex)
	c.binaries(13, &r.QueryResult, may)
	pointer(c, 14, &r.MoreData, booleanElement)
	pointer(c, 15, &r.Database, stringElement)
	pointer(c, 16, &r.TableModel, booleanElement)
	c.int32s(17, &r.BlockColumns, may)
}

// BatchRequest are several statements (TSExecuteBatchStatementReq).
type BatchRequest struct {
	SessionID  int64
	Statements []string
}

func (r *BatchRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.texts(2, &r.Statements, must)
}

// FetchRequest asks for the next page (TSFetchResultsReq).
type FetchRequest struct {
	SessionID int64
	Statement string // may be empty
	FetchSize int32
	QueryID   int64
	// Align is true.
	Align       bool
	Timeout     *int64
	StatementID *int64
}

func (r *FetchRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.Statement, must)
	c.int32(3, &r.FetchSize, must)
	c.int64(4, &r.QueryID, must)
	c.boolean(5, &r.Align, must)
	pointer(c, 6, &r.Timeout, int64Element)
	pointer(c, 7, &r.StatementID, int64Element)
}

// FetchReply is a page (TSFetchResultsResp).
type FetchReply struct {
	Status Status
	// HasResultSet is false, with a status of 200, if the server does not know the
	// query or has no more of it.
	HasResultSet bool
	Align        bool
	QueryResult  [][]byte
	MoreData     *bool
}

func (r *FetchReply) fields(c *coder) {
	c.structure(1, &r.Status, must)
	c.boolean(2, &r.HasResultSet, must)
	c.boolean(3, &r.Align, must)
	c.binaries(6, &r.QueryResult, may)
	pointer(c, 7, &r.MoreData, booleanElement)
}

// CloseOperationRequest closes a result or, without QueryID, a statement id
// (TSCloseOperationReq).
type CloseOperationRequest struct {
	SessionID    int64
	QueryID      *int64
	StatementID  *int64
	PreparedName *string
}

func (r *CloseOperationRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	pointer(c, 2, &r.QueryID, int64Element)
	pointer(c, 3, &r.StatementID, int64Element)
	pointer(c, 4, &r.PreparedName, stringElement)
}

// CancelOperationRequest would cancel a query (TSCancelOperationReq); servers
// answer that they cannot.
type CancelOperationRequest struct {
	SessionID int64
	QueryID   int64
}

func (r *CancelOperationRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.int64(2, &r.QueryID, must)
}
