package siridriver

import (
	"errors"
	"math"
	"testing"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/script"
)

func TestDivisionThatEndsTheServerIsNotSent(t *testing.T) {
	s := script.Start(t, nil)
	db := open(t, s)
	for _, operator := range []string{"/", "%"} {
		rows, err := db.Query("select * from ? after ? "+operator+" ?", "a", int64(math.MinInt64), -1)
		if !errors.Is(err, driver.ErrData) {
			t.Errorf("%s: %v", operator, err)
		}
		if err == nil {
			rows.Close()
		}
	}
	if sent := s.Queries(); len(sent) != 0 {
		t.Errorf("sent %q", sent)
	}
}
