package taostest

import (
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

type commitArgs struct {
	reqArgs
	MessageID uint64 `json:"message_id"`
}

type messageMember struct {
	MessageID uint64 `json:"message_id"`
}

func serveCommit(_ *consumer, own *store.Consumer, a commitArgs) (any, error) {
	return messageMember{a.MessageID}, own.Commit()
}

type offsetArgs struct {
	reqArgs
	Topic  string `json:"topic"`
	VGroup int32  `json:"vgroup_id"`
	Offset int64  `json:"offset"`
}

type offsetMembers struct {
	Topic  string `json:"topic"`
	VGroup int32  `json:"vgroup_id"`
	Offset int64  `json:"offset"`
}

func serveCommitOffset(_ *consumer, own *store.Consumer, a offsetArgs) (any, error) {
	return offsetMembers{a.Topic, a.VGroup, a.Offset}, own.CommitOffset(a.Topic, a.VGroup, a.Offset)
}

func serveSeek(_ *consumer, own *store.Consumer, a offsetArgs) (any, error) {
	return nil, own.Seek(a.Topic, a.VGroup, a.Offset)
}

type topicArgs struct {
	reqArgs
	Topic string `json:"topic"`
}

type assignmentMember struct {
	VGroup int32 `json:"vgroup_id"`
	Offset int64 `json:"offset"`
	Begin  int64 `json:"begin"`
	End    int64 `json:"end"`
}

type assignmentMembers struct {
	Assignment []assignmentMember `json:"assignment"`
}

func serveAssignment(_ *consumer, own *store.Consumer, a topicArgs) (any, error) {
	list, err := own.Assignment(a.Topic)
	out := assignmentMembers{Assignment: []assignmentMember{}}
	for _, x := range list {
		out.Assignment = append(out.Assignment, assignmentMember{x.VGroup, x.Offset, x.Begin, x.End})
	}
	return out, err
}

type vgroupsArgs struct {
	reqArgs
	VGroups []struct {
		Topic  string `json:"topic"`
		VGroup int32  `json:"vgroup_id"`
	} `json:"topic_vgroup_ids"`
}

// offsets asks for each vgroup.
func (a vgroupsArgs) offsets(of func(string, int32) (int64, error)) ([]int64, error) {
	out := []int64{}
	for _, v := range a.VGroups {
		o, err := of(v.Topic, v.VGroup)
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, nil
}

type committedMember struct {
	Committed []int64 `json:"committed"`
}

func serveCommitted(_ *consumer, own *store.Consumer, a vgroupsArgs) (any, error) {
	offsets, err := a.offsets(own.Committed)
	return committedMember{offsets}, err
}

type positionMember struct {
	Position []int64 `json:"position"`
}

func servePosition(_ *consumer, own *store.Consumer, a vgroupsArgs) (any, error) {
	offsets, err := a.offsets(own.Position)
	return positionMember{offsets}, err
}

type topicsMember struct {
	Topics []string `json:"topics"`
}

// serveTopics does not wait for a poll.
func serveTopics(r *request, _ reqArgs) (any, error) {
	if own := r.sock.consumer.now(); own != nil {
		return topicsMember{own.Topics()}, nil
	}
	return nil, errNoConsumer
}
