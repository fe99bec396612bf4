// Command otel traces statements with otelsql and still reaches what lies beyond
// database/sql, through the wrapper.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/embedded"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "otel:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := taostest.NewServer()
	defer server.Close()
	config, err := taosdriver.ParseDSN(server.DSN("ws", ""))
	if err != nil {
		return err
	}
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		return err
	}
	// With sql.Open it is otelsql.Open("taos", dsn, ...).
	db := otelsql.OpenDB(connector, otelsql.WithTracerProvider(printer{out: out}))
	defer db.Close()

	if _, err := db.ExecContext(ctx, "CREATE DATABASE power"); err != nil {
		return err
	}
	var one int
	if err := db.QueryRowContext(ctx, "SELECT 1").Scan(&one); err != nil {
		return err
	}

	// driver.With looks through the wrapper for the extension.
	return driver.WithDB(ctx, db, func(s driver.ServerInformer) error {
		info, err := s.ServerInfo(ctx)
		fmt.Fprintf(out, "%s %s behind the wrapper\n", info.Engine, info.Version)
		return err
	})
}

// printer is a tracer provider that prints the names of spans. A program has
// that of the OpenTelemetry SDK in its place.
type printer struct {
	embedded.TracerProvider
	out io.Writer
}

func (p printer) Tracer(string, ...trace.TracerOption) trace.Tracer { return tracer{out: p.out} }

type tracer struct {
	embedded.Tracer
	out io.Writer
}

func (t tracer) Start(ctx context.Context, name string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	fmt.Fprintln(t.out, "span", name)
	return ctx, noop.Span{}
}
