package store

import (
	sqldriver "database/sql/driver"
	"encoding/json"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

func side(a []sqldriver.Value, right bool) (any, error) {
	n, ok := a[1].(int64)
	if a[0] == nil || !ok {
		return nil, nil
	}
	r := []rune(asText(a[0]))
	keep := int(min(max(n, -int64(len(r))), int64(len(r))))
	if keep < 0 {
		keep += len(r)
	}
	if right {
		return string(r[len(r)-keep:]), nil
	}
	return string(r[:keep]), nil
}

// arrayFunction turns the text of an array into JSON.
func arrayFunction(a []sqldriver.Value) (any, error) {
	if a[0] == nil {
		return "[]", nil
	}
	t := named(asText(a[1]))
	body, opens := strings.CutPrefix(strings.TrimSpace(asText(a[0])), "{")
	body, closes := strings.CutSuffix(body, "}")
	if !opens || !closes {
		return nil, failf("22P02", "malformed array literal: %q", asText(a[0]))
	}
	list := []any{}
	for len(body) > 0 {
		element, quoted := "", false
		if body[0] == '"' {
			quoted = true
			i := 1
			for ; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' && i+1 < len(body) {
					i++
				}
				element += body[i : i+1]
			}
			body = body[min(i+1, len(body)):]
		} else {
			element, _, _ = strings.Cut(body, ",")
			body = body[len(element):]
		}
		body = strings.TrimPrefix(body, ",")
		if !quoted && strings.EqualFold(element, "null") {
			list = append(list, nil)
			continue
		}
		v, err := t.parse(element, time.UTC)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	out, err := json.Marshal(list)
	return string(out), err
}

var patternsOfLike sync.Map // string -> *regexp.Regexp

func likeFunction(fold bool) func([]sqldriver.Value) (any, error) {
	return func(a []sqldriver.Value) (any, error) {
		if a[0] == nil || a[1] == nil {
			return nil, nil
		}
		var b strings.Builder
		b.WriteString("(?s")
		if fold {
			b.WriteString("i")
		}
		b.WriteString(")^")
		for p := asText(a[1]); len(p) > 0; {
			r, n := utf8.DecodeRuneInString(p)
			p = p[n:]
			switch r {
			case '%':
				b.WriteString(".*")
			case '_':
				b.WriteString(".")
			case '\\':
				if p == "" {
					return nil, failf("22025", "LIKE pattern must not end with escape character")
				}
				r, n = utf8.DecodeRuneInString(p)
				p = p[n:]
				fallthrough
			default:
				b.WriteString(regexp.QuoteMeta(string(r)))
			}
		}
		b.WriteString("$")
		return matches(b.String(), asText(a[0]))
	}
}

func matchFunction(flags string) func([]sqldriver.Value) (any, error) {
	return func(a []sqldriver.Value) (any, error) {
		if a[0] == nil || a[1] == nil {
			return nil, nil
		}
		return matches(flags+asText(a[1]), asText(a[0]))
	}
}

func matches(pattern, text string) (any, error) {
	cached, ok := patternsOfLike.Load(pattern)
	if !ok {
		re, err := regexp.Compile(pattern)
		if err != nil {
			return nil, failf("2201B", "invalid regular expression: %v", err)
		}
		cached = re
		if len(pattern) < 200 {
			patternsOfLike.Store(pattern, re)
		}
	}
	if cached.(*regexp.Regexp).MatchString(text) {
		return int64(1), nil
	}
	return int64(0), nil
}
