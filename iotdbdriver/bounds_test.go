package iotdbdriver

import (
	"context"
	sqldriver "database/sql/driver"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/iotdbdriver/internal/rpc"
)

// Names and parameters count for what a request may have: on a longer one the server
// would close the connection without a word.
func TestRequestsWithTheirNames(t *testing.T) {
	ctx := context.Background()
	long := strings.Repeat("n", 1<<20)
	record := Record{Table: "root.a.b", Time: instants[0], Values: []RecordValue{{Name: long, Value: 1}}}
	tablet := rowOf("root.a.b")
	tablet.Columns = []driver.TabletColumn{tablet.Columns[0], tablet.Columns[0]}
	tablet.Columns[1].Name = long
	var records []Record
	var tablets []driver.Tablet
	for range 10 {
		records, tablets = append(records, record), append(tablets, tablet)
	}
	for method, tt := range map[string]struct {
		dialect Dialect
		run     func(*conn) error
	}{
		rpc.InsertRecords: {Tree, func(c *conn) error { return c.InsertRecords(ctx, records...) }},
		rpc.InsertTablets: {Tree, func(c *conn) error { return c.InsertTablets(ctx, tablets...) }},
		rpc.ExecutePrepared: {Table, func(c *conn) error {
			stmt, err := c.Prepare("DELETE FROM t WHERE s = ?")
			if err != nil {
				return err
			}
			defer stmt.Close()
			_, err = stmt.(sqldriver.StmtExecContext).ExecContext(ctx, numbered([]sqldriver.Value{strings.Repeat(long, 10)}))
			return err
		}},
	} {
		s := newScript(t)
		err := raw(s.db(t, func(c *Config) { c.Dialect = tt.dialect }), func(c *conn) error {
			c.session.frameLimit = 9 << 20
			return tt.run(c)
		})
		if !errors.Is(err, driver.ErrProgramming) || !strings.Contains(fmt.Sprintf("%.300v", err), "dn_thrift_max_frame_size") || s.count(method) != 0 {
			t.Errorf("%s: %.300v", method, err)
		}
	}
}

// A connection on which rows still wait for a page does not go back to the pool.
func TestRowsLeftOpen(t *testing.T) {
	s := newScript(t)
	s.result(t, 3)
	db := s.db(t, nil)
	err := raw(db, func(c *conn) error {
		r, err := c.QueryRequest(context.Background(), 1, "SELECT 1")
		if err != nil {
			return err
		}
		dest := make([]sqldriver.Value, len(r.Columns()))
		return errors.Join(r.Next(dest), r.Next(dest))
	})
	if err = errors.Join(err, db.Ping()); err != nil {
		t.Error(err)
	}
	if n := s.count(rpc.OpenSession); n != 2 {
		t.Errorf("%d connections", n)
	}
}

// A node that cannot be reached in time is not waited for with every tablet, although
// the server advises it each time; and no address is none to go to.
func TestRedirectionToNowhere(t *testing.T) {
	for ip, want := range map[string]int{"192.0.2.1": 1, "0.0.0.0": 0, "::": 0} {
		s := newScript(t)
		s.on(rpc.InsertTablet, &rpc.Status{Code: codeSuccess, RedirectNode: &rpc.Endpoint{IP: ip, Port: 6667}})
		dials := 0
		db := s.db(t, func(c *Config) {
			c.Redirection, c.ConnectTimeout = true, 200*time.Millisecond
			c.Dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
				if addr == s.addr {
					return new(net.Dialer).DialContext(ctx, network, addr)
				}
				dials++
				<-ctx.Done()
				return nil, ctx.Err()
			}
		})
		for range 5 {
			if err := raw(db, func(c *conn) error { return c.InsertTablet(context.Background(), rowOf("t")) }); err != nil {
				t.Error(err)
			}
		}
		if dials != want || s.count(rpc.InsertTablet) != 5 {
			t.Errorf("%s: %d dials, %d tablets", ip, dials, s.count(rpc.InsertTablet))
		}
	}
}

// What rests is learned again afterwards.
func TestRoutesRest(t *testing.T) {
	var r routes
	r.rest("n:1", time.Hour)
	r.learn(1, "n:1")
	if n := r.of([]uint64{1}); n != "" {
		t.Errorf("it leads to %s", n)
	}
	r.rest("n:1", 0)
	r.learn(1, "n:1")
	if n := r.of([]uint64{1}); n != "n:1" || len(r.resting) != 0 {
		t.Errorf("it leads to %q, %d rest", n, len(r.resting))
	}
}
