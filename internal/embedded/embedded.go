// Package embedded opens private SQLite databases for the embedded test servers: many readers
// beside one writer, gone when closed.
package embedded

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the pure-Go SQLite, registered as "sqlite"
)

// Database is a SQLite database in a temporary directory of its own. It is in WAL mode: readers see
// the state of when they began, never wait for the writer and never keep it waiting. Nothing is
// synced to disk, as nothing outlives the process; sorting spills to files, so that memory stays
// small whatever a query reads.
type Database struct {
	dir             string
	readers, writer *sql.DB
}

// Open makes an empty database.
func Open() (*Database, error) {
	dir, err := os.MkdirTemp("", "gaugesql-*")
	if err != nil {
		return nil, fmt.Errorf("embedded: %w", err)
	}
	d := &Database{dir: dir}
	path := filepath.ToSlash(filepath.Join(dir, "data.db"))
	if !strings.HasPrefix(path, "/") { // a drive letter
		path = "/" + path
	}
	dsn := (&url.URL{Scheme: "file", Path: path}).String() +
		"?_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)&_pragma=temp_store(file)"
	d.writer, err = sql.Open("sqlite", dsn+"&_pragma=cache_size(-16384)")
	if err == nil {
		d.writer.SetMaxOpenConns(1)
		// The first connection makes the file and its journal mode, so that readers find both.
		err = d.writer.Ping()
	}
	if err == nil {
		d.readers, err = sql.Open("sqlite", dsn+"&_pragma=query_only(1)&_pragma=cache_size(-1024)")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("embedded: %w", err), d.Close())
	}
	d.readers.SetMaxIdleConns(8)
	return d, nil
}

// Reader is for queries, any number at a time. Statements that write fail on it.
func (d *Database) Reader() *sql.DB { return d.readers }

// Writer is for statements that write. It has one connection: they wait for each other.
func (d *Database) Writer() *sql.DB { return d.writer }

// Close removes the database. Queries should have ended or be about to, as when their contexts are
// cancelled: Close gives them a moment, since an open file cannot be removed on Windows.
func (d *Database) Close() error {
	var errs []error
	for _, db := range []*sql.DB{d.readers, d.writer} {
		if db == nil {
			continue
		}
		errs = append(errs, db.Close())
		for end := time.Now().Add(2 * time.Second); db.Stats().InUse > 0 && time.Now().Before(end); {
			time.Sleep(time.Millisecond)
		}
	}
	return errors.Join(append(errs, os.RemoveAll(d.dir))...)
}
