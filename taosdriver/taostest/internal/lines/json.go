package lines

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// jsonPoint is a point as OpenTSDB writes it. The members may be typed.
type jsonPoint struct {
	Metric    string          `json:"metric"`
	Timestamp json.RawMessage `json:"timestamp"`
	Value     json.RawMessage `json:"value"`
	Tags      json.RawMessage `json:"tags"`
}

func parseJSON(text string) (_ []Point, err error) {
	data := bytes.TrimSpace([]byte(text))
	invalid := failf(codeJSON, "Invalid JSON format")
	if !json.Valid(data) {
		return nil, invalid
	}
	var list []jsonPoint
	switch data[0] {
	case '[':
		if json.Unmarshal(data, &list) != nil {
			return nil, invalid
		}
	case '{':
		list = make([]jsonPoint, 1)
		if json.Unmarshal(data, &list[0]) != nil {
			return nil, invalid
		}
	default:
		return nil, invalid
	}
	if len(list) == 0 {
		return nil, failf(codeInput, "invalid input")
	}
	points := make([]Point, len(list))
	for i, j := range list {
		p := Point{Table: j.Metric}
		if p.Table == "" || len(p.Table) > maxName {
			return nil, failf(codeMeasure, "Table name too long")
		}
		v, ok := jsonValue(j.Value)
		switch {
		case !ok && v.Text != "":
			return nil, failf(codeRange, "Value out of range")
		case !ok:
			return nil, invalid
		}
		p.Fields = []Pair{{ValueColumn, v}}
		if p.Time, err = jsonTime(j.Timestamp); err != nil {
			return nil, err
		}
		if p.Tags, ok = jsonTags(j.Tags); !ok {
			return nil, invalid
		}
		points[i] = p
	}
	return points, nil
}

// typed is a value with its type.
type typed struct {
	Value json.RawMessage `json:"value"`
	Type  string          `json:"type"`
}

// split returns the value and its type, "" if it has none.
func splitTyped(raw json.RawMessage) (json.RawMessage, string) {
	raw = bytes.TrimSpace(raw)
	if len(raw) > 0 && raw[0] == '{' {
		var t typed
		if json.Unmarshal(raw, &t) == nil {
			return bytes.TrimSpace(t.Value), strings.ToLower(t.Type)
		}
	}
	return raw, ""
}

// jsonTime reads a timestamp: a number, whose digits tell the unit, or a typed one.
func jsonTime(raw json.RawMessage) (time.Time, error) {
	raw, typ := splitTyped(raw)
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < 0 {
		return time.Time{}, failf(codeTime, "invalidate json")
	}
	unit, ok := digits(string(raw))
	switch typ {
	case "":
	case "s", "ms":
		unit, ok = unitOf(typ), true
	case "us", "ns":
		unit, ok = unitOf(strings.TrimSuffix(typ, "s")), true
	default:
		return time.Time{}, failf(codeTime, "invalidate json")
	}
	switch {
	case !ok:
		return time.Time{}, failf(codeTime, "timestamp precision can only be seconds(10 digits) or milli seconds(13 digits)")
	case n == 0:
		return time.Time{}, nil
	}
	return at(n, unit), nil
}

// jsonTypes are the types that a value can name.
var jsonTypes = map[string]block.Type{
	"bool": block.Bool, "tinyint": block.TinyInt, "smallint": block.SmallInt, "int": block.Int, "bigint": block.BigInt,
	"float": block.Float, "double": block.Double, "binary": block.VarChar, "varchar": block.VarChar, "nchar": block.NChar,
}

func jsonValue(raw json.RawMessage) (v Value, ok bool) {
	raw, name := splitTyped(raw)
	if len(raw) == 0 {
		return v, false
	}
	var typ block.Type
	switch raw[0] {
	case '"':
		typ = block.VarChar
	case 't', 'f':
		typ = block.Bool
	case 'n', '[', '{':
		return v, false
	default:
		typ = block.Double
	}
	if name != "" {
		named, known := jsonTypes[name]
		if !known || (named == block.VarChar || named == block.NChar) != (typ == block.VarChar) || (named == block.Bool) != (typ == block.Bool) {
			return v, false
		}
		typ = named
	}
	switch typ {
	case block.VarChar, block.NChar:
		var s string
		if json.Unmarshal(raw, &s) != nil {
			return v, false
		}
		return text1(typ, s), true
	case block.Bool:
		return Value{Type: typ, Text: string(raw)}, true
	}
	return Value{Type: typ, Text: string(raw)}, isNumber(string(raw), typ)
}

// jsonTags reads the tags in the order of the text.
func jsonTags(raw json.RawMessage) (tags []Pair, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			return nil, false
		}
		v, ok := jsonValue(value)
		if !ok {
			return nil, false
		}
		tags = append(tags, Pair{name.(string), v})
	}
	return tags, len(tags) > 0
}
