package iotdbdriver

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/client"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

func itoa[T ~int | ~int32 | ~int64](n T) string { return strconv.FormatInt(int64(n), 10) }

// quoted writes an identifier of the table model.
func quoted(name string) string { return `"` + strings.ReplaceAll(name, `"`, `""`) + `"` }

// session is a login on a connection: the server ties it to the connection and
// forgets it with that.
type session struct {
	link   *client.Conn
	config *Config
	// id and statement are the numbers that requests carry; the server looks at the
	// second only.
	id, statement int64
	// units of a timestamp in a second.
	units int64
	// frameLimit is the largest request that the server reads; 0 before it was
	// asked, -1 if it does not tell.
	frameLimit int64
}

const (
	opConnect = "connect"
	opExec    = "exec"
	opQuery   = "query"
	opFetch   = "fetch"
	opPrepare = "prepare"
	opPing    = "ping"
	opInfo    = "info"
	opReset   = "reset"
	opClose   = "close"
)

// connect dials and logs in. Errors are never marked as not sent.
func connect(ctx context.Context, config *Config, settings *client.Settings, addr string) (*session, error) {
	link, err := client.Dial(ctx, settings, addr)
	if err != nil {
		return nil, err
	}
	s := &session{link: link, config: config}
	if err := s.login(ctx); err != nil {
		link.Close()
		return nil, plain(err)
	}
	return s, nil
}

// login opens the session, with the dialect, zone and database of the Config.
func (s *session) login(ctx context.Context) error {
	zone, err := zoneID(s.config.TimeZone)
	if err != nil {
		return configError("time_zone: %v", err)
	}
	request := &rpc.OpenSessionRequest{
		ClientProtocol: rpc.ProtocolV3, ZoneID: zone, Username: s.config.User, Password: s.config.Password,
		Configuration: map[string]string{"version": "V_1_0", "sql_dialect": string(s.config.Dialect)},
	}
	if s.config.Database != "" {
		request.Configuration["db"] = s.config.Database
	}
	var reply rpc.OpenSessionReply
	if err := s.call(ctx, &client.Call{
		Op: opConnect, Method: rpc.OpenSession, Arguments: rpc.Arguments(request), Result: rpc.Result(&reply),
	}); err != nil {
		if e := asError(err); e != nil && errors.Is(e, driver.ErrInternal) && s.link.Alive() {
			e.Hint = "the server may not know the time zone " + zone
		}
		return err
	}
	if e := failed(s.link.Origin, opConnect, 0, &reply.Status); e != nil {
		return e
	}
	if reply.SessionID != nil {
		s.id = *reply.SessionID
	}
	switch p := reply.Configuration["timestamp_precision"]; p {
	case "ms", "":
		s.units = 1e3
	case "us":
		s.units = 1e6
	case "ns":
		s.units = 1e9
	default:
		return s.link.Error(driver.ErrNotSupported, opConnect, 0, "timestamps in an unknown unit, "+strconv.Quote(p), nil)
	}
	var number rpc.NumberResult
	if err := s.call(ctx, &client.Call{
		Op: opConnect, Method: rpc.RequestStatementID, Arguments: &rpc.SessionArgument{SessionID: s.id}, Result: &number,
	}); err != nil {
		return err
	}
	s.statement = number.Value
	return s.use(ctx, opConnect)
}

// use selects the Config's database, which the login did without looking whether
// it exists.
func (s *session) use(ctx context.Context, op string) error {
	if s.config.Database == "" {
		return nil
	}
	k, _ := s.execute(op, 0, "USE "+quoted(s.config.Database), 0)
	err := s.do(ctx, k)
	k.Release()
	return err
}

// call makes a call whose result holds no values of type []byte.
func (s *session) call(ctx context.Context, k *client.Call) error {
	err := s.link.Do(ctx, k)
	k.Release()
	return s.application(k, err)
}

// application makes a driver.Error of Thrift's own: the server failed in the call
// or does not know it, and the connection goes on. What was asked for may be done if
// the server failed in it.
func (s *session) application(k *client.Call, err error) error {
	var e *rpc.ApplicationError
	if !errors.As(err, &e) {
		return err
	}
	out := s.link.Error(driver.ErrInternal, k.Op, k.ID, e.Error(), nil)
	out.OutcomeUnknown = k.Executes && !e.NotRun()
	if rpc.UnknownMethod(err) {
		out.Kind = driver.ErrNotSupported
	}
	return out
}

// execution is a statement on its way.
type execution struct {
	client.Call
	reply rpc.StatementReply
}

