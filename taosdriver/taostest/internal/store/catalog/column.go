package catalog

import (
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// The limits of TDengine that a declaration can break.
const (
	maxVarChar  = 65517
	maxNChar    = 16379
	maxTag      = 16382
	maxName     = 64
	maxColumns  = 4096
	maxTags     = 128
	MaxTableLen = 192
)

// Field resolves a written type: INTEGER and BINARY are other names, lengths and digits are
// checked.
func Field(name string, t parse.TypeName) (block.Field, error) {
	f := block.Field{Name: name}
	switch t.Name {
	case "INTEGER", "INTEGER UNSIGNED":
		t.Name = "INT" + t.Name[len("INTEGER"):]
	}
	var err error
	if f.Type, _, _, err = block.ParseType(t.Name); err != nil || f.Type == block.Null {
		return f, sqlerr.Newf(sqlerr.Syntax, "syntax error near \"%s\"", lower(t.Name))
	}
	switch f.Type {
	case block.VarChar, block.VarBinary, block.Geometry, block.NChar:
		limit := maxVarChar
		if f.Type == block.NChar {
			limit = maxNChar
		}
		if len(t.Args) != 1 || t.Args[0] < 1 || t.Args[0] > limit {
			return f, sqlerr.ErrVarLength
		}
		f.Bytes = int32(t.Args[0])
		return f, nil
	case block.Decimal128:
		if len(t.Args) == 0 || t.Args[0] < 1 || t.Args[0] > block.MaxPrecision {
			return f, sqlerr.Newf(sqlerr.Syntax, "Invalid precision of %s", name)
		}
		f.Precision = uint8(t.Args[0])
		if len(t.Args) == 2 {
			if t.Args[1] < 0 || t.Args[1] > t.Args[0] {
				return f, sqlerr.Newf(sqlerr.Syntax, "Invalid scale of %s", name)
			}
			f.Scale = uint8(t.Args[1])
		}
		f.Type = block.DecimalType(f.Precision)
	case block.JSON:
		f.Bytes = block.JSONBytes
	case block.Blob:
		f.Bytes = block.BlobBytes
	case block.MediumBlob:
		return f, sqlerr.Unsupported("type MEDIUMBLOB")
	}
	if len(t.Args) != 0 && !f.Type.IsDecimal() {
		return f, sqlerr.Newf(sqlerr.Syntax, "syntax error near \"%s\"", lower(t.Name))
	}
	if f.Bytes == 0 {
		f.Bytes = int32(f.Type.Width())
	}
	return f, nil
}

func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 32
		}
	}
	return string(b)
}

// Columns resolves the declared columns and tags of a table and checks what TDengine refuses.
func Columns(defs, tagDefs []parse.ColumnDef) (cols, tags []Column, err error) {
	switch {
	case len(defs)+len(tagDefs) > maxColumns:
		return nil, nil, sqlerr.ErrTooManyColumns
	case len(tagDefs) > maxTags:
		return nil, nil, sqlerr.ErrTagCount
	}
	seen := map[string]bool{}
	resolve := func(defs []parse.ColumnDef) ([]Column, error) {
		var list []Column
		for _, d := range defs {
			c, err := ColumnOf(d)
			if err != nil {
				return nil, err
			}
			if seen[c.Name] {
				return nil, sqlerr.ErrDuplicateColumn
			}
			seen[c.Name] = true
			list = append(list, c)
		}
		return list, nil
	}
	if cols, err = resolve(defs); err != nil {
		return nil, nil, err
	}
	if tags, err = resolve(tagDefs); err != nil {
		return nil, nil, err
	}
	if cols[0].Type != block.Timestamp {
		return nil, nil, sqlerr.ErrFirstColumn
	}
	if len(cols) < 2 {
		return nil, nil, sqlerr.ErrColumnCount
	}
	blobs := 0
	for _, c := range cols {
		switch c.Type {
		case block.JSON:
			return nil, nil, sqlerr.ErrJSONColumn
		case block.Blob:
			blobs++
		}
	}
	if blobs > 1 {
		return nil, nil, sqlerr.New(sqlerr.Syntax, "Only one BLOB column is allowed")
	}
	for _, t := range tags {
		switch {
		case t.Type == block.Blob || t.Type.IsDecimal():
			return nil, nil, sqlerr.Newf(sqlerr.Syntax, "Invalid tag type: %s", t.Type)
		case t.Type == block.JSON && len(tags) > 1:
			return nil, nil, sqlerr.ErrOneJSONTag
		}
	}
	return cols, tags, nil
}

// ColumnOf resolves one declared column.
func ColumnOf(d parse.ColumnDef) (Column, error) {
	if len(d.Name) > maxName {
		return Column{}, sqlerr.Newf(sqlerr.InvalidIdentifier, "Invalid identifier name: %s", d.Name)
	}
	f, err := Field(d.Name, d.Type)
	c := Column{Field: f, Encode: d.Encode, Compress: d.Compress, Level: d.Level}
	if err != nil {
		return c, err
	}
	encode, compress := defaultCodec(f.Type)
	if c.Encode == "" {
		c.Encode = encode
	}
	if c.Compress == "" {
		c.Compress = compress
	}
	if c.Level == "" {
		c.Level = "medium"
	}
	return c, nil
}

// defaultCodec is what DESCRIBE shows of a column declared without ENCODE and COMPRESS.
func defaultCodec(t block.Type) (encode, compress string) {
	switch t {
	case block.Timestamp:
		return "delta-i", "lz4"
	case block.Float, block.Double:
		return "delta-d", "lz4"
	case block.Bool:
		return "bit-packing", "zstd"
	case block.VarChar, block.NChar, block.VarBinary, block.Geometry, block.JSON, block.Blob, block.Decimal64, block.Decimal128:
		return "disabled", "zstd"
	}
	return "simple8b", "lz4"
}
