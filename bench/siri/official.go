package siri

import (
	"fmt"

	qpack "github.com/transceptor-technology/go-qpack"
)

// decodeOfficial is what go-siridb-connector does with the answer to a query.
func decodeOfficial(kind string, points int) (run func() error, end func(), err error) {
	answer := Answer(kind, points)
	v, err := qpack.Unpack(answer, qpack.QpFlagStringKeysOnly)
	if err != nil {
		return nil, nil, err
	}
	tree, ok := v.(map[string]interface{})
	if !ok || len(tree) != Series {
		return nil, nil, fmt.Errorf("%d series in a %T", len(tree), v)
	}
	check := checker{each: points / Series}
	for s := range Series {
		for i, point := range tree[name(s)].([]interface{}) {
			value := point.([]interface{})[1]
			if n, ok := value.(int); ok {
				value = int64(n)
			}
			if at := point.([]interface{})[0].(int); at != firstTime+i {
				return nil, nil, fmt.Errorf("point %d of series %d is at %d", i, s, at)
			}
			if err := check.point(name(s), instant(i), value); err != nil {
				return nil, nil, err
			}
		}
	}
	return func() error {
		_, err := qpack.Unpack(answer, qpack.QpFlagStringKeysOnly)
		return err
	}, func() {}, check.all(points)
}

// encodeOfficial is what go-siridb-connector does with the points of an insert, in
// the form that its manual shows.
func encodeOfficial(kind string, points int) (run func() error, end func(), err error) {
	list := make(map[string][][]interface{}, Series)
	boxed := boxes(kind, points/Series)
	for s := range Series {
		list[name(s)] = fill(points/Series, func(i int) []interface{} { return []interface{}{firstTime + i, boxed[i]} })
	}
	return func() error {
		data, err := qpack.Pack(list)
		if err == nil && len(data) < 10*points {
			err = fmt.Errorf("%d bytes for %d points", len(data), points)
		}
		return err
	}, func() {}, nil
}
