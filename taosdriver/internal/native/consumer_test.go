//go:build (linux || darwin) && (amd64 || arm64) && !android && !ios && !nonative

package native

import (
	"compress/gzip"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver/internal/tmq"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// consume returns a consumer, with changes to its settings.
func (s *stub) consume(changes ...func(*transport.Settings)) *Consumer {
	s.t.Helper()
	settings := s.settings()
	for _, change := range changes {
		change(&settings)
	}
	c, err := NewDialer(settings).Consume(s.t.Context(), "", &transport.ConsumerSettings{Group: "g", OffsetReset: "earliest"})
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close(context.Background()) })
	return c.(*Consumer)
}

func TestConsumerConfiguration(t *testing.T) {
	s := newStub(t)
	settings := s.settings()
	settings.Timezone = "Asia/Tokyo"
	c, err := NewDialer(settings).Consume(t.Context(), "", &transport.ConsumerSettings{
		Group: "g", Client: "c", OffsetReset: "latest", Properties: map[string]string{"session.timeout.ms": "6000"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := s.log(logTMQ), "auto.offset.reset=latest;client.id=c;enable.auto.commit=false;group.id=g;"+
		"session.timeout.ms=6000;td.connect.pass=taosdata;td.connect.user=root;"; got != want {
		t.Errorf("configured by\n%s\nwant\n%s", got, want)
	}
	if got := s.log(logSession); got != "1=Asia/Tokyo;" {
		t.Errorf("session %q", got)
	}
	if !c.Alive() || c.Close(t.Context()) != nil || c.Close(t.Context()) != nil || c.Alive() {
		t.Error("not closed")
	}
	_, err = c.Topics(t.Context())
	wantError(t, err, driver.ErrConsumer, 0, "closed")
}

func TestConsumerThatCannotBe(t *testing.T) {
	s := newStub(t)
	consume := func(s *stub, key, value string) error {
		_, err := NewDialer(s.settings()).Consume(t.Context(), "", &transport.ConsumerSettings{
			Group: "g", OffsetReset: "latest", Properties: map[string]string{key: value},
		})
		return err
	}
	wantError(t, consume(s, "unknown.key", "1"), driver.ErrInterface, 0, "does not know the property unknown.key", "3.3.7.5")
	wantError(t, consume(s, "client.id", "bad value"), driver.ErrInterface, 0, "does not take the value of the property client.id")
	wantError(t, consume(s, "client.id", "a\x00b"), driver.ErrInterface, 0, "client.id holds a NUL")
	wantError(t, consume(newStub(t, "-DWITHOUT_TMQ"), "client.id", "x"), driver.ErrInterface, 0, "tmq_conf_new", "a subscription", "taos+ws")
	var consumers []*Consumer
	for range 8 {
		consumers = append(consumers, s.consume())
	}
	wantError(t, consume(s, "client.id", "x"), driver.ErrAuthentication, 0x357, "too many consumers")
	for _, c := range consumers {
		c.Close(t.Context())
	}
}

func TestTopics(t *testing.T) {
	s := newStub(t)
	c := s.consume()
	if err := c.Subscribe(t.Context(), []string{"a", "b"}); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Topics(t.Context()); err != nil || !reflect.DeepEqual(got, []string{"a", "b"}) {
		t.Errorf("topics %q, %v", got, err)
	}
	if err := c.Unsubscribe(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, err := c.Topics(t.Context()); err != nil || len(got) != 0 {
		t.Errorf("topics %q, %v", got, err)
	}
	wantError(t, c.Subscribe(t.Context(), []string{"none"}), driver.ErrProgramming, 0x3e1, "Topic not exist")
}

func TestOffsets(t *testing.T) {
	s := newStub(t)
	c := s.consume()
	ctx := t.Context()
	got, err := c.Assignment(ctx, "a")
	if want := []transport.Assignment{
		{Position: transport.Position{Topic: "a", VGroup: 3, Offset: 10}, Begin: 1, End: 20},
		{Position: transport.Position{Topic: "a", VGroup: 4, Offset: -1}, Begin: 0, End: 1 << 40},
	}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("assignment %+v, %v", got, err)
	}
	_, err = c.Assignment(ctx, "none")
	wantError(t, err, driver.ErrConsumer, 0x4009)

	of := []transport.Position{{Topic: "a", VGroup: 3}, {Topic: "a", VGroup: 4}}
	if got, err := c.Committed(ctx, of); err != nil || !reflect.DeepEqual(got, []int64{-1, 4}) {
		t.Errorf("committed %v, %v", got, err)
	}
	if got, err := c.Position(ctx, of); err != nil || !reflect.DeepEqual(got, []int64{30, 40}) {
		t.Errorf("positions %v, %v", got, err)
	}
	_, err = c.Position(ctx, []transport.Position{{Topic: "a", VGroup: 404}})
	wantError(t, err, driver.ErrConsumer, 0x4008)

	s.log(logTMQ)
	for _, err := range []error{
		c.Commit(ctx), c.CommitOffset(ctx, transport.Position{Topic: "a", VGroup: 3, Offset: 1 << 40}),
		c.Seek(ctx, transport.Position{Topic: "a", VGroup: 4, Offset: 9}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if got, want := s.log(logTMQ), "commit all;commit a 3 1099511627776;seek a 4 9;"; got != want {
		t.Errorf("the library got %q, want %q", got, want)
	}
	wantError(t, c.Seek(ctx, transport.Position{Topic: "a", Offset: 101}), driver.ErrConsumer, 0x4007)
}

// recordedMessage returns a raw message as a server sent it, with its rows.
func recordedMessage(t *testing.T, kind tmq.Kind) (raw []byte, rows int) {
	t.Helper()
	f, err := os.Open("../tmq/testdata/recorded.json.gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Kind   tmq.Kind
		Raw    string
		Tables []struct{ Rows []any }
	}
	if err := json.NewDecoder(z).Decode(&all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all {
		if m.Kind == kind && len(m.Tables) > 0 {
			raw, err := hex.DecodeString(m.Raw)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range m.Tables {
				rows += len(table.Rows)
			}
			return raw, rows
		}
	}
	t.Fatal("no such message was recorded")
	return nil, 0
}

func TestPoll(t *testing.T) {
	s := newStub(t)
	c := s.consume()
	if m, err := c.Poll(t.Context(), 5*time.Millisecond); m != nil || err != nil {
		t.Errorf("got %+v, %v", m, err)
	}
	raw, rows := recordedMessage(t, tmq.Data)
	withMeta, rowsWithMeta := recordedMessage(t, tmq.DataMeta)
	s.message(messageData, "topic", "db", 3, 100, &raw[0], int32(len(raw)), int32(tmq.Data), "")
	s.message(messageMeta, "topic", "db", 4, 7, nil, 0, 531, `{"type":"create"}`)
	s.message(messageDataMeta, "topic", "db", 4, 8, &withMeta[0], int32(len(withMeta)), int32(tmq.DataMeta), `{"type":"alter"}`)
	s.log(logTMQ)
	for i, want := range []struct {
		position transport.Position
		rows     int
		meta     string
	}{
		{transport.Position{Topic: "topic", VGroup: 3, Offset: 100}, rows, ""},
		{transport.Position{Topic: "topic", VGroup: 4, Offset: 7}, 0, `{"type":"create"}`},
		{transport.Position{Topic: "topic", VGroup: 4, Offset: 8}, rowsWithMeta, `{"type":"alter"}`},
	} {
		m, err := c.Poll(t.Context(), time.Second)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, table := range m.Tables {
			n += table.Block.Rows
		}
		if m.Position != want.position || m.Database != "db" || n != want.rows || string(m.Meta) != want.meta {
			t.Errorf("message %d: %+v with %d rows", i, m, n)
		}
		if i == 1 && m.Next != 7 || i != 1 && m.Next == m.Offset {
			t.Errorf("message %d goes on at %d", i, m.Next)
		}
	}
	if got := s.log(logTMQ); strings.Count(got, "free raw ") != 2 || !strings.HasSuffix(got, " 4;") {
		t.Errorf("raw messages freed: %q", got)
	}
}

func TestPollErrors(t *testing.T) {
	s := newStub(t)
	c := s.consume()
	s.message(-0x7fffffff-1+0x4017, "", "", 0, 0, nil, 0, 0, "")
	_, err := c.Poll(t.Context(), time.Second)
	wantError(t, err, driver.ErrConsumer, 0x4017)
	if !c.Alive() {
		t.Error("an error of a poll costs the consumer")
	}
	s.message(4, "topic", "db", 3, 1, nil, 0, 6, "")
	_, err = c.Poll(t.Context(), time.Second)
	wantError(t, err, driver.ErrNotSupported, 0, "type 4")
	if c.Alive() {
		t.Error("the next poll would leave the message out")
	}

	c = s.consume()
	junk := []byte{100, 255, 255, 255, 255, 1}
	s.message(messageData, "topic", "db", 3, 1, &junk[0], int32(len(junk)), int32(tmq.Data), "")
	_, err = c.Poll(t.Context(), time.Second)
	wantError(t, err, driver.ErrInternal, 0, "no sense")
	if c.Alive() {
		t.Error("the next poll would leave the message out")
	}
	c = s.consume(func(o *transport.Settings) { o.MaxMessageBytes = 4 })
	s.message(messageData, "topic", "db", 3, 1, &junk[0], int32(len(junk)), int32(tmq.Data), "")
	_, err = c.Poll(t.Context(), time.Second)
	wantError(t, err, driver.ErrInternal, 0, "max_message_size")
	if _, err = c.Poll(t.Context(), time.Second); err == nil {
		t.Error("a consumer that was given up polls")
	}
}

func TestPollLeftByItsContextIsRecovered(t *testing.T) {
	s := newStub(t)
	c := s.consume()
	ctx, cancel := contextWithTimeout(t, 20*time.Millisecond)
	defer cancel()
	began := time.Now()
	_, err := c.Poll(ctx, time.Minute)
	if took := time.Since(began); took > prompt || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v after %v", err, took)
	}
	if !c.Alive() {
		t.Fatal("the consumer is not alive")
	}
	wantError(t, c.Commit(t.Context()), driver.ErrInterface, 0, "under way")
	_, err = c.Poll(t.Context(), 0)
	wantError(t, err, driver.ErrInterface, 0, "under way")
	s.message(messageMeta, "topic", "db", 4, 7, nil, 0, 531, `{}`)
	m, err := c.Recover(t.Context())
	if err != nil || m == nil || m.Offset != 7 {
		t.Errorf("recovered %+v, %v", m, err)
	}
	if m, err := c.Recover(t.Context()); m != nil || err != nil {
		t.Errorf("recovered again %+v, %v", m, err)
	}
	if err := c.Commit(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestCloseUnderAPoll(t *testing.T) {
	s := newStub(t)
	c := s.consume()
	ctx, cancel := contextWithTimeout(t, 10*time.Millisecond)
	defer cancel()
	if _, err := c.Poll(ctx, time.Minute); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatal(err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	if err := c.Close(ctx); err != nil && !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if took := time.Since(began); took > prompt {
		t.Errorf("took %v", took)
	}
	s.eventually("the poll ends long before its time, and the consumer", func() bool { return s.count(consumers) == 0 })
}
