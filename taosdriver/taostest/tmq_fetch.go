package taostest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/frame"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

// withMessage makes a server of a function that reads the last message. other is
// the error for another message's id.
func withMessage(other string, serve func(*request, *consumer, commitArgs) (any, error)) func(*request, commitArgs) (any, error) {
	return func(r *request, a commitArgs) (any, error) {
		r.messageID = &a.MessageID
		c := &r.sock.consumer
		if c.now() == nil {
			return nil, errNoConsumer
		}
		c.message.Lock()
		defer c.message.Unlock()
		switch {
		case c.last == nil:
			return nil, &codeError{adapterCode, "message has been freed"}
		case a.MessageID != c.id:
			return nil, &codeError{adapterCode, other}
		}
		return serve(r, c, a)
	}
}

var errNotData = &codeError{adapterCode, "message type is not data"}

// serveFetchMessage sends the message in its raw form.
func serveFetchMessage(r *request, c *consumer, a commitArgs) (any, error) {
	reply, err := c.raw(a.MessageID)
	if err != nil {
		return nil, err
	}
	reply.ReqID, reply.Timing = r.reqID, uint64(time.Since(r.began))
	return binaryReply(reply.AppendTo(nil)), nil
}

func serveFetchOldRaw(r *request, c *consumer, a commitArgs) (any, error) {
	reply, err := c.raw(a.MessageID)
	if err != nil {
		return nil, err
	}
	reply.ReqID, reply.Timing = r.reqID, uint64(time.Since(r.began))
	return binaryReply(reply.AppendOldTo(nil)), nil
}

// metaKind is the kind of metadata alone; the real server's tells the request that
// made the change, and the raw message is that.
const metaKind = 515

func (c *consumer) raw(id uint64) (frame.RawReply, error) {
	if len(c.last.Tables) == 0 {
		return frame.RawReply{MessageID: id, Kind: metaKind, Raw: c.last.Meta}, nil
	}
	kind, raw, err := rawOf(c.last)
	return frame.RawReply{MessageID: id, Kind: uint16(kind), Raw: raw}, err
}

type metaMembers struct {
	MessageID uint64          `json:"message_id"`
	Data      json.RawMessage `json:"data"`
}

func serveFetchMeta(_ *request, c *consumer, a commitArgs) (any, error) {
	if c.last.Meta == nil {
		return nil, &codeError{adapterCode, fmt.Sprintf("message type can not get meta, type: %d", messageData)}
	}
	return metaMembers{a.MessageID, c.last.Meta}, nil
}

type consumerFetchMembers struct {
	MessageID uint64   `json:"message_id"`
	Completed bool     `json:"completed"`
	TableName string   `json:"table_name"`
	Rows      int      `json:"rows"`
	Count     int      `json:"fields_count"`
	Names     []string `json:"fields_names"`
	Types     numbers  `json:"fields_types"`
	Lengths   []int32  `json:"fields_lengths"`
	Precision int      `json:"precision"`
}

// serveConsumerFetch announces the next table of the message.
func serveConsumerFetch(r *request, c *consumer, a commitArgs) (any, error) {
	if len(c.last.Tables) == 0 {
		return nil, errNotData
	}
	out := consumerFetchMembers{MessageID: a.MessageID}
	if c.block == len(c.last.Tables) {
		out.Completed = true
		return out, nil
	}
	t := &c.last.Tables[c.block]
	c.block++
	m := describe(t.Fields, c.last.Precision, false)
	out.Rows, out.Count, out.Names, out.Types, out.Lengths, out.Precision = t.Rows, m.Count, m.Names, m.Types, m.Lengths, m.Precision
	if c.last.WithNames {
		out.TableName = t.Name
	}
	le := binary.LittleEndian
	c.pending = le.AppendUint64(nil, uint64(time.Since(r.began)))
	c.pending = le.AppendUint64(c.pending, r.reqID)
	c.pending = le.AppendUint64(c.pending, a.MessageID)
	c.pending = append(c.pending, t.Block...)
	return out, nil
}

// serveConsumerBlock sends the table that fetch announced, under that request's id.
func serveConsumerBlock(_ *request, c *consumer, _ commitArgs) (any, error) {
	switch {
	case len(c.last.Tables) == 0:
		return nil, errNotData
	case len(c.pending) == 0:
		return nil, &codeError{adapterCode, "no fetch data"}
	}
	return binaryReply(c.pending), nil
}

// now is the consumer of the socket, also while a poll runs.
func (c *consumer) now() *store.Consumer {
	c.polls.mu.Lock()
	defer c.polls.mu.Unlock()
	if !c.polls.open {
		return nil
	}
	return c.own
}

// messageError is the reply to fetch_raw_data that went wrong.
func (r *request) messageError(err error) []byte {
	code, text := codeOf(err)
	reply := frame.RawReply{MessageID: *r.messageID}
	reply.ReqID, reply.Timing, reply.Code, reply.Message = r.reqID, uint64(time.Since(r.began)), uint32(code), text
	return reply.AppendTo(nil)
}

// rawOf encodes a message with rows.
func rawOf(m *store.Message) (tmq.Kind, []byte, error) {
	raw := tmq.Raw{
		Kind:      tmq.Data,
		Begin:     tmq.Offset{Type: tmq.Log, Version: m.Begin},
		Next:      tmq.Offset{Type: tmq.Log, Version: m.Next},
		WithNames: m.WithNames, WithSchemas: true,
	}
	if m.Meta != nil {
		raw.Kind, raw.Created = tmq.DataMeta, m.Created
	}
	for _, t := range m.Tables {
		table := tmq.RawTable{Schema: tmq.AppendSchema(nil, 0, t.Columns), Rows: int64(t.Rows), Precision: m.Precision, Block: t.Block}
		if m.WithNames {
			table.Name = []byte(t.Name)
		}
		raw.Tables = append(raw.Tables, table)
	}
	data, err := raw.AppendTo(nil)
	return raw.Kind, data, err
}
