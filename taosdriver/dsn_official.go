package taosdriver

import (
	"net/url"
	"regexp"
	"strings"
	"unicode"

	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
)

// officialForm is the DSN of github.com/taosdata/driver-go:
//
//	[user[:password]@][net[(host:port[,...])]]/[database][?parameters]
//
// The last "@" that leaves something of the form behind it ends the password,
// which may therefore hold anything.
var officialForm = regexp.MustCompile(`(?s)\A(?:(.*)@)?([A-Za-z+]*)(?:\(([^()]*)\))?/([^/?]*)(?:\?(.*))?\z`)

// isOfficial reports whether s is to be read as the official form: it has no
// scheme.
func isOfficial(s string) bool {
	scheme, _, found := strings.Cut(s, "://")
	return s != "" && (!found || strings.ContainsAny(scheme, ":@(/"))
}

// officialTuning are parameters of the official driver that set the size or
// the number of something that this driver has not, or turn on what it always
// does. They are accepted, so that a DSN need not be changed, and change
// nothing.
var officialTuning = map[string]bool{
	"interpolateParams": true, "readBufferSize": true, "writeBufferSize": true, "chanLength": true,
	"autoReconnect": true, "reconnectIntervalMs": true, "reconnectRetryCount": true, "adapterHa": true,
}

func parseOfficial(s string) (*Config, error) {
	m := officialForm.FindStringSubmatch(s)
	if m == nil {
		return nil, configError(`malformed; want taos+ws://user:password@host:port/database?key=value or user:password@ws(host:port)/database?key=value, with "/" in a value written %%2F`)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return nil, configError("a control character; write it percent-encoded")
	}
	credentials, network, addresses, database, query := m[1], m[2], m[3], m[4], m[5]

	c := NewConfig()
	if network == "cfg" {
		c.ConfigDir, addresses = addresses, ""
	}
	if err := c.setNet(network); err != nil {
		return nil, err
	}
	user, password, _ := strings.Cut(credentials, ":")
	c.User, c.Password, c.Database = officialUnescape(user), officialUnescape(password), database

	// Hosts and parameters are written as in the URL form.
	if strings.ContainsAny(addresses, "@/?;") {
		return nil, configError("malformed address; want (host:port) or (host:port,host:port)")
	}
	u, err := dsn.Parse("taos://" + officialHosts(addresses) + "/?" + query)
	if err != nil {
		return nil, err
	}
	for _, h := range u.Hosts {
		c.Hosts = append(c.Hosts, hosts.Join(h.Name, h.Port))
	}
	var params dsn.Params
	for _, p := range u.Params {
		switch {
		case officialTuning[p.Key]:
		case p.Key == "disableCompression":
			disabled := false
			if err := disableCompression.Read(&disabled, dsn.Params{p}); err != nil {
				return nil, err
			}
			c.Compression = !disabled
		default:
			params = append(params, p)
		}
	}
	return c, parameters.Read(c, params)
}

// disableCompression is the official REST driver's opposite of compression.
var disableCompression = dsn.NewKeys("parameter",
	dsn.Bool("disableCompression", func(disabled *bool) *bool { return disabled }, ""))

func (c *Config) setNet(network string) error {
	switch network {
	case "":
		return nil // the default
	case "tcp", "cfg": // cfg(dir) leaves the server to libtaos's configuration
		c.Transport = Native
		return nil
	}
	scheme, ok := schemes[network]
	if !ok {
		return configError("unknown network before the address; want ws, wss, http, https or tcp")
	}
	c.Transport, c.TLS = scheme.transport, scheme.tls
	return nil
}

// officialHosts leaves out what the official driver takes for a default: an
// address ":" and a port 0.
func officialHosts(addresses string) string {
	list := strings.Split(addresses, ",")
	for i, a := range list {
		list[i] = strings.TrimSuffix(strings.TrimSuffix(a, ":0"), ":")
	}
	return strings.Join(list, ",")
}

// officialUnescape decodes as the official driver does: "+" is a blank, and
// what is not well encoded is taken as it stands.
func officialUnescape(s string) string {
	if decoded, err := url.QueryUnescape(s); err == nil {
		return decoded
	}
	return s
}
