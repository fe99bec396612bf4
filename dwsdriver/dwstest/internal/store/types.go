package store

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/gaugesql/gaugesql/dwsdriver/dwstest/internal/lex"
)

// typ is a type of PostgreSQL's or GaussDB's.
type typ struct {
	name string // as casts and errors spell it
	oid  uint32
	size int
	kind kind
	decl string // as SQLite is told; the letters in it decide how values are kept
}

// kind is how values of a type are kept in SQLite.
type kind uint8

const (
	kindText      kind = iota // text as it is
	kindBool                  // 0 and 1
	kindInt                   // an integer
	kindFloat                 // a real
	kindNumeric               // text, compared by value
	kindBytes                 // a blob
	kindStamp                 // text, "2006-01-02 15:04:05.000000"
	kindStampZone             // the same in UTC
	kindDate                  // text, "2006-01-02"
	kindTime                  // text, "15:04:05.000000"
	kindUUID                  // text
	kindJSON                  // text as it is
	kindJSONB                 // text, normalised
	kindVoid                  // nothing
)

var types = []*typ{
	{"boolean", 16, 1, kindBool, "BOOL"},
	{"bytea", 17, -1, kindBytes, "BLOB_BYTEA"},
	{"name", 19, 64, kindText, "TEXT_NAME"},
	{"bigint", 20, 8, kindInt, "INT8"},
	{"smallint", 21, 2, kindInt, "INT2"},
	{"integer", 23, 4, kindInt, "INT4"},
	{"text", 25, -1, kindText, "TEXT"},
	{"oid", 26, 4, kindInt, "INT_OID"},
	{"json", 114, -1, kindJSON, "TEXT_JSON"},
	{"real", 700, 4, kindFloat, "REAL4"},
	{"double precision", 701, 8, kindFloat, "REAL8"},
	{"character", 1042, -1, kindText, "BPCHAR"},
	{"character varying", 1043, -1, kindText, "VARCHAR"},
	{"date", 1082, 4, kindDate, "TEXT_DATE"},
	{"time without time zone", 1083, 8, kindTime, "TEXT_TIME"},
	{"timestamp without time zone", 1114, 8, kindStamp, "TEXT_STAMP"},
	{"timestamp with time zone", 1184, 8, kindStampZone, "TEXT_STAMPZ"},
	{"interval", 1186, 16, kindText, "TEXT_IVAL"},
	{"numeric", 1700, -1, kindNumeric, "TEXT_NUMERIC"},
	{"void", 2278, 4, kindVoid, "TEXT_VOID"},
	{"uuid", 2950, 16, kindUUID, "TEXT_UUID"},
	{"jsonb", 3802, -1, kindJSONB, "TEXT_JSONB"},
	{"nvarchar2", 3969, -1, kindText, "NVARCHAR2"},
	{"tinyint", 5545, 1, kindInt, "TINYINT"},
	{"smalldatetime", 9003, 8, kindStamp, "TEXT_SMALLSTAMP"},
	{"raw", 86, -1, kindBytes, "BLOB_RAW"},
	{"blob", 88, -1, kindBytes, "BLOB"},
	{"clob", 90, -1, kindText, "CLOB"},
}

var aliases = map[string]string{
	"bool": "boolean", "int8": "bigint", "int2": "smallint", "int4": "integer", "int": "integer", "int1": "tinyint", "float4": "real",
	"float8": "double precision", "float": "double precision", "double": "double precision", "bpchar": "character", "char": "character", "varchar": "character varying",
	"varchar2": "character varying", "time": "time without time zone", "timestamp": "timestamp without time zone",
	"timestamptz": "timestamp with time zone", "decimal": "numeric", "number": "numeric", "string": "text",
	"bigserial": "bigint", "serial": "integer", "smallserial": "smallint", "serial8": "bigint", "serial4": "integer", "regclass": "text", "character varying": "character varying",
}

var (
	byName = map[string]*typ{}
	byDecl = map[string]*typ{}
	byOID  = map[uint32]*typ{}
)

func init() {
	for _, t := range types {
		byName[t.name], byDecl[t.decl], byOID[t.oid] = t, t, t
	}
	for alias, name := range aliases {
		byName[alias] = byName[name]
	}
}

func named(name string) *typ { return byName[name] }

// column is what is known of a column of a table or of a result.
type column struct {
	name string
	typ  *typ
	mod  int // the type modifier, -1 without
}

var declaration = regexp.MustCompile(`^([A-Z0-9_]+)(?:\((\d+)(?:,(\d+))?\))?`)

// declared reads what SQLite says of the type of a column; nil if it is none of ours.
func declared(decl string) (*typ, int) {
	m := declaration.FindStringSubmatch(strings.ToUpper(decl))
	if m == nil || byDecl[m[1]] == nil {
		return nil, -1
	}
	t := byDecl[m[1]]
	a, _ := strconv.Atoi(m[2])
	b, _ := strconv.Atoi(m[3])
	if m[2] == "" {
		return t, -1
	}
	return t, t.modifier(a, b)
}

func (t *typ) modifier(a, b int) int {
	switch {
	case t.kind == kindNumeric:
		return (a<<16 | b) + 4
	case t.kind == kindText:
		return a + 4
	}
	return a
}

// arguments are the numbers that a modifier stands for: precision and scale, or length.
func (t *typ) arguments(mod int) (a, b int) {
	switch {
	case t.kind == kindNumeric:
		return (mod - 4) >> 16, (mod - 4) & 0xffff
	case t.kind == kindText:
		return mod - 4, 0
	}
	return mod, 0
}

// declare is the type as SQLite is told.
func (t *typ) declare(mod int) string {
	if mod < 0 {
		return t.decl
	}
	a, b := t.arguments(mod)
	if t.kind == kindNumeric {
		return t.decl + "(" + strconv.Itoa(a) + "," + strconv.Itoa(b) + ")"
	}
	return t.decl + "(" + strconv.Itoa(a) + ")"
}

// takeType reads a type from the front of words and returns how many it takes, 0 if
// there is none.
func takeType(w []lex.Token) (t *typ, mod, n int) {
	mod = -1
	if len(w) == 0 {
		return nil, -1, 0
	}
	name := w[0].Name()
	n = 1
	if w[0].Is("pg_catalog") && len(w) > 2 && w[1].IsOp(".") {
		name, n = w[2].Name(), 3
	}
	follows := func(words ...string) bool {
		for i, word := range words {
			if n+i >= len(w) || !w[n+i].Is(word) {
				return false
			}
		}
		n += len(words)
		return true
	}
	switch name {
	case "double":
		follows("precision")
	case "character", "char":
		if follows("varying") {
			name = "character varying"
		}
	}
	if t = byName[name]; t == nil {
		return nil, -1, 0
	}
	if n < len(w) && w[n].IsOp("(") {
		var args []int
		for n++; n < len(w) && !w[n].IsOp(")"); n++ {
			if v, err := strconv.Atoi(w[n].Text); err == nil {
				args = append(args, v)
			}
		}
		n++
		switch len(args) {
		case 1:
			mod = t.modifier(args[0], 0)
		case 2:
			mod = t.modifier(args[0], args[1])
		}
	} else if name == "character" || name == "char" {
		mod = t.modifier(1, 0)
	}
	if strings.HasPrefix(t.name, "time") {
		zone := t
		switch {
		case follows("with", "time", "zone"):
			if t.kind == kindStamp {
				zone = named("timestamptz")
			}
		case follows("without", "time", "zone"):
		}
		t = zone
	}
	return t, mod, min(n, len(w))
}
