//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"errors"
	"runtime"
	"unsafe"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// The structures of taos.h, as 64-bit systems lay them out.

// columnField is TAOS_FIELD_E.
type columnField struct {
	name             [65]byte
	typ              uint8
	precision, scale uint8
	bytes            int32
}

// placeholderField is TAOS_FIELD_ALL.
type placeholderField struct {
	columnField
	role uint8
}

// stmtOption is TAOS_STMT2_OPTION.
type stmtOption struct {
	requestID           int64
	singleSuperTable    bool
	singleTableBindOnce bool
	_, _                handle // callback and its argument; NULL: it waits
}

// bindColumn is TAOS_STMT2_BIND.
type bindColumn struct {
	typ    int32
	buffer handle
	length handle
	isNull handle
	rows   int32
}

// bindTables is TAOS_STMT2_BINDV.
type bindTables struct {
	count   int32
	names   handle // char **
	tags    handle // TAOS_STMT2_BIND **
	columns handle // TAOS_STMT2_BIND **
}

// rawMessage is tmq_raw_data.
type rawMessage struct {
	data   handle
	length uint32
	kind   uint16
}

// freeRaw hands the structure over by value. 16 bytes travel in two registers, but
// for Windows on amd64, where they are a pointer to a copy.
func (l *library) freeRaw(raw *rawMessage) {
	if runtime.GOOS == "windows" && runtime.GOARCH == "amd64" {
		l.FreeRaw(uintptr(unsafe.Pointer(raw)), 0)
	} else {
		l.FreeRaw(uintptr(raw.data), uintptr(raw.length)|uintptr(raw.kind)<<32)
	}
	runtime.KeepAlive(raw)
}

// vgroupAssignment is tmq_topic_assignment.
type vgroupAssignment struct {
	vgroup             int32
	offset, begin, end int64
}

// maxColumns bounds what the library may say; the server's own limit is 4096, and a
// SELECT may name a column several times.
const maxColumns = 1 << 16

var (
	errFields    = errors.New("malformed description of columns")
	errPrecision = errors.New("unknown precision of timestamps")
)

// declaredBytes is the declared length of a type that is stored in so many bytes.
func declaredBytes(t block.Type, storage int32) int32 {
	switch t {
	case block.VarChar, block.VarBinary, block.Geometry:
		return max(storage-2, 0)
	case block.NChar:
		return max(storage-2, 0) / 4
	case block.JSON:
		return block.JSONBytes
	case block.Blob, block.MediumBlob:
		return block.BlobBytes
	}
	return storage
}
