package store

import (
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// Status is the state of a server.
type Status uint8

// The states. A server that runs without another bit, or with Reindexing alone,
// can read and write points.
const (
	Running       Status = 1
	Synchronizing Status = 2
	Reindexing    Status = 4
	BackupMode    Status = 8
)

// Accessible reports whether points can be read and written.
func (s Status) Accessible() bool { return s&^Reindexing == Running }

func (s Status) String() string {
	var words []string
	for i, w := range []string{"running", "synchronizing", "re-indexing", "backup-mode"} {
		if s&(1<<i) != 0 {
			words = append(words, w)
		}
	}
	if words == nil {
		return "offline"
	}
	return strings.Join(words, " | ")
}

// Node is a server of a cluster as the others see it.
type Node struct {
	Name     string // host:port of the port for servers
	Host     string
	Port     int
	UUID     string
	Pool     int
	Version  string
	Status   Status // 0 while it is down
	LogLevel string
	Started  time.Time
}

// Cluster is what a query can see and change of the servers.
type Cluster interface {
	Nodes() []Node
	SetLogLevel(node int, level string)
	SetBackupMode(node int, on bool)
}

// view is the cluster as a request at one of its servers sees it.
type view struct {
	nodes []Node
	self  int
	pools int
}

func newView(c Cluster, self int) *view {
	v := &view{nodes: c.Nodes(), self: self}
	for _, n := range v.nodes {
		v.pools = max(v.pools, n.Pool+1)
	}
	return v
}

// every reports whether each pool has a server that is as wanted.
func (v *view) every(wanted func(Node) bool) bool {
	for pool := range v.pools {
		found := false
		for _, n := range v.nodes {
			found = found || n.Pool == pool && wanted(n)
		}
		if !found {
			return false
		}
	}
	return true
}

// accessible refuses when this server or a pool cannot read and write points.
func (v *view) accessible() *Error {
	if me := v.nodes[v.self]; !me.Status.Accessible() {
		return fail(wire.ErrServer, "Server '%s' is currently not accessible to process this request", me.Name)
	}
	if !v.every(func(n Node) bool { return n.Status.Accessible() }) {
		return fail(wire.ErrPool, "At least one pool is lacking an accessible server to process this request")
	}
	return nil
}

// online refuses when all servers of a pool are down.
func (v *view) online() *Error {
	if !v.every(func(n Node) bool { return n.Status != 0 }) {
		return fail(wire.ErrPool, "At least one pool is lacking an online server to process this request")
	}
	return nil
}

// visible tells the pools whose series can be counted and listed.
func (v *view) visible() map[int]bool {
	pools := map[int]bool{v.nodes[v.self].Pool: true}
	for _, n := range v.nodes {
		if n.Status.Accessible() {
			pools[n.Pool] = true
		}
	}
	return pools
}
