package ws

import "encoding/json"

// Actions of the subscription endpoint.
const (
	actionSubscribe    = "subscribe"
	actionUnsubscribe  = "unsubscribe"
	actionTopics       = "list_topics"
	actionPoll         = "poll"
	actionFetchMessage = "fetch_raw_data"
	actionFetchMeta    = "fetch_json_meta"
	actionCommit       = "commit"
	actionCommitOffset = "commit_offset"
	actionAssignment   = "assignment"
	actionSeek         = "seek"
	actionCommitted    = "committed"
	actionPosition     = "position"
)

// The types of messages in replies to poll.
const (
	messageData     = 1
	messageMeta     = 2
	messageDataMeta = 3
)

// subscribeArgs has a name of its own for the properties that servers before
// 3.3.6 know; others go into Config.
type subscribeArgs struct {
	ReqID    uint64 `json:"req_id"`
	User     string `json:"user"`
	Password string `json:"password"`
	DB       string `json:"db,omitempty"`
	Group    string `json:"group_id"`
	Client   string `json:"client_id,omitempty"`
	// OffsetRest is how servers spelled OffsetReset at first.
	OffsetRest      string            `json:"offset_rest,omitempty"`
	OffsetReset     string            `json:"offset_reset,omitempty"`
	Topics          []string          `json:"topics"`
	AutoCommit      string            `json:"auto_commit"`
	Snapshot        string            `json:"snapshot_enable,omitempty"`
	TableName       string            `json:"with_table_name,omitempty"`
	BatchMeta       string            `json:"enable_batch_meta,omitempty"`
	Excluded        string            `json:"msg_consume_excluded,omitempty"`
	SessionTimeout  string            `json:"session_timeout_ms,omitempty"`
	MaxPollInterval string            `json:"max_poll_interval_ms,omitempty"`
	TZ              string            `json:"tz,omitempty"`
	App             string            `json:"app,omitempty"`
	Connector       string            `json:"connector,omitempty"`
	Config          map[string]string `json:"config,omitempty"`
}

// ownNames are the properties with a member of their own in subscribeArgs.
var ownNames = map[string]bool{
	"experimental.snapshot.enable": true,
	"msg.with.table.name":          true,
	"msg.enable.batchmeta":         true,
	"msg.consume.excluded":         true,
	"session.timeout.ms":           true,
	"max.poll.interval.ms":         true,
}

// named tells the properties with a member of their own from the others.
func named(properties map[string]string) (own, others map[string]string) {
	own, others = make(map[string]string), make(map[string]string)
	for key, value := range properties {
		if ownNames[key] {
			own[key] = value
		} else {
			others[key] = value
		}
	}
	return own, others
}

type pollArgs struct {
	ReqID uint64 `json:"req_id"`
	// BlockingTime is in milliseconds.
	BlockingTime int64 `json:"blocking_time"`
	// MessageID of the last message received: if it is not the server's last one,
	// the server repeats that (3.3.6).
	MessageID uint64 `json:"message_id"`
}

type messageArgs struct {
	ReqID     uint64 `json:"req_id"`
	MessageID uint64 `json:"message_id"`
}

type topicArgs struct {
	ReqID uint64 `json:"req_id"`
	Topic string `json:"topic"`
}

type offsetArgs struct {
	ReqID  uint64 `json:"req_id"`
	Topic  string `json:"topic"`
	VGroup int32  `json:"vgroup_id"`
	Offset int64  `json:"offset"`
}

type vgroupsArgs struct {
	ReqID   uint64     `json:"req_id"`
	VGroups []vgroupOf `json:"topic_vgroup_ids"`
}

type vgroupOf struct {
	Topic  string `json:"topic"`
	VGroup int32  `json:"vgroup_id"`
}

// consumerReply are the members of replies of the subscription endpoint.
type consumerReply struct {
	// poll
	HaveMessage bool   `json:"have_message"`
	Topic       string `json:"topic"`
	Database    string `json:"database"`
	VGroup      int32  `json:"vgroup_id"`
	MessageType int32  `json:"message_type"`
	MessageID   uint64 `json:"message_id"`
	Offset      int64  `json:"offset"`

	// fetch_json_meta
	Data json.RawMessage `json:"data"`
	// list_topics
	Topics []string `json:"topics"`
	// assignment
	Assignment []assignmentReply `json:"assignment"`
	Committed  []int64           `json:"committed"`
	Position   []int64           `json:"position"`
}

type assignmentReply struct {
	VGroup int32 `json:"vgroup_id"`
	Offset int64 `json:"offset"`
	Begin  int64 `json:"begin"`
	End    int64 `json:"end"`
}
