package transcript

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/gaugesql/gaugesql/siridriver/internal/qpack"
)

// Value turns the type-preserving JSON of the recordings into a tree as
// qpack.Decode makes it. ok is false for what the recorder could not decode.
func Value(raw json.RawMessage) (value any, ok bool) {
	var m map[string]json.RawMessage
	if json.Unmarshal(raw, &m) != nil {
		return nil, false
	}
	for k, v := range m {
		switch k {
		case "int":
			n, err := strconv.ParseInt(text(v), 10, 64)
			return n, err == nil
		case "float":
			f, err := strconv.ParseFloat(text(v), 64)
			return f, err == nil
		case "str":
			return text(v), true
		case "bytes":
			b, err := hex.DecodeString(text(v))
			return string(b), err == nil
		case "bool":
			return string(v) == "true", true
		case "null":
			return nil, true
		case "array":
			array := []any{}
			for _, e := range list[json.RawMessage](v) {
				x, ok := Value(e)
				if !ok {
					return nil, false
				}
				array = append(array, x)
			}
			return array, true
		case "map":
			pairs := qpack.Pairs{}
			for _, e := range list[[2]json.RawMessage](v) {
				key, ok1 := Value(e[0])
				x, ok2 := Value(e[1])
				if !ok1 || !ok2 {
					return nil, false
				}
				pairs = append(pairs, qpack.Pair{Key: key, Value: x})
			}
			return pairs, true
		}
	}
	return nil, false
}

func text(raw json.RawMessage) (s string) {
	must(json.Unmarshal(raw, &s), raw)
	return s
}

func list[T any](raw json.RawMessage) (l []T) {
	must(json.Unmarshal(raw, &l), raw)
	return l
}

func must(err error, raw json.RawMessage) {
	if err != nil {
		panic(fmt.Sprintf("%.80s: %v", raw, err))
	}
}
