package iotdbdriver

import (
	"context"
	"errors"
	"hash/maphash"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

const (
	// maxRoutes bounds what is remembered of devices and their nodes.
	maxRoutes = 10_000
	// maxNodes bounds the sessions of a connection at other nodes, however many
	// addresses a server tells.
	maxNodes = 64
)

// routes remember which node stores a device, as servers have told.
type routes struct {
	mu   sync.Mutex
	list map[uint64]string // "host:port" by device
	// resting are nodes that were waited for in vain, and until when none of their
	// routes is learned: servers go on advising what no client can reach.
	resting map[string]time.Time
}

// of returns the node of devices if they all have the same, and "" otherwise.
func (r *routes) of(devices []uint64) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	node := ""
	for i, d := range devices {
		switch n := r.list[d]; {
		case n == "", i > 0 && n != node:
			return ""
		default:
			node = n
		}
	}
	return node
}

func (r *routes) learn(device uint64, node string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if until, ok := r.resting[node]; ok {
		if time.Now().Before(until) {
			return
		}
		delete(r.resting, node)
	}
	if r.list == nil || len(r.list) >= maxRoutes {
		r.list = map[uint64]string{}
	}
	r.list[device] = node
}

// forget drops what leads to a node.
func (r *routes) forget(node string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for d, n := range r.list {
		if n == node {
			delete(r.list, d)
		}
	}
}

// rest makes a node unknown for so long.
func (r *routes) rest(node string, d time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.resting == nil || len(r.resting) >= maxNodes {
		r.resting = map[string]time.Time{}
	}
	r.resting[node] = time.Now().Add(d)
}

// deviceSeed makes the numbers of devices this process's own.
var deviceSeed = maphash.String(maphash.MakeSeed(), "device")

// deviceNumbers returns a number for the device of each row, in the order in which they are
// sent.
func (f *frame) deviceNumbers() []uint64 {
	table := uint64(14695981039346656037) // FNV-1a
	for _, b := range []byte(strings.ToLower(f.table)) {
		table = (table ^ uint64(b)) * 1099511628211
	}
	list := make([]uint64, f.rows())
	for i := range list {
		list[i] = table
		if f.devices != nil {
			list[i] ^= f.devices[i]
		}
	}
	return list
}

// nodes are a connection's sessions at other nodes than its own.
type nodes struct{ list map[string]*session }

// close ends them all before ctx does.
func (n *nodes) close(ctx context.Context) {
	for _, s := range n.list {
		s.close(ctx)
	}
	n.list = nil
}

func (n *nodes) drop(node string) {
	if s := n.list[node]; s != nil {
		s.link.Close()
		delete(n.list, node)
	}
}

// at returns the session at a node.
func (n *nodes) at(ctx context.Context, c *Connector, node string) (*session, error) {
	if s := n.list[node]; s != nil {
		if s.link.Alive() && !s.link.Ended() {
			return s, nil
		}
		n.drop(node)
	}
	limited := ctx
	if c.config.ConnectTimeout > 0 {
		var cancel context.CancelFunc
		limited, cancel = context.WithTimeout(ctx, c.config.ConnectTimeout)
		defer cancel()
	}
	s, err := connect(limited, c.config, c.settings, node)
	if err != nil {
		return nil, err
	}
	if n.list == nil {
		n.list = map[string]*session{}
	}
	for other := range n.list {
		if len(n.list) < maxNodes {
			break
		}
		n.drop(other)
	}
	n.list[node] = s
	return s, nil
}

// route sends a tablet to the node that stores its rows, if that is one and known. It
// is false if the tablet is for the connection's own session, and then nothing of it
// was carried out.
func (c *conn) route(ctx context.Context, op string, id uint64, f *frame, devices []uint64, request *rpc.TabletRequest, status *rpc.Status) (sent bool, err error) {
	routes := &c.connector.routes
	node := routes.of(devices)
	if node == "" || node == c.host.Addr {
		return false, nil
	}
	s, err := c.nodes.at(ctx, c.connector, node)
	if err != nil {
		routes.forget(node)
		if ctx.Err() == nil && errors.Is(err, driver.ErrTimeout) {
			routes.rest(node, c.connector.config.HostRest)
		}
		c.connector.debug(ctx, "redirection not followed", "host", node, "request_id", id, "error", err)
		return ctx.Err() != nil, err
	}
	own := request.SessionID
	request.SessionID = s.id
	err = s.write(ctx, op, id, rpc.InsertTablet, request, status)
	if err == nil && sessionGone(status) {
		err = client.NotSent(s.link.Error(driver.ErrConnection, op, id, "the session is gone", nil))
	}
	if err == nil {
		return true, s.check(op, id, status)
	}
	request.SessionID = own
	*status = rpc.Status{}
	if _, notSent := client.WasNotSent(err); notSent && ctx.Err() == nil {
		routes.forget(node)
		c.nodes.drop(node)
		return false, nil
	}
	if !s.link.Alive() {
		routes.forget(node)
		c.nodes.drop(node)
	}
	return true, plain(err)
}

// advised takes note of where the rows of a tablet should have gone.
func (c *conn) advised(devices []uint64, status *rpc.Status) {
	if status.Code != codeSuccess && status.Code != codeRedirect {
		return
	}
	learn := func(device uint64, e *rpc.Endpoint) {
		// A server that listens on all its addresses may tell none of them.
		if e != nil && e.IP != "" && !net.ParseIP(e.IP).IsUnspecified() && e.Port > 0 && e.Port < 1<<16 {
			c.connector.routes.learn(device, net.JoinHostPort(e.IP, strconv.Itoa(int(e.Port))))
		}
	}
	if status.RedirectNode != nil && len(devices) > 0 {
		learn(devices[0], status.RedirectNode)
	}
	for i := range min(len(devices), len(status.SubStatus)) {
		learn(devices[i], status.SubStatus[i].RedirectNode)
	}
}
