package siridriver

import (
	"context"
	sqldriver "database/sql/driver"
	"fmt"
	"math"
	"time"

	"github.com/gaugesql/gaugesql/driver"
	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
	"github.com/gaugesql/gaugesql/siridriver/internal/result"
	"github.com/gaugesql/gaugesql/siridriver/internal/wire"
)

// InsertSeries implements [driver.SeriesInserter]. All points are checked before
// anything is sent. They go into one package, which the server stores as a whole
// or not at all, unless they are more than Config.MaxInsert; an error of a later
// package is an [*InsertError].
func (c *conn) InsertSeries(ctx context.Context, series ...driver.Series) (driver.SeriesResult, error) {
	id := driver.RequestID(ctx)
	unit, err := c.unit(ctx, opInsert, id)
	if err != nil {
		return driver.SeriesResult{}, err
	}
	p := packing{unit: unit, packer: wire.Packer{Limit: c.config.MaxInsert, Buffer: packages.get}}
	if c.config.CheckTypes {
		p.types = make(seriesTypes)
	}
	p.grow(series)
	for i := range series {
		if err := p.add(&series[i]); err != nil {
			return driver.SeriesResult{}, refusal(opInsert, id, fmt.Errorf("series %d: %w", i+1, err))
		}
	}
	if err := c.checkTypes(ctx, opInsert, id, p.types); err != nil {
		return driver.SeriesResult{}, err
	}
	n, err := c.sendPackages(ctx, opInsert, id, unit, p.packer.Packages())
	return driver.SeriesResult{Points: n}, err
}

// packing turns series into packages.
type packing struct {
	unit   Precision
	packer wire.Packer
	types  seriesTypes
	times  []int64 // scratch
}

// grow reserves what numbers will need at most.
func (p *packing) grow(series []driver.Series) {
	const seriesRoom = 16
	n := 16
	for i := range series {
		n += len(series[i].Name) + seriesRoom + len(series[i].Times)*wire.MaxPoint
	}
	p.packer.Grow(n)
}

func (p *packing) add(s *driver.Series) error {
	name, err := seriesName(s.Name)
	if err != nil {
		return err
	}
	if err := s.Values.Check(); err != nil {
		return err
	}
	if s.Values.Len() != len(s.Times) {
		return dataError(driver.ErrInterface, "%d times for %d values", len(s.Times), s.Values.Len())
	}
	for i := range s.Values.States {
		if s.Values.States[i] != driver.Given {
			return dataError(driver.ErrData, "value %d is NULL, which a point cannot be", i)
		}
	}
	times, err := p.timestamps(s.Times)
	if err != nil || len(times) == 0 {
		return err
	}
	p.packer.Series(name)
	return p.values(name, times, s.Values.Values)
}

func (p *packing) timestamps(list []time.Time) ([]int64, error) {
	if cap(p.times) < len(list) {
		p.times = make([]int64, len(list))
	}
	times := p.times[:len(list)]
	if i := p.unit.timestamps(times, list); i < len(list) {
		return nil, dataError(driver.ErrOverflow, "time %d is one that a database in %s cannot hold", i, p.unit)
	}
	return times, nil
}

// values packs a column, chosen once by the type of its slice.
func (p *packing) values(name string, times []int64, values any) error {
	switch v := values.(type) {
	case []int64:
		return p.ints(name, times, v)
	case []float64:
		if err := p.types.add(name, result.Float, false); err != nil {
			return err
		}
		p.packer.Floats(times, v)
		return nil
	case []string:
		for i := range v {
			if err := checkString(v[i]); err != nil {
				return fmt.Errorf("value %d: %w", i, err)
			}
		}
		if err := p.types.add(name, result.String, false); err != nil {
			return err
		}
		p.packer.Strings(times, v)
		return nil
	case []int:
		return p.ints(name, times, widen(v))
	case []int8:
		return p.ints(name, times, widen(v))
	case []int16:
		return p.ints(name, times, widen(v))
	case []int32:
		return p.ints(name, times, widen(v))
	case []uint8:
		return p.ints(name, times, widen(v))
	case []uint16:
		return p.ints(name, times, widen(v))
	case []uint32:
		return p.ints(name, times, widen(v))
	case []uint64:
		for i, n := range v {
			if n > math.MaxInt64 {
				return dataError(driver.ErrOverflow, "value %d is beyond 64 bits with sign", i)
			}
		}
		return p.ints(name, times, widen(v))
	case []float32:
		wide := make([]float64, len(v))
		for i := range v {
			wide[i] = float64(v[i])
		}
		return p.values(name, times, wide)
	case [][]byte:
		texts := make([]string, len(v))
		for i := range v {
			texts[i] = string(v[i])
		}
		return p.values(name, times, texts)
	case []any:
		return p.mixed(name, times, v)
	}
	return dataError(driver.ErrInterface, "values are integers, floats, strings or []any, not %T", values)
}

type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func widen[T integer](v []T) []int64 {
	wide := make([]int64, len(v))
	for i := range v {
		wide[i] = int64(v[i])
	}
	return wide
}

func (p *packing) ints(name string, times, v []int64) error {
	if p.types != nil {
		all := true
		for _, n := range v {
			all = all && exact(n)
		}
		if err := p.types.add(name, result.Integer, all); err != nil {
			return err
		}
	}
	p.packer.Ints(times, v)
	return nil
}

// mixed packs values of any types one by one.
func (p *packing) mixed(name string, times []int64, values []any) error {
	for i, ts := range times {
		v := sqldriver.NamedValue{Ordinal: i + 1, Value: values[i]}
		err := checkValue(&v)
		if err == nil {
			err = p.one(name, ts, v.Value)
		}
		if err != nil {
			return fmt.Errorf("value %d: %w", i, err)
		}
	}
	return nil
}

func (p *packing) one(name string, ts int64, value any) error {
	if b, ok := value.([]byte); ok && b != nil {
		value = string(b)
	}
	switch v := value.(type) {
	case int64:
		if err := p.types.add(name, result.Integer, exact(v)); err != nil {
			return err
		}
		p.packer.Put(qpack.AppendInt(wire.AppendTime(p.packer.Room(0), ts), v), 1)
	case float64:
		if err := p.types.add(name, result.Float, false); err != nil {
			return err
		}
		p.packer.Put(qpack.AppendFloat(wire.AppendTime(p.packer.Room(0), ts), v), 1)
	case string:
		if err := checkString(v); err != nil {
			return err
		}
		if err := p.types.add(name, result.String, false); err != nil {
			return err
		}
		p.packer.Put(qpack.AppendRaw(wire.AppendTime(p.packer.Room(len(v)), ts), v), 1)
	case nil:
		return dataError(driver.ErrData, "NULL cannot be the value of a point")
	default:
		return dataError(driver.ErrData, "a value is an integer, a float or a string, not %T", value)
	}
	return nil
}
