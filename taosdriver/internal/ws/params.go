package ws

import (
	"fmt"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// parametersOf returns the placeholders of an INSERT, nil if it has none or they
// were not asked for.
func parametersOf(r *reply) ([]bind2.Param, error) {
	if len(r.Fields) == 0 {
		return nil, nil
	}
	params := make([]bind2.Param, len(r.Fields))
	for i, f := range r.Fields {
		t, err := fieldType(f.Type)
		if err != nil {
			return nil, err
		}
		params[i] = bind2.Param{Name: f.Name, Type: t, Role: bind2.Role(f.BindType), Bytes: f.Bytes}
		switch f.BindType {
		case bindColumn, bindTag, bindTableName:
		default:
			return nil, fmt.Errorf("unknown bind type %d", f.BindType)
		}
		if t.IsDecimal() && 0 < f.Precision && f.Precision <= block.MaxPrecision && 0 <= f.Scale && f.Scale <= f.Precision {
			params[i].Digits, params[i].Scale = uint8(f.Precision), uint8(f.Scale)
		}
		if t == block.Timestamp {
			if f.Precision < 0 || f.Precision > int64(block.Nano) {
				return nil, fmt.Errorf("unknown precision %d", f.Precision)
			}
			params[i].Precision = block.Precision(f.Precision)
		}
	}
	return params, nil
}
