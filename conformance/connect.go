package conformance

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
)

var connectChecks = []Check{
	{Group: "connect", Name: "a ping is answered", Run: func(e *Env) {
		e.Must(e.DB().PingContext(e.ctx))
	}},
	{Group: "connect", Name: "sql.Open with the DSN leads to the same tables as the connector",
		Needs: needs(hasDriverName), Run: func(e *Env) {
			db, err := sql.Open(e.Target.DriverName, e.Target.DSN)
			e.Must(err)
			e.Cleanup(func() { db.Close() })
			table := e.Of(Text)
			e.Works(db, table, 1)
			e.Works(e.DB(), table, 2)
		}},
	{Group: "connect", Name: "a malformed DSN is refused before anything is dialled",
		Needs: needs(hasMalformedDSN), Run: func(e *Env) {
			for _, dsn := range e.Target.DSNs.Malformed {
				if _, err := e.Target.connector(dsn); err == nil {
					e.Errorf("%q is accepted", dsn)
				}
			}
		}},
	{Group: "connect", Name: "an unknown DSN parameter is refused by its name",
		Needs: needs(hasUnknownParameter), Run: func(e *Env) {
			_, err := e.Target.connector(e.Target.DSNs.UnknownParameter)
			if name := e.Target.DSNs.UnknownParameterName; err == nil || !strings.Contains(err.Error(), name) {
				e.Errorf("the error does not name %s: %v", name, err)
			}
		}},
	{Group: "connect", Name: "a closed port is a connection error",
		Needs: needs(hasAddress), Run: func(e *Env) {
			err := e.connectFails(e.Target.DSNs.At(closedPort(e)))
			e.kind(err, driver.ErrConnection)
		}},
	{Group: "connect", Name: "a wrong password is an authentication error",
		Needs: needs(hasWrongPassword), Run: func(e *Env) {
			err := e.connectFails(e.Target.DSNs.WrongPassword)
			e.kind(err, driver.ErrAuthentication)
		}},
	{Group: "connect", Name: "a refused login is not tried again",
		Needs: needs(hasRefuseLogin), Run: func(e *Env) {
			if e.Target.Faults.Logins == nil {
				e.Fatalf("a target with RefuseLogin needs Logins")
			}
			before := e.Target.Faults.Logins()
			e.Target.Faults.RefuseLogin(1)
			err := e.connectFails(e.Target.DSN)
			e.kind(err, driver.ErrAuthentication)
			if n := e.Target.Faults.Logins() - before; n != 1 {
				e.Errorf("the server saw %d logins", n)
			}
		}},
	{Group: "connect", Name: "an unknown database is reported by the first ping",
		Needs: needs(hasUnknownDatabase), Run: func(e *Env) {
			err := e.connectFails(e.Target.DSNs.UnknownDatabase)
			e.kind(err, driver.ErrDatabase)
			if e.Target.has(ErrorKinds) && (errors.Is(err, driver.ErrConnection) || errors.Is(err, driver.ErrAuthentication)) {
				e.Errorf("looks like another failure: %v", err)
			}
		}},
	{Group: "connect", Name: "an untrusted certificate is refused",
		Needs: needs(hasUntrusted), Run: func(e *Env) {
			err := e.connectFails(e.Target.DSNs.Untrusted)
			if !strings.Contains(err.Error(), "certificate") {
				e.Errorf("the error does not speak of a certificate: %v", err)
			}
		}},
	{Group: "connect", Name: "a ping fails while the server is away",
		Needs: needs(hasStop), Run: func(e *Env) {
			db := e.Single()
			e.Must(db.PingContext(e.ctx))
			e.Must(e.Target.Faults.Stop())
			err := db.PingContext(e.ctx)
			e.Must(e.Target.Faults.Start())
			if err == nil {
				e.Errorf("the ping succeeded without a server")
			}
			e.kind(err, driver.ErrConnection)
			e.Must(db.PingContext(e.ctx))
		}},
	{Group: "connect", Name: "a ping asks the server",
		Needs: needs(hasStop), Run: func(e *Env) {
			// A driver that answers from memory is caught on the connection itself,
			// where database/sql opens no other in its place.
			conn := e.Conn(e.Single())
			e.Must(conn.PingContext(e.ctx))
			e.Must(e.Target.Faults.Stop())
			err := conn.PingContext(e.ctx)
			e.Must(e.Target.Faults.Start())
			if err == nil {
				e.Errorf("the ping succeeded without a server")
			}
		}},
	{Group: "connect", Name: "closing a pool leaves another alone", Run: func(e *Env) {
		table := e.Of(Text)
		first, second := e.Open(e.Target.DSN), e.Open(e.Target.DSN)
		conn := e.Conn(second)
		e.Works(first, table, 1)
		e.Works(conn, table, 2)
		e.Must(first.Close())
		e.Works(conn, table, 3)
	}},
	{Group: "connect", Name: "a context that has ended opens no connection", Run: func(e *Env) {
		ctx, cancel := context.WithCancel(e.ctx)
		cancel()
		conn, err := e.Connector().Connect(ctx)
		if err == nil {
			conn.Close()
		}
		if !errors.Is(err, context.Canceled) {
			e.Errorf("the error is %v", err)
		}
	}},
}

// connectFails pings a DSN that must not work and returns the error, which must
// be the driver's own and be there soon.
func (e *Env) connectFails(dsn string) error {
	c, err := e.Target.connector(dsn)
	if err != nil {
		return err
	}
	db := sql.OpenDB(c)
	e.Cleanup(func() { db.Close() })
	err = db.PingContext(e.ctx)
	if err == nil {
		e.Fatalf("the ping succeeded")
	}
	if errors.Is(err, sqldriver.ErrBadConn) {
		e.Errorf("the error hides behind driver.ErrBadConn: %v", err)
	}
	return err
}

// kind checks the kind of an error where the target has kinds.
func (e *Env) kind(err, want error) {
	if err == nil || !e.Target.has(ErrorKinds) {
		return
	}
	if !errors.Is(err, want) {
		e.Errorf("%s: not a %v: %v", caller(), want, err)
	}
}

// closedPort is an address of this machine on which nobody listens.
func closedPort(e *Env) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	e.Must(err)
	addr := l.Addr().String()
	e.Must(l.Close())
	return addr
}

// silentServer accepts connections and says nothing. It ends with the check.
func silentServer(e *Env) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	e.Must(err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		var open []net.Conn
		for {
			c, err := l.Accept()
			if err != nil {
				for _, c := range open {
					c.Close()
				}
				return
			}
			open = append(open, c)
		}
	}()
	e.Cleanup(func() {
		l.Close()
		select {
		case <-done:
		case <-time.After(time.Second):
		}
	})
	return l.Addr().String()
}
