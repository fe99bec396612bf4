package taosdriver_test

import (
	"fmt"

	"github.com/gaugesql/gaugesql/taosdriver"
)

func ExampleParseDSN() {
	config, err := taosdriver.ParseDSN("taos+wss://root:taosdata@h1,h2:6042/power?timezone=Asia/Shanghai&read_timeout=90")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(config.Transport, config.TLS, config.Hosts, config.Database, config.SessionTimezone, config.ReadTimeout)
	fmt.Println(config) // shows no secret; FormatDSN does

	_, err = taosdriver.ParseDSN("ws://root:taosdata@h1/power?raed_timeout=90")
	fmt.Println(err)
	// Output:
	// ws true [h1 h2:6042] power Asia/Shanghai 1m30s
	// taos+wss://root:xxxxx@h1,h2:6042/power?timezone=Asia/Shanghai&read_timeout=1m30s
	// tdengine: dsn: unknown parameter "raed_timeout"; did you mean "read_timeout"?
}

// The DSN of the official Go driver needs no change.
func ExampleParseDSN_official() {
	config, err := taosdriver.ParseDSN("root:taosdata@ws(localhost:6041)/power?readTimeout=10m&enableCompression=true")
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(config.FormatDSN())
	// Output:
	// taos+ws://root:taosdata@localhost:6041/power?read_timeout=10m&compression=true
}
