package literal

import (
	"bytes"
	"encoding/json"
	"math"
	"sort"
	"strconv"
	"strings"
)

// JSON is a JSON tag, or a part of one: an object, a string, a number, a boolean or JSON's own
// null.
type JSON struct {
	v any // map[string]*JSON, string, float64, bool, nil
}

// MaxJSON is the largest number of bytes of a JSON tag.
const MaxJSON = 4095

// ParseJSON reads a JSON tag: an object of scalars. "null", an empty text and {} are NULL. info is
// TDengine's remark on bad text.
func ParseJSON(s string) (doc *JSON, info string) {
	if len(s) > MaxJSON {
		return nil, "json string too long than 4095"
	}
	if t := strings.TrimSpace(s); t == "" || strings.EqualFold(t, "null") {
		return nil, ""
	}
	dec := json.NewDecoder(strings.NewReader(s))
	var raw any
	if err := dec.Decode(&raw); err != nil || dec.More() {
		return nil, "json parse error"
	}
	obj, ok := raw.(map[string]any)
	if !ok {
		return nil, "json error invalide value"
	}
	m := make(map[string]*JSON, len(obj))
	for k, v := range obj {
		switch v.(type) {
		case map[string]any, []any:
			return nil, "invalidate json value"
		}
		if k != "" {
			m[k] = &JSON{v: v}
		}
	}
	if len(m) == 0 {
		return nil, ""
	}
	return &JSON{v: m}, ""
}

// Get is the member of an object, nil if there is none.
func (j *JSON) Get(key string) *JSON {
	m, _ := j.v.(map[string]*JSON)
	return m[key]
}

// Has reports whether an object has a member.
func (j *JSON) Has(key string) bool { return j.Get(key) != nil }

// Scalar is a string, float64 or bool; nil for null and for an object.
func (j *JSON) Scalar() any {
	switch j.v.(type) {
	case string, float64, bool:
		return j.v
	}
	return nil
}

// Text is the value as TDengine writes it: an object with sorted keys, a member's number with nine
// decimals ("1.000000000").
func (j *JSON) Text() string {
	switch v := j.v.(type) {
	case map[string]*JSON:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		sort.Strings(keys)
		var b strings.Builder
		sep := "{"
		for _, k := range keys {
			b.WriteString(sep + quoteJSON(k) + ":" + v[k].member())
			sep = ","
		}
		b.WriteByte('}')
		return b.String()
	case float64:
		return strconv.FormatFloat(v, 'f', 9, 64)
	}
	return j.member()
}

// member is a scalar as it stands inside an object.
func (j *JSON) member() string {
	switch v := j.v.(type) {
	case string:
		return quoteJSON(v)
	case bool:
		return strconv.FormatBool(v)
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return strconv.FormatInt(int64(v), 10)
		}
		return strconv.FormatFloat(v, 'g', -1, 64)
	}
	return "null"
}

func quoteJSON(s string) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // a string always encodes
	return strings.TrimSuffix(b.String(), "\n")
}
