package taostest

import (
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// maxText is the declared length of text whose length the database does not tell.
const maxText = 65517

// maxLength is above every declared length that means one. Databases say their
// largest integer of text without a limit.
const maxLength = 1 << 24

// foreign has the types of other databases by the names that are not TDengine's.
var foreign = map[string]block.Type{
	"BIT": block.Bool, "BOOLEAN": block.Bool,
	"INTEGER": block.BigInt, "INT8": block.BigInt, "INT2": block.SmallInt, "INT4": block.Int, "MEDIUMINT": block.Int,
	"REAL": block.Double, "DOUBLE PRECISION": block.Double, "NUMERIC": block.Double, "FLOAT4": block.Float, "FLOAT8": block.Double,
	"TEXT": block.VarChar, "CHAR": block.VarChar, "CLOB": block.VarChar, "STRING": block.VarChar, "CHARACTER VARYING": block.VarChar,
	"NVARCHAR": block.NChar,
	"DATETIME": block.Timestamp, "DATE": block.Timestamp, "TIMESTAMPTZ": block.Timestamp,
	"BYTEA": block.VarBinary, "BYTES": block.VarBinary,
}

// fieldOf returns the TDengine column for a column of the database, and for a
// TIMESTAMP its unit. It is false if the type must be learned from a value.
func fieldOf(c *sql.ColumnType) (block.Field, block.Precision, bool) {
	f := block.Field{Name: c.Name()}
	name := strings.ToUpper(c.DatabaseTypeName())
	t, precision, scale, err := block.ParseType(name)
	if err != nil {
		base, _, _ := strings.Cut(name, "(")
		known := false
		if t, known = foreign[base]; !known {
			if t, _, _, err = block.ParseType(base); err != nil {
				return f, 0, false
			}
		}
	}
	if t == block.Null {
		return f, 0, false
	}
	f.Type = t
	length, sized := c.Length()
	digits, decimals, decimal := c.DecimalSize()
	switch {
	case t == block.JSON:
		f.Bytes = block.JSONBytes
	case t == block.Blob:
		f.Bytes = block.BlobBytes
	case t.IsDecimal():
		f.Precision, f.Scale = precision, scale
		if decimal && 0 < digits && digits <= block.MaxPrecision {
			f.Precision, f.Scale = uint8(digits), uint8(min(max(decimals, 0), digits))
		}
		f.Type = block.DecimalType(f.Precision)
		f.Bytes = int32(f.Type.Width())
	case t.Variable():
		f.Bytes = maxText
		if t == block.NChar {
			f.Bytes /= 4
		}
		if sized && 0 <= length && length < maxLength {
			f.Bytes = int32(length)
		}
	default:
		f.Bytes = int32(t.Width())
	}
	unit := block.Nano
	if t == block.Timestamp && decimal {
		switch digits {
		case 3:
			unit = block.Milli
		case 6:
			unit = block.Micro
		}
	}
	return f, unit, true
}

// fieldFor returns the column that suits a value, for a database that does not
// tell its types. NULL tells nothing and is taken for text.
func fieldFor(name string, v any) block.Field {
	f := block.Field{Name: name, Type: block.VarChar, Bytes: maxText}
	switch v.(type) {
	case bool:
		f.Type = block.Bool
	case int64:
		f.Type = block.BigInt
	case uint64:
		f.Type = block.UBigInt
	case float32:
		f.Type = block.Float
	case float64:
		f.Type = block.Double
	case time.Time:
		f.Type = block.Timestamp
	case []byte:
		f.Type = block.VarBinary
	}
	if w := f.Type.Width(); w > 0 {
		f.Bytes = int32(w)
	}
	return f
}

// quietNaN is the NaN that other languages make.
var quietNaN = math.Float64frombits(0x7ff8 << 48)

// cell puts the values of one column in a block as they are scanned.
type cell struct{ column *block.ColumnBuilder }

// Scan appends a value. Databases that are free with their types get text that
// is a number or a time converted, and anything put in a column of text.
func (c *cell) Scan(v any) error {
	if f, ok := v.(float64); ok && f != f {
		v = quietNaN // Go's own has another bit set
	}
	err := c.column.Append(v)
	if err == nil {
		return nil
	}
	f := c.column.Field()
	text, ok := v.(string)
	if b, isBytes := v.([]byte); isBytes {
		text, ok = string(b), true
	}
	switch {
	case ok && c.appendText(text):
		return nil
	case !ok && (f.Type == block.VarChar || f.Type == block.NChar):
		if t, isTime := v.(time.Time); isTime {
			return c.column.AppendString(t.Format(time.RFC3339Nano))
		}
		return c.column.AppendString(fmt.Sprint(v))
	}
	return fmt.Errorf("column %q: %w", f.Name, err)
}

// appendText appends text to a column of another type if it can be read as a
// value of that type.
func (c *cell) appendText(text string) bool {
	switch c.column.Field().Type {
	case block.Bool:
		v, err := strconv.ParseBool(text)
		return err == nil && c.column.AppendBool(v) == nil
	case block.Float, block.Double:
		v, err := strconv.ParseFloat(text, 64)
		return err == nil && c.column.AppendFloat64(v) == nil
	case block.Timestamp:
		for _, layout := range []string{time.RFC3339Nano, time.DateTime + ".999999999", time.DateOnly} {
			if t, err := time.Parse(layout, text); err == nil {
				return c.column.Append(t) == nil
			}
		}
		return false
	}
	if v, err := strconv.ParseInt(text, 10, 64); err == nil {
		return c.column.AppendInt64(v) == nil
	}
	v, err := strconv.ParseUint(text, 10, 64)
	return err == nil && c.column.AppendUint64(v) == nil
}
