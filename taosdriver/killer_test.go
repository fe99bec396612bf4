package taosdriver

import (
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/rest"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
	"github.com/gaugesql/gaugesql/taosdriver/internal/ws"
)

// TestKillerOfRESTHasASessionOfItsOwn: what is to be killed may have taken all
// that the server has for REST.
func TestKillerOfRESTHasASessionOfItsOwn(t *testing.T) {
	dialers := killDialers(REST, transport.Settings{})
	if len(dialers) != 2 {
		t.Fatalf("%d dialers", len(dialers))
	}
	if _, ok := dialers[0].(*ws.Dialer); !ok {
		t.Errorf("the first is a %T", dialers[0])
	}
	if _, ok := dialers[1].(*rest.Dialer); !ok {
		t.Errorf("the second is a %T", dialers[1])
	}
}

func TestKillerWithoutAConnection(t *testing.T) {
	k := newKiller(&Connector{config: &Config{Transport: Native}}, time.Second, killDialers(Native, transport.Settings{}))
	defer k.close()
	if c, err := k.connect("localhost:6030"); c != nil || err == nil {
		t.Error(c, err)
	}
}
