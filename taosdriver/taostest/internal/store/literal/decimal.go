package literal

import (
	"math/big"
	"strings"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// maxDecimalText bounds the text of a number read as a DECIMAL, exponent included.
const maxDecimalText = 128

func toDecimal(f *block.Field, s source) (any, error) {
	switch s.v.(type) {
	case int64, uint64, float64, hugeInteger, string, []byte:
	default:
		return nil, bad("invalid decimal data")
	}
	text := strings.TrimSpace(s.text)
	if len(text) > maxDecimalText || strings.ContainsAny(text, "/_xXpPbBoO") {
		return nil, bad("invalid decimal data")
	}
	if i := strings.IndexAny(text, "eE"); i >= 0 && len(text)-i > 5 {
		return nil, bad("invalid decimal data")
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, bad("invalid decimal data")
	}
	out := r.FloatString(int(f.Scale)) // rounds half away from zero, as TDengine does
	d, err := block.ParseDecimal(out, f.Scale)
	if err != nil || d.Digits() > int(f.Precision) {
		return nil, bad("decimal data overflow")
	}
	return string(d.AppendText(nil, f.Scale)), nil
}

// CompareDecimals orders two decimal texts by their numbers. Text that is no number sorts first.
func CompareDecimals(a, b string) int {
	x, _ := new(big.Rat).SetString(a)
	y, _ := new(big.Rat).SetString(b)
	if x == nil || y == nil {
		return strings.Compare(a, b)
	}
	return x.Cmp(y)
}
