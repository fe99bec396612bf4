package rpc

// PrepareRequest prepares a statement under a name (TSPrepareReq). Servers have
// it from 2.0.8 on.
type PrepareRequest struct {
	SessionID int64
	SQL       string
	Name      string
}

func (r *PrepareRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.SQL, must)
	c.text(3, &r.Name, must)
}

// PrepareReply tells the number of parameters (TSPrepareResp).
type PrepareReply struct {
	Status     Status
	Parameters *int32
}

func (r *PrepareReply) fields(c *coder) {
	c.structure(1, &r.Status, must)
	pointer(c, 2, &r.Parameters, int32Element)
}

// ExecutePreparedRequest runs a prepared statement (TSExecutePreparedReq).
type ExecutePreparedRequest struct {
	SessionID int64
	Name      string
	// Parameters are the values: see [AppendParameters].
	Parameters  []byte
	FetchSize   int32
	Timeout     *int64
	StatementID int64
}

func (r *ExecutePreparedRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.Name, must)
	c.binary(3, &r.Parameters, must)
	c.int32(4, &r.FetchSize, may)
	pointer(c, 5, &r.Timeout, int64Element)
	c.int64(6, &r.StatementID, must)
}

// DeallocateRequest forgets a prepared statement (TSDeallocatePreparedReq).
type DeallocateRequest struct {
	SessionID int64
	Name      string
}

func (r *DeallocateRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.Name, must)
}
