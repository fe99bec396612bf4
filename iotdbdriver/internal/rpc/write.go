package rpc

// TabletRequest is a tablet (TSInsertTabletReq): rows of one table or device,
// column by column. How Timestamps and Values are laid out is the business of
// package tablet.
type TabletRequest struct {
	SessionID int64
	// PrefixPath is the name of a table, without its database, or the path of a
	// device.
	PrefixPath   string
	Measurements []string
	Values       []byte
	Timestamps   []byte
	Types        []int32
	// Size is the number of rows.
	Size         int32
	Aligned      *bool
	WriteToTable *bool
	// Categories of the columns, of tables only: 0 tag, 1 field, 2 attribute.
	Categories []int8
	// Compressed and what follows are of later servers; earlier ones misread
	// what they announce.
	Compressed   *bool
	Encodings    []int8
	CompressType *int8
}

func (r *TabletRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.PrefixPath, must)
	c.texts(3, &r.Measurements, must)
	c.binary(4, &r.Values, must)
	c.binary(5, &r.Timestamps, must)
	c.int32s(6, &r.Types, must)
	c.int32(7, &r.Size, must)
	pointer(c, 8, &r.Aligned, booleanElement)
	pointer(c, 9, &r.WriteToTable, booleanElement)
	c.bytes(10, &r.Categories, may)
	pointer(c, 11, &r.Compressed, booleanElement)
	c.bytes(12, &r.Encodings, may)
	pointer(c, 13, &r.CompressType, byteElement)
}

// TabletsRequest are tablets of several devices (TSInsertTabletsReq).
type TabletsRequest struct {
	SessionID    int64
	PrefixPaths  []string
	Measurements [][]string
	Values       [][]byte
	Timestamps   [][]byte
	Types        [][]int32
	Sizes        []int32
	Aligned      *bool
}

func (r *TabletsRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.texts(2, &r.PrefixPaths, must)
	c.textLists(3, &r.Measurements, must)
	c.binaries(4, &r.Values, must)
	c.binaries(5, &r.Timestamps, must)
	c.int32Lists(6, &r.Types, must)
	c.int32s(7, &r.Sizes, must)
	pointer(c, 8, &r.Aligned, booleanElement)
}

// RecordRequest is one row (TSInsertRecordReq).
type RecordRequest struct {
	SessionID    int64
	PrefixPath   string
	Measurements []string
	Values       []byte
	Timestamp    int64
	Aligned      *bool
	WriteToTable *bool
	Categories   []int8
}

func (r *RecordRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.PrefixPath, must)
	c.texts(3, &r.Measurements, must)
	c.binary(4, &r.Values, must)
	c.int64(5, &r.Timestamp, must)
	pointer(c, 6, &r.Aligned, booleanElement)
	pointer(c, 7, &r.WriteToTable, booleanElement)
	c.bytes(8, &r.Categories, may)
}

// RecordsRequest are rows of several devices (TSInsertRecordsReq).
type RecordsRequest struct {
	SessionID    int64
	PrefixPaths  []string
	Measurements [][]string
	Values       [][]byte
	Timestamps   []int64
	Aligned      *bool
}

func (r *RecordsRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.texts(2, &r.PrefixPaths, must)
	c.textLists(3, &r.Measurements, must)
	c.binaries(4, &r.Values, must)
	c.int64s(5, &r.Timestamps, must)
	pointer(c, 6, &r.Aligned, booleanElement)
}

// DeviceRecordsRequest are rows of one device (TSInsertRecordsOfOneDeviceReq).
type DeviceRecordsRequest struct {
	SessionID    int64
	PrefixPath   string
	Measurements [][]string
	Values       [][]byte
	Timestamps   []int64
	Aligned      *bool
}

func (r *DeviceRecordsRequest) fields(c *coder) {
	c.int64(1, &r.SessionID, must)
	c.text(2, &r.PrefixPath, must)
	c.textLists(3, &r.Measurements, must)
	c.binaries(4, &r.Values, must)
	c.int64s(5, &r.Timestamps, must)
	pointer(c, 6, &r.Aligned, booleanElement)
}
