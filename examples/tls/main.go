// Command tls connects by TLS to a server whose certificate comes from a
// certificate authority of its own, and shows a client certificate.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/gaugesql/gaugesql/driver"
	_ "github.com/gaugesql/gaugesql/taosdriver"
	"github.com/gaugesql/gaugesql/taosdriver/taostest"
)

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "tls:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	server := taostest.NewServer(taostest.WithClientCertificate())
	defer server.Close()
	folder, err := os.MkdirTemp("", "tls")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	if err := writeCertificates(server, folder); err != nil {
		return err
	}

	// Programs that have a *tls.Config put it into Config.TLSConfig instead.
	authority := "?tls_ca=" + filepath.ToSlash(filepath.Join(folder, "ca.pem"))
	client := "&tls_cert=" + filepath.ToSlash(filepath.Join(folder, "client.pem")) +
		"&tls_key=" + filepath.ToSlash(filepath.Join(folder, "client.key"))
	for _, c := range []struct{ name, dsn string }{
		{"authority and client certificate", server.DSN("wss", "") + authority + client},
		{"the same over REST", server.DSN("https", "") + authority + client},
		{"an authority that is not trusted", server.DSN("wss", "") + "?" + client[1:]},
		{"no client certificate", server.DSN("wss", "") + authority},
		{"no TLS at all", "taos+ws://root:taosdata@" + server.Addr()},
	} {
		switch err := ping(ctx, c.dsn); {
		case err == nil:
			fmt.Fprintf(out, "%s: connected\n", c.name)
		case errors.Is(err, driver.ErrConnection):
			fmt.Fprintf(out, "%s: refused\n", c.name)
		default:
			return err
		}
	}
	return nil
}

func ping(ctx context.Context, dsn string) error {
	db, err := sql.Open("taos", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.PingContext(ctx)
}

// writeCertificates puts what an administrator would hand out into files.
func writeCertificates(server *taostest.Server, folder string) error {
	cert, key, err := server.ClientCertificatePEM()
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{"ca.pem": server.CertPEM(), "client.pem": cert, "client.key": key} {
		if err := os.WriteFile(filepath.Join(folder, name), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}