// execute makes the request of a statement; timeout is the server's, in
// milliseconds, 0 for its default.
func (s *session) execute(op string, id uint64, text string, timeout int64) (*execution, *rpc.StatementRequest) {
	k := &execution{}
	request := &rpc.StatementRequest{SessionID: s.id, StatementID: s.statement, Statement: text, FetchSize: int32(s.config.FetchSize)}
	if timeout > 0 {
		request.Timeout = &timeout
	}
	k.Call = client.Call{
		Op: op, ID: id, Method: rpc.ExecuteStatement, Arguments: rpc.Arguments(request), Result: rpc.Result(&k.reply), Executes: true,
	}
	return k, request
}

// do runs a statement. An error is marked as not sent if the server did certainly
// nothing.
func (s *session) do(ctx context.Context, k *execution) error {
	if err := s.link.Do(ctx, &k.Call); err != nil {
		return s.application(&k.Call, err)
	}
	err := s.check(k.Op, k.ID, &k.reply.Status)
	if err != nil {
		k.Release()
	}
	return err
}

// check is the error that a status reports.
func (s *session) check(op string, id uint64, status *rpc.Status) error {
	e := failed(s.link.Origin, op, id, status)
	switch {
	case e == nil:
		return nil
	case sessionGone(status):
		s.link.Close()
		e.Kind = driver.ErrConnection
		return client.NotSent(e)
	}
	return e
}

// write makes a call that writes, whose result is a status.
func (s *session) write(ctx context.Context, op string, id uint64, method string, request rpc.Struct, status *rpc.Status) error {
	return s.call(ctx, &client.Call{
		Op: op, ID: id, Method: method, Arguments: rpc.Arguments(request), Result: rpc.Result(status), Executes: true,
	})
}

// status makes a call that returns nothing but a status and changes no data.
func (s *session) status(ctx context.Context, op string, id uint64, method string, request rpc.Struct) error {
	var status rpc.Status
	if err := s.call(ctx, &client.Call{
		Op: op, ID: id, Method: method, Arguments: rpc.Arguments(request), Result: rpc.Result(&status),
	}); err != nil {
		return err
	}
	return s.check(op, id, &status)
}

// properties asks the server about itself.
func (s *session) properties(ctx context.Context, op string, id uint64) (*rpc.Properties, error) {
	var p rpc.Properties
	err := s.call(ctx, &client.Call{Op: op, ID: id, Method: rpc.GetProperties, Arguments: &rpc.NoArguments{}, Result: rpc.Result(&p)})
	return &p, err
}

// fits refuses a request that the server would close the connection on without a
// word.
func (s *session) fits(ctx context.Context, op string, id uint64, size int) error {
	if size < alwaysFits {
		return nil
	}
	if s.frameLimit == 0 {
		p, err := s.properties(ctx, op, id)
		if err != nil {
			return err
		}
		s.frameLimit = -1
		if p.MaxFrame != nil && *p.MaxFrame > 0 {
			s.frameLimit = int64(*p.MaxFrame)
		}
	}
	if s.frameLimit > 0 && int64(size)+frameRest > s.frameLimit {
		return s.link.Error(driver.ErrProgramming, op, id,
			"a request of "+itoa(size)+" bytes; the server reads "+itoa(s.frameLimit)+" (dn_thrift_max_frame_size)", nil)
	}
	return nil
}

const (
	// alwaysFits is below every limit that a server is run with.
	alwaysFits = 8 << 20
	// frameRest is more than what stands around a statement.
	frameRest = 1 << 10
)

// closeQuery frees a result on the server.
func (s *session) closeQuery(ctx context.Context, id uint64, query int64) error {
	return s.status(ctx, opClose, id, rpc.CloseOperation,
		&rpc.CloseOperationRequest{SessionID: s.id, QueryID: &query, StatementID: &s.statement})
}

// closeTimeout bounds what a connection says to its servers in parting.
const closeTimeout = 250 * time.Millisecond

// close says goodbye, as long as ctx lets it, and ends the connection.
func (s *session) close(ctx context.Context) error {
	if s.link.Alive() && !s.link.Ended() {
		var status rpc.Status
		s.link.Do(ctx, &client.Call{
			Op: opClose, Method: rpc.CloseSession, Arguments: rpc.Arguments(&rpc.CloseSessionRequest{SessionID: s.id}),
			Result: rpc.Result(&status), Limit: closeTimeout,
		})
	}
	return s.link.Close()
}
