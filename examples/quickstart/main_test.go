package main

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"testing"

	"go.uber.org/goleak"

	"github.com/gaugesql/gaugesql/driver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const told = `An embedded TDengine server is running in this process.

1. Tables: a super table, and a child table for each meter
   CREATE STABLE meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(24), groupid INT)
   -> 0 rows
   child tables: d1001, d1002

2. Rows by plain SQL, several tables in one statement
   INSERT INTO d1001 VALUES (?, 10.3, 219) (?, 12.6, 218) d1002 VALUES (?, 11.8, 221)
   -> 3 rows

3. Rows by a prepared statement
   prepared once, run 5 times

4. Many rows at once
   one INSERT with 360 values -> 120 rows

5. A query into structs, by sqlx
   time                 current  voltage  location
   DATE mm:00  11.8 A   221 V    Los Angeles
   DATE mm:00  10.3 A   219 V    San Francisco
   DATE mm:20  10.0 A   220 V    Los Angeles
   DATE mm:40  10.2 A   221 V    Los Angeles

6. Averages by window of a minute
   from                 readings  average current  highest voltage
   DATE mm:00  65        10.54 A          222 V
   DATE mm:00  63        10.51 A          224 V

7. A request id of your own
   a row written under request 0xfeed, by sql.Conn.Raw
   Table does not exist (code 0x2603) in request 0xbeef

8. A query that is cancelled
   ended by its deadline of 50ms after TIME; if the server goes on, the driver has it killed

Done.
`

var (
	date = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`)
	took = regexp.MustCompile(`after [\d.]+m?s`)
)

func TestTheStoryIsToldToItsEnd(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out, ""); err != nil {
		t.Fatal(err)
	}
	text := date.ReplaceAllString(out.String(), "DATE mm")
	text = took.ReplaceAllString(text, "after TIME")
	if text != told {
		t.Errorf("got\n%s\nwant\n%s", text, told)
	}
}

func TestABadDSNEndsTheStory(t *testing.T) {
	err := run(context.Background(), new(bytes.Buffer), "taos+ws://localhost/?tiemzone=UTC")
	if !errors.Is(err, driver.ErrInterface) {
		t.Error(err)
	}
}
