package taostest

import (
	"context"
	"database/sql"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store"
)

// idleConns is the number of idle connections kept to the embedded store, whose
// connections cost next to nothing.
const idleConns = 64

func openStore(o *options) *sql.DB {
	s := store.New()
	s.Version = o.version
	db := sql.OpenDB(s)
	db.SetMaxIdleConns(idleConns)
	return db
}

// stateful is what the connections of a database with TDengine's sessions do
// beyond database/sql, as the embedded store's.
type stateful interface {
	CurrentDatabase() string
	SetTimezone(*time.Location)
	StmtFields(ctx context.Context, sql string) (insert bool, fields []store.StmtField, err error)
	ExecMany(ctx context.Context, query string, argSets [][]any) (int64, error)
}

// topics are those of the database, which must be an embedded store.
func (s *Server) topics(ctx context.Context) (*store.Topics, error) {
	conn, err := s.db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	var all *store.Topics
	err = conn.Raw(func(c any) error {
		if c, ok := c.(interface{ Topics() *store.Topics }); ok {
			all = c.Topics()
			return nil
		}
		return &codeError{adapterCode, "taostest: subscriptions need the embedded store"}
	})
	return all, err
}

// unset is an argument that leaves the stored value as it is.
var unset = store.Unset{}
