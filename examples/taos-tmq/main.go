// Command taos-tmq subscribes to smart meters: it makes topics, reads messages as
// rows and as columns, commits, goes on where the group has left off, sees changes of
// tables, and carries on when an adapter dies. It runs against an embedded server;
// -dsn names a real one, of which nobody is killed:
//
//	go run ./examples/taos-tmq
//	go run ./examples/taos-tmq -dsn taos+ws://root:taosdata@localhost:6041
//
// It makes a database gaugesql_example and topics of that prefix, and drops them.
package main

import (
	"context"
	"database/sql"
	sqldriver "database/sql/driver"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	dsn := flag.String("dsn", "", "a real TDengine in place of the embedded server")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, *dsn); err != nil {
		fmt.Fprintln(os.Stderr, "taos-tmq:", err)
		os.Exit(1)
	}
}

// program is what the steps share.
type program struct {
	out io.Writer
	db  *sql.DB
	// dsn names all adapters.
	dsn string
	// kill ends the adapter that consumers use; nil for a real server.
	kill func()
	// midnight is that of today: databases refuse what is older than they keep.
	midnight time.Time
}

func run(ctx context.Context, out io.Writer, dsn string) (err error) {
	p := &program{out: out, dsn: dsn, midnight: time.Now().UTC().Truncate(24 * time.Hour)}
	if dsn == "" {
		first := taostest.NewServer()
		defer first.Close()
		second := taostest.NewServer(taostest.Beside(first))
		defer second.Close()
		p.dsn = "taos+ws://root:taosdata@" + second.Addr() + "," + first.Addr()
		p.kill = second.Stop
		dsn = first.DSN("ws", "")
		fmt.Fprintln(out, "An embedded server with two adapters is running in this process.")
	}
	if p.db, err = sql.Open("taos", dsn); err != nil {
		return err
	}
	defer p.db.Close()
	if err := p.clean(ctx); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.clean(context.WithoutCancel(ctx))) }()
	for _, step := range []func(context.Context) error{p.prepare, p.rows, p.resume, p.columns, p.schema, p.failover} {
		if err := step(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) exec(ctx context.Context, statements ...string) error {
	for _, s := range statements {
		if _, err := p.db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// clean drops what the program makes. A topic stays for some seconds after its last
// consumer has left.
func (p *program) clean(ctx context.Context) error {
	var err error
	for range 20 {
		err = p.exec(ctx, "DROP TOPIC IF EXISTS gaugesql_meters", "DROP TOPIC IF EXISTS gaugesql_high",
			"DROP TOPIC IF EXISTS gaugesql_all", "DROP DATABASE IF EXISTS gaugesql_example")
		if err == nil || ctx.Err() != nil {
			return err
		}
		time.Sleep(500 * time.Millisecond)
	}
	return err
}

func (p *program) prepare(ctx context.Context) error {
	err := p.exec(ctx,
		"CREATE DATABASE gaugesql_example VGROUPS 1",
		"CREATE STABLE gaugesql_example.meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(32))",
		"CREATE TOPIC gaugesql_meters AS STABLE gaugesql_example.meters",
		"CREATE TOPIC gaugesql_high AS SELECT ts, voltage, tbname FROM gaugesql_example.meters WHERE voltage > 220",
		"CREATE TOPIC gaugesql_all WITH META AS DATABASE gaugesql_example",
	)
	if err != nil {
		return err
	}
	return p.write(ctx, 0, 3)
}

// write inserts the minutes from up to to for two meters.
func (p *program) write(ctx context.Context, from, to int) error {
	for i := from; i < to; i++ {
		ts := p.midnight.Add(time.Duration(i) * time.Minute).UnixMilli()
		err := p.exec(ctx, fmt.Sprintf(`INSERT INTO
			gaugesql_example.d1001 USING gaugesql_example.meters TAGS ('San Francisco') VALUES (%d, %d.5, %d)
			gaugesql_example.d1002 USING gaugesql_example.meters TAGS ('Campbell') VALUES (%[1]d, %[4]d.25, %[5]d)`, ts, 10+i, 218+i, 20+i, 221+i))
		if err != nil {
			return err
		}
	}
	return nil
}

// open returns a consumer of the group, subscribed to the topic.
func (p *program) open(ctx context.Context, group, topic string) (driver.Consumer, error) {
	c, err := taosdriver.OpenConsumer(ctx, p.dsn, map[string]string{
		"group.id":           group,
		"auto.offset.reset":  "earliest",
		"enable.auto.commit": "false",
	})
	if err != nil {
		return nil, err
	}
	if err := c.Subscribe(ctx, topic); err != nil {
		c.Close(ctx)
		return nil, err
	}
	return c, nil
}

// rows reads messages row by row, as one reads the rows of a query.
func (p *program) rows(ctx context.Context) error {
	c, err := p.open(ctx, "billing", "gaugesql_meters")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	var lines []string
	for m, err := range c.Messages(ctx) {
		if err != nil {
			return err
		}
		for _, data := range m.Data {
			rows := data.Rows()
			dest := make([]sqldriver.Value, len(data.Columns))
			for rows.Next(dest) != io.EOF {
				ts := dest[0].(time.Time)
				lines = append(lines, fmt.Sprintf("  %s %s %5v A %v V", data.Table, ts.Format("15:04"), dest[1], dest[2]))
			}
		}
		// Now the group has it. If the program ended before, it would come again.
		if err := c.Commit(ctx, m); err != nil {
			return err
		}
		if len(lines) == 6 {
			break
		}
	}
	slices.Sort(lines)
	fmt.Fprintf(p.out, "\nThe group billing reads what was written before:\n%s\n", strings.Join(lines, "\n"))
	return nil
}

// resume goes on behind the committed offsets with another consumer of the group.
func (p *program) resume(ctx context.Context) error {
	if err := p.write(ctx, 3, 4); err != nil {
		return err
	}
	c, err := p.open(ctx, "billing", "gaugesql_meters")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	n := 0
	for n < 2 {
		m, err := c.Poll(ctx, 5*time.Second)
		if err != nil {
			return err
		}
		if m == nil {
			return errors.New("no message came")
		}
		for _, data := range m.Data {
			n += data.Len
		}
		if err := c.Commit(ctx, m); err != nil {
			return err
		}
	}
	fmt.Fprintf(p.out, "\nAnother consumer of the group finds the %d rows written since.\n", n)
	return nil
}

// columns reads a column of a message at once, without looking at rows.
func (p *program) columns(ctx context.Context) error {
	c, err := p.open(ctx, "alarms", "gaugesql_high")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	var highest int64
	for n := 0; n < 5; {
		m, err := c.Poll(ctx, 5*time.Second)
		if err != nil || m == nil {
			return errors.Join(errors.New("no message came"), err)
		}
		for _, data := range m.Data {
			i := slices.Index(data.Columns, "voltage")
			for _, v := range data.Column(i).Values.([]int64) {
				highest = max(highest, v)
				n++
			}
		}
	}
	fmt.Fprintf(p.out, "\nThe topic of a query has the rows above 220 V; the highest is %d V.\n", highest)
	return nil
}

// schema reads a topic that also tells of changes of tables.
func (p *program) schema(ctx context.Context) error {
	c, err := p.open(ctx, "replica", "gaugesql_all")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	m, err := c.Poll(ctx, 5*time.Second)
	if err != nil || m == nil {
		return errors.Join(errors.New("no message came"), err)
	}
	meta, _, _ := strings.Cut(string(m.Meta), `,"columns"`)
	fmt.Fprintf(p.out, "\nWith metadata, the first message of the database is\n  %s ...\n", meta)
	return nil
}

// failover shows that a consumer goes on at another adapter.
func (p *program) failover(ctx context.Context) error {
	if p.kill == nil {
		return nil
	}
	c, err := p.open(ctx, "billing", "gaugesql_meters")
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	p.kill()
	if err := p.write(ctx, 4, 5); err != nil {
		return err
	}
	m, err := c.Poll(ctx, 5*time.Second)
	if err != nil || m == nil {
		return errors.Join(errors.New("no message came"), err)
	}
	fmt.Fprintf(p.out, "\nOne adapter is gone; the consumer subscribed again at the other and has the next %d rows.\n", m.Data[0].Len*len(m.Data))
	return nil
}
