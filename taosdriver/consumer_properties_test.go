package taosdriver_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func TestConsumerPropertiesThatCannotBe(t *testing.T) {
	for name, properties := range map[string]map[string]string{
		"group.id is missing":          {},
		"has a colon":                  {"group.id": "a:b"},
		`"group.id"`:                   {"groupid": "a"},
		"auto.offset.reset":            {"group.id": "g", "auto.offset.reset": "sometimes"},
		"auto.commit.interval.ms":      {"group.id": "g", "auto.commit.interval.ms": "soon"},
		"session.timeout.ms":           {"group.id": "g", "session.timeout.ms": "1"},
		"experimental.snapshot.enable": {"group.id": "g", "experimental.snapshot.enable": "perhaps"},
		"no rows":                      {"group.id": "g", "msg.consume.rawdata": "1"},
		"enable.auto.commit":           {"group.id": "g", "enable.auto.commit": "maybe"},
		"td.connect.port":              {"group.id": "g", "td.connect.port": "70000"},
		"td.connect.usr":               {"group.id": "g", "td.connect.usr": "u"},
		"ws.url":                       {"group.id": "g", "ws.url": "http://h"},
		"give one of them":             {"group.id": "g", "ws.url": "ws://h", "host": "h"},
		"td.connect.ip":                {"group.id": "g", "td.connect.ip": "h:1", "td.connect.port": "2"},
		`says the same as "host"`:      {"group.id": "g", "td.connect.ip": "h", "host": "h"},
		"read_timeout":                 {"group.id": "g", "read_timeout": "long"},
		"taos+wss":                     {"group.id": "g", "tls_ca": "x"},
	} {
		_, err := taosdriver.OpenConsumer(background, "taos+ws://", properties)
		if !errors.Is(err, driver.ErrInterface) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	for _, dsn := range []string{"tmq+ws://h/?group.id=g&auto.offset.reset=x", "taos+ws://h/?group.id=g&nope=1", "x"} {
		if _, err := taosdriver.OpenConsumer(background, dsn, nil); !errors.Is(err, driver.ErrInterface) {
			t.Errorf("%s: got %v", dsn, err)
		}
	}
	_, err := taosdriver.OpenConsumer(background, "taos+http://h/?group.id=g", nil)
	if !errors.Is(err, driver.ErrNotSupported) {
		t.Errorf("over REST: %v", err)
	}
}

func TestConsumerPropertiesFromAnywhere(t *testing.T) {
	srv, db := serveMeters(t, taostest.WithUser("ann", "secret"))
	write(t, db, 0, 4)
	host, port, _ := strings.Cut(srv.Addr(), ":")
	for name, c := range map[string]struct {
		dsn        string
		properties map[string]string
	}{
		"td.connect": {"taos+ws://", map[string]string{"td.connect.ip": host, "td.connect.port": port, "td.connect.user": "ann", "td.connect.pass": "secret"}},
		"short":      {"taos+ws://", map[string]string{"host": host, "port": port, "user": "ann", "password": "secret"}},
		"official": {"taos+ws://", map[string]string{
			"ws.url": "ws://" + srv.Addr(), "td.connect.user": "ann", "td.connect.pass": "secret", "ws.message.channelLen": "0",
			"ws.message.timeout": "5m", "ws.message.writeWait": "10s", "ws.message.enableCompression": "true", "ws.autoReconnect": "true",
			"ws.reconnectIntervalMs": "2000", "ws.reconnectRetryCount": "3", "client.id": "c", "session.timeout.ms": "12000", "max.poll.interval.ms": "300000",
			"enable.auto.commit": "false", "auto.commit.interval.ms": "5000", "msg.with.table.name": "true",
		}},
		"dsn":          {"tmq+ws://ann:secret@" + srv.Addr() + "/?auto.offset.reset=earliest&client.id=c&read_timeout=1m", nil},
		"official dsn": {"ann:secret@ws(" + srv.Addr() + ")/", nil},
	} {
		t.Run(name, func(t *testing.T) {
			properties := map[string]string{"group.id": name, "auto.offset.reset": "earliest"}
			for key, value := range c.properties {
				properties[key] = value
			}
			consumer, err := taosdriver.OpenConsumer(background, c.dsn, properties)
			if err != nil {
				t.Fatal(err)
			}
			defer consumer.Close(background)
			if err := consumer.Subscribe(background, "meters"); err != nil {
				t.Fatal(err)
			}
			collect(t, consumer, 4)
		})
	}
}

func TestConsumerTokens(t *testing.T) {
	srv, db := serveMeters(t, taostest.WithToken("cloud"), taostest.WithBearerToken("bearer"), taostest.WithVersion("3.4.1.0"))
	write(t, db, 0, 1)
	dsn := "taos+ws://" + srv.Addr() + "/"
	for name, token := range map[string]string{"cloud": "", "bearer": "bearer"} {
		properties := map[string]string{"group.id": name, "auto.offset.reset": "earliest", "td.connect.token": "cloud"}
		if token != "" {
			properties["td.connect.bearer_token"] = token
		}
		c, err := taosdriver.OpenConsumer(background, dsn, properties)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(background)
		if err := c.Subscribe(background, "meters"); err != nil {
			t.Fatal(err)
		}
		collect(t, c, 1)
	}
	_, err := taosdriver.OpenConsumer(background, dsn, map[string]string{"group.id": "g", "td.connect.token": "guessed"})
	if !errors.Is(err, driver.ErrAuthentication) || strings.Contains(err.Error(), "guessed") {
		t.Errorf("got %v", err)
	}
	old, _ := serveMeters(t, taostest.WithVersion("3.3.2.0"))
	if _, err := taosdriver.OpenConsumer(background, old.DSN("ws", "")+"?group.id=g", nil); !errors.Is(err, driver.ErrNotSupported) || !strings.Contains(err.Error(), "3.3.3") {
		t.Errorf("got %v", err)
	}
}

func TestConsumerConnectsUnderItsContext(t *testing.T) {
	srv, _ := serveMeters(t)
	hang := srv.Fault(taostest.On{Action: "subscribe"}, taostest.StopReading)
	c := consume(t, srv, nil)
	ctx, cancel := context.WithCancel(background)
	go func() {
		<-hang.Hit()
		cancel()
	}()
	start := time.Now()
	if err := c.Subscribe(ctx, "meters"); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if d := time.Since(start); d > time.Second {
		t.Errorf("took %v", d)
	}
	srv.ClearFaults()
	if err := c.Subscribe(background, "meters"); err != nil {
		t.Errorf("not usable after a cancelled subscribe: %v", err)
	}
}
