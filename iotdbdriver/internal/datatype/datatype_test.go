package datatype

import "testing"

func TestNames(t *testing.T) {
	for n := range 256 {
		typ := Type(n)
		got, ok := Of(typ.String())
		if typ.Column() && (got != typ || !ok) {
			t.Errorf("%d: name %s gives %d, %t", n, typ, got, ok)
		}
		if typ.Column() && (typ.Width() == 0) != typ.Binary() {
			t.Errorf("%s: width %d, binary %t", typ, typ.Width(), typ.Binary())
		}
	}
	if got, ok := Of("double"); got != Double || !ok {
		t.Errorf("double is %s, %t", got, ok)
	}
	for _, name := range []string{"", "VECTOR", "UNKNOWN", "type 99"} {
		if typ, ok := Of(name); ok {
			t.Errorf("%q is %s", name, typ)
		}
	}
}

func TestPhysical(t *testing.T) {
	for typ, want := range map[Type]Type{Date: Int32, Timestamp: Int64, Blob: Text, String: Text, Float: Float, Boolean: Boolean} {
		if got := typ.Physical(); got != want {
			t.Errorf("%s is carried as %s, want %s", typ, got, want)
		}
	}
}
