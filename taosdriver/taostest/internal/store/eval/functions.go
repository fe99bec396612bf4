package eval

import (
	"math"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/parse"
	"github.com/gaugesql/gaugesql/taosdriver/taostest/internal/store/sqlerr"
)

// function is a scalar function: how many arguments it takes and how it compiles.
type function struct {
	min, max int
	compile  func(c *Compiler, name string, args []Node) (Node, error)
}

var functions = map[string]function{
	"abs": {1, 1, abs}, "ceil": {1, 1, rounding}, "floor": {1, 1, rounding}, "round": {1, 2, rounding},
	"sqrt": {1, 1, floats}, "pow": {2, 2, floats}, "log": {1, 2, floats}, "exp": {1, 1, floats}, "ln": {1, 1, floats},
	"sin": {1, 1, floats}, "cos": {1, 1, floats}, "tan": {1, 1, floats}, "asin": {1, 1, floats}, "acos": {1, 1, floats},
	"atan": {1, 1, floats}, "mod": {2, 2, floats}, "pi": {0, 0, floats}, "degrees": {1, 1, floats}, "radians": {1, 1, floats},
	"sign": {1, 1, abs},

	"length": {1, 1, lengths}, "char_length": {1, 1, lengths}, "lower": {1, 1, texts}, "upper": {1, 1, texts},
	"ltrim": {1, 1, texts}, "rtrim": {1, 1, texts}, "trim": {1, 1, texts}, "concat": {2, 8, concat}, "concat_ws": {3, 9, concat},
	"substr": {2, 3, substring}, "substring": {2, 3, substring}, "replace": {3, 3, texts},

	"now": {0, 0, instant}, "today": {0, 0, instant}, "timezone": {0, 0, session}, "to_iso8601": {1, 2, toISO8601},
	"to_char": {2, 2, toChar}, "to_unixtimestamp": {1, 2, toUnix}, "timetruncate": {2, 3, timeTruncate}, "timediff": {2, 3, timeDiff},
	"to_timestamp": {2, 2, nil},

	"server_version": {0, 0, session}, "client_version": {0, 0, session}, "server_status": {0, 0, session}, "database": {0, 0, session},
	"user": {0, 0, session}, "current_user": {0, 0, session},

	"ifnull": {2, 2, firstKnown}, "nvl": {2, 2, firstKnown}, "coalesce": {1, 64, firstKnown},

	"taostest_sleep": {1, 1, sleep},
}

// known are functions that TDengine has and the store has not.
var known = map[string]bool{
	"apercentile": true, "percentile": true, "histogram": true, "hyperloglog": true, "elapsed": true, "leastsquares": true, "top": true,
	"bottom": true, "sample": true, "tail": true, "unique": true, "mode": true, "interp": true, "csum": true, "derivative": true, "diff": true,
	"irate": true, "mavg": true, "statecount": true, "stateduration": true, "twa": true, "forecast": true, "fill_forward": true,
	"st_geomfromtext": true, "st_astext": true, "st_intersects": true, "st_equals": true, "st_touches": true, "st_covers": true,
	"st_contains": true, "st_containsproperly": true, "st_makepoint": true, "to_json": true, "group_concat": true, "position": true,
	"ascii": true, "char": true, "repeat": true, "substring_index": true, "crc32": true, "rand": true, "truncate": true, "trunc": true,
	"greatest": true, "least": true, "week": true, "weekday": true, "weekofyear": true, "dayofweek": true, "cols": true, "if": true,
	"nullif": true, "nvl2": true, "isnull": true, "isnotnull": true, "anomaly_window": true, "_block_dist": true,
}

func (c *Compiler) call(e *parse.Call) (Node, error) {
	if IsAggregate(e.Name) {
		if c.Aggregate == nil {
			return Node{}, sqlerr.ErrIllegalAggregate
		}
		return c.Aggregate(e)
	}
	f, ok := functions[e.Name]
	if !ok || f.compile == nil {
		if ok || known[e.Name] {
			return Node{}, sqlerr.Unsupported("function " + e.Name)
		}
		return Node{}, sqlerr.ErrFuncNotExist
	}
	if len(e.Args) < f.min || len(e.Args) > f.max {
		return Node{}, argCount(e.Name)
	}
	args, err := c.compileAll(e.Args)
	if err != nil {
		return Node{}, err
	}
	return f.compile(c, e.Name, args)
}

func argCount(name string) error {
	return sqlerr.Newf(sqlerr.FunctionArgCount, "Invalid number of parameters : %s", name)
}

func argType(name string) error {
	return sqlerr.Newf(sqlerr.FunctionArgType, "Invalid parameter data type : %s", name)
}

func allConst(args []Node) bool {
	for _, a := range args {
		if !a.Const {
			return false
		}
	}
	return true
}

