package iotdbtest

import (
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/iotdbdriver/internal/datatype"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/tsblock"
)

// client makes calls, nothing more.
type client struct {
	nc        net.Conn
	protocol  rpc.Protocol
	sequence  int32
	session   int64
	statement int64
	units     int64
}

func dial(addr string, protocol rpc.Protocol, config *tls.Config) (*client, error) {
	nc, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return nil, err
	}
	if config != nil {
		nc = tls.Client(nc, config)
	}
	return &client{nc: nc, protocol: protocol}, nil
}

func (c *client) close() { _ = c.nc.Close() }

// send writes a request.
func (c *client) send(method string, args rpc.Struct) error {
	c.sequence++
	parts, err := rpc.Encode(c.protocol, method, rpc.Call, c.sequence, args)
	if err != nil {
		return err
	}
	_ = c.nc.SetDeadline(time.Now().Add(20 * time.Second))
	_, err = parts.WriteTo(c.nc)
	return err
}

// receive reads a reply.
func (c *client) receive(result rpc.Struct) error {
	var length [4]byte
	if _, err := io.ReadFull(c.nc, length[:]); err != nil {
		return err
	}
	frame := make([]byte, binary.BigEndian.Uint32(length[:]))
	if _, err := io.ReadFull(c.nc, frame); err != nil {
		return err
	}
	m, err := rpc.ParseMessage(c.protocol, frame)
	if err != nil {
		return err
	}
	if m.Sequence != c.sequence {
		return fmt.Errorf("reply %d to request %d", m.Sequence, c.sequence)
	}
	return m.Decode(result)
}

func (c *client) call(method string, args, result rpc.Struct) error {
	if err := c.send(method, args); err != nil {
		return err
	}
	return c.receive(result)
}

// login opens a session and asks for a statement id.
func (c *client) login(user, password, database, dialect string) (*rpc.OpenSessionReply, error) {
	var reply rpc.OpenSessionReply
	conf := map[string]string{"version": "V_1_0", "sql_dialect": dialect}
	if database != "" {
		conf["db"] = database
	}
	err := c.call(rpc.OpenSession, rpc.Arguments(&rpc.OpenSessionRequest{
		ClientProtocol: rpc.ProtocolV3, ZoneID: "UTC", Username: user, Password: password, Configuration: conf,
	}), rpc.Result(&reply))
	if err != nil || reply.Status.Code != codeSuccess {
		return &reply, err
	}
	c.session = *reply.SessionID
	c.units = map[string]int64{"ms": 1e3, "us": 1e6, "ns": 1e9}[reply.Configuration["timestamp_precision"]]
	var n rpc.NumberResult
	err = c.call(rpc.RequestStatementID, &rpc.SessionArgument{SessionID: c.session}, &n)
	c.statement = n.Value
	return &reply, err
}

func (c *client) execute(sql string, fetchSize int32) (*rpc.StatementReply, error) {
	var reply rpc.StatementReply
	err := c.call(rpc.ExecuteStatement, rpc.Arguments(&rpc.StatementRequest{
		SessionID: c.session, Statement: sql, StatementID: c.statement, FetchSize: fetchSize,
	}), rpc.Result(&reply))
	return &reply, err
}

func (c *client) fetch(query int64, fetchSize int32) (*rpc.FetchReply, error) {
	var reply rpc.FetchReply
	err := c.call(rpc.FetchResults, rpc.Arguments(&rpc.FetchRequest{
		SessionID: c.session, FetchSize: fetchSize, QueryID: query, Align: true, StatementID: &c.statement,
	}), rpc.Result(&reply))
	return &reply, err
}

// rows decodes blocks.
func (c *client) rows(reply *rpc.StatementReply, blocks [][]byte) ([][]any, error) {
	l := tsblock.Layout{Units: c.units}
	for i, name := range reply.DataTypes {
		t, _ := datatype.Of(name)
		l.Types = append(l.Types, t)
		if reply.BlockColumns != nil {
			l.Blocks = append(l.Blocks, int(reply.BlockColumns[i]))
		}
	}
	if reply.IgnoreTimestamp != nil && !*reply.IgnoreTimestamp {
		l.Types = append([]datatype.Type{datatype.Timestamp}, l.Types...)
		l.Blocks = append([]int{tsblock.TimeColumn}, l.Blocks...)
	}
	layout, err := tsblock.NewLayout(l)
	if err != nil {
		return nil, err
	}
	var rows [][]any
	for _, raw := range blocks {
		b, err := layout.Decode(raw)
		if err != nil {
			return nil, err
		}
		for i := range b.Rows {
			row := make([]any, len(l.Types))
			for k := range row {
				row[k] = b.Value(i, k)
			}
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// query runs a statement and reads its result to the end.
func (c *client) query(sql string) (*rpc.StatementReply, [][]any, error) {
	reply, err := c.execute(sql, 0)
	if err != nil || reply.QueryID == nil {
		return reply, nil, err
	}
	blocks := reply.QueryResult
	for more := reply.MoreData; more != nil && *more; {
		page, err := c.fetch(*reply.QueryID, 0)
		if err != nil {
			return reply, nil, err
		}
		if page.Status.Code != codeSuccess {
			return reply, nil, fmt.Errorf("page: %d %s", page.Status.Code, page.Status.Message)
		}
		blocks, more = append(blocks, page.QueryResult...), page.MoreData
	}
	rows, err := c.rows(reply, blocks)
	return reply, rows, err
}

// start starts a server and a session of the table model on it.
func start(t *testing.T, opts ...Option) (*Server, *client) {
	t.Helper()
	srv := NewServer(append([]Option{WithDatabase("db1")}, opts...)...)
	t.Cleanup(srv.Close)
	return srv, join(t, srv)
}

func join(t *testing.T, srv *Server) *client {
	t.Helper()
	var config *tls.Config
	if srv.tls != nil {
		config = &tls.Config{RootCAs: srv.CertPool(), ServerName: "127.0.0.1"}
		if srv.options.clientCert {
			config.Certificates = []tls.Certificate{srv.ClientCertificate()}
		}
	}
	c, err := dial(srv.Addr(), srv.protocol, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.close)
	o := srv.shared.options
	reply, err := c.login(o.user, o.users[o.user], "db1", "table")
	if err != nil || reply.Status.Code != codeSuccess {
		t.Fatal(reply.Status, err)
	}
	return c
}

func (c *client) must(t *testing.T, sql string) [][]any {
	t.Helper()
	reply, rows, err := c.query(sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if reply.Status.Code != codeSuccess {
		t.Fatalf("%s: %d %s", sql, reply.Status.Code, reply.Status.Message)
	}
	return rows
}
