package wire

// Type is the first byte of a message. The same letter means one thing from the
// server and another from the client.
type Type byte

// Messages of the server.
const (
	Authentication           Type = 'R'
	BackendKeyData           Type = 'K'
	BindComplete             Type = '2'
	CloseComplete            Type = '3'
	CommandComplete          Type = 'C'
	CopyBothResponse         Type = 'W'
	CopyInResponse           Type = 'G'
	CopyOutResponse          Type = 'H'
	DataRow                  Type = 'D'
	EmptyQueryResponse       Type = 'I'
	ErrorResponse            Type = 'E'
	FunctionCallResponse     Type = 'V'
	NegotiateProtocolVersion Type = 'v'
	NoData                   Type = 'n'
	NoticeResponse           Type = 'N'
	NotificationResponse     Type = 'A'
	ParameterDescription     Type = 't'
	ParameterStatus          Type = 'S'
	ParseComplete            Type = '1'
	PortalSuspended          Type = 's'
	ReadyForQuery            Type = 'Z'
	RowDescription           Type = 'T'
)

// Messages of the client.
const (
	Bind      Type = 'B'
	Close     Type = 'C'
	CopyFail  Type = 'f'
	Describe  Type = 'D'
	Execute   Type = 'E'
	Flush     Type = 'H'
	Parse     Type = 'P'
	Password  Type = 'p' // also of SASL and GSS
	Query     Type = 'Q'
	Sync      Type = 'S'
	Terminate Type = 'X'
)

// Messages of both.
const (
	CopyData Type = 'd'
	CopyDone Type = 'c'
)

// The numbers at the place of a protocol version in a client's first message.
const (
	Protocol30  = 3 << 16
	Protocol350 = 3<<16 | 50
	// Protocol351 is the newest of GaussDB, of which the server accepts this one
	// and the others here and no more. PostgreSQL answers that it has 3.0 alone.
	Protocol351   = 3<<16 | 51
	CancelCode    = 80877102
	SSLCode       = 80877103
	GSSCode       = 80877104
	StopCode      = 80877105 // GaussDB's own: ends what runs and keeps the session
	maxStartup    = 10000    // the longest first message that a server reads
	minFirst      = 8
	minTypedBytes = 4
)
