package literal

import (
	"encoding/hex"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// toBinary takes bytes as they are and text as bytes, unless it is written \x01ff.
func toBinary(f *block.Field, s source) (any, error) {
	var b []byte
	switch v := s.v.(type) {
	case []byte:
		b = append([]byte{}, v...)
	case string:
		b = []byte(v)
		if digits, ok := strings.CutPrefix(v, `\x`); ok {
			var err error
			if b, err = hex.DecodeString(digits); err != nil {
				return nil, sqlerr.New(sqlerr.InsertSyntax, "Invalid varbinary value")
			}
		}
	default:
		return nil, sqlerr.New(sqlerr.InsertSyntax, "Invalid varbinary value")
	}
	if len(b) > int(f.Bytes) {
		return nil, sqlerr.TooLong(f.Name)
	}
	return b, nil
}

func toGeometry(f *block.Field, s source) (any, error) {
	var b []byte
	switch v := s.v.(type) {
	case []byte:
		if !ValidWKB(v) {
			return nil, bad("invalid geometry data")
		}
		b = append([]byte{}, v...)
	case string:
		var ok bool
		if b, ok = WKB(v); !ok {
			return nil, bad("ParseException: Unknown type: '" + v + "'")
		}
	default:
		return nil, bad("invalid geometry data")
	}
	if len(b) > int(f.Bytes) {
		return nil, sqlerr.TooLong(f.Name)
	}
	return b, nil
}
