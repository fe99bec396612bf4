package embedded_test

import (
	"os"
	"testing"

	"github.com/gaugesql/gaugesql/internal/embedded"
)

func open(t *testing.T) *embedded.Database {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir())
	d, err := embedded.Open()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func TestAnOpenReaderSeesTheStateOfWhenItBegan(t *testing.T) {
	d := open(t)
	mustExec := func(q string) {
		t.Helper()
		if _, err := d.Writer().Exec(q); err != nil {
			t.Fatal(err)
		}
	}
	mustExec("create table t (v)")
	mustExec("insert into t values (1), (2), (3)")
	rows, err := d.Reader().Query("select v from t order by v")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		t.Fatal("no row")
	}
	mustExec("insert into t values (4)")
	mustExec("create table u (v)")
	n := 1
	for rows.Next() {
		n++
	}
	if err := rows.Err(); err != nil || n != 3 {
		t.Fatalf("the open reader saw %d rows, %v", n, err)
	}
	if err := d.Reader().QueryRow("select count(*) from t").Scan(&n); err != nil || n != 4 {
		t.Fatalf("a new reader counts %d rows, %v", n, err)
	}
}

func TestAReaderCannotWrite(t *testing.T) {
	d := open(t)
	if _, err := d.Reader().Exec("create table t (v)"); err == nil {
		t.Fatal("a reader created a table")
	}
}

func TestCloseRemovesTheFiles(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir)
	d, err := embedded.Open()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Fatalf("left behind: %v, %v", left, err)
	}
}
