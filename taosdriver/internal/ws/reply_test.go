package ws

import (
	"math"
	"reflect"
	"testing"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

func TestResultFields(t *testing.T) {
	r, err := parseReply([]byte(`{"code":0,"message":"","action":"query","req_id":18446744073709551615,"timing":1,"id":7,
		"is_update":false,"affected_rows":0,"fields_count":6,"fields_names":["ts","v","n","j","d","b"],
		"fields_types":[9,8,10,15,21,18],"fields_lengths":[8,20,20,4095,8,4194304],"precision":2,
		"fields_precisions":[0,0,0,0,10,0],"fields_scales":[0,0,0,0,4,0]}`))
	if err != nil || r.ReqID != math.MaxUint64 {
		t.Fatal(r, err)
	}
	got, err := r.resultFields(false)
	want := []block.Field{
		{Name: "ts", Type: block.Timestamp, Bytes: 8},
		{Name: "v", Type: block.VarChar, Bytes: 20},
		{Name: "n", Type: block.NChar, Bytes: 20},
		{Name: "j", Type: block.JSON, Bytes: 4095},
		{Name: "d", Type: block.Decimal64, Bytes: 8, Precision: 10, Scale: 4},
		{Name: "b", Type: block.Blob, Bytes: 4194304},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	// A prepared statement's result has storage lengths.
	r.Lengths = []int64{8, 22, 82, 16384, 8, 5}
	if got, err = r.resultFields(true); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
}

// FuzzReply: any text is a reply or an error, and the fields of a reply have
// types that exist.
func FuzzReply(f *testing.F) {
	for _, s := range []string{
		`{"code":0,"message":"","action":"query","req_id":1,"timing":1,"id":1,"is_update":false,"affected_rows":0,"fields_count":1,"fields_names":["a"],"fields_types":[9],"fields_lengths":[8],"precision":0,"fields_precisions":[0],"fields_scales":[0]}`,
		`{"code":0,"message":"","action":"stmt2_prepare","req_id":3,"stmt_id":1,"is_insert":true,"fields":[{"name":"ts","field_type":9,"precision":2,"scale":0,"bytes":8,"bind_type":1}]}`,
		`{"code":65535,"message":"unknown action","action":"","req_id":0,"timing":0}`,
		`{"fields_count":-1,"fields_types":[-1],"req_id":18446744073709551615}`, `null`, `[]`, ``,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, message []byte) {
		r, err := parseReply(message)
		if err != nil {
			return
		}
		for _, storage := range []bool{false, true} {
			fields, err := r.resultFields(storage)
			if err != nil {
				continue
			}
			if int64(len(fields)) != r.FieldsCount || len(fields) == 0 {
				t.Fatalf("%d fields of %d", len(fields), r.FieldsCount)
			}
			for _, f := range fields {
				if !f.Type.Valid() || f.Bytes < 0 || f.Scale > f.Precision {
					t.Fatalf("%+v", f)
				}
			}
		}
		if params, err := parametersOf(r); err == nil {
			for _, p := range params {
				if !p.Type.Valid() || !p.Precision.Valid() {
					t.Fatalf("%+v", p)
				}
			}
		}
	})
}
