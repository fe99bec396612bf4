package ws

import (
	"encoding/json"
	"fmt"
)

// Actions of text messages.
const (
	actionVersion     = "version"
	actionLogin       = "conn"
	actionFreeResult  = "free_result"
	actionCurrentDB   = "get_current_db"
	actionServerInfo  = "get_server_info"
	actionOptions     = "options_connection"
	actionStmtInit    = "stmt2_init"
	actionStmtPrepare = "stmt2_prepare"
	actionStmtExec    = "stmt2_exec"
	actionStmtResult  = "stmt2_result"
	actionStmtClose   = "stmt2_close"
	actionInsert      = "insert"
	optionTimezone    = 1
	biMode            = 0
)

// request is a text message.
type request struct {
	Action string `json:"action"`
	Args   any    `json:"args"`
}

type plainArgs struct {
	ReqID uint64 `json:"req_id"`
}

type loginArgs struct {
	ReqID       uint64 `json:"req_id"`
	User        string `json:"user"`
	Password    string `json:"password"`
	DB          string `json:"db"`
	Mode        *int   `json:"mode,omitempty"`
	TZ          string `json:"tz,omitempty"`
	App         string `json:"app,omitempty"`
	Connector   string `json:"connector,omitempty"`
	TOTPCode    string `json:"totp_code,omitempty"`
	BearerToken string `json:"bearer_token,omitempty"`
}

type resultArgs struct {
	ReqID uint64 `json:"req_id"`
	ID    uint64 `json:"id"`
}

type optionsArgs struct {
	ReqID   uint64   `json:"req_id"`
	Options []option `json:"options"`
}

type option struct {
	Option int    `json:"option"`
	Value  string `json:"value"`
}

type stmtInitArgs struct {
	ReqID               uint64 `json:"req_id"`
	SingleStbInsert     bool   `json:"single_stb_insert"`
	SingleTableBindOnce bool   `json:"single_table_bind_once"`
}

type stmtPrepareArgs struct {
	ReqID     uint64 `json:"req_id"`
	StmtID    uint64 `json:"stmt_id"`
	SQL       string `json:"sql"`
	GetFields bool   `json:"get_fields"`
}

type stmtArgs struct {
	ReqID  uint64 `json:"req_id"`
	StmtID uint64 `json:"stmt_id"`
}

// marshal returns the message of an action. The arguments are structs of this file,
// which always marshal.
func marshal(action string, args any) []byte {
	b, err := json.Marshal(request{action, args})
	if err != nil {
		panic(fmt.Sprintf("ws: arguments of %s: %v", action, err))
	}
	return b
}
