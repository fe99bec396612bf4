package tmq

// OffsetType is what an [Offset] counts.
type OffsetType int8

// The types of offsets that messages have.
const (
	SnapshotData OffsetType = 1 // of rows of a snapshot
	SnapshotMeta OffsetType = 2 // of tables of a snapshot
	Log          OffsetType = 3 // of the write-ahead log: a version
)

// Offset is a position in a vgroup.
type Offset struct {
	Type OffsetType
	// Version in the log, if Type is Log.
	Version int64
	// UID and Time of a table and a row, if Type is that of a snapshot.
	UID, Time int64
}
