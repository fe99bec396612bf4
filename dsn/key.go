package dsn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Key is one key of [Keys]: a name, the field of C that it sets, and what the
// manual says of it. The functions that make one are named for the type of the
// value; the doc is a phrase for the table of the manual, without a full stop.
type Key[C any] struct {
	name    string
	aliases []string
	typ     string
	def     string
	doc     string
	secret  bool
	// set reads text into c. Its error says what is accepted and does not
	// repeat the text.
	set func(c *C, text string) error
	get func(c *C) string
	// check says what is accepted if the field holds what set would not set; nil
	// if that cannot be.
	check func(c *C) error
}

// Default gives the value of an absent key, as one would write it in a DSN.
// Without it the field keeps its zero value.
func (k *Key[C]) Default(text string) *Key[C] {
	k.def = text
	return k
}

// Alias adds names under which the key is also read, such as those of an
// official driver. It is written under its first name.
func (k *Key[C]) Alias(names ...string) *Key[C] {
	k.aliases = append(k.aliases, names...)
	return k
}

func (k *Key[C]) names() []string { return append([]string{k.name}, k.aliases...) }

// shown is a value as an error shows it: quoted, not at all if it is secret or
// too long to be a slip of the pen.
func (k *Key[C]) shown(value string) string {
	if k.secret || Secret(k.name) || len(value) > 40 {
		return ""
	}
	return " has value " + strconv.Quote(value)
}

// String makes a key for text of any kind.
func String[C any](name string, field func(*C) *string, doc string) *Key[C] {
	return Of(name, "text", field,
		func(s string) (string, error) { return s, nil },
		func(s string) string { return s }, doc)
}

// SecretString is [String] for what must not be seen. Its name must be one for
// which [Secret] holds.
func SecretString[C any](name string, field func(*C) *string, doc string) *Key[C] {
	k := String(name, field, doc)
	k.typ, k.secret = "secret", true
	return k
}

// Bool makes a key for yes or no: true, 1, yes, on and false, 0, no, off in
// any case.
func Bool[C any](name string, field func(*C) *bool, doc string) *Key[C] {
	return Of(name, "boolean", field, parseBool, strconv.FormatBool, doc)
}

// Int makes a key for a decimal number from lowest to highest.
func Int[C any, N ~int | ~int32 | ~int64](name string, field func(*C) *N, lowest, highest N, doc string) *Key[C] {
	parse := func(s string) (N, error) {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < int64(lowest) || n > int64(highest) {
			return 0, fmt.Errorf("want a number from %d to %d", lowest, highest)
		}
		return N(n), nil
	}
	format := func(n N) string { return strconv.FormatInt(int64(n), 10) }
	return Of(name, fmt.Sprintf("%d to %d", lowest, highest), field, parse, format, doc).checked()
}

// Size makes a key for a number of bytes from lowest to highest: 65536, 64KiB,
// 16M, 1GB. Units are powers of 1024 in every spelling.
func Size[C any, N ~int | ~int64](name string, field func(*C) *N, lowest, highest N, doc string) *Key[C] {
	parse := func(s string) (N, error) {
		n, ok := parseSize(s)
		if !ok || n < int64(lowest) || n > int64(highest) {
			return 0, fmt.Errorf("want a size from %s to %s, such as 65536 or 16MiB",
				formatSize(int64(lowest)), formatSize(int64(highest)))
		}
		return N(n), nil
	}
	format := func(n N) string { return formatSize(int64(n)) }
	return Of(name, "size", field, parse, format, doc).checked()
}

// Duration makes a key for a length of time, not negative: 1m30s, 500ms, or a
// bare number of seconds.
func Duration[C any](name string, field func(*C) *time.Duration, doc string) *Key[C] {
	return Of(name, "duration", field, ParseDuration, FormatDuration, doc).checked()
}

// Location makes a key for a time zone: a name of the IANA database, UTC,
// Local, or an offset such as +08:00.
func Location[C any](name string, field func(*C) **time.Location, doc string) *Key[C] {
	return Of(name, "time zone", field, parseLocation, formatLocation, doc)
}

// Enum makes a key for one of a few words, in any case. The zero value of T is
// written as no word at all and is what an absent key without a default means.
func Enum[C any, T ~string](name string, field func(*C) *T, allowed []T, doc string) *Key[C] {
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = string(a)
	}
	want := fmt.Errorf("want %s", list(words))
	parse := func(s string) (T, error) {
		for _, a := range allowed {
			if strings.EqualFold(s, string(a)) {
				return a, nil
			}
		}
		return "", want
	}
	k := Of(name, strings.Join(words, ", "), field, parse, func(t T) string { return string(t) }, doc)
	k.check = func(c *C) error {
		if v := *field(c); v != "" && !slices.Contains(allowed, v) {
			return want
		}
		return nil
	}
	return k
}

// Of makes a key of a type that this package does not have. Parse gets the
// decoded text, and its error says what is wanted without repeating the text;
// parse(format(v)) must give v. Typ names the type in the manual's table.
func Of[C, T any](name, typ string, field func(*C) *T, parse func(string) (T, error), format func(T) string, doc string) *Key[C] {
	return &Key[C]{
		name: name, typ: typ, doc: doc,
		set: func(c *C, text string) error {
			v, err := parse(text)
			if err == nil {
				*field(c) = v
			}
			return err
		},
		get: func(c *C) string { return format(*field(c)) },
	}
}

// checked lets [Keys.Check] hold the field against what a DSN can say.
func (k *Key[C]) checked() *Key[C] {
	k.check = func(c *C) error { return k.set(new(C), k.get(c)) }
	return k
}

// list joins words as prose does: "a, b or c".
func list(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}
