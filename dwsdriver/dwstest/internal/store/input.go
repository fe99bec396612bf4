package store

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// parse reads a value's text as the server's input functions do and returns it as it
// is kept.
func (t *typ) parse(text string, zone *time.Location) (any, error) {
	invalid := func() *Error { return failf("22P02", "invalid input syntax for type %s: %q", t.name, text) }
	trimmed := strings.TrimSpace(text)
	switch t.kind {
	case kindBool:
		switch strings.ToLower(trimmed) {
		case "t", "true", "yes", "y", "on", "1":
			return int64(1), nil
		case "f", "false", "no", "n", "off", "0":
			return int64(0), nil
		}
		return nil, invalid()
	case kindInt:
		n, err := strconv.ParseInt(strings.TrimPrefix(trimmed, "+"), 10, 64)
		if err != nil {
			if e := err.(*strconv.NumError); e.Err == strconv.ErrRange {
				return nil, failf("22003", "value %q is out of range for type %s", text, t.name)
			}
			return nil, invalid()
		}
		return n, t.inRange(n)
	case kindFloat:
		return t.parseFloat(trimmed, invalid())
	case kindNumeric:
		if strings.EqualFold(trimmed, "nan") {
			return "NaN", nil
		}
		if r, ok := new(big.Rat).SetString(trimmed); !ok || r == nil || strings.ContainsAny(trimmed, "/xXpP_") || len(trimmed) > 5000 {
			return nil, invalid()
		}
		return plain(trimmed), nil
	case kindBytes:
		return parseBytes(text, invalid())
	case kindStamp, kindStampZone, kindDate:
		return t.parseStamp(trimmed, zone)
	case kindTime:
		for _, layout := range []string{"15:04:05.999999999", "15:04"} {
			if at, err := time.Parse(layout, trimmed); err == nil {
				return at.Round(time.Microsecond).Format("15:04:05.000000"), nil
			}
		}
		return nil, failf("22007", "invalid input syntax for type %s: %q", t.name, text)
	case kindUUID:
		digits := strings.ToLower(strings.NewReplacer("-", "", "{", "", "}", "").Replace(trimmed))
		if b, err := hex.DecodeString(digits); err != nil || len(b) != 16 {
			return nil, invalid()
		}
		return digits[:8] + "-" + digits[8:12] + "-" + digits[12:16] + "-" + digits[16:20] + "-" + digits[20:], nil
	case kindJSON, kindJSONB:
		if !json.Valid([]byte(text)) {
			return nil, failf("22P02", "invalid input syntax for type %s", t.name)
		}
		if t.kind == kindJSONB {
			return normalise(text), nil
		}
		return text, nil
	}
	return checkText(text)
}

// checkText refuses what is no text in UTF-8.
func checkText(text string) (any, error) {
	if i := strings.IndexByte(text, 0); i >= 0 || !utf8.ValidString(text) {
		return nil, failf("22021", "invalid byte sequence for encoding \"UTF8\": 0x00")
	}
	return text, nil
}

func (t *typ) inRange(n int64) error {
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch t.decl {
	case "INT2":
		low, high = math.MinInt16, math.MaxInt16
	case "INT4":
		low, high = math.MinInt32, math.MaxInt32
	case "TINYINT":
		low, high = 0, math.MaxUint8
	case "INT_OID":
		low, high = 0, math.MaxUint32
	}
	if n < low || n > high {
		return failf("22003", "value \"%d\" is out of range for type %s", n, t.name)
	}
	return nil
}

func (t *typ) parseFloat(text string, invalid *Error) (any, error) {
	f, err := strconv.ParseFloat(text, t.size*8)
	if e, ok := err.(*strconv.NumError); ok && e.Err == strconv.ErrRange {
		return nil, failf("22003", "%q is out of range for type %s", text, t.name)
	}
	if err != nil || strings.ContainsAny(text, "xXpP_") {
		return nil, invalid
	}
	return t.float(f)
}

// float refuses what SQLite does not keep.
func (t *typ) float(f float64) (any, error) {
	if math.IsNaN(f) {
		return nil, failf("22003", "the embedded store keeps no NaN")
	}
	if t.size == 4 {
		if !math.IsInf(f, 0) && math.IsInf(float64(float32(f)), 0) {
			return nil, failf("22003", "value out of range: overflow")
		}
		f = float64(float32(f))
	}
	return f, nil
}

// plain writes a decimal without exponent.
func plain(text string) string {
	text = strings.TrimPrefix(text, "+")
	mantissa, exponent, ok := strings.Cut(strings.ToLower(text), "e")
	if ok {
		e, err := strconv.Atoi(exponent)
		if err != nil || e > 2000 || e < -2000 {
			return text
		}
		r, _ := new(big.Rat).SetString(text)
		_, fraction, _ := strings.Cut(mantissa, ".")
		return r.FloatString(max(0, len(fraction)-e))
	}
	if strings.HasPrefix(mantissa, ".") {
		mantissa = "0" + mantissa
	}
	return strings.TrimSuffix(strings.Replace(mantissa, "-.", "-0.", 1), ".")
}

func parseBytes(text string, invalid *Error) (any, error) {
	if digits, ok := strings.CutPrefix(text, `\x`); ok {
		b, err := hex.DecodeString(strings.NewReplacer(" ", "", "\n", "").Replace(digits))
		if err != nil {
			return nil, failf("22023", "invalid hexadecimal data")
		}
		return b, nil
	}
	b := make([]byte, 0, len(text))
	for i := 0; i < len(text); i++ {
		switch {
		case text[i] != '\\':
			b = append(b, text[i])
		case strings.HasPrefix(text[i:], `\\`):
			b = append(b, '\\')
			i++
		case i+3 < len(text):
			n, err := strconv.ParseUint(text[i+1:i+4], 8, 8)
			if err != nil {
				return nil, invalid
			}
			b = append(b, byte(n))
			i += 3
		default:
			return nil, invalid
		}
	}
	return b, nil
}

