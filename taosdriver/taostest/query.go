package taostest

import (
	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
)

// queryActions run statements.
func queryActions() map[string]action {
	return map[string]action{
		"query": on("query", serveQuery),
	}
}

type queryArgs struct {
	reqArgs
	SQL string `json:"sql"`
}

func (a queryArgs) tell(r *request) { r.reqID, r.sql = a.ReqID, a.SQL }

// queryMembers are what a reply to a statement says beside its head.
type queryMembers struct {
	ID           uint64 `json:"id"`
	IsUpdate     bool   `json:"is_update"`
	AffectedRows int64  `json:"affected_rows"`
	resultMembers
}

// resultMembers describe the columns of a result. The lists are null for a
// statement without one.
type resultMembers struct {
	Count      int      `json:"fields_count"`
	Names      []string `json:"fields_names"`
	Types      numbers  `json:"fields_types"`
	Lengths    []int32  `json:"fields_lengths"`
	Precision  int      `json:"precision"`
	Precisions numbers  `json:"fields_precisions"`
	Scales     numbers  `json:"fields_scales"`
}

// numbers are small numbers that JSON would make text of if they were bytes.
type numbers []int

// describe returns the description of columns. storage gives the lengths as
// stored, which statements report, in the place of those declared.
func describe(fields []block.Field, unit block.Precision, storage bool) resultMembers {
	m := resultMembers{
		Count: len(fields), Names: []string{}, Types: numbers{}, Lengths: []int32{},
		Precision: int(unit), Precisions: numbers{}, Scales: numbers{},
	}
	for _, f := range fields {
		length := f.Bytes
		if storage {
			length = storedLength(f)
		}
		m.Names = append(m.Names, f.Name)
		m.Types = append(m.Types, int(f.Type))
		m.Lengths = append(m.Lengths, length)
		m.Precisions = append(m.Precisions, int(f.Precision))
		m.Scales = append(m.Scales, int(f.Scale))
	}
	return m
}

// storedLength is the length of a column as fetch and statements report it. It
// differs from the one in a block for JSON and BLOB.
func storedLength(f block.Field) int32 {
	switch f.Type {
	case block.JSON:
		return f.Bytes*4 + 2
	case block.Blob:
		return f.Bytes + 4
	}
	return f.StorageBytes()
}

// serveQuery runs a statement sent as text or in a binary message.
func serveQuery(r *request, a queryArgs) (any, error) {
	out, err := r.sock.session.Load().run(statement{sql: a.SQL, reqID: a.ReqID, action: r.action, kill: r.kill})
	if err != nil {
		return nil, err
	}
	if out.result == nil {
		return queryMembers{IsUpdate: true, AffectedRows: out.affected}, nil
	}
	m := describe(out.result.fields(), out.result.precision(), false)
	return queryMembers{ID: r.sock.addResult(out.result), resultMembers: m}, nil
}

// openBinaryQuery reads a statement from a binary message.
func openBinaryQuery(serve func(*request, queryArgs) (any, error)) func(*request, *frame.Request) (func() (any, error), error) {
	return func(r *request, req *frame.Request) (func() (any, error), error) {
		text, err := req.SQL()
		if err != nil {
			return nil, err
		}
		r.sql = text
		return func() (any, error) { return serve(r, queryArgs{reqArgs{r.reqID}, text}) }, nil
	}
}

type validateMember struct {
	ResultCode int32 `json:"result_code"`
}

// serveValidate parses a statement. What is wrong is in result_code, unmasked.
func serveValidate(r *request, a queryArgs) (any, error) {
	code, _ := codeOf(r.sock.session.Load().validate(a.SQL))
	if code == 0 {
		return validateMember{}, nil
	}
	return validateMember{int32(uint32(0x80000000) | uint32(code))}, nil
}
