package ws

import (
	"encoding/json"
	"fmt"
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/internal/bind2"
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// reply is a text message from the server: the members of all actions in one.
type reply struct {
	Code    int64  `json:"code"`
	Message string `json:"message"`
	Action  string `json:"action"`
	ReqID   uint64 `json:"req_id"`

	// version, conn
	Version string `json:"version"`
	// get_current_db, get_server_info
	DB   string `json:"db"`
	Info string `json:"info"`

	// query, stmt2_result
	ID           uint64   `json:"id"`
	IsUpdate     bool     `json:"is_update"`
	AffectedRows int64    `json:"affected_rows"`
	FieldsCount  int64    `json:"fields_count"`
	Names        []string `json:"fields_names"`
	Types        []int64  `json:"fields_types"`
	Lengths      []int64  `json:"fields_lengths"`
	Precision    int64    `json:"precision"`
	Precisions   []int64  `json:"fields_precisions"`
	Scales       []int64  `json:"fields_scales"`

	// insert
	TotalRows int64 `json:"total_rows"`

	// stmt2
	StmtID   uint64      `json:"stmt_id"`
	IsInsert bool        `json:"is_insert"`
	Affected int64       `json:"affected"`
	Fields   []stmtField `json:"fields"`

	consumerReply
}

// stmtField is an entry of stmt2_prepare's fields: a placeholder of an INSERT.
type stmtField struct {
	Name      string `json:"name"`
	Type      int64  `json:"field_type"`
	Precision int64  `json:"precision"`
	Scale     int64  `json:"scale"`
	Bytes     int64  `json:"bytes"`
	BindType  int64  `json:"bind_type"`
}

// The bind types of a stmtField.
const (
	bindColumn    = int64(bind2.ColumnRole)
	bindTag       = int64(bind2.TagRole)
	bindTableName = int64(bind2.TableNameRole)
)

func parseReply(message []byte) (*reply, error) {
	r := new(reply)
	if err := json.Unmarshal(message, r); err != nil {
		return nil, fmt.Errorf("malformed reply: %w", err)
	}
	return r, nil
}

// resultFields returns the columns of a result. The lengths of a prepared
// statement's result are storage lengths.
func (r *reply) resultFields(storage bool) ([]block.Field, error) {
	n := len(r.Names)
	if int64(n) != r.FieldsCount || n != len(r.Types) || n != len(r.Lengths) || n == 0 {
		return nil, fmt.Errorf("malformed reply: %d fields with %d names, %d types and %d lengths",
			r.FieldsCount, n, len(r.Types), len(r.Lengths))
	}
	// Servers before 3.3.6 have no decimals and do not send these.
	if len(r.Precisions) != len(r.Scales) || len(r.Precisions) != 0 && len(r.Precisions) != n {
		return nil, fmt.Errorf("malformed reply: %d fields with %d precisions and %d scales", n, len(r.Precisions), len(r.Scales))
	}
	if r.Precision < 0 || r.Precision > int64(block.Nano) {
		return nil, fmt.Errorf("malformed reply: unknown precision %d", r.Precision)
	}
	fields := make([]block.Field, n)
	for i := range fields {
		f := &fields[i]
		f.Name = r.Names[i]
		var err error
		if f.Type, err = fieldType(r.Types[i]); err != nil {
			return nil, err
		}
		f.Bytes = int32(min(max(r.Lengths[i], 0), math.MaxInt32))
		if storage {
			f.Bytes = declaredBytes(f.Type, f.Bytes)
		}
		if f.Type.IsDecimal() && len(r.Precisions) == n {
			p, s := r.Precisions[i], r.Scales[i]
			if p < 0 || p > block.MaxPrecision || s < 0 || s > p {
				return nil, fmt.Errorf("malformed reply: DECIMAL(%d,%d)", p, s)
			}
			f.Precision, f.Scale = uint8(p), uint8(s)
		}
	}
	return fields, nil
}

func fieldType(code int64) (block.Type, error) {
	if code < 0 || code > math.MaxUint8 || !block.Type(code).Valid() {
		return 0, fmt.Errorf("malformed reply: unknown column type %d", code)
	}
	return block.Type(code), nil
}

// declaredBytes is the declared length of a type that is stored in so many bytes.
func declaredBytes(t block.Type, storage int32) int32 {
	switch t {
	case block.VarChar, block.VarBinary, block.Geometry:
		return max(storage-2, 0)
	case block.NChar:
		return max(storage-2, 0) / 4
	case block.JSON:
		return block.JSONBytes
	case block.Blob, block.MediumBlob:
		return block.BlobBytes
	}
	return storage
}
