package store_test

import "math"

var nan = math.NaN()

func inf(sign int) float64 { return math.Inf(sign) }
