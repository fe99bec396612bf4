package block

import "fmt"

// Field describes a column as the reply to a query does.
type Field struct {
	Name string
	Type Type
	// Bytes is the declared length (fields_lengths, column_meta): bytes of
	// VARCHAR, VARBINARY and GEOMETRY, characters of NCHAR, 4095 of JSON, 4194304
	// of BLOB, the width of all others.
	Bytes int32
	// Precision is the number of digits of a DECIMAL, Scale that of those after
	// the point. 0 for all other types.
	Precision, Scale uint8
}

// The declared lengths of types that are declared without one.
const (
	JSONBytes = 4095
	BlobBytes = 4194304
)

// The lengths of these types in a block's schema.
const (
	jsonStorage = 16384
	blobStorage = 5
)

// TypeName returns the type as column_meta has it: "DECIMAL(20,4)", otherwise
// the same as Type.String.
func (f Field) TypeName() string {
	if f.Type.IsDecimal() && f.Precision != 0 {
		return fmt.Sprintf("%s(%d,%d)", f.Type, f.Precision, f.Scale)
	}
	return f.Type.String()
}

// StorageBytes returns the length that the server stores: with the length
// prefix, NCHAR in 4 bytes a character. stmt2 reports this one.
func (f Field) StorageBytes() int32 {
	switch f.Type {
	case NChar:
		return f.Bytes*4 + 2
	case JSON:
		return jsonStorage
	case Blob, MediumBlob:
		return blobStorage
	case VarChar, VarBinary, Geometry:
		return f.Bytes + 2
	default:
		return int32(f.Type.Width())
	}
}

// schema returns the bytes member of a block's schema: the storage length, and
// of a DECIMAL width<<24 | precision<<8 | scale.
func (f Field) schema() int32 {
	if f.Type.IsDecimal() {
		return int32(f.Type.Width())<<24 | int32(f.Precision)<<8 | int32(f.Scale)
	}
	return f.StorageBytes()
}

// fieldOf is the opposite of schema. Clients that send blocks leave the length
// of variable types 0.
func fieldOf(t Type, schema int32) Field {
	f := Field{Type: t}
	switch t {
	case NChar:
		f.Bytes = max(schema-2, 0) / 4
	case JSON:
		f.Bytes = JSONBytes
	case Blob, MediumBlob:
		f.Bytes = BlobBytes
	case VarChar, VarBinary, Geometry:
		f.Bytes = max(schema-2, 0)
	case Decimal64, Decimal128:
		f.Bytes = int32(t.Width())
		f.Precision, f.Scale = uint8(schema>>8), uint8(schema)
	default:
		f.Bytes = int32(t.Width())
	}
	return f
}
