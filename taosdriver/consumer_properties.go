package taosdriver

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/dsn"
	"github.com/gaugesql/gaugesql/internal/hosts"
	"github.com/gaugesql/gaugesql/taosdriver/internal/transport"
)

// consumerConfig is what the properties of a consumer say.
type consumerConfig struct {
	// server and login; empty means the Config's
	url, scheme, host string
	port              int
	user, password    string
	token, bearer     string
	database          string

	group, client string
	reset         offsetReset
	autoCommit    bool
	interval      int64 // of commits, in milliseconds
	reconnect     bool
	reconnectTime time.Duration
	readTimeout   time.Duration
	writeTimeout  time.Duration

	snapshot, tableName, batchMeta, excluded, rawData, replay string
	sessionTimeout, heartbeat, maxPollInterval                string
	fetchWait, pollRows                                       string
	// others are keys of the server that are not known here.
	others map[string]string
}

type offsetReset string

const (
	resetEarliest offsetReset = "earliest"
	resetLatest   offsetReset = "latest"
	resetNone     offsetReset = "none"
)

const (
	maxGroup = 192
	// maxMilliseconds is what the server takes.
	maxMilliseconds = math.MaxInt32
)

// properties are those of a consumer, and their defaults.
var properties = dsn.NewKeys("property",
	dsn.String("group.id", func(c *consumerConfig) *string { return &c.group },
		"consumer group, whose members share the messages and the committed offsets; required, at most 192 bytes, no colon"),
	dsn.String("client.id", func(c *consumerConfig) *string { return &c.client },
		"name of this consumer in the server's lists"),
	dsn.Enum("auto.offset.reset", func(c *consumerConfig) *offsetReset { return &c.reset }, []offsetReset{resetEarliest, resetLatest, resetNone},
		"where a group without a committed offset begins; none is an error then").Default(string(resetLatest)),
	dsn.Bool("enable.auto.commit", func(c *consumerConfig) *bool { return &c.autoCommit },
		"commit at intervals what was handed out before the last poll").Default("true"),
	dsn.Int("auto.commit.interval.ms", func(c *consumerConfig) *int64 { return &c.interval }, 0, maxMilliseconds,
		"that interval").Default("5000"),
	serverInt("session.timeout.ms", func(c *consumerConfig) *string { return &c.sessionTimeout }, 6000, 1800000,
		"after how long without a sign of life the server gives the consumer up (12000)"),
	serverInt("heartbeat.interval.ms", func(c *consumerConfig) *string { return &c.heartbeat }, 1000, 1800000,
		"interval of the signs of life, which taosAdapter gives (3000)"),
	serverInt("max.poll.interval.ms", func(c *consumerConfig) *string { return &c.maxPollInterval }, 1000, maxMilliseconds,
		"after how long without a poll the server gives the consumer up (300000)"),
	serverInt("fetch.max.wait.ms", func(c *consumerConfig) *string { return &c.fetchWait }, 1, maxMilliseconds,
		"how long the server collects rows for a message (1000)"),
	serverInt("min.poll.rows", func(c *consumerConfig) *string { return &c.pollRows }, 1, maxMilliseconds,
		"how many rows it collects (4096)"),
	serverBool("msg.with.table.name", func(c *consumerConfig) *string { return &c.tableName },
		"messages of super tables and databases name their tables").Default("true"),
	serverBool("experimental.snapshot.enable", func(c *consumerConfig) *string { return &c.snapshot },
		"begin with what the tables hold rather than with the log; there are no offsets meanwhile (false)"),
	serverBool("enable.replay", func(c *consumerConfig) *string { return &c.replay },
		"hand out rows at the pace of their timestamps (false)"),
	serverInt("msg.enable.batchmeta", func(c *consumerConfig) *string { return &c.batchMeta }, 0, 1,
		"1 puts several changes of the schema into one message (0)"),
	serverInt("msg.consume.excluded", func(c *consumerConfig) *string { return &c.excluded }, 0, 1,
		"1 leaves out what was written by tools of replication (0)"),
	dsn.Of("msg.consume.rawdata", "0", func(c *consumerConfig) *string { return &c.rawData }, parseRawData, plainText,
		"not supported: messages in the form that servers replicate, without rows"),

	dsn.String("td.connect.ip", func(c *consumerConfig) *string { return &c.host },
		"server's host").Alias("td.connect.host", "host", "ip"),
	dsn.Int("td.connect.port", func(c *consumerConfig) *int { return &c.port }, 1, 65535,
		"server's port").Alias("port"),
	dsn.String("td.connect.user", func(c *consumerConfig) *string { return &c.user },
		"user").Alias("user", "username"),
	dsn.SecretString("td.connect.pass", func(c *consumerConfig) *string { return &c.password },
		"password").Alias("td.connect.password", "password", "pass"),
	dsn.SecretString("td.connect.token", func(c *consumerConfig) *string { return &c.token },
		"token of TDengine Cloud; over libtaos, of the server").Alias("token"),
	dsn.SecretString("td.connect.bearer_token", func(c *consumerConfig) *string { return &c.bearer },
		"token of the server, in place of user and password (TDengine 3.4.1)").Alias("bearer_token", "bearerToken"),
	dsn.String("td.connect.db", func(c *consumerConfig) *string { return &c.database },
		"database of the consumer's session"),
	dsn.Enum("td.connect.websocket.scheme", func(c *consumerConfig) *string { return &c.scheme }, []string{"ws", "wss"},
		"whether to use TLS"),
	dsn.Of("ws.url", "URL", func(c *consumerConfig) *string { return &c.url }, anyURL, plainText,
		"scheme, host, port and token in one, as the official Go driver has it: `ws://host:6041`"),
	dsn.Bool("ws.autoReconnect", func(c *consumerConfig) *bool { return &c.reconnect },
		"take up the subscription again when the connection is lost").Default("true"),
	dsn.Duration("ws.reconnectTimeout", func(c *consumerConfig) *time.Duration { return &c.reconnectTime },
		"how long `Messages` tries to before it ends with the error").Default("1m"),
	dsn.Of("ws.message.timeout", "duration", func(c *consumerConfig) *time.Duration { return &c.readTimeout }, dsn.ParseDuration, dsn.FormatDuration,
		"the same as `read_timeout`; beside a poll's own time"),
	dsn.Of("ws.message.writeWait", "duration", func(c *consumerConfig) *time.Duration { return &c.writeTimeout }, dsn.ParseDuration, dsn.FormatDuration,
		"the same as `write_timeout`"),
)

