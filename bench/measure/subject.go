package measure

import (
	"database/sql"
	"fmt"

	"github.com/gaugesql/gaugesql/bench/floor"
	"github.com/gaugesql/gaugesql/bench/replay"
	"github.com/gaugesql/gaugesql/taosdriver"
	_ "github.com/taosdata/driver-go/v3/taosRestful"
	_ "github.com/taosdata/driver-go/v3/taosWS"
)

// Subject is a driver that is measured.
type Subject struct {
	Name string
	// open returns a pool of connections to the server.
	open func(addr string) (*sql.DB, error)
	// scan reads a row into the types that the driver hands out, so that
	// database/sql has nothing to convert.
	scan func(*sql.Rows) error
}

// Subjects are all drivers, by the names that the tables use.
var Subjects = []Subject{
	{"floor", openFloor, scanInto[int64]},
	{"gaugesql decoding", openMemory, scanInto[int64]},
	{"gaugesql ws", ours("taos+ws"), scanInto[int64]},
	{"driver-go ws", official("taosWS", "ws"), scanInto[int32]},
	{"gaugesql http", ours("taos+http"), scanInto[int64]},
	{"driver-go http", official("taosRestful", "http"), scanInto[int32]},
}

// Find returns the subject of a name.
func Find(name string) (Subject, error) {
	for _, s := range Subjects {
		if s.Name == name {
			return s, nil
		}
	}
	return Subject{}, fmt.Errorf("there is no subject %q", name)
}

func openFloor(string) (*sql.DB, error) { return sql.OpenDB(floor.Connector{}), nil }

// openMemory is the driver over a connection that is none.
func openMemory(string) (*sql.DB, error) {
	config, err := taosdriver.ParseDSN("taos+ws://root:taosdata@memory:6041")
	if err != nil {
		return nil, err
	}
	config.Dial = replay.Dial
	connector, err := taosdriver.NewConnector(config)
	if err != nil {
		return nil, err
	}
	return sql.OpenDB(connector), nil
}

func ours(scheme string) func(string) (*sql.DB, error) {
	return func(addr string) (*sql.DB, error) {
		return sql.Open("taos", scheme+"://root:taosdata@"+addr)
	}
}

func official(driver, network string) func(string) (*sql.DB, error) {
	return func(addr string) (*sql.DB, error) {
		return sql.Open(driver, fmt.Sprintf("root:taosdata@%s(%s)/", network, addr))
	}
}

// Open returns a pool with one connection.
func (s Subject) Open(addr string) (*sql.DB, error) {
	db, err := s.open(addr)
	if err == nil {
		db.SetMaxOpenConns(1)
	}
	return db, err
}

// query asks the subject for so many rows.
func (s Subject) query(rows int) string {
	if s.Name == "floor" {
		return fmt.Sprint(rows)
	}
	return fmt.Sprintf("SELECT * FROM meters LIMIT %d", rows)
}
