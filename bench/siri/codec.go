package siri

import "github.com/gaugesql/gaugesql/bench/measure"

// Codec is one of the driver's two internal parts that turn bytes into points and
// back. The benchmark of its own package is run.
type Codec struct {
	// Name and Task are those of a [Subject].
	Name, Task string

	own measure.Own
}

// Codecs compiles the benchmarks into dir.
func Codecs(dir string) ([]Codec, error) {
	list := []Codec{
		{"gaugesql, the decoder", "decode", measure.Own{Package: "siridriver/internal/result", Benchmark: "Decode", Rows: 1_000_000}},
		{"gaugesql, the packer", "encode", measure.Own{Package: "siridriver/internal/wire", Benchmark: "Pack", Rows: 1_000_000}},
	}
	for i := range list {
		if err := list[i].own.Build(dir); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// Measure is [Subject.Measure] of a million points.
func (c Codec) Measure(kind string) (measure.Figures, error) { return c.own.Measure(kind) }