// abs and sign keep the type of their argument.
func abs(_ *Compiler, name string, args []Node) (Node, error) {
	x := args[0]
	if !isNumeric(x.Field.Type) {
		return Node{}, argType(name)
	}
	if x.Field.Type.IsDecimal() {
		return Node{}, sqlerr.Unsupported(name + " of a DECIMAL")
	}
	return Node{unnamed(x.Field), x.Const, func(r *Row) any {
		switch v := x.Eval(r).(type) {
		case int64:
			if name == "sign" {
				return int64(sign(float64(v)))
			}
			return max(v, -v)
		case uint64:
			if name == "sign" {
				return min(v, 1)
			}
			return v
		case float32:
			if name == "sign" {
				return float32(sign(float64(v)))
			}
			return float32(math.Abs(float64(v)))
		case float64:
			if name == "sign" {
				return sign(v)
			}
			return math.Abs(v)
		}
		return nil
	}}, nil
}

func sign(f float64) float64 {
	switch {
	case f > 0:
		return 1
	case f < 0:
		return -1
	}
	return 0
}

// rounding keeps the type of its argument.
func rounding(_ *Compiler, name string, args []Node) (Node, error) {
	x := args[0]
	if !isNumeric(x.Field.Type) {
		return Node{}, argType(name)
	}
	if x.Field.Type.IsDecimal() {
		return Node{}, sqlerr.Unsupported(name + " of a DECIMAL")
	}
	var f func(float64) float64
	switch name {
	case "ceil":
		f = math.Ceil
	case "floor":
		f = math.Floor
	default:
		f = math.Round
	}
	digits := constant(field(block.BigInt), int64(0))
	if len(args) == 2 {
		digits = args[1]
	}
	return Node{unnamed(x.Field), allConst(args), func(r *Row) any {
		n, ok := integerOf(digits.Eval(r))
		if !ok {
			return nil
		}
		scale := math.Pow10(int(max(-300, min(n, 300))))
		switch v := x.Eval(r).(type) {
		case float32:
			return float32(f(float64(v)*scale) / scale)
		case float64:
			return f(v*scale) / scale
		case nil:
			return nil
		default:
			if n < 0 {
				i, _ := integerOf(v)
				return castInteger(f(float64(i)*scale)/scale, x.Field.Type)
			}
			return v
		}
	}}, nil
}

func unnamed(f block.Field) block.Field {
	f.Name = ""
	return f
}

// floats are the functions from numbers to a DOUBLE.
func floats(_ *Compiler, name string, args []Node) (Node, error) {
	for _, a := range args {
		if !isNumeric(a.Field.Type) && !isNull(a) {
			return Node{}, argType(name)
		}
	}
	fn := map[string]func(x []float64) float64{
		"sqrt": func(x []float64) float64 { return math.Sqrt(x[0]) }, "exp": func(x []float64) float64 { return math.Exp(x[0]) },
		"ln": func(x []float64) float64 { return math.Log(x[0]) }, "sin": func(x []float64) float64 { return math.Sin(x[0]) },
		"cos": func(x []float64) float64 { return math.Cos(x[0]) }, "tan": func(x []float64) float64 { return math.Tan(x[0]) },
		"asin": func(x []float64) float64 { return math.Asin(x[0]) }, "acos": func(x []float64) float64 { return math.Acos(x[0]) },
		"atan": func(x []float64) float64 { return math.Atan(x[0]) }, "pi": func([]float64) float64 { return math.Pi },
		"pow": func(x []float64) float64 { return math.Pow(x[0], x[1]) }, "mod": func(x []float64) float64 { return math.Mod(x[0], x[1]) },
		"degrees": func(x []float64) float64 { return x[0] * 180 / math.Pi }, "radians": func(x []float64) float64 { return x[0] * math.Pi / 180 },
		"log": func(x []float64) float64 {
			if len(x) == 1 {
				return math.Log(x[0])
			}
			return math.Log(x[0]) / math.Log(x[1])
		},
	}[name]
	return Node{field(block.Double), allConst(args), func(r *Row) any {
		var x [2]float64
		for i, a := range args {
			var ok bool
			if x[i], ok = number(a.Eval(r)); !ok {
				return nil
			}
		}
		return finite(fn(x[:len(args)]))
	}}, nil
}

// firstKnown is the first argument that is not NULL.
func firstKnown(c *Compiler, _ string, args []Node) (Node, error) {
	f := commonField(args)
	for i := range args {
		args[i] = c.convert(args[i], f)
	}
	return Node{f, allConst(args), func(r *Row) any {
		for _, a := range args {
			if v := a.Eval(r); v != nil {
				return v
			}
		}
		return nil
	}}, nil
}
