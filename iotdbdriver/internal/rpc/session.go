package rpc

// ProtocolV3 is the version of the service that servers of today demand.
const ProtocolV3 = 2

// OpenSessionRequest is a login (TSOpenSessionReq).
type OpenSessionRequest struct {
	// ClientProtocol is [ProtocolV3].
	ClientProtocol int32
	// ZoneID is an IANA name or an offset such as "+08:00".
	ZoneID   string
	Username string
	Password string
	// Configuration has the keys "sql_dialect" (table or tree), "version", and "db".
	Configuration map[string]string
}

func (r *OpenSessionRequest) fields(c *coder) {
	c.int32(1, &r.ClientProtocol, must)
	c.text(2, &r.ZoneID, must)
	c.text(3, &r.Username, must)
	c.text(4, &r.Password, may)
	c.textMap(5, &r.Configuration)
}

// OpenSessionReply is the answer to a login (TSOpenSessionResp). The call
// succeeds with a wrong password too: look at Status.
type OpenSessionReply struct {
	Status         Status
	ServerProtocol int32
	// SessionID is nil or -1 if the login was refused.
	SessionID *int64
	// Configuration has the key "timestamp_precision": ms, us or ns.
	Configuration map[string]string
}

func (r *OpenSessionReply) fields(c *coder) {
	c.structure(1, &r.Status, must)
	c.int32(2, &r.ServerProtocol, must)
	pointer(c, 3, &r.SessionID, int64Element)
	c.textMap(4, &r.Configuration)
}

// CloseSessionRequest ends a session (TSCloseSessionReq).
type CloseSessionRequest struct{ SessionID int64 }

func (r *CloseSessionRequest) fields(c *coder) { c.int64(1, &r.SessionID, must) }

// TimeZoneReply is the zone of a session (TSGetTimeZoneResp).
type TimeZoneReply struct {
	Status   Status
	TimeZone string
}

func (r *TimeZoneReply) fields(c *coder) {
	c.structure(1, &r.Status, must)
	c.text(2, &r.TimeZone, must)
}

// SetTimeZoneRequest sets it (TSSetTimeZoneReq).
type SetTimeZoneRequest struct {
	SessionID int64
	TimeZone  string
}

func (r *SetTimeZoneRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.TimeZone, must)
}

// Properties describe the server (ServerProperties). They need no login.
type Properties struct {
	Version string
	// Aggregations are the names of the aggregation functions over time.
	Aggregations []string
	// TimestampPrecision is ms, us or ns.
	TimestampPrecision string
	MaxClients         int32
	// MaxFrame is the largest frame that the server reads; nil if it does not tell.
	MaxFrame  *int32
	ReadOnly  *bool
	BuildInfo string
	Logo      string
}

func (r *Properties) fields(c *coder) {
	c.text(1, &r.Version, must)
	c.texts(2, &r.Aggregations, must)
	c.text(3, &r.TimestampPrecision, must)
	c.int32(4, &r.MaxClients, may)
	pointer(c, 5, &r.MaxFrame, int32Element)
	pointer(c, 6, &r.ReadOnly, booleanElement)
	c.text(7, &r.BuildInfo, may)
	c.text(8, &r.Logo, may)
}
