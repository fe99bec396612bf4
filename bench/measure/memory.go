package measure

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"runtime/metrics"
	"time"
)

// HeapGrowth streams n rows and returns by how much the heap at its highest was
// above what it was before the query, garbage included.
func (s Subject) HeapGrowth(db *sql.DB, n int) (bytes int64, err error) {
	return peak(func() error {
		got, err := readAll(db, s.query(n), s.scan)
		if err == nil && got != n {
			err = fmt.Errorf("%s: %d rows, want %d", s.Name, got, n)
		}
		return err
	})
}

// peak runs f and returns by how much the heap at its highest was above what it was
// before, garbage included.
func peak(f func() error) (bytes int64, err error) {
	const (
		pause = 2 * time.Millisecond
		name  = "/memory/classes/heap/objects:bytes"
	)
	sample := func() int64 {
		m := []metrics.Sample{{Name: name}}
		metrics.Read(m)
		return int64(m[0].Value.Uint64())
	}
	runtime.GC()
	start := sample()
	stop, peak := make(chan struct{}), make(chan int64)
	go func() {
		highest := start
		ticker := time.NewTicker(pause)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				highest = max(highest, sample())
			case <-stop:
				peak <- max(highest, sample())
				return
			}
		}
	}()
	err = f()
	close(stop)
	return <-peak - start, err
}

// IdleConnection opens n connections, uses each once, and returns what one of
// them keeps of heap and stacks while idle.
func (s Subject) IdleConnection(addr string, n int) (bytes int64, err error) {
	db, err := s.open(addr)
	if err != nil {
		return 0, err
	}
	defer db.Close()
	db.SetMaxOpenConns(n + 1)
	db.SetMaxIdleConns(n + 1)
	ctx := context.Background()
	// What is made once for all is made by the first.
	first, err := db.Conn(ctx)
	if err != nil {
		return 0, err
	}
	defer first.Close()
	if err := use(ctx, first, s.query(1)); err != nil {
		return 0, err
	}
	before := inUse()
	for range n {
		c, err := db.Conn(ctx)
		if err != nil {
			return 0, err
		}
		defer c.Close()
		if err := use(ctx, c, s.query(1)); err != nil {
			return 0, err
		}
	}
	return (inUse() - before) / int64(n), nil
}

func use(ctx context.Context, c *sql.Conn, query string) error {
	rows, err := c.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	for rows.Next() {
	}
	return rows.Close()
}

// inUse is the memory of heap and stacks that is occupied after two collections;
// the second empties what sync.Pool has kept over the first.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