// officialConsumerTuning are properties of the official Go driver that tune what
// this one has not. They are accepted and change nothing.
var officialConsumerTuning = map[string]bool{
	"ws.message.channelLen": true, "ws.reconnectIntervalMs": true, "ws.reconnectRetryCount": true,
}

func plainText(s string) string { return s }

// serverInt is a key whose number is passed on as text. Its default, in the doc, is
// the server's.
func serverInt(name string, field func(*consumerConfig) *string, lowest, highest int64, doc string) *dsn.Key[consumerConfig] {
	return dsn.Of(name, "integer", field, func(s string) (string, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < lowest || n > highest {
			return "", fmt.Errorf("want a number from %d to %d", lowest, highest)
		}
		return strconv.FormatInt(n, 10), nil
	}, plainText, doc)
}

func serverBool(name string, field func(*consumerConfig) *string, doc string) *dsn.Key[consumerConfig] {
	return dsn.Of(name, "boolean", field, func(s string) (string, error) {
		switch strings.ToLower(s) {
		case "true", "1", "yes", "on":
			return "true", nil
		case "false", "0", "no", "off":
			return "false", nil
		}
		return "", errors.New("want true or false")
	}, plainText, doc)
}

func parseRawData(s string) (string, error) {
	if s == "0" || strings.EqualFold(s, "false") {
		return "0", nil
	}
	return "", errors.New("want 0: such messages have no rows")
}

// anyURL leaves it to connection to refuse one: the error of a key shows its value,
// and that of a URL may have a token.
func anyURL(s string) (string, error) { return s, nil }

// readProperties completes config by the properties and returns what they say of
// the consumer. The config is changed.
func readProperties(config *Config, given map[string]string) (*consumerConfig, error) {
	c := new(consumerConfig)
	properties.Defaults(c)
	var params, others dsn.Params
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if !officialConsumerTuning[key] {
			params = append(params, dsn.Param{Key: key, Value: given[key]})
		}
	}
	rest, err := properties.ReadKnown(c, params)
	if err != nil {
		return nil, dsn.ForEngine(transport.Engine, err)
	}
	for _, p := range rest {
		switch {
		case p.Key == "ws.message.enableCompression":
			p.Key = "compression"
			others = append(others, p)
		case strings.HasPrefix(p.Key, "td.connect.") || strings.HasPrefix(p.Key, "ws.") || !strings.Contains(p.Key, "."):
			others = append(others, p)
		default: // the server's, which refuses those that it does not know
			if c.others == nil {
				c.others = make(map[string]string)
			}
			c.others[p.Key] = p.Value
		}
	}
	// What is left are parameters of the connection, by their names in a DSN.
	if others, err = parameters.ReadKnown(config, others); err == nil && len(others) > 0 {
		err = properties.Read(c, others) // says which name is near
	}
	if err != nil {
		return nil, dsn.ForEngine(transport.Engine, err)
	}
	switch {
	case c.group == "":
		return nil, configError("group.id is missing")
	case len(c.group) > maxGroup || strings.Contains(c.group, ":"):
		return nil, configError("group.id is longer than %d bytes or has a colon", maxGroup)
	}
	if err := c.connection(config); err != nil {
		return nil, err
	}
	return c, config.check()
}

