package conformance_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/conformance"
	"github.com/gaugesql/gaugesql/iotdbdriver"
)

var (
	matrixPath = flag.String("matrix", "", "write the matrix to this file, relative to the module's root")
	update     = flag.Bool("update", false, "write the matrix to docs/conformance.md")
)

const matrixPage = "docs/conformance.md"

// embedded are the targets that need nothing but this module. Their results are
// in docs/conformance.md.
var embedded = []struct {
	name string
	make func(t testing.TB) conformance.Target
}{
	{"reference", referenceTarget},
	{"sqlite", sqliteTarget},
	{"taos_ws", func(t testing.TB) conformance.Target { return taosEmbedded(t, "ws") }},
	{"taos_http", func(t testing.TB) conformance.Target { return taosEmbedded(t, "http") }},
	{"siridb", siriEmbedded},
	{"iotdb_table", func(t testing.TB) conformance.Target { return iotdbEmbedded(t, iotdbdriver.Table) }},
	{"iotdb_tree", func(t testing.TB) conformance.Target { return iotdbEmbedded(t, iotdbdriver.Tree) }},
	{"dws", dwsEmbedded},
}

// TestConformance runs the suite against every embedded target and compares the
// outcome with the page in docs.
func TestConformance(t *testing.T) {
	var reports []*conformance.Report
	for _, target := range embedded {
		t.Run(target.name, func(t *testing.T) {
			reports = append(reports, conformance.Run(t, target.make(t)))
		})
	}
	if filter := flag.Lookup("test.run").Value.String(); strings.Contains(filter, "/") || flag.Lookup("test.skip").Value.String() != "" {
		return // a part of the page
	}
	page := conformance.Matrix(reports...)
	path := *matrixPath
	if *update {
		path = matrixPage
	}
	if path != "" {
		if !filepath.IsAbs(path) {
			path = filepath.Join("..", path)
		}
		if err := os.WriteFile(path, []byte(page), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(matrixPage)))
	if err != nil {
		t.Fatal(err)
	}
	if strings.ReplaceAll(string(kept), "\r\n", "\n") != page {
		t.Errorf("%s is not what the suite finds: go test ./conformance -update", matrixPage)
	}
}

// TestRealTDengine runs against the server of CONFORMANCE_TAOS_DSN, whose account
// may create databases.
func TestRealTDengine(t *testing.T) {
	const variable = "CONFORMANCE_TAOS_DSN"
	dsn := os.Getenv(variable)
	if dsn == "" {
		conformance.SkipUnset(t, variable)
	}
	target := taosTarget(t, dsn)
	target.Server = "the server of " + variable
	target.LargeRows = 100_000       // many blocks of the driver's
	target.Timeout = 2 * time.Minute // a statement takes this server 10 ms on a busy machine
	conformance.Run(t, target)
}

// TestRealSiriDB runs against the server of CONFORMANCE_SIRIDB_DSN, in whose
// database it makes series and drops them.
func TestRealSiriDB(t *testing.T) {
	const variable = "CONFORMANCE_SIRIDB_DSN"
	dsn := os.Getenv(variable)
	if dsn == "" {
		conformance.SkipUnset(t, variable)
	}
	target := siriTarget(t, dsn)
	target.Server = "the server of " + variable
	conformance.Run(t, target)
}
