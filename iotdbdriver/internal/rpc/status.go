package rpc

// Status is what the server says of a request (TSStatus).
type Status struct {
	// Code is one of the server's numbers, 200 for success.
	Code    int32
	Message string
	// SubStatus has a status for each part of a request of several: statements of
	// a batch, rows of a tablet that were redirected.
	SubStatus []Status
	// RedirectNode is where the same would have been done without a detour.
	RedirectNode *Endpoint
	// NeedRetry is the server's opinion; nil where it has none.
	NeedRetry *bool
}

func (s *Status) fields(c *coder) {
	c.int32(1, &s.Code, must)
	c.text(2, &s.Message, may)
	structures(c, 3, &s.SubStatus)
	optional(c, 4, &s.RedirectNode)
	pointer(c, 5, &s.NeedRetry, booleanElement)
}

// Endpoint is a node's address for clients (TEndPoint).
type Endpoint struct {
	IP   string
	Port int32
}

func (e *Endpoint) fields(c *coder) {
	c.text(1, &e.IP, must)
	c.int32(2, &e.Port, must)
}
