package siri

import (
	"fmt"

	"github.com/gaugesql/gaugesql/bench/measure"
)

// Subject is something that decodes or encodes points.
type Subject struct {
	Name string
	// Task is "decode" or "encode".
	Task string
	// begin prepares so many points of a kind, checks that they are decoded right
	// where there is something to check, and returns what is measured.
	begin func(kind string, points int) (run func() error, end func(), err error)
}

// Subjects in the order of the tables; Python's are beside them, see [Python].
var Subjects = []Subject{
	{"gaugesql, the driver's rows", "decode", decodeRows},
	{"gaugesql, through database/sql", "decode", decodeSQL},
	{"go-qpack, Unpack", "decode", decodeOfficial},
	{"gaugesql, SeriesInserter", "encode", encodeSeries},
	{"gaugesql, Appender", "encode", encodeAppender},
	{"go-qpack, Pack", "encode", encodeOfficial},
}

// Find returns the subject of a name.
func Find(name string) (Subject, error) {
	for _, s := range Subjects {
		if s.Name == name {
			return s, nil
		}
	}
	return Subject{}, fmt.Errorf("there is no subject %q", name)
}

// Measure runs the subject once for what is made once, and once to be counted.
func (s Subject) Measure(kind string, points int) (measure.Figures, error) {
	run, end, err := s.begin(kind, points)
	if err != nil {
		return measure.Figures{}, err
	}
	defer end()
	if err := run(); err != nil {
		return measure.Figures{}, err
	}
	return measure.Count(points, run)
}
