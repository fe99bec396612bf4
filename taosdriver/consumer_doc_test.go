package taosdriver

import (
	"errors"
	"strings"
	"testing"

	gsdriver "github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/doctable"
)

func TestPropertiesAreDocumented(t *testing.T) {
	doctable.Check(t, "../docs/tdengine-tmq.md", "taos properties", properties.Markdown())
}

// FuzzConsumerDSN: whatever a DSN of a consumer says, it is read or an error that
// shows no password.
func FuzzConsumerDSN(f *testing.F) {
	f.Add("tmq+ws://root:hunter2@h1,h2/?group.id=g&auto.offset.reset=earliest", "td.connect.pass", "hunter2")
	f.Add("root:hunter2@ws(h:6041)/", "group.id", "g")
	f.Add("taos+ws://", "ws.url", "ws://[::1]:6041?token=hunter2")
	f.Add("taos+wss://h/?group.id=a%3Ab", "host", "::1")
	f.Fuzz(func(t *testing.T, name, key, value string) {
		config, given, err := consumerDSN(name)
		if err == nil {
			given[key] = value
			_, err = readProperties(config, given)
		}
		if err == nil {
			return
		}
		if !errors.Is(err, gsdriver.ErrInterface) && !errors.Is(err, gsdriver.ErrNotSupported) {
			t.Errorf("got %v", err)
		}
		if (dsn.Secret(key) || key == "ws.url") && !strings.Contains(name+key, "hunter2") && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%v shows the secret", err)
		}
	})
}
