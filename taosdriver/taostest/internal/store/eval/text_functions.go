package eval

import (
	"strings"
	"unicode/utf8"

	"github.com/gaugesql/gaugesql/taosdriver/internal/block"
)

// lengths counts bytes (an NCHAR has four a character) or characters.
func lengths(_ *Compiler, name string, args []Node) (Node, error) {
	x := args[0]
	if !isText(x.Field.Type) && x.Field.Type != block.VarBinary {
		return Node{}, argType(name)
	}
	perRune := int64(0)
	switch {
	case name == "char_length":
		perRune = 1
	case x.Field.Type == block.NChar:
		perRune = 4
	}
	return Node{field(block.BigInt), x.Const, func(r *Row) any {
		switch v := x.Eval(r).(type) {
		case string:
			if perRune > 0 {
				return perRune * int64(utf8.RuneCountInString(v))
			}
			return int64(len(v))
		case []byte:
			return int64(len(v))
		}
		return nil
	}}, nil
}

// texts are the functions from texts to a text of the first one's type.
func texts(_ *Compiler, name string, args []Node) (Node, error) {
	for _, a := range args {
		if !isText(a.Field.Type) {
			return Node{}, argType(name)
		}
	}
	fn := map[string]func(s []string) string{
		"lower":   func(s []string) string { return strings.ToLower(s[0]) },
		"upper":   func(s []string) string { return strings.ToUpper(s[0]) },
		"ltrim":   func(s []string) string { return strings.TrimLeft(s[0], " ") },
		"rtrim":   func(s []string) string { return strings.TrimRight(s[0], " ") },
		"trim":    func(s []string) string { return strings.Trim(s[0], " ") },
		"replace": func(s []string) string { return strings.ReplaceAll(s[0], s[1], s[2]) },
	}[name]
	return Node{unnamed(args[0].Field), allConst(args), func(r *Row) any {
		var s [3]string
		for i, a := range args {
			var ok bool
			if s[i], ok = a.Eval(r).(string); !ok {
				return nil
			}
		}
		return bounded(fn(s[:len(args)]))
	}}, nil
}

// maxText is the longest text that a function makes: longer than any column's, and short enough
// that nested calls cannot exhaust memory.
const maxText = 1 << 17

func bounded(s string) any {
	if len(s) > maxText {
		return nil
	}
	return s
}

// concat joins texts, concat_ws with its first argument between them, where NULLs are left out.
func concat(_ *Compiler, name string, args []Node) (Node, error) {
	f := block.Field{Type: block.VarChar}
	for _, a := range args {
		switch {
		case a.Field.Type == block.NChar:
			f.Type = block.NChar
		case !isText(a.Field.Type):
			return Node{}, argType(name)
		}
		f.Bytes += a.Field.Bytes
	}
	ws := name == "concat_ws"
	if ws {
		f.Bytes += args[0].Field.Bytes * int32(len(args)-3)
	}
	return Node{f, allConst(args), func(r *Row) any {
		parts := make([]string, 0, len(args))
		for i, a := range args {
			s, ok := a.Eval(r).(string)
			if ok {
				parts = append(parts, s)
			} else if !ws || i == 0 {
				return nil
			}
		}
		if ws {
			return bounded(strings.Join(parts[1:], parts[0]))
		}
		return bounded(strings.Join(parts, ""))
	}}, nil
}

// substring takes characters from a position, counted from 1, or from the end if it is negative.
func substring(_ *Compiler, name string, args []Node) (Node, error) {
	if !isText(args[0].Field.Type) || !isInteger(args[1].Field.Type) || len(args) == 3 && !isInteger(args[2].Field.Type) {
		return Node{}, argType(name)
	}
	return Node{unnamed(args[0].Field), allConst(args), func(r *Row) any {
		s, ok := args[0].Eval(r).(string)
		pos, ok2 := args[1].Eval(r).(int64)
		if !ok || !ok2 {
			return nil
		}
		runes := []rune(s)
		n := int64(len(runes))
		length := n
		if len(args) == 3 {
			if length, ok = args[2].Eval(r).(int64); !ok {
				return nil
			}
		}
		switch {
		case pos < 0:
			pos += n
		default:
			pos--
		}
		if pos < 0 || pos >= n || length <= 0 {
			return ""
		}
		return string(runes[pos : pos+min(length, n-pos)])
	}}, nil
}
