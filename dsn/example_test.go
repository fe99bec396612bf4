package dsn_test

import (
	"fmt"
	"time"

	"github.com/gaugesql/gaugesql/dsn"
	_ "github.com/gaugesql/gaugesql/siridriver"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

func ExampleParse() {
	u, err := dsn.Parse("siridb://iris:si%40ri@s1:9000;weight=3,[::1]:9001/dbtest?precision=ms")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Driver, u.User, u.Password, u.Database)
	for _, h := range u.Hosts {
		_, address := h.Address("localhost", 9000)
		fmt.Println(address, h.Options)
	}
	fmt.Println(u.Redacted())
	// Output:
	// siridb iris si@ri dbtest
	// s1:9000 [{weight 3}]
	// [::1]:9001 []
	// siridb://iris:xxxxx@s1:9000;weight=3,[::1]:9001/dbtest?precision=ms
}

func ExampleNewKeys() {
	type Config struct {
		Timeout time.Duration
		Rows    int
	}
	keys := dsn.NewKeys("parameter",
		dsn.Duration("read_timeout", func(c *Config) *time.Duration { return &c.Timeout },
			"longest wait for an answer").Default("5m").Alias("readTimeout"),
		dsn.Int("fetch_size", func(c *Config) *int { return &c.Rows }, 1, 100000,
			"rows a block").Default("5000"),
	)

	var c Config
	keys.Defaults(&c)
	u, _ := dsn.Parse("iotdb://h/db?readTimeout=90")
	fmt.Println(keys.Read(&c, u.Params), c)
	fmt.Println(keys.Format(&c))

	u, _ = dsn.Parse("iotdb://h/db?fetchsise=10")
	fmt.Println(dsn.ForEngine("iotdb", keys.Read(&c, u.Params)))
	u, _ = dsn.Parse("iotdb://h/db?fetch_size=many")
	fmt.Println(dsn.ForEngine("iotdb", keys.Read(&c, u.Params)))
	// Output:
	// <nil> {1m30s 5000}
	// [{read_timeout 1m30s}]
	// iotdb: dsn: unknown parameter "fetchsise"; did you mean "fetch_size"?
	// iotdb: dsn: parameter "fetch_size" has value "many": want a number from 1 to 100000
}

func ExampleOpen() {
	srv := siritest.NewServer() // a SiriDB in this process
	defer srv.Close()

	// The scheme names the driver.
	db, err := dsn.Open(srv.DSN("dbtest")) // siridb://iris:siri@127.0.0.1:.../dbtest
	if err != nil {
		fmt.Println(err)
		return
	}
	defer db.Close()
	var name, version string
	fmt.Println(db.QueryRow("show version").Scan(&name, &version), version)

	// Its package must be imported.
	_, err = dsn.Open("taos+ws://root:taosdata@h1:6041/power")
	fmt.Println(err)
	// Output:
	// <nil> 2.0.55
	// gaugesql: dsn: no driver for taos://; import _ "github.com/gaugesql/gaugesql/taosdriver"
}

// For logs there is Redacted: it hides the password and whatever else sounds
// secret.
func ExampleURL_Redacted() {
	u, err := dsn.Parse("taos+wss://gw.cloud.example/power?token=0123456789&timezone=UTC")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(u.Redacted())
	// Output: taos+wss://gw.cloud.example/power?token=xxxxx&timezone=UTC
}
