package taosdriver_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

// TestBeyondSQLUnderFaults: whatever goes wrong at whatever step, the call ends with
// a typed error, nothing is written twice, nothing is left on the server, and the
// pool works on.
func TestBeyondSQLUnderFaults(t *testing.T) {
	write := map[string]func(ctx context.Context, c any, i int) error{
		"stmt2": func(ctx context.Context, c any, i int) error {
			p, err := driver.As[driver.Stmt2Preparer](c)
			if err != nil {
				return err
			}
			st, err := p.PrepareStmt2(ctx, "insert into ? using m tags (?, ?) (ts, v) values (?, ?)", driver.Stmt2Options{})
			if err != nil {
				return err
			}
			defer st.Close()
			err = st.Bind(ctx, driver.BindTable{Name: "x", Tags: []any{1, "x"}, Columns: []driver.Column{
				driver.ColumnOf([]time.Time{moment(i)}), driver.ColumnOf([]int{i}),
			}})
			if err != nil {
				return err
			}
			_, err = st.Exec(ctx)
			return err
		},
		"appender": func(ctx context.Context, c any, i int) error {
			o, err := driver.As[driver.AppenderOpener](c)
			if err != nil {
				return err
			}
			a, err := o.OpenAppender(ctx, driver.AppendOptions{Table: "m", Columns: []string{"ts", "v"}})
			if err != nil {
				return err
			}
			if err := a.AppendTo(ctx, "x", []any{1, "x"}, moment(i), i); err != nil {
				return err
			}
			return a.Close(ctx)
		},
		"lines": func(ctx context.Context, c any, i int) error {
			s, err := driver.As[driver.SchemalessInserter](c)
			if err != nil {
				return err
			}
			_, err = s.InsertSchemaless(ctx, driver.SchemalessRequest{
				Protocol: driver.SchemalessLine, Lines: []string{fmt.Sprintf("l,h=a v=%di32 %d", i, moment(i).UnixNano())},
			})
			return err
		},
	}
	actions := map[string][]string{
		"stmt2":    {"binary_query", "stmt2_init", "stmt2_prepare", "stmt2_bind", "stmt2_exec"},
		"appender": {"binary_query", "stmt2_init", "stmt2_prepare", "stmt2_bind", "stmt2_exec"},
		"lines":    {"insert"},
	}
	faults := map[string]taostest.Fault{
		"drop before": taostest.DropBefore, "drop after": taostest.DropAfter, "cut": taostest.Truncate(3), "corrupt": taostest.Corrupt,
		"lost": taostest.LoseReply, "refused": taostest.ErrorCode(0x0115, "refused"), "late": taostest.DelayReply(700 * time.Millisecond),
	}
	srv := serve(t)
	superTable(t, srv)
	db := open(t, srv, "power", func(c *taosdriver.Config) {
		c.ReadTimeout, c.KillGrace = 500*time.Millisecond, -1
	})
	run := 0
	for kind, list := range actions {
		for _, action := range list {
			for name, fault := range faults {
				t.Run(kind+", "+action+", "+name, func(t *testing.T) {
					run++
					began := time.Now()
					executed := func() int { return srv.Executed("into ? using") + srv.Executed("l,h=a") }
					before := executed()
					srv.Fault(taostest.On{Action: action, Times: 1}, fault)
					conn, err := db.Conn(background)
					if err == nil {
						err = conn.Raw(func(c any) error { return write[kind](background, c, run) })
						conn.Close()
					}
					srv.ClearFaults()
					var e *driver.Error
					if err == nil || !errors.As(err, &e) || e.Kind == nil || e.Engine != "tdengine" {
						t.Errorf("%v", err)
					}
					if d := time.Since(began); d > patience {
						t.Errorf("took %v", d)
					}
					if n := executed() - before; n > 1 {
						t.Errorf("executed %d times", n)
					}
					for range 3 { // a loaded machine may need more than the read timeout
						run++
						err = driver.WithDB(background, db, func(i driver.ServerInformer) error { return write[kind](background, i, run) })
						if !errors.Is(err, driver.ErrTimeout) {
							break
						}
					}
					if err != nil {
						t.Errorf("afterwards: %v", err)
					}
				})
			}
		}
	}
	clean(t, srv)
}
