package replay

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"time"
)

// BlockRows is the number of rows in a block, the server's own.
const BlockRows = 4096

// columns of every result: a timestamp in milliseconds, an INT, a DOUBLE and a
// VARCHAR(16).
const (
	fieldNames     = `["ts","current","voltage","location"]`
	fieldTypes     = `[9,4,7,8]`
	fieldLengths   = `[8,4,8,16]`
	columnMeta     = `[["ts","TIMESTAMP",8],["current","INT",4],["voltage","DOUBLE",8],["location","VARCHAR",16]]`
	fieldZeros     = `[0,0,0,0]`
	firstTimestamp = 1700000000000
)

// Row returns the values of row i of a block.
func Row(i int) (ts time.Time, current int64, voltage float64, location string) {
	return time.UnixMilli(firstTimestamp + int64(i)).UTC(), int64(i*7919 - 1_000_000), 219.5 + float64(i)/16, fmt.Sprintf("floor %02d room %02d", i/100%100, i%100)
}

// rawBlock is a block of n rows as the server sends it (taosAdapter 3.3.7.5,
// recorded).
func rawBlock(n int) []byte {
	le := binary.LittleEndian
	var times, ints, doubles, offsets, texts []byte
	for i := range n {
		ts, current, voltage, location := Row(i)
		times = le.AppendUint64(times, uint64(ts.UnixMilli()))
		ints = le.AppendUint32(ints, uint32(current))
		doubles = le.AppendUint64(doubles, math.Float64bits(voltage))
		offsets = le.AppendUint32(offsets, uint32(len(texts)))
		texts = append(le.AppendUint16(texts, uint16(len(location))), location...)
	}
	b := le.AppendUint32(nil, 1) // version
	b = le.AppendUint32(b, 0)    // total length, below
	b = le.AppendUint32(b, uint32(n))
	b = le.AppendUint32(b, 4)
	b = le.AppendUint32(b, 1<<31)
	b = le.AppendUint64(b, 0)
	for _, c := range []struct {
		typ   byte
		bytes uint32
	}{{9, 8}, {4, 4}, {7, 8}, {8, 18}} {
		b = le.AppendUint32(append(b, c.typ), c.bytes)
	}
	for _, data := range [][]byte{times, ints, doubles, texts} {
		b = le.AppendUint32(b, uint32(len(data)))
	}
	bitmap := make([]byte, (n+7)/8)
	for _, part := range [][]byte{bitmap, times, bitmap, ints, bitmap, doubles, offsets, texts, {0}} {
		b = append(b, part...)
	}
	le.PutUint32(b[4:], uint32(len(b)))
	return b
}

// Offsets into the reply to a binary fetch.
const (
	replyReqID  = 26
	replyResult = 42
	replyBlock  = 55
)

// fetchReply is the reply to a binary fetch with a block of n rows; 0 rows end
// the result. Request and result id are filled in by the sender.
func fetchReply(n int) []byte {
	le := binary.LittleEndian
	b := le.AppendUint64(nil, math.MaxUint64)
	b = le.AppendUint64(b, 7)         // action
	b = le.AppendUint16(b, 1)         // version
	b = append(b, make([]byte, 8)...) // timing
	b = append(b, make([]byte, 8)...) // request id
	b = append(b, make([]byte, 8)...) // code, length of the message
	b = append(b, make([]byte, 8)...) // result id
	if n == 0 {
		return append(b, 1)
	}
	block := rawBlock(n)
	b = le.AppendUint32(append(b, 0), uint32(len(block)))
	return append(b, block...)
}

// jsonRows are n rows as /rest/sql sends them, each behind a comma.
func jsonRows(n int) []byte {
	var b []byte
	for i := range n {
		ts, current, voltage, location := Row(i)
		b = append(b, ",[\""...)
		b = ts.AppendFormat(b, "2006-01-02T15:04:05.000Z07:00")
		b = append(b, "\","...)
		b = strconv.AppendInt(b, current, 10)
		b = append(b, ',')
		b = strconv.AppendFloat(b, voltage, 'g', -1, 64)
		b = append(b, ",\""...)
		b = append(b, location...)
		b = append(b, "\"]"...)
	}
	return b
}
