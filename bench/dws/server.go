package dws

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Server starts a PostgreSQL of its own by conformance/servers/postgres, which is
// looked for above the working directory. Stop ends it.
func Server() (dsn string, stop func(), err error) {
	scripts, err := above(filepath.Join("conformance", "servers", "postgres"))
	if err != nil {
		return "", nil, err
	}
	folder, err := os.MkdirTemp("", "dwsbench")
	if err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = exec.Command("bash", filepath.Join(scripts, "stop.sh"), folder).Run()
		_ = os.RemoveAll(folder)
	}
	start := exec.Command("bash", filepath.Join(scripts, "start.sh"), folder)
	start.Stderr = os.Stderr
	out, err := start.Output()
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("start a PostgreSQL: %w", err)
	}
	return strings.TrimSpace(string(out)), stop, nil
}

// above looks for a folder of the repository.
func above(path string) (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for range 4 {
		if full := filepath.Join(dir, path); isDir(full) {
			return full, nil
		}
		dir = filepath.Dir(dir)
	}
	return "", fmt.Errorf("no folder %s above the working directory", path)
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

// Prepare makes the tables: bench with so many rows, and an empty one of the same
// columns.
func Prepare(dsn string, rows int) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.ExecContext(context.Background(), fmt.Sprintf(`
		DROP TABLE IF EXISTS bench, bench_in;
		CREATE TABLE bench (id int8, v float8, ts timestamptz, t text);
		INSERT INTO bench SELECT i, i * 1.5, timestamptz '2024-01-01 00:00:00Z' + i * interval '1 second', 'row number ' || i FROM generate_series(1, %d) i;
		CREATE UNIQUE INDEX ON bench (id);
		CREATE UNLOGGED TABLE bench_in (id int8, v float8, ts timestamptz, t text)`, rows))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), "VACUUM ANALYZE bench")
	return err
}

// Version tells the server's name and version.
func Version(dsn string) (string, error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return "", err
	}
	defer db.Close()
	var version string
	err = db.QueryRowContext(context.Background(), "SHOW server_version").Scan(&version)
	return "PostgreSQL " + version, err
}
