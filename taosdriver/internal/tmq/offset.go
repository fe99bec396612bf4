package tmq

import (
	"encoding/binary"
	"fmt"
)

// OffsetType is what an [Offset] counts.
type OffsetType int8

// The types of offsets.
const (
	Log          OffsetType = 1 // versions of the write-ahead log
	SnapshotData OffsetType = 2 // rows of a snapshot
	SnapshotMeta OffsetType = 3 // tables of a snapshot
)

// Offset is a position in a vgroup. On the wire it is a type i8 and what follows.
// Negative types, which stand for "earliest" and the like, have nothing more.
// The high half of others is a version, 1 with keys.
type Offset struct {
	Type OffsetType
	// Version in the log: version i64.
	Version int64
	// UID of a table and Time of a row in a snapshot: uid i64, time i64.
	UID, Time int64
	// Key is the row's second primary key, with its type as encoded; nil before
	// version 1.
	Key []byte
}

const (
	offsetVersion = 1
	varChar       = 8
	nChar         = 10
	varBinary     = 16
)

func (r *reader) offset() (o Offset) {
	b := int8(r.byte())
	version := int8(0)
	o.Type = OffsetType(b)
	if b > 0 {
		version, o.Type = b>>4, OffsetType(b&0x0f)
	}
	switch {
	case b < 0:
	case o.Type == Log:
		o.Version = int64(r.uint64())
	case o.Type == SnapshotData || o.Type == SnapshotMeta:
		o.UID, o.Time = int64(r.uint64()), int64(r.uint64())
		if version < offsetVersion {
			return o
		}
		start := r.rest
		switch r.byte() {
		case varChar, nChar, varBinary:
			r.take(r.uvarint())
		default:
			r.uint64()
		}
		if r.err == nil {
			o.Key = append([]byte(nil), start[:len(start)-len(r.rest)]...)
		}
	default:
		r.fail(fmt.Errorf("unknown offset type %d", b))
	}
	return o
}

func (o *Offset) appendTo(dst []byte) []byte {
	le := binary.LittleEndian
	switch {
	case o.Type == Log:
		return le.AppendUint64(append(dst, offsetVersion<<4|byte(o.Type)), uint64(o.Version))
	case o.Type < 0:
		return append(dst, byte(o.Type))
	}
	t := byte(o.Type)
	if o.Key != nil {
		t |= offsetVersion << 4
	}
	dst = le.AppendUint64(append(dst, t), uint64(o.UID))
	return append(le.AppendUint64(dst, uint64(o.Time)), o.Key...)
}
