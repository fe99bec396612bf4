package siridriver_test

import (
	"database/sql"
	"fmt"
	"log"
	"time"

	"github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func ExampleParseDSN() {
	config, err := siridriver.ParseDSN("siridb://iris:siri@s1:9000;weight=3,s2,b1:9002;backup=true/dbtest?query_timeout=30")
	if err != nil {
		log.Fatal(err)
	}
	for _, host := range config.Hosts {
		fmt.Println(host.Addr, host.Weight, host.Backup)
	}
	fmt.Println(config.Database, config.QueryTimeout)
	fmt.Println(config) // shows no secret; FormatDSN does

	_, err = siridriver.ParseDSN("siridb://s1/dbtest?query_timout=30")
	fmt.Println(err)
	// Output:
	// s1:9000 3 false
	// s2 1 false
	// b1:9002 1 true
	// dbtest 30s
	// siridb://iris:xxxxx@s1:9000;weight=3,s2,b1:9002;backup=true/dbtest?query_timeout=30s
	// siridb: dsn: unknown parameter "query_timout"; did you mean "query_timeout"?
}

// A Config in the place of a DSN.
func ExampleNewConnector() {
	server := siritest.NewServer()
	defer server.Close()

	config := siridriver.NewConfig()
	config.Hosts = []siridriver.Host{{Addr: server.Addr()}}
	config.Database = "dbtest"
	config.QueryTimeout = 10 * time.Second
	connector, err := siridriver.NewConnector(config)
	if err != nil {
		log.Fatal(err)
	}
	db := sql.OpenDB(connector)
	defer db.Close()
	fmt.Println(db.Ping())
	// Output: <nil>
}
