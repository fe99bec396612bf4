package prepare

import "testing"

func TestMisread(t *testing.T) {
	for sql, want := range map[string]bool{
		"select -? from d":                                    true,
		"select v - ? from d":                                 true,
		"select - /* x */ ? from d":                           true,
		"select v from d limit ?":                             true,
		"select v from d LIMIT 2, ?":                          true,
		"select v from d limit 2 Offset ?":                    true,
		"select v from d slimit ? soffset 1":                  true,
		"select v from (select v from d limit ?) where ?":     true,
		"select v from (select v from d limit 2) where v = ?": false,
		"select v from d where v = ? limit 2":                 false,
		"select v from d where v = -1 and w = ?":              false,
		"select '- ?' from d where `limit` = ?":               false,
		"select v -- ?\nfrom d where v > ?":                   false,
		"":                                                    false,
	} {
		if got := Misread(sql); got != want {
			t.Errorf("%q: %v", sql, got)
		}
	}
}
