package siritest_test

import (
	"testing"

	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
	"github.com/gaugesql/gaugesql/siridriver/siritest"
)

// BenchmarkMillionPoints inserts a million points and selects them, a million each
// round.
func BenchmarkMillionPoints(b *testing.B) {
	values := make([]int64, 1_000_000)
	insert := points("x", values...)
	for range b.N {
		srv := siritest.NewServer()
		c := login(b, srv, "dbtest")
		if tp, _ := c.call(wire.Insert, insert); tp != wire.InsertResult {
			b.Fatal(tp)
		}
		if tp, data := c.call(wire.Query, wire.AppendQuery(nil, "select * from 'x'")); tp != wire.QueryResult || len(data) < 3*len(values) {
			b.Fatal(tp, len(data))
		}
		c.close()
		srv.Close()
	}
	b.ReportMetric(float64(len(values)*b.N)/b.Elapsed().Seconds(), "points/s")
}
