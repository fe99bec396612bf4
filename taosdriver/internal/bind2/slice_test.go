package bind2

import (
	"encoding/binary"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// oneByOne appends the values of a slice one by one, by AppendAny and, where that
// wants a conversion, by AppendValue.
func oneByOne(p Param, c *Column, values any, states []byte, from, to int) error {
	list := reflect.ValueOf(values)
	for i := from; i < to; i++ {
		if states != nil && states[i] != Given {
			c.skip(states[i])
			continue
		}
		v := list.Index(i).Interface()
		ok, err := c.AppendAny(v)
		if !ok {
			switch x := v.(type) { // what a driver makes of it
			case int8:
				v = int64(x)
			case int16:
				v = int64(x)
			case uint8:
				v = uint64(x)
			case uint16:
				v = uint64(x)
			case uint32:
				v = uint64(x)
			case uint:
				v = uint64(x)
			}
			err = p.AppendValue(c, v)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

var fixedTypes = []block.Type{
	block.Bool, block.TinyInt, block.SmallInt, block.Int, block.BigInt, block.UTinyInt, block.USmallInt, block.UInt, block.UBigInt,
	block.Float, block.Double, block.Timestamp, block.VarChar, block.NChar, block.VarBinary, block.Blob,
}

// FuzzAppendSlice: a slice that is taken at once gives the bytes that its values
// give one by one, and is refused if one of them is.
func FuzzAppendSlice(f *testing.F) {
	f.Add([]byte{1, 2, 3, 4, 5, 6, 7, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}, []byte{0, 1}, uint8(0))
	f.Add([]byte{0, 0, 0, 0, 0, 0, 0, 0x80, 200, 0, 0, 0, 0, 0, 0, 0}, []byte{2, 0}, uint8(1))
	f.Fuzz(func(t *testing.T, data, mask []byte, from uint8) {
		n := min(len(data)/8, 50)
		if n == 0 {
			return
		}
		var states []byte
		if len(mask) >= n {
			states = make([]byte, n)
			for i := range states {
				states[i] = mask[i] % 3
			}
		}
		var (
			i8   = make([]int8, n)
			i16  = make([]int16, n)
			i32  = make([]int32, n)
			i64  = make([]int64, n)
			ints = make([]int, n)
			u8   = make([]uint8, n)
			u16  = make([]uint16, n)
			u32  = make([]uint32, n)
			u64  = make([]uint64, n)
			f32  = make([]float32, n)
			f64  = make([]float64, n)
			b    = make([]bool, n)
			at   = make([]time.Time, n)
			text = make([]string, n)
			raw  = make([][]byte, n)
		)
		for i := range n {
			u := binary.LittleEndian.Uint64(data[8*i:])
			i8[i], i16[i], i32[i], i64[i], ints[i] = int8(u), int16(u), int32(u), int64(u), int(u)
			u8[i], u16[i], u32[i], u64[i] = uint8(u), uint16(u), uint32(u), u
			f32[i], f64[i] = math.Float32frombits(uint32(u)), math.Float64frombits(u)
			if f32[i] != f32[i] { // one by one it is a float64 on the way, which quiets a signalling NaN
				f32[i] = float32(math.NaN())
			}
			b[i], at[i] = u&1 != 0, time.UnixMicro(int64(u)>>8)
			text[i], raw[i] = string(data[8*i:8*i+int(u%9)]), data[8*i:8*i+int(u%9)]
			if u%7 == 0 {
				raw[i] = nil
			}
		}
		start := int(from) % n
		for _, typ := range fixedTypes {
			p := Param{Role: ColumnRole, Type: typ, Precision: block.Micro, Bytes: 8}
			for _, values := range []any{i8, i16, i32, i64, ints, u8, u16, u32, u64, f32, f64, b, at, text, raw} {
				got, want := p.Column(), p.Column()
				got.AppendNull()
				want.AppendNull()
				ok, err := AppendSlice(got, values, states, start, n)
				if !ok {
					if err != nil || got.Rows() != 1 {
						t.Errorf("%T to %v: %v, %d rows", values, typ, err, got.Rows())
					}
					continue
				}
				wantErr := oneByOne(p, want, values, states, start, n)
				if (err == nil) != (wantErr == nil) {
					t.Errorf("%T to %v: %v, one by one %v", values, typ, err, wantErr)
				}
				if err != nil {
					if got.Rows() != 1 || got.size() != columnSize+1+int64(len(got.buffer())) && !got.lengths {
						t.Errorf("%T to %v: %d rows after an error", values, typ, got.Rows())
					}
					continue
				}
				if string(got.appendTo(nil)) != string(want.appendTo(nil)) || got.given != want.given {
					t.Errorf("%T to %v: %x, one by one %x", values, typ, got.appendTo(nil), want.appendTo(nil))
				}
			}
		}
	})
}
