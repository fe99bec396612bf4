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

const told = `TDengine 3.3.7.5 at HOST over ws, embedded in this process.

1. A super table, and a table for each meter
   CREATE STABLE meters (ts TIMESTAMP, current FLOAT, voltage INT) TAGS (location VARCHAR(24), groupid INT)
   CREATE TABLE d1001 USING meters TAGS (?, ?)
   CREATE TABLE d1002 USING meters TAGS (?, ?)

2. Rows by plain SQL, into several tables at once
   INSERT INTO d1001 VALUES (?, 10.3, 219) (?, 12.6, 218) d1002 VALUES (?, 11.8, 221)
   -> 3 rows

3. Rows by a prepared statement
   INSERT INTO d1002 VALUES (?, ?, ?)
   -> prepared once, run 5 times

4. Many rows by one statement, into a table that it creates
   INSERT INTO d1003 USING meters TAGS (?, ?) VALUES (?, ?, ?) (?, ?, ?) ...
   -> 120 rows

5. A query into structs, by sqlx
   SELECT tbname, ts, current, voltage, location
   FROM meters WHERE groupid = ? AND voltage > ? ORDER BY ts, tbname LIMIT 4
   table  time                 current  voltage  location
   -----  -------------------  -------  -------  -------------
   d1001  DATE mm:00  10.3 A   219 V    San Francisco
   d1002  DATE mm:00  11.8 A   221 V    Los Angeles
   d1002  DATE mm:20  10.0 A   220 V    Los Angeles
   d1002  DATE mm:40  10.2 A   221 V    Los Angeles

6. Averages by windows of a minute
   SELECT _wstart AS since, COUNT(*) AS readings, AVG(current) AS current, MAX(voltage) AS voltage
   FROM meters WHERE ts >= ? INTERVAL(1m)
   since                readings  average current  highest voltage
   -------------------  --------  ---------------  ---------------
   DATE mm:00  65        10.54 A          222 V
   DATE mm:00  63        10.51 A          224 V

7. Request ids of your own, by extension and by context
   INSERT INTO d1001 VALUES (?, ?, ?)
   -> under request 0xfeed, in the server's logs too
   SELECT * FROM d9999
   -> Table does not exist: code 0x2603, request 0xbeef

8. A query with a deadline
   SELECT taostest_sleep(2000) FROM meters
   -> ended by its deadline after TIME; if the server goes on, the driver has it killed after TIME
   SELECT COUNT(*) FROM meters
   -> 129, on the same pool

Done in TIME. More programs are in examples/, the manual is docs/README.md.
`

var (
	date = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d`)
	took = regexp.MustCompile(`(after|Done in) [\d.]+m?s`)
	host = regexp.MustCompile(`127\.0\.0\.1:\d+`)
)

func TestTheStoryIsToldToItsEnd(t *testing.T) {
	var out bytes.Buffer
	if err := run(context.Background(), &out, ""); err != nil {
		t.Fatal(err)
	}
	text := date.ReplaceAllString(out.String(), "DATE mm")
	text = took.ReplaceAllString(text, "$1 TIME")
	text = host.ReplaceAllString(text, "HOST")
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
