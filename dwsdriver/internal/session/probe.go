package session

import (
	"context"
	"encoding/binary"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// probe asks for a value of each type that is read in the binary format, and
// binaryProbes are what PostgreSQL sends. GaussDB's kernels do not all send the
// same.
const probe = `SELECT version(), CAST(1234567890123456789 AS int8), CAST(-2 AS int4), CAST(-3 AS int2), CAST(4000000000 AS oid),` +
	` CAST(0.1 AS float8), CAST(-0.5 AS float4), CAST('2001-02-03 04:05:06.789' AS timestamp),` +
	` CAST('1999-02-03 04:05:06.789+00' AS timestamp with time zone), CAST('1999-12-31' AS date), decode('00ff41', 'hex')`

var binaryProbes = []struct {
	typ  wire.OID
	want string
}{
	{wire.TextType, ""},
	{wire.Int8, "\x11\x22\x10\xf4\x7d\xe9\x81\x15"},
	{wire.Int4, "\xff\xff\xff\xfe"},
	{wire.Int2, "\xff\xfd"},
	{wire.ObjectID, "\xee\x6b\x28\x00"},
	{wire.Float8, "\x3f\xb9\x99\x99\x99\x99\x99\x9a"},
	{wire.Float4, "\xbf\x00\x00\x00"},
	{wire.Timestamp, "\x00\x00\x1f\x5d\xef\x46\x6a\x88"},
	{wire.TimestampTZ, "\xff\xff\xe5\xec\xb9\x47\x4a\x88"},
	{wire.Date, "\xff\xff\xff\xff"},
	{wire.Bytea, "\x00\xff\x41"},
}

// Probe asks the server for its version, as version() gives it, and which types it
// sends in PostgreSQL's binary format. A server that refuses the question sends
// none so.
func (s *Session) Probe(ctx context.Context) (version string, types []wire.OID, err error) {
	if err := s.begin(ctx); err != nil {
		return "", nil, err
	}
	formats := make([]wire.Format, len(binaryProbes))
	for i := 1; i < len(formats); i++ {
		formats[i] = wire.Binary
	}
	defer func() { s.out = s.out[:0] }()
	s.out = wire.AppendParse(s.out[:0], "", probe)
	s.out = wire.AppendDescribe(s.out, wire.OfStatement, "")
	if s.out, err = wire.AppendBind(s.out, "", &wire.Arguments{}, formats); err != nil {
		return "", nil, err
	}
	s.out = wire.AppendSync(wire.AppendExecute(s.out))
	if err := s.send(ctx); err != nil {
		return "", nil, err
	}
	r := reply{extended: true}
	for {
		t, body, err := s.next()
		if err != nil {
			return "", nil, err
		}
		if t == wire.DataRow {
			version, types = readProbe(r.columns, body)
			continue
		}
		over, err := s.take(&r, t, body)
		if err != nil {
			return "", nil, err
		}
		if over {
			break
		}
	}
	if ctx.Err() != nil && !s.Alive() {
		return "", nil, canceled(ctx, false)
	}
	if r.err != nil {
		return "", nil, s.because(ctx, r.err)
	}
	return version, types, nil
}

// readProbe reads the row of the probe. Whatever is not as expected proves
// nothing.
func readProbe(columns []wire.Column, row []byte) (version string, types []wire.OID) {
	if len(row) < 2 {
		return "", nil
	}
	row = row[2:]
	for i, p := range binaryProbes {
		if len(row) < 4 || i >= len(columns) {
			return version, types
		}
		n := int32(binary.BigEndian.Uint32(row))
		row = row[4:]
		if n < 0 {
			continue
		}
		if int(n) > len(row) {
			return version, types
		}
		cell := string(row[:n])
		row = row[n:]
		switch {
		case i == 0:
			version = cell
		case columns[i].Type == p.typ && cell == p.want:
			types = append(types, p.typ)
		}
	}
	return version, types
}
