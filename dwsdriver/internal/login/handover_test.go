package login

import (
	"errors"
	"strings"
	"testing"

	"github.com/gaugesql/gaugesql/dwsdriver/internal/script"
	"github.com/gaugesql/gaugesql/dwsdriver/internal/wire"
)

// A pooler may hand over a session that another client has left as it was.
func TestASessionThatIsNotAsALoginMakesItIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		status, encoding, want string
	}{
		"in a transaction":         {"T", "UTF8", "in a transaction"},
		"in one that has failed":   {"E", "UTF8", "in a transaction"},
		"with no status at all":    {"?", "UTF8", "status"},
		"with another's encoding":  {"I", "GBK", "client_encoding"},
		"as it should be":          {"I", "UTF8", ""},
		"of a server of old names": {"I", "UNICODE", ""},
	} {
		t.Run(name, func(t *testing.T) {
			srv := script.New(t, func(s *script.Server) {
				s.Play = func(client *script.Client) {
					if !client.Login() {
						return
					}
					b := wire.Append(nil, wire.Authentication, []byte{0, 0, 0, 0})
					b = wire.Append(b, wire.ParameterStatus, []byte("client_encoding\x00"+c.encoding+"\x00"))
					b = wire.Append(b, wire.ReadyForQuery, []byte(c.status))
					client.Write(b)
					client.Message()
				}
			})
			s, err := open(t, target(srv))
			if c.want == "" {
				if err != nil || s.Status != 'I' {
					t.Errorf("%v", err)
				}
				return
			}
			if !errors.As(err, new(*ProtocolError)) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}
