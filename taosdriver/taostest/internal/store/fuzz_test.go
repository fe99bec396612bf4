package store_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// FuzzStatement runs anything in a session with some tables. It ends in time, in rows or in an
// error with a code, and the session goes on.
func FuzzStatement(f *testing.F) {
	files, _ := filepath.Glob("testdata/scripts/*.txt")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, line := range strings.Split(string(b), "\n") {
			if q, ok := strings.CutPrefix(line, "> "); ok {
				f.Add(q)
			}
		}
	}
	s := newSession(f, newStore(f))
	f.Fuzz(func(t *testing.T, q string) {
		if strings.Contains(strings.ToLower(q), "taostest_sleep") {
			return
		}
		s.t = t
		topics, err := s.all("show topics") // of the input before; they hold its database
		if err != nil {
			t.Fatal(err)
		}
		for _, topic := range topics {
			s.exec(fmt.Sprintf("drop topic force `%s`", topic[0]))
		}
		s.exec("drop database if exists d", "create database d", "use d",
			"create stable st (ts timestamp, v int, f double, s varchar(10), b bool, u bigint unsigned) tags (g int, name nchar(10))",
			"create table t (ts timestamp, v int, dec decimal(10, 2), vb varbinary(10))",
			"insert into a using st tags (1, 'x') values (now, 1, 1.5, 'one', true, 5) (now + 1s, null, null, null, null, null)",
			"insert into t values (now, 1, 1.5, 'x') (now + 1s, null, null, null)")
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		rows, err := s.QueryContext(ctx, q)
		if err == nil {
			defer rows.Close()
			_, err = readAll(rows)
		}
		var known interface{ Code() int }
		switch {
		case err == nil:
		case !errors.As(err, &known):
			t.Fatalf("%T %v", err, err)
		case known.Code() == 0xffff:
			t.Fatalf("an error of the store itself: %v", err)
		}
		if rows, err := s.all("select 1"); err != nil || len(rows) != 1 {
			t.Fatalf("afterwards: %v, %v", rows, err)
		}
	})
}
