//go:build (linux || darwin || windows) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"reflect"
	"unsafe"

	"github.com/ebitengine/purego"
)

// handle is a pointer of the library: a TAOS, TAOS_RES, TAOS_STMT2, tmq_t.
type handle = unsafe.Pointer

// symbols are the functions of libtaos. The tag names the symbol and, behind a
// comma, the feature that needs it; without a feature the library is of no use
// without it. Text goes in with a final zero or is copied by purego, and comes out
// as a copy; *byte is text that may be NULL. Layouts and meanings are those of
// taos.h of TDengine 3.3.7.5.
type symbols struct {
	GetClientInfo func() string                                                       `c:"taos_get_client_info"`
	Init          func() int32                                                        `c:"taos_init,init"`
	Options       func(option int32, value string) int32                              `c:"taos_options"`
	Connect       func(ip *byte, user, password, db string, port uint16) handle       `c:"taos_connect"`
	ConnectTOTP   func(ip *byte, user, password, totp, db string, port uint16) handle `c:"taos_connect_totp,totp_code"`
	ConnectToken  func(ip *byte, token, db string, port uint16) handle                `c:"taos_connect_token,bearer_token"`
	Close         func(taos handle)                                                   `c:"taos_close"`
	Errno         func(res handle) int32                                              `c:"taos_errno"`
	Errstr        func(res handle) string                                             `c:"taos_errstr"`

	SelectDB          func(taos handle, db string) int32                                 `c:"taos_select_db"`
	ResetCurrentDB    func(taos handle)                                                  `c:"taos_reset_current_db"`
	GetCurrentDB      func(taos handle, buffer *byte, size int32, required *int32) int32 `c:"taos_get_current_db"`
	GetServerInfo     func(taos handle) string                                           `c:"taos_get_server_info"`
	OptionsConnection func(taos handle, option int32, value string) int32                `c:"taos_options_connection,options"`
	SetConnMode       func(taos handle, mode, value int32) int32                         `c:"taos_set_conn_mode,bi_mode"`

	Query           func(taos handle, sql string, requestID int64) handle `c:"taos_query_with_reqid"`
	KillQuery       func(taos handle)                                     `c:"taos_kill_query"`
	StopQuery       func(res handle)                                      `c:"taos_stop_query"`
	IsUpdateQuery   func(res handle) bool                                 `c:"taos_is_update_query"`
	AffectedRows    func(res handle) int64                                `c:"taos_affected_rows64"`
	NumFields       func(res handle) int32                                `c:"taos_num_fields"`
	FetchFields     func(res handle) handle                               `c:"taos_fetch_fields_e"`
	ResultPrecision func(res handle) int32                                `c:"taos_result_precision"`
	FetchRawBlock   func(res handle, rows *int32, block *handle) int32    `c:"taos_fetch_raw_block"`
	FreeResult      func(res handle)                                      `c:"taos_free_result"`

	StmtInit       func(taos handle, option *stmtOption) handle              `c:"taos_stmt2_init,stmt2"`
	StmtPrepare    func(stmt handle, sql string, length uintptr) int32       `c:"taos_stmt2_prepare,stmt2"`
	StmtIsInsert   func(stmt handle, insert *int32) int32                    `c:"taos_stmt2_is_insert,stmt2"`
	StmtGetFields  func(stmt handle, count *int32, fields *handle) int32     `c:"taos_stmt2_get_fields,stmt2"`
	StmtFreeFields func(stmt, fields handle)                                 `c:"taos_stmt2_free_fields,stmt2"`
	StmtBind       func(stmt handle, values *bindTables, column int32) int32 `c:"taos_stmt2_bind_param,stmt2"`
	StmtExec       func(stmt handle, affected *int32) int32                  `c:"taos_stmt2_exec,stmt2"`
	StmtResult     func(stmt handle) handle                                  `c:"taos_stmt2_result,stmt2"`
	StmtError      func(stmt handle) string                                  `c:"taos_stmt2_error,stmt2"`
	StmtClose      func(stmt handle) int32                                   `c:"taos_stmt2_close,stmt2"`

	InsertLines func(taos handle, lines *byte, length int32, total *int32, protocol, precision, ttl int32, requestID int64, tableNameKey *byte) handle `c:"taos_schemaless_insert_raw_ttl_with_reqid_tbname_key,schemaless"`

	ConfNew           func() handle                                                           `c:"tmq_conf_new,tmq"`
	ConfSet           func(conf handle, key, value string) int32                              `c:"tmq_conf_set,tmq"`
	ConfDestroy       func(conf handle)                                                       `c:"tmq_conf_destroy,tmq"`
	ListNew           func() handle                                                           `c:"tmq_list_new,tmq"`
	ListAppend        func(list handle, topic string) int32                                   `c:"tmq_list_append,tmq"`
	ListDestroy       func(list handle)                                                       `c:"tmq_list_destroy,tmq"`
	ListGetSize       func(list handle) int32                                                 `c:"tmq_list_get_size,tmq"`
	ListToArray       func(list handle) handle                                                `c:"tmq_list_to_c_array,tmq"`
	ConsumerNew       func(conf handle, message *byte, size int32) handle                     `c:"tmq_consumer_new,tmq"`
	ConsumerClose     func(tmq handle) int32                                                  `c:"tmq_consumer_close,tmq"`
	ConsumerPoll      func(tmq handle, milliseconds int64) handle                             `c:"tmq_consumer_poll,tmq"`
	ConsumerSession   func(tmq handle) handle                                                 `c:"tmq_get_connect,consumer_session"`
	Subscribe         func(tmq, topics handle) int32                                          `c:"tmq_subscribe,tmq"`
	Unsubscribe       func(tmq handle) int32                                                  `c:"tmq_unsubscribe,tmq"`
	Subscription      func(tmq handle, topics *handle) int32                                  `c:"tmq_subscription,tmq"`
	CommitSync        func(tmq, res handle) int32                                             `c:"tmq_commit_sync,tmq"`
	CommitOffset      func(tmq handle, topic string, vgroup int32, offset int64) int32        `c:"tmq_commit_offset_sync,tmq"`
	GetAssignment     func(tmq handle, topic string, assignments *handle, count *int32) int32 `c:"tmq_get_topic_assignment,tmq"`
	FreeAssignment    func(assignments handle)                                                `c:"tmq_free_assignment,tmq"`
	OffsetSeek        func(tmq handle, topic string, vgroup int32, offset int64) int32        `c:"tmq_offset_seek,tmq"`
	Position          func(tmq handle, topic string, vgroup int32) int64                      `c:"tmq_position,tmq"`
	Committed         func(tmq handle, topic string, vgroup int32) int64                      `c:"tmq_committed,tmq"`
	GetResType        func(res handle) int32                                                  `c:"tmq_get_res_type,tmq"`
	GetTopicName      func(res handle) string                                                 `c:"tmq_get_topic_name,tmq"`
	GetDBName         func(res handle) string                                                 `c:"tmq_get_db_name,tmq"`
	GetVGroupID       func(res handle) int32                                                  `c:"tmq_get_vgroup_id,tmq"`
	GetVGroupOffset   func(res handle) int64                                                  `c:"tmq_get_vgroup_offset,tmq"`
	GetRaw            func(res handle, raw *rawMessage) int32                                 `c:"tmq_get_raw,tmq"`
	FreeRaw           func(first, second uintptr)                                             `c:"tmq_free_raw,tmq"` // see freeRaw
	GetJSONMeta       func(res handle) handle                                                 `c:"tmq_get_json_meta,tmq"`
	FreeJSONMeta      func(meta handle)                                                       `c:"tmq_free_json_meta,tmq"`
	ConsumerErrorText func(code int32) string                                                 `c:"tmq_err2str,tmq"`
}

// resolve fills in the functions. It returns the first symbol that is missing of
// each feature; that of the library itself under "".
func (s *symbols) resolve(lookup func(name string) uintptr) (missing map[string]string) {
	missing = make(map[string]string)
	v := reflect.ValueOf(s).Elem()
	for i := range v.NumField() {
		name, feature := tag(v.Type().Field(i))
		address := lookup(name)
		if address != 0 {
			purego.RegisterFunc(v.Field(i).Addr().Interface(), address)
		} else if missing[feature] == "" {
			missing[feature] = name
		}
	}
	return missing
}

func tag(f reflect.StructField) (name, feature string) {
	name = f.Tag.Get("c")
	for i := range name {
		if name[i] == ',' {
			return name[:i], name[i+1:]
		}
	}
	return name, ""
}