// connection puts server and login into config.
func (c *consumerConfig) connection(config *Config) error {
	if c.url != "" {
		u, err := url.Parse(c.url)
		if err != nil || u.Host == "" || u.Scheme != "ws" && u.Scheme != "wss" {
			return configError("ws.url is not ws://host:port or wss://host:port")
		}
		if c.host != "" || c.port != 0 || c.scheme != "" {
			return configError("ws.url beside host, port or scheme; give one of them")
		}
		c.scheme, config.Hosts = u.Scheme, []string{u.Host}
		if u.User != nil && c.user == "" {
			c.user = u.User.Username()
			if password, ok := u.User.Password(); ok && c.password == "" {
				c.password = password
			}
		}
		if t := u.Query().Get("token"); t != "" && c.token == "" {
			c.token = t
		}
	}
	if c.scheme != "" {
		if config.Transport == Native {
			return configError("td.connect.websocket.scheme needs taos+ws or taos+wss")
		}
		config.TLS = c.scheme == "wss"
	}
	if c.host != "" || c.port != 0 {
		host := c.host
		if ip, err := netip.ParseAddr(host); err == nil && ip.Is6() {
			host = "[" + host + "]"
		}
		if c.port != 0 {
			name, port, ok := hosts.Split(host)
			if host != "" && (!ok || port != 0) {
				return configError("td.connect.ip is not a host beside td.connect.port")
			}
			if host == "" {
				if len(config.Hosts) > 1 {
					return configError("td.connect.port for several hosts; name them with their ports in the DSN")
				}
				if len(config.Hosts) == 1 {
					name, _, _ = hosts.Split(config.Hosts[0])
				}
			}
			host = hosts.Join(name, c.port)
		}
		config.Hosts = []string{host}
	}
	if c.user != "" {
		config.User, config.Password = c.user, c.password
	} else if c.password != "" {
		if config.User == "" {
			config.User = defaultUser
		}
		config.Password = c.password
	}
	if config.Transport == Native && c.token != "" {
		c.bearer, c.token = c.token, ""
	}
	if c.token != "" {
		config.Token = c.token
	}
	if c.bearer != "" {
		config.BearerToken = c.bearer
	}
	if c.readTimeout != 0 {
		config.ReadTimeout = c.readTimeout
	}
	if c.writeTimeout != 0 {
		config.WriteTimeout = c.writeTimeout
	}
	// Topics have names of their own: the pool's database has no say.
	config.Database = c.database
	return nil
}

// settings are what a transport needs.
func (c *consumerConfig) settings() *transport.ConsumerSettings {
	s := &transport.ConsumerSettings{
		Group: c.group, Client: c.client, OffsetReset: string(c.reset), Properties: make(map[string]string),
	}
	for key, value := range map[string]string{
		"session.timeout.ms":           c.sessionTimeout,
		"heartbeat.interval.ms":        c.heartbeat,
		"max.poll.interval.ms":         c.maxPollInterval,
		"fetch.max.wait.ms":            c.fetchWait,
		"min.poll.rows":                c.pollRows,
		"msg.with.table.name":          c.tableName,
		"experimental.snapshot.enable": c.snapshot,
		"enable.replay":                c.replay,
		"msg.enable.batchmeta":         c.batchMeta,
		"msg.consume.excluded":         c.excluded,
	} {
		if value != "" {
			s.Properties[key] = value
		}
	}
	maps.Copy(s.Properties, c.others)
	return s
}

// consumerDSN takes a DSN of a consumer apart: parameters with a dot are
// properties. "tmq" and "tmq+ws" are other names for taos+ws, "tmq+wss" for
// taos+wss.
func consumerDSN(s string) (*Config, map[string]string, error) {
	for _, alias := range [][2]string{{"tmq+ws://", "taos+ws://"}, {"tmq+wss://", "taos+wss://"}, {"tmq://", "taos+ws://"}} {
		if rest, ok := strings.CutPrefix(s, alias[0]); ok {
			s = alias[1] + rest
		}
	}
	given := make(map[string]string)
	if !isOfficial(s) {
		u, err := dsn.Parse(s)
		if err != nil {
			return nil, nil, dsn.ForEngine(transport.Engine, err)
		}
		u.Params = slices.DeleteFunc(u.Params, func(p dsn.Param) bool {
			if strings.Contains(p.Key, ".") {
				given[p.Key] = p.Value
				return true
			}
			return false
		})
		s = u.String()
	}
	config, err := ParseDSN(s)
	return config, given, err
}

// consumerKind is the kind of a consumer's error: ErrConsumer beside what it would
// be without.
type consumerKind struct{ of error }

func (k consumerKind) Error() string   { return k.of.Error() }
func (k consumerKind) Unwrap() []error { return []error{driver.ErrConsumer, k.of} }
