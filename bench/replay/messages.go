package replay

import "fmt"

// queryReply answers a query.
func queryReply(action string, reqID, id uint64) []byte {
	return reply(action, reqID, fmt.Sprintf(
		`,"id":%d,"is_update":false,"affected_rows":0,"fields_count":4,"fields_names":%s,"fields_types":%s,"fields_lengths":%s,"precision":0,"fields_precisions":%s,"fields_scales":%[5]s`,
		id, fieldNames, fieldTypes, fieldLengths, fieldZeros))
}

// plainReply answers what needs no more than a code 0.
func plainReply(action string, reqID uint64) []byte {
	return reply(action, reqID, `,"version":"3.3.7.5"`)
}

func reply(action string, reqID uint64, more string) []byte {
	return fmt.Appendf(nil, `{"code":0,"message":"","action":%q,"req_id":%d,"timing":1%s}`, action, reqID, more)
}

// textRequest is a message in JSON.
type textRequest struct {
	Action string
	Args   struct {
		ReqID uint64 `json:"req_id"`
		ID    uint64
		SQL   string
	}
}
