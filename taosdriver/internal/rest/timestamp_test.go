package rest

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

var layouts = map[block.Precision]string{
	block.Milli: "2006-01-02T15:04:05.000Z07:00",
	block.Micro: "2006-01-02T15:04:05.000000Z07:00",
	block.Nano:  "2006-01-02T15:04:05.000000000Z07:00",
}

func TestTimestampsReadAsTimeFormatsThem(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	zones := []*time.Location{time.UTC, time.FixedZone("", 8*3600), time.FixedZone("", -4*3600-1800)}
	for p, layout := range layouts {
		for range 5000 {
			v := random.Int64() >> random.IntN(40)
			if random.IntN(2) == 0 {
				v = -v
			}
			at := p.Time(v, zones[random.IntN(len(zones))])
			if at.Year() < 0 || at.Year() > 99999 {
				continue
			}
			got, ok := parseTimestamp([]byte(at.Format(layout)))
			unix, fits := got.unix()
			if !ok || !fits || unix != v || got.precision != p {
				t.Fatalf("%s: %d %v, want %d %v", at.Format(layout), unix, got.precision, v, p)
			}
		}
	}
}

func TestOffsetsThatTheServerPrintsWithoutSeconds(t *testing.T) {
	shanghai, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []time.Time{
		time.Date(1890, 1, 1, 0, 0, 0, 0, shanghai), // 8:05:43 ahead
		time.Date(1900, 12, 31, 23, 59, 59, 0, shanghai),
		time.Date(1901, 1, 1, 12, 0, 0, 0, shanghai),
		time.Date(1990, 7, 1, 12, 0, 0, 0, shanghai),
		time.Date(2024, 7, 1, 12, 0, 0, 0, shanghai),
	} {
		got, ok := parseTimestamp([]byte(at.Format(layouts[block.Milli])))
		got.correct(shanghai)
		if unix, _ := got.unix(); !ok || unix != at.UnixMilli() {
			t.Errorf("%v: off by %v", at, time.UnixMilli(unix).Sub(at))
		}
	}
}
