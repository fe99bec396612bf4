package store

import (
	"database/sql/driver"
	"io"
	"reflect"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/literal"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/query"
)

// rows hands a result to database/sql.
type rows struct {
	*query.Result
	end func()
}

var (
	_ driver.Rows                           = (*rows)(nil)
	_ driver.RowsColumnTypeDatabaseTypeName = (*rows)(nil)
	_ driver.RowsColumnTypeLength           = (*rows)(nil)
	_ driver.RowsColumnTypeNullable         = (*rows)(nil)
	_ driver.RowsColumnTypePrecisionScale   = (*rows)(nil)
	_ driver.RowsColumnTypeScanType         = (*rows)(nil)
)

func (r *rows) Columns() []string {
	names := make([]string, len(r.Fields))
	for i, f := range r.Fields {
		names[i] = f.Name
	}
	return names
}

func (r *rows) Close() error {
	err := r.Result.Close()
	r.end()
	return fault(err)
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

func (r *rows) Next(dest []driver.Value) error {
	row, err := r.Result.Next()
	if err != nil {
		return fault(err)
	}
	for i, v := range row {
		switch x := v.(type) {
		case int64:
			if r.Fields[i].Type == block.Timestamp {
				v = r.Precision.Time(x, nil)
			}
		case *literal.JSON:
			v = []byte(x.Text())
		}
		dest[i] = v
	}
	return nil
}

// ColumnTypeDatabaseTypeName is TDengine's name without parameters: "INT UNSIGNED", "DECIMAL".
func (r *rows) ColumnTypeDatabaseTypeName(i int) string { return r.Fields[i].Type.String() }

// ColumnTypeLength is the declared length: bytes, of NCHAR characters. Types of fixed width have
// none.
func (r *rows) ColumnTypeLength(i int) (int64, bool) {
	f := r.Fields[i]
	return int64(f.Bytes), f.Type.Variable()
}

func (r *rows) ColumnTypeNullable(int) (nullable, ok bool) { return true, true }

// ColumnTypePrecisionScale is that of a DECIMAL; of a TIMESTAMP the precision is the number of
// fractional digits of a second: 3, 6 or 9.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	f := r.Fields[i]
	switch {
	case f.Type.IsDecimal():
		return int64(f.Precision), int64(f.Scale), true
	case f.Type == block.Timestamp:
		return int64(r.Precision.Digits()), 0, true
	}
	return 0, 0, false
}

var scanTypes = map[block.Type]reflect.Type{
	block.Bool: reflect.TypeFor[bool](), block.TinyInt: reflect.TypeFor[int8](), block.SmallInt: reflect.TypeFor[int16](),
	block.Int: reflect.TypeFor[int32](), block.BigInt: reflect.TypeFor[int64](), block.UTinyInt: reflect.TypeFor[uint8](),
	block.USmallInt: reflect.TypeFor[uint16](), block.UInt: reflect.TypeFor[uint32](), block.UBigInt: reflect.TypeFor[uint64](),
	block.Float: reflect.TypeFor[float32](), block.Double: reflect.TypeFor[float64](), block.Timestamp: reflect.TypeFor[time.Time](),
	block.VarChar: reflect.TypeFor[string](), block.NChar: reflect.TypeFor[string](), block.Decimal64: reflect.TypeFor[string](),
	block.Decimal128: reflect.TypeFor[string](),
}

func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	if t, ok := scanTypes[r.Fields[i].Type]; ok {
		return t
	}
	return reflect.TypeFor[[]byte]()
}
