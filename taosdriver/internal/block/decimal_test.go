package block

import (
	"math"
	"math/big"
	"strings"
	"testing"
)

func TestDecimalText(t *testing.T) {
	for _, x := range []struct {
		text  string
		scale uint8
		want  string // "" if the same
	}{
		{"0", 0, ""},
		{"-1", 0, ""},
		{"0.00", 2, ""},
		{"0.07", 2, ""},
		{"-0.07", 2, ""},
		{"123.4567", 4, ""},
		{"1", 4, "1.0000"},
		{"+1.5", 1, "1.5"},
		{"-0", 0, "0"},
		{"-0.0", 1, "0.0"},
		{".5", 1, "0.5"},
		{"5.", 1, "5.0"},
		{"1.5000", 1, "1.5"},
		{"000012.5", 1, "12.5"},
		{"9223372036854775807", 0, ""},
		{"-9223372036854775808", 0, ""},
		{"10000000000000000000", 0, ""},
		{"18446744073709551616", 0, ""},
		{"99999999999999999999999999999999999999", 0, ""},
		{"-0.99999999999999999999999999999999999999", 38, ""},
		{"170141183460469231731687303715884105727", 0, ""},
		{"-170141183460469231731687303715884105728", 0, ""},
		{"0.00000000000000000000000000000000000001", 38, ""},
	} {
		d, err := ParseDecimal(x.text, x.scale)
		if err != nil {
			t.Errorf("%s: %v", x.text, err)
			continue
		}
		want := x.want
		if want == "" {
			want = x.text
		}
		if got := string(d.AppendText(nil, x.scale)); got != want {
			t.Errorf("%s became %s, want %s", x.text, got, want)
		}
	}
}

func TestDecimalRefuses(t *testing.T) {
	for text, scale := range map[string]uint8{
		"":      0,
		"-":     0,
		".":     2,
		"+-1":   0,
		"1..2":  2,
		"1e5":   0,
		"NaN":   0,
		" 1":    0,
		"0x10":  0,
		"1.23":  1,
		"0.001": 0,
		"1_000": 0,
		"１":     0,
		"1.2.0": 1,
		"170141183460469231731687303715884105728":  0,
		"-170141183460469231731687303715884105729": 0,
		"340282366920938463463374607431768211456":  0,
		"9999999999999999999999999999999999999999": 0,
		"17014118346046923173168730371588410573":   1,
		"2":                                        38,
	} {
		if d, err := ParseDecimal(text, scale); err == nil {
			t.Errorf("%q with scale %d gives %s", text, scale, d.AppendText(nil, scale))
		}
	}
}

func TestDecimalDigitsAndFits(t *testing.T) {
	for _, x := range []struct {
		text   string
		digits int
		fits64 bool
	}{
		{"0", 1, true},
		{"-9", 1, true},
		{"10", 2, true},
		{"-9223372036854775808", 19, true},
		{"9223372036854775807", 19, true},
		{"9223372036854775808", 19, false},
		{"-9223372036854775809", 19, false},
		{strings.Repeat("9", 38), 38, false},
		{"1" + strings.Repeat("0", 38), 39, false},
		{"-170141183460469231731687303715884105728", 39, false},
	} {
		d, err := ParseDecimal(x.text, 0)
		if err != nil {
			t.Fatal(err)
		}
		if d.Digits() != x.digits || d.Fits(Decimal64) != x.fits64 || !d.Fits(Decimal128) || d.Fits(Double) {
			t.Errorf("%s has %d digits, fits 64 bits: %v", x.text, d.Digits(), d.Fits(Decimal64))
		}
	}
}

// FuzzDecimal compares with math/big.
func FuzzDecimal(f *testing.F) {
	f.Add(int64(0), uint64(0), uint8(0))
	f.Add(int64(-1), uint64(math.MaxUint64), uint8(38))
	f.Add(int64(math.MinInt64), uint64(0), uint8(19))
	f.Add(int64(math.MaxInt64), uint64(math.MaxUint64), uint8(255))
	f.Fuzz(func(t *testing.T, hi int64, lo uint64, scale uint8) {
		d := Decimal{Hi: hi, Lo: lo}
		n := new(big.Int).Lsh(big.NewInt(hi), 64)
		n.Add(n, new(big.Int).SetUint64(lo))
		digits := new(big.Int).Abs(n).String()
		if got := d.Digits(); got != len(digits) {
			t.Fatalf("%v has %d digits", n, got)
		}
		text := string(d.AppendText(nil, scale))
		if pad := int(scale) + 1 - len(digits); pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		want := digits
		if scale > 0 {
			point := len(digits) - int(scale)
			want = digits[:point] + "." + digits[point:]
		}
		if n.Sign() < 0 {
			want = "-" + want
		}
		if text != want {
			t.Fatalf("%v with scale %d is %s, want %s", n, scale, text, want)
		}
		again, err := ParseDecimal(text, scale)
		if err != nil || again != d {
			t.Fatalf("%s became %v, %v", text, again, err)
		}
	})
}

// FuzzParseDecimal: what is accepted is written in one way only.
func FuzzParseDecimal(f *testing.F) {
	f.Add("-123.4500", uint8(2))
	f.Add("1e5", uint8(0))
	f.Fuzz(func(t *testing.T, text string, scale uint8) {
		d, err := ParseDecimal(text, scale)
		if err != nil {
			return
		}
		canonical := string(d.AppendText(nil, scale))
		again, err := ParseDecimal(canonical, scale)
		if err != nil || again != d {
			t.Fatalf("%q became %s and %v, %v", text, canonical, again, err)
		}
		want, ok := new(big.Rat).SetString(text)
		if !ok {
			return // ".": big takes less
		}
		got, _ := new(big.Rat).SetString(canonical)
		if want.Cmp(got) != 0 {
			t.Fatalf("%q became %s", text, canonical)
		}
	})
}