const (
	stampLayout = "2006-01-02 15:04:05.000000"
	dateLayout  = "2006-01-02"
)

var stampLayouts = []string{
	"2006-01-02 15:04:05.999999999Z07:00:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02 15:04:05.999999999", "2006-01-02 15:04", dateLayout, "20060102",
}

func (t *typ) parseStamp(text string, zone *time.Location) (any, error) {
	lower := strings.ToLower(text)
	switch lower {
	case "infinity", "-infinity":
		return lower, nil
	case "now":
		return t.stamp(time.Now().In(zone), zone), nil
	case "epoch":
		return t.stamp(time.Unix(0, 0).UTC(), zone), nil
	}
	if len(text) > 10 && (text[10] == 'T' || text[10] == 't') {
		text = text[:10] + " " + text[11:]
	}
	if len(text) > 11 {
		text = text[:11] + strings.ReplaceAll(text[11:], " ", "")
	}
	if strings.HasSuffix(text, "z") {
		text = text[:len(text)-1] + "Z"
	}
	at, err := time.Time{}, error(nil)
	outOfRange := false
	for _, layout := range stampLayouts {
		if at, err = time.ParseInLocation(layout, text, zone); err == nil {
			break
		}
		outOfRange = outOfRange || strings.Contains(err.Error(), "out of range")
	}
	if err != nil {
		if name := text[strings.LastIndexByte(text, ' ')+1:]; len(text) > 19 && strings.ContainsAny(name, "/ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
			for i := 19; i < len(text); i++ {
				if c := text[i]; c >= 'A' && c <= 'Z' {
					if loc, lerr := time.LoadLocation(text[i:]); lerr == nil {
						return t.parseStamp(text[:i], loc)
					}
					break
				}
			}
		}
		if outOfRange {
			return nil, failf("22008", "date/time field value out of range: %q", text)
		}
		return nil, failf("22007", "invalid input syntax for type %s: %q", t.name, text)
	}
	if t.kind != kindStampZone {
		// The zone is read and forgotten.
		at = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), at.Nanosecond(), time.UTC)
		zone = time.UTC
	}
	return t.stamp(at, zone), nil
}

// stamp writes an instant as it is kept. Types without a zone get the clock of zone.
func (t *typ) stamp(at time.Time, zone *time.Location) string {
	at = at.Round(time.Microsecond)
	switch t.kind {
	case kindStampZone:
		return at.UTC().Format(stampLayout)
	case kindDate:
		return at.In(zone).Format(dateLayout)
	}
	if t.oid == 9003 {
		at = at.Round(time.Minute)
	}
	return at.In(zone).Format(stampLayout)
}

// normalise writes JSON as jsonb does.
func normalise(text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return text
	}
	var b strings.Builder
	writeJSON(&b, v)
	return b.String()
}

func writeJSON(b *strings.Builder, v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int {
			if len(a) != len(b) {
				return len(a) - len(b)
			}
			return strings.Compare(a, b)
		})
		b.WriteByte('{')
		for i, k := range keys {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJSON(b, k)
			b.WriteString(": ")
			writeJSON(b, v[k])
		}
		b.WriteByte('}')
	case []any:
		b.WriteByte('[')
		for i, e := range v {
			if i > 0 {
				b.WriteString(", ")
			}
			writeJSON(b, e)
		}
		b.WriteByte(']')
	case string:
		e := json.NewEncoder(b)
		e.SetEscapeHTML(false)
		s := b.Len()
		_ = e.Encode(v)
		text := b.String()
		b.Reset()
		b.WriteString(text[:s] + strings.TrimSuffix(text[s:], "\n"))
	case json.Number:
		b.WriteString(plain(v.String()))
	default:
		raw, _ := json.Marshal(v)
		b.Write(raw)
	}
}

// fit makes a value fit the modifier of its type: length, precision and scale.
func (t *typ) fit(v any, mod int) (any, error) {
	text, ok := v.(string)
	if mod < 0 || !ok {
		return v, nil
	}
	a, b := t.arguments(mod)
	switch {
	case t.kind == kindNumeric:
		r, ok := new(big.Rat).SetString(text)
		if !ok {
			return v, nil
		}
		text = r.FloatString(b)
		whole, _, _ := strings.Cut(strings.TrimPrefix(text, "-"), ".")
		if whole = strings.TrimLeft(whole, "0"); len(whole) > a-b {
			return nil, failf("22003", "numeric field overflow")
		}
		return text, nil
	case t.kind == kindText && t.oid != 1186:
		n := utf8.RuneCountInString(text)
		if n > a {
			cut := string([]rune(text)[:a])
			if strings.TrimRight(text[len(cut):], " ") != "" {
				return nil, failf("22001", "value too long for type %s(%d)", t.name, a)
			}
			text = cut
		}
		if t.oid == 1042 && n < a {
			text += strings.Repeat(" ", a-n)
		}
		return text, nil
	case (t.kind == kindStamp || t.kind == kindStampZone) && mod < 6:
		at, err := time.Parse(stampLayout, text)
		if err != nil {
			return v, nil
		}
		return at.Round(time.Duration(math.Pow10(9 - mod))).Format(stampLayout), nil
	}
	return v, nil
}
